"""Ask, search, and check a citation."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.exceptions import RequestValidationError

from api import convert
from api.errors import Overloaded
from api.problems import LIBRARY, documented
from api.schemas import AnswerOut, AskRequest, AskResponse, NoAnswerOut, SearchResponse, VerifyRequest, VerifyResponse
from api.state import InTurn, TheLibrary
from retriever.errors import BrokenCitation, InvalidQuestion, LibraryMismatch, ModelError
from retriever.records import Span

router = APIRouter(tags=["asking"])

Words = Annotated[str, Query(description="A question or words.", examples=["When does the reading room open?"])]
Count = Annotated[int, Query(ge=1, le=50, description="The most passages that come back.")]

BODY = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY)
SEARCHING = (*LIBRARY, LibraryMismatch, ModelError, Overloaded, InvalidQuestion)


@router.post(
    "/ask",
    summary="Ask a question",
    response_model=AskResponse,
    responses=documented(*SEARCHING, BrokenCitation, *BODY),
    dependencies=[InTurn],
)
def ask(body: AskRequest, library: TheLibrary) -> AnswerOut | NoAnswerOut:
    """Answer in the documents' own words, or say that they do not say; either is a 200.

    Each quote is verbatim: `text[start:end] == quote` in the cited version of the document.
    """
    return convert.ask_response(library.ask(body.question))


@router.get("/search", summary="Find passages", responses=documented(*SEARCHING), dependencies=[InTurn])
def search(q: Words, library: TheLibrary, k: Count = 10) -> SearchResponse:
    """Find the passages nearest to a question, the best first, with the rank of each on either side."""
    return convert.search_response(library.search(q, k))


@router.post(
    "/verify", summary="Check a citation", responses=documented(*LIBRARY, Overloaded, *BODY), dependencies=[InTurn]
)
def verify(body: VerifyRequest, library: TheLibrary) -> VerifyResponse:
    """Tell whether a citation holds, stands in another version, has moved, is stale, or was not found.

    Send a citation as it came.
    """
    if body.end < body.start:
        finding = {"type": "backwards", "loc": ("body", "end"), "msg": "A citation runs forward, and this ends first"}
        raise RequestValidationError([finding])
    verification = library.verify(body.document_id, body.version, Span(body.start, body.end), body.quote)
    return convert.verify_response(verification)
