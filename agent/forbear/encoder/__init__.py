"""Turn sentences into vectors offline: all-MiniLM-L6-v2 as int8 ONNX (see NOTICE; agent/tools/build_encoder.py)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

_HERE = Path(__file__).resolve().parent
#: After so many of the six layers the offline reader takes the states over.
HALF = 3
#: The tokens at the ends of a text.
START, END = 101, 102
#: Texts are cut at so many tokens, these two counted.
MOST = 256


def open_model(path: Path) -> Any:
    """Open an ONNX model on one thread."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    # A second thread saves a few milliseconds on a long message, and costs two to four times the CPU.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


class Encoder:
    """Turn texts into unit vectors of 384 dimensions; texts are cut at 256 tokens. The model loads at first use."""

    dimension = 384

    @cached_property
    def fingerprint(self) -> str:
        """Name the model by the hash of its file, as its manifest has it."""
        return "minilm:" + str(json.loads((_HERE / "manifest.json").read_text())["sha256"])[:16]

    @cached_property
    def _model(self) -> tuple[Any, Any]:
        from tokenizers import Tokenizer

        session = open_model(_HERE / "model.onnx")
        return Tokenizer.from_file(str(_HERE / "tokenizer.json")), session

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Give float32 unit vectors of shape (len(texts), 384).

        Each text is run on its own: int8 activations are scaled over the whole batch, so that in a batch a text's
        vector would depend on its neighbours.
        """
        import numpy as np

        tokenizer, session = self._model
        rows = np.empty((len(texts), self.dimension), dtype=np.float32)
        for n, text in enumerate(texts):
            inside = tokenizer.encode(text, add_special_tokens=False).ids[: MOST - 2]
            ids = np.array([[START, *inside, END]], dtype=np.int64)
            rows[n] = session.run(["embedding"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        return rows

    def tokens(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Give the tokens of a text, without the two at its ends, and where each stands in it."""
        found = self._model[0].encode(text, add_special_tokens=False)
        return found.ids, found.offsets

    def states(self, ids: Sequence[int]) -> np.ndarray:
        """Give the states of tokens half-way up, float32 of shape (len(ids), 384); no more than 512 tokens."""
        import numpy as np

        row = np.array([ids], dtype=np.int64)
        states: np.ndarray = self._model[1].run(["states"], {"input_ids": row, "attention_mask": np.ones_like(row)})[0][
            0
        ]
        return states
