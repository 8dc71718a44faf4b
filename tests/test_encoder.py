from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from forbear import encoder
from forbear.encoder import Encoder

HOME = Path(encoder.__file__).parent
REFERENCE = json.loads((Path(__file__).parent / "data" / "encoder_reference.json").read_text())
TEXTS = ["I keep rewriting her draft.", "", "Je réécris toujours son texte 🙂.", "She missed it. " * 200]


@pytest.fixture(scope="module")
def model() -> Encoder:
    return Encoder()


def test_vectors_are_float32_units_of_the_stated_dimension(model: Encoder) -> None:
    vectors = model.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), Encoder.dimension) == (4, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_rows(model: Encoder) -> None:
    assert model.encode([]).shape == (0, 384)


def test_a_vector_is_the_same_in_any_instance_and_at_any_time(model: Encoder) -> None:
    np.testing.assert_array_equal(model.encode(TEXTS), model.encode(TEXTS))
    np.testing.assert_array_equal(model.encode(TEXTS), Encoder().encode(TEXTS))


def test_a_vector_does_not_depend_on_its_neighbours(model: Encoder) -> None:
    together = model.encode(TEXTS)
    alone = np.vstack([model.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_text_beyond_256_tokens_is_cut(model: Encoder) -> None:
    # Every word here is one token; two of the 256 mark the start and the end.
    first, same, shorter = model.encode(["team " * 254 + "invoice", "team " * 254, "team " * 253 + "invoice"])
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, shorter)


def test_the_manifest_is_that_of_the_file(model: Encoder) -> None:
    manifest = json.loads((HOME / "manifest.json").read_text())
    assert hashlib.sha256((HOME / "model.onnx").read_bytes()).hexdigest() == manifest["sha256"]
    assert model.fingerprint.endswith(manifest["sha256"][:16])
    assert manifest["dimension"] == Encoder.dimension


def test_like_meanings_are_near(model: Encoder) -> None:
    mine, like, unlike = model.encode(
        ["I keep rewriting her draft", "I redo what she wrote", "the supplier invoice was late"]
    )
    assert mine @ like > mine @ unlike + 0.2


@pytest.mark.parametrize("text", REFERENCE)
def test_int8_stays_close_to_the_full_model(model: Encoder, text: str) -> None:
    assert float(model.encode([text])[0] @ np.array(REFERENCE[text])) >= 0.98


def test_import_loads_nothing_heavy() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(HOME.parents[1])!r}); from forbear.encoder import Encoder; "
        "Encoder().fingerprint; print({'numpy', 'onnxruntime', 'tokenizers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
