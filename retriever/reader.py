"""Question and passages become scored spans: the protocol of readers, and one that needs no training.

A trained reader implements the same protocol and takes its place in `retriever.library`, with no change elsewhere.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retriever.encoder import Encoder
from retriever.hints import answer_hint
from retriever.records import Evidence, Hit, Reading, Span
from retriever.text import content_terms

CACHED_VECTORS = 20_000  # of sentences and their surroundings; 31 MB when full

# Of the features in their order. Fitted on the training articles of squad20_half_a; `python -m evaluation.fit` prints
# them, and how well they do on the development articles.
WEIGHTS = np.array([0.92, 0.58, 1.33, 0.81, 0.42], np.float32)
BIAS = -2.56


class Reader(Protocol):
    """Finds the words of passages that answer a question, and says how likely they do."""

    @property
    def threshold(self) -> float:
        """The confidence below which the documents do not say."""

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """Read passages: evidence, the best first, and the probability that the best one is right."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit, its words, and the stretch from the sentence before it to the one after."""

    hit: Hit
    span: Span
    text: str
    surroundings: str


class SentenceReader:
    """Scores each sentence by what it means and by the words it shares with the question, its neighbours considered.

    The score is a logistic function of five features, so that it reads as the probability that the sentence answers.
    """

    threshold = 0.2

    def __init__(self, encoder: Encoder) -> None:
        """Compare with vectors of `encoder`."""
        self._encoder = encoder
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """Read passages; the quote of each evidence is a whole sentence."""
        candidates = [candidate for hit in hits for candidate in _candidates(hit)]
        if not candidates:
            return Reading((), 0.0)
        scores = 1 / (1 + np.exp(-(self.features(question, candidates) @ WEIGHTS + BIAS)))
        order = sorted(range(len(candidates)), key=lambda i: (-round(float(scores[i]), 6), candidates[i].hit.rank, i))
        evidence = tuple(
            Evidence(candidates[i].hit, candidates[i].span, candidates[i].span, float(scores[i])) for i in order
        )
        return Reading(evidence, evidence[0].score)

    def features(self, question: str, candidates: Sequence[Candidate]) -> NDArray[np.float32]:
        """Describe each candidate: float32 `(n, 5)`.

        The cosine of the question to the sentence and to its surroundings, the share of the question's words that
        each of these holds (a word counts by its rarity among the candidates), and whether the sentence holds
        something of the kind that the question asks for.
        """
        asked = self._embed([question])[0]
        meant = self._embed([c.text for c in candidates]) @ asked
        around = self._embed([c.surroundings for c in candidates]) @ asked
        words = [content_terms(c.text) for c in candidates]
        words_around = [content_terms(c.surroundings) for c in candidates]
        weights = _rarity(content_terms(question), words)
        hinted = answer_hint(question)
        return np.stack(
            [
                meant,
                around,
                np.array([_share(weights, w) for w in words], np.float32),
                np.array([_share(weights, w) for w in words_around], np.float32),
                np.array([hinted(c.text) for c in candidates], np.float32),
            ],
            axis=1,
        )

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts, float32 `(n, d)`, each distinct text once for as long as the cache holds it."""
        vectors = self._vectors
        missing = list({text for text in texts if text not in vectors})
        fresh = dict(zip(missing, self._encoder.encode(missing), strict=True)) if missing else {}
        embedded = np.stack([fresh[text] if text in fresh else vectors[text] for text in texts])
        if len(vectors) + len(fresh) > CACHED_VECTORS:
            vectors = self._vectors = {}  # another thread may still read the old one
        vectors.update(fresh)
        return embedded


def _candidates(hit: Hit) -> list[Candidate]:
    chunk = hit.chunk
    texts = [Span(s.start - chunk.span.start, s.end - chunk.span.start).of(chunk.text) for s in chunk.sentences]
    return [
        Candidate(hit, span, text, " ".join(texts[max(0, i - 1) : i + 2]))
        for i, (span, text) in enumerate(zip(chunk.sentences, texts, strict=True))
        if any(map(str.isalnum, text))
    ]


def _rarity(asked: frozenset[str], sentences: Sequence[frozenset[str]]) -> dict[str, float]:
    """Weigh the question's words as BM25 does, by how few of the sentences hold them."""
    n = len(sentences)
    return {term: math.log(1 + (n + 0.5) / (sum(term in s for s in sentences) + 0.5)) for term in asked}


def _share(weights: dict[str, float], words: frozenset[str]) -> float:
    return sum(weight for term, weight in weights.items() if term in words) / (sum(weights.values()) or 1.0)
