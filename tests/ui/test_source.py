"""A highlight stands where the citation says, or there is none."""

from typing import Literal

import pytest

from api.schemas import VerifyResponse
from tests.ui.citations import TEXT, citation
from ui.passage import stands
from ui.source import locate

Status = Literal["holds", "other_version", "moved", "stale", "not_found"]


def verification(status: Status, start: int | None = None) -> VerifyResponse:
    """Make a verification of the citation's four characters."""
    end = None if start is None else start + 4
    return VerifyResponse(status=status, reason="So it is.", current_version="9b2e0c5d7a184f63", start=start, end=end)


@pytest.mark.parametrize("status", ["holds", "other_version"])
def test_a_citation_whose_words_stand_is_marked_at_its_place(status: Status) -> None:
    """The offsets are the citation's own."""
    place = locate(TEXT, citation(), verification(status))
    assert place
    assert (place.quote.start, place.quote.end) == (39, 43)
    assert stands(TEXT, place.sentence)


def test_a_citation_that_moved_is_marked_where_the_verification_says() -> None:
    """Its sentence moves along."""
    place = locate("New first line.\n" + TEXT, citation(), verification("moved", 55))
    assert place
    assert place.quote.start == 55
    assert stands("New first line.\n" + TEXT, place.sentence)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TEXT, verification("stale")),
        (TEXT, verification("not_found")),
        (TEXT, verification("moved", 50)),
        ("nine o'clock", verification("moved", 0)),
        (TEXT.replace("nine", "nein"), verification("holds")),
        ("", verification("holds", 39)),
    ],
    ids=["stale", "not found", "other words there", "its sentence is cut off", "changed since", "emptied since"],
)
def test_a_citation_that_does_not_stand_is_not_marked(text: str, found: VerifyResponse) -> None:
    """Neither a verdict nor a number is trusted against the text itself."""
    assert locate(text, citation(), found) is None
