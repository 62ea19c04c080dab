"""The plain values: spans, versions, keys and pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.records import Chunk, DocumentInfo, Span
from tests.library import document

numbers = st.integers(0, 50)
spans = st.tuples(numbers, numbers).map(lambda ends: Span(min(ends), max(ends)))


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2)])
def test_a_span_runs_forward_from_zero(start: int, end: int) -> None:
    """A range that runs backwards, or begins before the text, cannot be made."""
    with pytest.raises(ValueError, match="runs forward from zero"):
        Span(start, end)


@given(spans, spans)
def test_overlap_and_cover_are_those_of_the_sets_of_offsets(one: Span, other: Span) -> None:
    """Spans overlap when they share an offset, and cover when every offset of the other is theirs."""
    ours, theirs = set(range(one.start, one.end)), set(range(other.start, other.end))
    assert len(one) == len(ours)
    if ours and theirs:
        assert one.overlaps(other) == bool(ours & theirs)
        assert one.covers(other) == (theirs <= ours)


def test_a_version_names_the_bytes_and_the_reader() -> None:
    """Equal bytes under the same reader have the same version, and other bytes another."""
    assert document("/a", "one").version == document("/b", "one").version != document("/a", "two").version


def test_the_key_of_a_vector_is_that_of_the_embedded_text() -> None:
    """Headings are embedded with the text, so the same words under another heading are another vector."""
    bare, titled = Chunk(Span(0, 1), "a", ()), Chunk(Span(0, 1), "a", (), ("T",))
    assert bare.vector_key != titled.vector_key == Chunk(Span(5, 6), "a", (), ("T",)).vector_key
    assert Chunk(Span(0, 1), "\ud800", ()).vector_key, "a lone surrogate has a key as well"


def test_pages_are_counted_from_one() -> None:
    """An offset lies on the page whose span holds it, and on none where the format has none."""
    info = DocumentInfo("id", "v", "t", "/s", "application/pdf", 20, 1, (Span(0, 10), Span(10, 20)))
    assert [info.page_at(offset) for offset in (0, 9, 10, 20)] == [1, 1, 2, None]
