"""What becomes of a citation: it holds, stands in another version, has moved, is stale, or was not found."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from retriever.library import Library
from retriever.records import Span
from tests.library import document, write
from tests.toys import ToyEncoder

FIRST = "The room opens at nine. It closes at five."
Check = Callable[[str, Span, str], tuple[str, Span | None, str]]


@pytest.fixture
def check(library: Library, toy: ToyEncoder) -> Check:
    """Write one text and then another from the same source, and verify a citation of the first."""

    def checked(now: str, span: Span, quote: str) -> tuple[str, Span | None, str]:
        write(library.store, toy, {"/a": FIRST})
        document_id = write(library.store, toy, {"/a": now})["/a"]
        found = library.verify(document_id, document("/a", FIRST).version, span, quote)
        assert found.current_version == document("/a", now).version
        return found.status, found.span, found.reason

    return checked


def test_words_at_their_place_hold(check: Check) -> None:
    """The current version has the words where the citation says."""
    span = Span(0, 23)
    assert check(FIRST, span, span.of(FIRST))[:2] == ("holds", span)


@pytest.mark.parametrize("quote", ["The room opens at nine.", "The room opens at five."], ids=["there", "never there"])
def test_words_of_the_current_version_do_not_vouch_for_an_earlier_one(check: Check, quote: str) -> None:
    """The text of an earlier version is not kept, so nothing is said of whether the words stood in it."""
    assert check(f"{quote} It never closes.", Span(0, 23), quote) == (
        "other_version",
        Span(0, 23),
        "The words stand at this place in the current version, which is not the one that is cited.",
    )


@pytest.mark.parametrize(
    ("now", "place", "reason"),
    [
        ("Note! The room opens at nine.", 6, "The words stand 6 characters further on in the current version."),
        (" " + FIRST, 1, "The words stand 1 character further on in the current version."),
    ],
)
def test_words_that_stand_elsewhere_have_moved(check: Check, now: str, place: int, reason: str) -> None:
    """Words that an edit pushed away are found at their new place."""
    assert check(now, Span(0, 23), "The room opens at nine.") == ("moved", Span(place, place + 23), reason)


def test_words_can_move_towards_the_beginning(check: Check) -> None:
    """The reason says in which direction."""
    found = check("It closes at five.", Span(24, 42), "It closes at five.")
    assert found == ("moved", Span(0, 18), "The words stand 24 characters further up in the current version.")


def test_a_wrong_end_is_put_right(check: Check) -> None:
    """A citation that begins at the right place and ends at a wrong one is told where its words end."""
    found = check(FIRST, Span(0, 5), "The room")
    assert found == ("moved", Span(0, 8), "The words begin at this place, and do not end where the citation ends.")


def test_words_that_an_edit_took_are_stale(check: Check) -> None:
    """A citation of an earlier version whose words are gone is stale."""
    assert check("It closes at five.", Span(0, 23), "The room opens at nine.")[:2] == ("stale", None)


def test_words_that_never_stood_there_are_not_found(library: Library, toy: ToyEncoder) -> None:
    """A wrong id, a wrong version and made-up words are each not found, and each for its own reason."""
    document_id = write(library.store, toy, {"/a": FIRST})["/a"]
    version = document("/a", FIRST).version
    found = [
        library.verify("0" * 16, version, Span(0, 3), "The"),
        library.verify(document_id, "0" * 16, Span(0, 3), "The"),
        library.verify(document_id, version, Span(0, 3), "Nay"),
        library.verify(document_id, version, Span(3, 3), ""),
    ]
    assert {each.status for each in found} == {"not_found"}
    assert [each.reason for each in found] == [
        "The library holds no document 0000000000000000.",
        "The library knows no version 0000000000000000 of this document.",
        "These words do not stand in the document.",
        "These words do not stand in the document.",
    ]


def test_a_removed_document_is_not_found(library: Library, toy: ToyEncoder) -> None:
    """With the document go its earlier versions."""
    document_id = write(library.store, toy, {"/a": FIRST})["/a"]
    write(library.store, toy, {}, remove=["/a"])
    assert library.verify(document_id, document("/a", FIRST).version, Span(0, 3), "The").status == "not_found"


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(before="ab", now="ab", citation=(0, 1, "a"))
@example(before="ab", now=" ab", citation=(0, 1, "a"))
@example(before="ab", now="b", citation=(0, 1, "a"))
@given(
    before=st.text("ab \n", min_size=1, max_size=12),
    now=st.text("ab \n", max_size=12),
    citation=st.tuples(st.integers(0, 14), st.integers(0, 5), st.text("ab ", max_size=4)),
)
def test_the_verdict_is_what_the_text_says(
    library: Library, toy: ToyEncoder, before: str, now: str, citation: tuple[int, int, str]
) -> None:
    """It stands exactly when the text says so there; else it moved to the nearest place that does; else it is gone."""
    start, length, quote = citation
    span = Span(start, start + length)
    write(library.store, toy, {"/a": before})
    document_id = write(library.store, toy, {"/a": now})["/a"]
    found = library.verify(document_id, document("/a", before).version, span, quote)
    places = [i for i in range(len(now)) if quote and now.startswith(quote, i)]
    if quote and span.of(now) == quote:
        assert (found.status, found.span) == ("holds" if before == now else "other_version", span)
    elif places:
        assert found.status == "moved"
        assert found.span is not None
        assert found.span.of(now) == quote
        assert abs(found.span.start - start) == min(abs(place - start) for place in places)
    else:
        assert (found.status, found.span) == ("not_found" if before == now else "stale", None)
