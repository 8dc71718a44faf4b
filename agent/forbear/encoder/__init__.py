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


class Encoder:
    """Turn texts into unit vectors of 384 dimensions; texts are cut at 256 tokens. The model loads at first use."""

    dimension = 384

    @cached_property
    def fingerprint(self) -> str:
        """Name the model by the hash of its file, as its manifest has it."""
        return "minilm:" + str(json.loads((_HERE / "manifest.json").read_text())["sha256"])[:16]

    @cached_property
    def _model(self) -> tuple[Any, Any]:
        import onnxruntime
        from tokenizers import Tokenizer

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        # A second thread saves a few milliseconds on a long message, and costs two to four times the CPU.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(_HERE / "model.onnx", options, providers=["CPUExecutionProvider"])
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
            ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
            rows[n] = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        return rows
