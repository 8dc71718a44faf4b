"""Choose what turns texts into vectors: the encoder that ships with Forbear, an OpenAI-compatible server, or Chroma's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from forbear.config import Settings
from forbear.deps import Embedder
from forbear.errors import ProviderError

if TYPE_CHECKING:
    import numpy as np


def build(settings: Settings) -> Embedder:
    """Build the embedder that the settings name."""
    if settings.embedder == "openai":
        return OpenAIEmbedder(settings)
    if settings.embedder == "chroma":
        return ChromaEmbedder()
    from forbear.encoder import Encoder

    return Encoder()


class OpenAIEmbedder:
    """Ask an OpenAI-compatible server for embeddings."""

    def __init__(self, settings: Settings) -> None:
        from forbear.engines.openai import client

        self._client = client(settings)
        self._model = settings.embedding_model
        self.fingerprint = f"openai:{settings.base_url or ''}:{self._model}"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Give unit vectors in the order of the texts; raises ProviderError."""
        import numpy as np
        import openai

        try:
            answer = self._client.embeddings.create(model=self._model, input=list(texts), encoding_format="float")
            rows = [row.embedding for row in sorted(answer.data, key=lambda row: row.index)]
        except openai.OpenAIError as error:
            raise ProviderError(
                f"The embedding server did not answer ({error}); try again, or set FORBEAR_EMBEDDER=offline."
            ) from error
        except AttributeError as error:  # a 200 that is not JSON arrives as a plain str
            raise ProviderError("The embedding server's answer makes no sense; check OPENAI_BASE_URL.") from error
        return _unit(np.asarray(rows, dtype=np.float32))


class ChromaEmbedder:
    """Use Chroma's default embedding function; it downloads its model at first use."""

    def __init__(self) -> None:
        from chromadb.utils.embedding_functions import DefaultEmbeddingFunction

        self._function: Any = DefaultEmbeddingFunction()
        self.fingerprint = "chroma:default"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Give unit vectors in the order of the texts; raises ProviderError where the model cannot be downloaded."""
        import httpx
        import numpy as np

        try:
            return _unit(np.asarray(self._function(list(texts)), dtype=np.float32))
        except httpx.HTTPError as error:
            raise ProviderError(
                "Chroma's model could not be downloaded; connect once, or set FORBEAR_EMBEDDER=offline."
            ) from error


def _unit(rows: np.ndarray) -> np.ndarray:
    import numpy as np

    unit: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit
