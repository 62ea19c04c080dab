"""Texts become vectors: the protocol, the encoder that serves (ONNX Runtime), and any other model."""

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from retriever.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What made a vector. Vectors of two identities are never compared.

    `weights` is the sha256 of the weights in hex, `runtime` names how they are run (`onnx-int8/1`). `name` is for a
    person: the same weights under another name, or in another folder, make the same vectors.
    """

    name: str = field(compare=False)
    weights: str
    runtime: str
    dimension: int


class Encoder(Protocol):
    """Texts to vectors. A vector depends on its text alone, never on the texts encoded beside it."""

    @property
    def identity(self) -> ModelIdentity:
        """The model behind the vectors."""

    @property
    def max_tokens(self) -> int:
        """The most tokens of a text that reach the model; what follows is not seen."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, without the marks that the model adds."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts: float32 `(n, d)`, each row of unit length."""


def encodable(text: str) -> str:
    r"""Replace lone surrogates, which no tokenizer takes.

    >>> encodable("a\ud800b") == "a\ufffdb"
    True
    """
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class OnnxEncoder:
    """Serves a model that `retriever.models` prepared, on ONNX Runtime, without torch.

    Each text is its own run on its own thread: no padding, and the scales of dynamic int8 quantisation are not shared
    between texts, so a vector is a function of its text. Measured on 2 cores over 192 chunks of 213 tokens: 41 to 45
    chunks/s so, 20 to 26 in padded batches of 16.
    """

    def __init__(self, folder: Path, identity: ModelIdentity, *, max_tokens: int, threads: int = 0) -> None:
        """Load the model in `folder`; `threads` of 0 takes one per core.

        Raises:
            ModelError: the files are not a model that ONNX Runtime and the tokenizer can load.

        """
        import onnxruntime  # noqa: PLC0415 - costs 0.2 s, and many commands never encode
        from onnxruntime.capi.onnxruntime_pybind11_state import InvalidProtobuf  # noqa: PLC0415
        from tokenizers import Tokenizer  # noqa: PLC0415

        self.identity = identity
        self.max_tokens = max_tokens
        self._threads = threads or os.cpu_count() or 1
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                folder / "model.onnx", options, providers=["CPUExecutionProvider"]
            )
        except InvalidProtobuf as error:
            msg = f"The model in {folder} cannot be loaded; remove that folder to have it prepared again."
            raise ModelError(msg) from error
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text."""
        batch = self._tokenizer.encode_batch_fast([encodable(text) for text in texts], add_special_tokens=False)
        return [len(encoding) for encoding in batch]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts: float32 `(n, d)`, each row of unit length."""
        vectors = np.empty((len(texts), self.identity.dimension), np.float32)
        # The longest first, so that no thread is left alone with a long text at the end.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))

        def run(i: int) -> None:
            vectors[i] = self._encode_one(texts[i])

        if len(texts) == 1:
            run(0)
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(run, order))
        return vectors

    def _encode_one(self, text: str) -> NDArray[np.float32]:
        # [CLS] tokens [SEP]: what exceeds the window is cut before the closing mark.
        ids = self._tokenizer.encode(encodable(text)).ids
        if len(ids) > self.max_tokens + 2:
            ids = [*ids[: self.max_tokens + 1], ids[-1]]
        tokens = np.array([ids], np.int64)
        vector: NDArray[np.float32] = self._session.run(
            ["vectors"], {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}
        )[0][0]
        return vector


class TorchEncoder:
    """Any sentence-transformers model, on a GPU where there is one: what serving is not limited to."""

    def __init__(self, model: "SentenceTransformer", identity: ModelIdentity) -> None:
        """Wrap a loaded model; `retriever.models` loads it and knows its identity."""
        self._model = model
        self._guard = threading.Lock()  # its tokenizer pads for the one method and not for the other
        self.identity = identity
        self.max_tokens = max(1, (model.max_seq_length or 512) - 2)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text."""
        with self._guard:
            ids = self._model.tokenizer([encodable(text) for text in texts], add_special_tokens=False)["input_ids"]
        return [len(tokens) for tokens in ids]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts: float32 `(n, d)`, each row of unit length."""
        if not texts:
            return np.empty((0, self.identity.dimension), np.float32)
        with self._guard:
            vectors = self._model.encode(
                [encodable(text) for text in texts], normalize_embeddings=True, convert_to_numpy=True
            )
        return vectors.astype(np.float32)
