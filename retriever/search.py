"""A question becomes hits: dense and lexical, fused, all of one pinned generation."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retriever.encoder import Encoder
from retriever.projections import Projections
from retriever.records import Hit
from retriever.snapshot import Snapshot
from retriever.store import Store
from retriever.writer import mismatch

CANDIDATES = 50  # of each side
TIES = 10  # candidates beyond twice as many as asked for that are looked up, to order equal scores by where they stand
OTHERS = 8  # one in so many places, and at least one, is for other documents than the one that would fill them all
PAST = 2_000  # chunks of one document that are searched past to find another: more would cost every question too much
DENSE_WEIGHT = 0.8  # of the fused score; `python -m evaluation.fusion` prints the table that it was chosen from


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits of one question, the best first, and the generation that they are of."""

    hits: tuple[Hit, ...]
    generation: int
    timings_ms: dict[str, float]


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the two sides propose, by chunk id, each the best first, and the cosine and document of them all."""

    dense: dict[int, float]
    lexical: dict[int, float]
    similarities: dict[int, float]
    owners: dict[int, str]


class Searcher:
    """Searches the newest generation of a store. Safe to use from many threads."""

    def __init__(
        self, store: Store, encoder: Encoder, projections: Projections, *, dense_weight: float = DENSE_WEIGHT
    ) -> None:
        """Search `store` with vectors of `encoder`, which weigh `dense_weight` of a fused score."""
        self._store = store
        self._dense_weight = dense_weight
        self._encoder = encoder
        self._projections = projections

    def search(self, question: str, k: int) -> SearchResult:
        """Find the `k` chunks nearest to a question.

        Raises:
            LibraryMismatch: the library was indexed with another model.

        """
        with self.searching(question, k) as (_, result):
            return result

    @contextmanager
    def searching(self, question: str, k: int) -> Iterator[tuple[Snapshot, SearchResult]]:
        """Search, and keep the snapshot open: what is read from it is of the same generation as the hits."""
        begun = time.perf_counter()
        vector = self._encoder.encode([question])[0]
        encoded = time.perf_counter()
        with ExitStack() as open_snapshot:
            with (
                self._projections.lock
            ):  # held while the indexes follow and are searched: a moment; not while texts are read
                snapshot = self._projections.newest(self._store, open_snapshot)
                encoder = snapshot.encoder()
                if encoder is not None and encoder != self._encoder.identity:
                    raise mismatch(encoder, self._encoder.identity)
                candidates = self._candidates_of_several(snapshot, vector, question, max(k, CANDIDATES))
            hits = _hits(snapshot, candidates, k, self._dense_weight)
            done = time.perf_counter()
            timings = {"encode": (encoded - begun) * 1000, "search": (done - encoded) * 1000}
            yield snapshot, SearchResult(hits, snapshot.generation, timings)

    def _candidates_of_several(
        self, snapshot: Snapshot, vector: NDArray[np.float32], question: str, k: int
    ) -> Candidates:
        """Propose chunks of more than one document, if there are more: one that would be all is searched past."""
        candidates = self._candidates(snapshot, vector, question, k)
        owners = set(candidates.owners.values())
        if len(owners) == 1 and snapshot.counts().documents > 1:
            k += min(PAST, snapshot.document(*owners).chunks)
            candidates = self._candidates(snapshot, vector, question, k)
        return candidates

    def _candidates(self, snapshot: Snapshot, vector: NDArray[np.float32], question: str, k: int) -> Candidates:
        dense, lexical = self._projections.dense, self._projections.lexical
        if dense is None or lexical is None or not len(dense):
            return Candidates({}, {}, {}, {})
        similarities = dict(dense.search(vector, k))
        words = dict(lexical.search(question, k))
        others = [i for i in words if i not in similarities]
        cosines = {**similarities, **dict(zip(others, dense.similarities(vector, others), strict=True))}
        return Candidates(similarities, words, cosines, snapshot.owners([*cosines]))


def fuse(
    similarities: Mapping[int, float], lexical: Mapping[int, float], dense_weight: float = DENSE_WEIGHT
) -> dict[int, float]:
    """Fuse by a convex combination of normalised scores, each in 0..1.

    Cosines are scaled from their theoretical least, -1, and BM25 from 0, both to the best of this question (TM2C2 of
    Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2023). `similarities` holds the
    cosine of every candidate, `lexical` the BM25 score of those that have one.

    >>> {i: round(score, 2) for i, score in fuse({1: 0.8, 2: 0.35}, {2: 7.0}).items()}
    {1: 0.8, 2: 0.8}
    """
    if not similarities:
        return {}
    most_similar = max(similarities.values()) + 1 or 1
    most_words = max(lexical.values(), default=0) or 1
    return {
        i: dense_weight * (cosine + 1) / most_similar + (1 - dense_weight) * lexical.get(i, 0.0) / most_words
        for i, cosine in similarities.items()
    }


def _hits(snapshot: Snapshot, candidates: Candidates, k: int, dense_weight: float) -> tuple[Hit, ...]:
    fused = fuse(candidates.similarities, candidates.lexical, dense_weight)
    dense_ranks = {i: rank for rank, i in enumerate(candidates.dense, 1)}
    lexical_ranks = {i: rank for rank, i in enumerate(candidates.lexical, 1)}
    ranked = sorted(fused, key=lambda i: -fused[i])
    owners, best = candidates.owners, ranked[: 2 * k + TIES]
    fullest = Counter(owners.get(i) for i in best).most_common(1)
    others = [i for i in ranked if fullest and owners.get(i) != fullest[0][0]][: _for_others(k) + TIES]
    located = snapshot.located_chunks([*{*best, *others}])

    def order(i: int) -> tuple[float, str, int]:
        # Rounded, so that equal passages are told apart by where they stand and not by the last bit of a sum.
        document, chunk = located[i]
        return -round(fused[i], 6), document.source, chunk.span.start

    return tuple(
        Hit(
            document=located[i][0],
            chunk=located[i][1],
            score=min(1.0, max(0.0, fused[i])),
            similarity=candidates.similarities[i],
            rank=rank,
            dense_rank=dense_ranks.get(i),
            lexical_rank=lexical_ranks.get(i),
        )
        for rank, i in enumerate(_seated(sorted(located, key=order), owners, k), 1)
    )


def _for_others(k: int) -> int:
    return max(1, k // OTHERS)


def _seated(ordered: Sequence[int], owners: Mapping[int, str], k: int) -> list[int]:
    """Choose the first `k`; those of one document beyond its most give way to the others', if there are any."""
    taken: Counter[str] = Counter()
    first: list[int] = []
    later: list[int] = []
    for i in ordered:
        taken[owners[i]] += 1
        (first if taken[owners[i]] <= k - _for_others(k) else later).append(i)
    chosen = {*[*first, *later][:k]}
    return [i for i in ordered if i in chosen]
