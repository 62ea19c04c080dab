"""The table from errors to statuses, and what a problem looks like."""

import asyncio
import json
from collections.abc import Iterator

import pytest
from fastapi import Request

from api import problems
from api.problems import TABLE, documented, row_of, sentence, told, urn
from retriever.errors import BrokenCitation, FootnoteError, LibraryError, LibraryLocked, ModelError


def tree(kind: type[FootnoteError]) -> Iterator[type[FootnoteError]]:
    """Walk a branch of the error tree."""
    yield kind
    for child in kind.__subclasses__():
        yield from tree(child)


def of_this_project(kind: type[FootnoteError]) -> bool:
    """Tell errors that can reach the API from those of packages that it knows nothing of, and those of tests."""
    return not kind.__module__.startswith(("tests.", "evaluation.", "training."))


def request() -> Request:
    """Make a request that has passed the guard."""
    return Request({"type": "http", "path": "/ask", "state": {"request_id": "b6c1"}})


@pytest.mark.parametrize("kind", [kind for kind in tree(FootnoteError) if of_this_project(kind)])
def test_every_error_of_the_tree_has_a_row(kind: type[FootnoteError]) -> None:
    """An error without a row of its own would leave its status to chance."""
    assert kind in TABLE
    assert 400 <= TABLE[kind].status <= 599


def test_no_two_errors_share_the_name_of_their_problem() -> None:
    """A client can tell the errors apart by `type`."""
    assert len({urn(kind) for kind in TABLE}) == len(TABLE)


def test_an_error_without_a_row_is_rendered_as_the_nearest_above() -> None:
    """A later, finer error is never a crash."""

    class HeldByABackup(LibraryLocked):
        """Somebody is making a copy."""

    assert row_of(HeldByABackup) == TABLE[LibraryLocked]


def test_a_problem_carries_the_sentence_of_its_error_and_when_to_try_again() -> None:
    """The person reads what the core wrote for them."""
    response = asyncio.run(problems.on_footnote_error(request(), LibraryLocked("Process 7 is writing.")))
    assert response.status_code == 409
    assert response.headers["retry-after"] == "5"
    assert response.media_type == "application/problem+json"
    assert json.loads(bytes(response.body)) == {
        "type": "urn:footnote:problem:library-locked",
        "title": "The library is being written",
        "status": 409,
        "detail": "Process 7 is writing.",
        "instance": "/ask",
        "request_id": "b6c1",
    }


def test_a_broken_citation_is_not_shown() -> None:
    """The words that stand nowhere do not leave through the error either."""
    response = asyncio.run(problems.on_footnote_error(request(), BrokenCitation("“made up” is not in hours.txt")))
    assert response.status_code == 500
    assert b"made up" not in bytes(response.body)


@pytest.mark.parametrize("kind", [*tree(LibraryError), ModelError])
def test_no_folder_of_the_machine_leaves_through_an_error(kind: type[FootnoteError]) -> None:
    """What cannot be used is told in a sentence of the table's; who writes names a process, and no folder."""
    said = told(kind("/home/ann/library.sqlite is damaged."))
    assert (said == "/home/ann/library.sqlite is damaged.") == (kind is LibraryLocked)
    assert said.endswith(".")


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (
            {"type": "less_than_equal", "loc": ("query", "k"), "msg": "Input should be less than or equal to 50"},
            "The field k cannot be taken: input should be less than or equal to 50.",
        ),
        ({"type": "missing", "loc": ("body",), "msg": "Field required"}, "The body cannot be taken: field required."),
        (
            {
                "type": "json_invalid",
                "loc": ("body", 3),
                "msg": "JSON decode error",
                "ctx": {"error": "Expecting value"},
            },
            "The body is not JSON: Expecting value at character 3.",
        ),
    ],
)
def test_a_wrong_field_is_named_in_a_sentence(finding: dict[str, object], said: str) -> None:
    """The sentence says which field it is and what it may be, and not what was in it."""
    assert sentence(finding) == said


def test_problems_of_one_status_share_its_entry_in_the_schema() -> None:
    """OpenAPI has one response per status; each problem is an example in it."""
    entries = documented(LibraryLocked, BrokenCitation, FootnoteError)
    assert list(entries) == [409, 500]
    assert list(entries[500]["content"]["application/problem+json"]["examples"]) == [
        "A citation did not hold",
        "Footnote failed",
    ]
