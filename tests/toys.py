"""A deterministic encoder for tests: small, fast and free of any model."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retriever.encoder import ModelIdentity

DIMENSION = 64


class ToyEncoder:
    """A hashed bag of words: texts that share words have similar vectors. Remembers what it encoded."""

    max_tokens = 256

    def __init__(self, name: str = "toy") -> None:
        """Make an encoder of that name; another name is another model."""
        weights = hashlib.sha256(name.encode()).hexdigest()
        self.identity = ModelIdentity(name=name, weights=weights, runtime="toy/1", dimension=DIMENSION)
        self.encoded: list[str] = []

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count words and marks."""
        return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed each text on its own: float32 `(n, 64)`, unit length."""
        self.encoded.extend(texts)
        vectors = np.zeros((len(texts), DIMENSION), np.float32)
        for i, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()) or [text]:
                digest = hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()
                vectors[i, digest[0] % DIMENSION] += 1.0 if digest[1] % 2 else -1.0
            vectors[i, 0] += 1e-3  # a text whose words cancel out still has a direction
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors
