"""Hits that adjoin are read as one passage, and each word stands where it stood."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from retriever.passages import GAP, joined
from retriever.records import Chunk, DocumentInfo, Hit, Span

TEXT = "Ann built the mill. It stood for years. Bob bought it.  It burned down. Nobody came. The end was near."
ENDS = (19, 39, 54, 71, 84, 102)


def hit(start: int, end: int, *, rank: int = 1, document: str = "d", headings: tuple[str, ...] = ()) -> Hit:
    """Make a hit of a part of the text."""
    span = Span(start, end)
    chunk = Chunk(span, span.of(TEXT), (span,), headings)
    return Hit(DocumentInfo(document, "v", "", "", "text/plain", 0, 1), chunk, score=1.0, similarity=1.0, rank=rank)


def always(_: Sequence[Hit]) -> bool:
    """Let everything fit."""
    return True


def test_hits_that_adjoin_are_one_passage() -> None:
    """In the order of the document, whichever was found first; what stands between them is blank."""
    first, second = hit(0, 19, rank=2), hit(20, 39, rank=1)
    (passage,) = joined([second, first], always)
    assert passage.hits == (first, second)
    assert (passage.origin, passage.text) == (0, TEXT[:39])


def test_what_does_not_adjoin_stays_apart() -> None:
    """Another document, another heading, more between them, or the same place twice."""
    one = hit(0, 19)
    for other in (
        hit(20, 39, document="e"),
        hit(20, 39, headings=("Bob",)),
        hit(19 + GAP + 1, 54),
        hit(10, 39),
    ):
        assert [passage.hits for passage in joined([one, other], always)] == [(one,), (other,)]


def test_no_more_is_joined_than_fits() -> None:
    """A passage ends where the next hit is too much."""
    hits = [hit(0, 19), hit(20, 39), hit(40, 54)]
    assert [len(passage.hits) for passage in joined(hits, lambda some: len(some) <= 2)] == [2, 1]


def test_passages_come_in_the_order_of_their_best_hits() -> None:
    """What was found first is read first."""
    hits = [hit(56, 71, rank=1, headings=("x",)), hit(20, 39, rank=2), hit(0, 19, rank=3)]
    assert [passage.headings for passage in joined(hits, always)] == [("x",), ()]


@given(st.sets(st.integers(0, 5), min_size=1), st.permutations(range(6)), st.integers(1, 6))
def test_every_hit_is_read_once_at_its_place(kept: set[int], order: list[int], most: int) -> None:
    """Whatever was found, in whatever order: nothing is lost, and places in a passage are those of the document."""
    starts = [0, *(end + (2 if end == 54 else 1) for end in ENDS[:-1])]
    hits = [hit(starts[i], ENDS[i], rank=rank) for rank, i in enumerate((i for i in order if i in kept), 1)]
    passages = joined(hits, lambda some: len(some) <= most)
    assert sorted((h for p in passages for h in p.hits), key=lambda h: h.rank) == hits
    for passage in passages:
        for h in passage.hits:
            start = h.chunk.span.start - passage.origin
            assert passage.text[start : start + len(h.chunk.text)] == h.chunk.text
