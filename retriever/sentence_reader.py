"""A reader that needs no training: it compares vectors and words, in any language of the encoder."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from retriever.encoder import Encoder
from retriever.hints import answer_hint
from retriever.overlap import Terms, overlap, terms_of
from retriever.records import Evidence, Hit, Reading, Span

CACHED_VECTORS = 20_000  # of sentences, 31 MB when full
COMMON = 0.8  # of the mean over all candidates, taken out of each vector: what they share tells none from another

# Fitted on articles of SQuAD 2.0; `python -m evaluation.fit` prints them, and how well they do on other articles.
RANKING = np.array([3.52, 2.20, 3.67, 3.12, 1.31], np.float32)  # of `Features.ranking`
ANSWERING = np.array([2.47, 1.67, 0.27, 2.40], np.float32)  # of `Features.answering`, and of the best one's share
BIAS = -4.42


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit, its terms, and those of it with the sentence before and the one after."""

    hit: Hit
    span: Span
    text: str
    terms: tuple[Terms, Terms]


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of `n` candidates.

    `ranking`, float32 `(n, 5)`, tells one from another: the cosine of the question to the sentence and to the three
    sentences around it, what all candidates have in common taken out; the share of the question's words that each of
    these holds, a word counting by its rarity; and whether the sentence holds the kind of thing that is asked for.
    `answering`, float32 `(n, 3)`, tells an answer from none: the same cosines as they are, and the share of the
    question's words, those that no candidate holds included.
    """

    ranking: NDArray[np.float32]
    answering: NDArray[np.float32]


class SentenceReader:
    """Orders sentences by what they mean and by the words they share with the question, their neighbours considered.

    The confidence is a logistic function of the best sentence's features, and of its share of the probability that is
    spread over all sentences and none (a softmax of their ranking, in which none stands at 0). The others score less by
    how far they stand behind it. Whether the passages answer at all it cannot tell better than by this confidence.
    """

    threshold = 0.12

    def __init__(self, encoder: Encoder) -> None:
        """Compare with vectors of `encoder`."""
        self._encoder = encoder
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """Read passages; the quote of each evidence is a whole sentence."""
        candidates = [candidate for hit in hits for candidate in candidates_of(hit)]
        if not candidates:
            return Reading((), 0.0, 0.0)
        features = self.features(question, candidates)
        ranking = np.round((features.ranking @ RANKING).astype(float), 5)
        order = sorted(range(len(candidates)), key=lambda i: (-ranking[i], candidates[i].hit.rank, i))
        behind = np.exp(ranking - ranking[order[0]])
        described = [*features.answering[order[0]], 1 / (behind.sum() + math.exp(-ranking[order[0]]))]
        confidence = 1 / (1 + math.exp(-float(described @ ANSWERING) - BIAS))
        evidence = tuple(
            Evidence(candidates[i].hit, candidates[i].span, candidates[i].span, float(confidence * behind[i]))
            for i in order
        )
        return Reading(evidence, confidence, confidence)

    def features(self, question: str, candidates: Sequence[Candidate]) -> Features:
        """Describe candidates, at least one, for a question."""
        asked = self._embed([question])[0]
        vectors = self._embed([c.text for c in candidates])
        around = _around(vectors, candidates)
        common = COMMON * vectors.mean(axis=0)
        shares = overlap(question, [c.terms for c in candidates])
        worth = answer_hint(question)
        return Features(
            ranking=np.column_stack(
                [
                    _unit(vectors - common) @ _unit(asked - common),
                    _unit(around - common) @ _unit(asked - common),
                    shares[:, :2],
                    [worth(c.text) for c in candidates],
                ]
            ).astype(np.float32),
            answering=np.column_stack([vectors @ asked, around @ asked, shares[:, 2]]).astype(np.float32),
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


def candidates_of(hit: Hit) -> list[Candidate]:
    """List the sentences of a hit that have words."""
    chunk = hit.chunk
    texts = list(map(chunk.words, chunk.sentences))
    return [
        Candidate(hit, span, text, terms)
        for span, text, terms in zip(chunk.sentences, texts, terms_of(texts), strict=True)
        if any(map(str.isalnum, text))
    ]


def _around(vectors: NDArray[np.float32], candidates: Sequence[Candidate]) -> NDArray[np.float32]:
    """Add to each vector those of the neighbours in the same passage: float32 `(n, d)`, unit length."""
    same = np.array([a.hit is b.hit for a, b in pairwise(candidates)], np.float32)[:, None]
    summed = vectors.copy()
    summed[1:] += same * vectors[:-1]
    summed[:-1] += same * vectors[1:]
    return _unit(summed)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)
    return scaled
