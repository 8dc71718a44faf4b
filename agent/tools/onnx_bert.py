"""Write BERT as ONNX without torch: the graphs of the sentence encoder and of the offline reader are built from these parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

HEADS, WIDTH, OPSET = 12, 384, 20


class Graph:
    """Collect nodes and weights; every method adds some and gives the name of what they compute."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self._from = weights
        self._nodes: list[onnx.NodeProto] = []
        self._weights: dict[str, np.ndarray] = {}

    def add(self, op: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """Add one node of one output."""
        name = name or f"{op.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, list(inputs), [name], name=name, **attributes))
        return name

    def const(self, name: str, value: np.ndarray | list[int] | float) -> str:
        """Add a weight; the same name again is the same weight."""
        kind = np.float32 if isinstance(value, float) else np.int64 if isinstance(value, list) else value.dtype
        self._weights[name] = np.array(value, kind, order="C")
        return name

    def linear(self, x: str, name: str) -> str:
        """Multiply by a weight of the checkpoint and add its bias."""
        product = self.add("MatMul", x, self.const(f"{name}.weight", self._from[f"{name}.weight"].T))
        return self.add("Add", product, self.const(f"{name}.bias", self._from[f"{name}.bias"]))

    def norm(self, x: str, name: str) -> str:
        """Normalise each state."""
        scale, bias = (self.const(f"{name}.{part}", self._from[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=1e-12)

    def embeddings(self, ids: str, *, small: bool) -> str:
        """Look words and places up; `small`: the words as int8."""
        table = self._from["embeddings.word_embeddings.weight"]
        # A scale for every word, and so done here: the quantiser would give the whole table one scale.
        scale = np.maximum(np.abs(table).max(axis=1, keepdims=True), np.float32(1e-12)) / np.float32(127)
        kept = np.rint(table / scale).astype(np.int8) if small else table
        words = self.add("Gather", self.const("words", kept), ids)
        if small:
            scales = self.add("Gather", self.const("scales", scale), ids)
            words = self.add("Mul", self.add("Cast", words, to=TensorProto.FLOAT), scales)
        places = (
            self._from["embeddings.position_embeddings.weight"]
            + self._from["embeddings.token_type_embeddings.weight"][0]
        )
        seats = self.add(
            "Slice", self.const("places", places), self.const("first", [0]), self.add("Shape", ids, start=1)
        )
        return self.norm(self.add("Add", words, seats), "embeddings.LayerNorm")

    def layer(self, x: str, n: int, hidden: str = "") -> str:
        """Add a layer of the checkpoint; `hidden` is added to the attention's scores, to hide what is padding."""
        at = f"encoder.layer.{n}"
        orders = {"query": (0, 2, 1, 3), "key": (0, 2, 3, 1), "value": (0, 2, 1, 3)}
        q, k, v = (self._heads(self.linear(x, f"{at}.attention.self.{p}"), *order) for p, order in orders.items())
        scores = self.add("Mul", self.add("MatMul", q, k), self.const("scale", (WIDTH // HEADS) ** -0.5))
        if hidden:
            scores = self.add("Add", scores, hidden)
        seen = self.add("MatMul", self.add("Softmax", scores, axis=-1), v)
        order = self.add("Transpose", seen, perm=[0, 2, 1, 3])
        flat = self.add("Reshape", order, self.const("flat", [0, 0, WIDTH]))
        attended = self.add("Add", self.linear(flat, f"{at}.attention.output.dense"), x)
        x = self.norm(attended, f"{at}.attention.output.LayerNorm")
        h = self.add("Gelu", self.linear(x, f"{at}.intermediate.dense"))
        return self.norm(self.add("Add", self.linear(h, f"{at}.output.dense"), x), f"{at}.output.LayerNorm")

    def mean(self, x: str, mask: str) -> str:
        """Average the states that a mask of zeros and ones leaves."""
        weight = self.add("Unsqueeze", mask, self.const("axis2", [2]))
        total = self.add("ReduceSum", self.add("Mul", x, weight), self.const("axis1", [1]), keepdims=0)
        return self.add("Div", total, self.add("ReduceSum", weight, "axis1", keepdims=0))

    def model(self, name: str, inputs: dict[str, int], outputs: dict[str, list[Any]]) -> onnx.ModelProto:
        """Close the graph: inputs by their kind of number, [batch, tokens, ...], outputs by their shape."""
        tensor = helper.make_tensor_value_info
        shapes: dict[str, list[Any]] = {"states": ["batch", "tokens", WIDTH]}
        given = [tensor(n, kind, shapes.get(n, ["batch", "tokens"])) for n, kind in inputs.items()]
        wanted = [tensor(n, TensorProto.FLOAT, shape) for n, shape in outputs.items()]
        weights = [numpy_helper.from_array(value, n) for n, value in self._weights.items()]
        graph = helper.make_graph(self._nodes, name, given, wanted, weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
        onnx.checker.check_model(model)
        return model

    def _heads(self, x: str, *order: int) -> str:
        shape = self.const("heads", [0, 0, HEADS, WIDTH // HEADS])
        return self.add("Transpose", self.add("Reshape", x, shape), perm=order)


def quantise(model: onnx.ModelProto, target: Path) -> None:
    """Write a model with its products as int8, one scale a column."""
    quantize_dynamic(model, target, ["MatMul"], per_channel=True, weight_type=QuantType.QInt8)
