"""The encoder that serves, against the reference that it was exported from."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retriever.encoder import Encoder, ModelIdentity, OnnxEncoder
from retriever.errors import ModelError
from retriever.library import Library
from retriever.models import MAX_TOKENS, load_encoder
from retriever.records import Answer
from retriever.settings import Settings, load_settings
from tests.library import write

REPOSITORY = Path(__file__).parents[2]
TEXTS = (
    "When does the reading room open?",
    "The reading room opens at nine and closes at five on weekdays.",
    "La bibliothèque reste fermée les jours fériés.",
    "def main() -> None:\n    print('hello')",
    "我们的图书馆 🎉",
    "Hours > Holidays\n" + "The library stays closed on public holidays, and returns go into the box. " * 12,
)


@pytest.fixture(scope="session")
def reference(weights: Path) -> Encoder:
    """Load the same weights with sentence-transformers."""
    return load_encoder(load_settings(model=str(weights)))


def test_vectors_agree_with_sentence_transformers(encoder: Encoder, reference: Encoder) -> None:
    """Quantised to int8, each vector keeps a cosine of at least 0.98 to the full model's."""
    ours, theirs = encoder.encode(TEXTS), reference.encode(TEXTS)
    assert ours.shape == theirs.shape == (len(TEXTS), 384)
    assert np.sum(ours * theirs, axis=1).min() >= 0.98
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)


def test_tokens_agree_with_sentence_transformers(encoder: Encoder, reference: Encoder) -> None:
    """Both count the same tokens and cut at the same length, lone surrogates included."""
    texts = [*TEXTS, "a\ud800b"]
    assert encoder.count_tokens(texts) == reference.count_tokens(texts)
    assert encoder.max_tokens == reference.max_tokens == MAX_TOKENS


def test_two_models_have_two_identities(encoder: Encoder, reference: Encoder) -> None:
    """The full model's vectors are not those of the quantised one, and their identities say so."""
    assert encoder.identity.runtime != reference.identity.runtime
    assert (reference.identity.dimension, len(reference.identity.weights)) == (384, 64)


def test_a_vector_depends_on_its_text_alone(encoder: Encoder) -> None:
    """Encoded alone or among others, in whatever order: the same vector, bit for bit."""
    together = encoder.encode(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        assert np.array_equal(encoder.encode([text])[0], vector)
    assert np.array_equal(encoder.encode(TEXTS[::-1]), together[::-1])


def test_what_exceeds_the_window_is_not_seen(encoder: Encoder) -> None:
    """A text is read up to the last token that the model was trained for."""
    words = ["apple"] * MAX_TOKENS
    assert encoder.count_tokens([" ".join(words)]) == [MAX_TOKENS]
    full, longer, shorter = encoder.encode([" ".join(words), " ".join([*words, "pear"]), " ".join(words[1:])])
    assert np.array_equal(full, longer)
    assert not np.array_equal(full, shorter)


def test_no_texts_have_no_vectors(encoder: Encoder, reference: Encoder) -> None:
    """An empty list gives an empty matrix of the right width."""
    assert encoder.encode([]).shape == reference.encode([]).shape == (0, 384)
    assert encoder.count_tokens([]) == []


@settings(max_examples=25)
@given(st.text(st.characters(codec=None), max_size=40))
def test_any_text_has_a_vector(encoder: Encoder, text: str) -> None:
    """No text is refused, and every vector has unit length."""
    (vector,) = encoder.encode([text])
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    """The sentence names the folder and says what to do."""
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    identity = ModelIdentity("none", "0" * 64, "onnx-int8/1", 384)
    with pytest.raises(ModelError, match="cannot be loaded; remove that folder to have it prepared again"):
        OnnxEncoder(tmp_path, identity, max_tokens=MAX_TOKENS)


def test_a_library_answers_with_the_real_encoder(home: Path, encoder: Encoder) -> None:
    """Words that the question does not share are found by what they mean."""
    texts = {"/hours": "The reading room opens at nine.", "/garden": "Ann planted seven apple trees."}
    with Library.open(Settings(home=home), encoder=encoder) as library:
        write(library.store, encoder, texts)
        answer = library.ask("When does the reading room open?")
        assert isinstance(answer, Answer)
        assert answer.citations[0].sentence.quote == "The reading room opens at nine."
        assert library.search("fruit").hits[0].document.source == "/garden"


def test_serving_never_imports_torch(home: Path, encoder: Encoder) -> None:
    """Opening a library, encoding and answering load neither torch nor transformers."""
    with Library.open(Settings(home=home), encoder=encoder) as library:
        write(library.store, encoder, {"/hours": "The reading room opens at nine."})
    program = """
import sys
from retriever.library import Library
from retriever.settings import load_settings

with Library.open(load_settings()) as library:
    print(library.ask("When does the reading room open?").citations[0].sentence.quote)
assert not {"torch", "transformers", "sentence_transformers"} & sys.modules.keys()
"""
    environment = {**os.environ, "FOOTNOTE_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "The reading room opens at nine.\n"
