"""From an error to HTTP: the only table of statuses, rendered as RFC 9457 `application/problem+json`."""

import json
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import Scope

from api import errors as service
from api.headers import envelope
from api.logs import LOG, describe
from retriever import errors

MEDIA_TYPE = "application/problem+json"
SCHEMA = "#/components/schemas/Problem"
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Row:
    """How an error looks over HTTP. `detail` replaces the error's own sentence; `retry_after` is in seconds."""

    status: HTTPStatus
    title: str
    detail: str | None = None
    retry_after: int | None = None


TABLE: dict[type[errors.FootnoteError], Row] = {
    errors.FootnoteError: Row(HTTPStatus.INTERNAL_SERVER_ERROR, "Footnote failed"),
    errors.RequestError: Row(HTTPStatus.BAD_REQUEST, "The request cannot be done"),
    errors.InvalidQuestion: Row(HTTPStatus.UNPROCESSABLE_ENTITY, "The question cannot be asked"),
    errors.InvalidPath: Row(HTTPStatus.UNPROCESSABLE_ENTITY, "The path cannot be indexed"),
    errors.UnknownDocument: Row(HTTPStatus.NOT_FOUND, "Unknown document"),
    errors.UnknownJob: Row(HTTPStatus.NOT_FOUND, "Unknown job"),
    errors.UnsupportedFile: Row(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The file cannot be read"),
    errors.FileTooLarge: Row(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The file is too large"),
    # The sentences of these name folders of this machine, which the command line tells and a client is not to know.
    errors.LibraryError: Row(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The library cannot be used",
        detail="The library cannot be read or written now; `footnote doctor` says what is wrong.",
    ),
    errors.LibraryLocked: Row(HTTPStatus.CONFLICT, "The library is being written", retry_after=5),
    errors.LibraryMismatch: Row(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The library was made differently",
        detail="The library was made with another model or by another release; `footnote doctor` says what to do.",
    ),
    errors.LibraryDamaged: Row(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The library is damaged",
        detail="The library is damaged; `footnote documents restore FILE` puts a copy in its place.",
    ),
    errors.ModelError: Row(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The model cannot be used",
        detail="A model's files are missing, or are not the right ones; `footnote doctor` says what to do.",
    ),
    errors.ServiceError: Row(HTTPStatus.SERVICE_UNAVAILABLE, "The service cannot do this now"),
    errors.SettingsError: Row(HTTPStatus.INTERNAL_SERVER_ERROR, "A setting is wrong"),
    errors.BrokenCitation: Row(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "A citation did not hold",
        detail="A quote did not stand where its citation said; that is a defect of Footnote, and no answer is shown.",
    ),
    service.Overloaded: Row(HTTPStatus.SERVICE_UNAVAILABLE, "Too much at once", retry_after=1),
    service.Interrupted: Row(HTTPStatus.SERVICE_UNAVAILABLE, "The service is stopping"),
}

# What any route may answer, and what one that opens the library may.
ANYWHERE = (HTTPStatus.FORBIDDEN, HTTPStatus.MISDIRECTED_REQUEST, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
LIBRARY = (*ANYWHERE, errors.LibraryDamaged, errors.FootnoteError)

SENTENCES = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method.",
}


def row_of(kind: type[errors.FootnoteError]) -> Row:
    """Find the row of an error: its own, or that of the nearest error above it.

    >>> row_of(errors.UnknownDocument).status
    <HTTPStatus.NOT_FOUND: 404>
    """
    return next(TABLE[ancestor] for ancestor in kind.__mro__ if ancestor in TABLE)


def told(error: errors.FootnoteError) -> str:
    """Give the sentence that leaves over HTTP: the error's own, unless its row has another.

    >>> told(errors.UnknownDocument("The library holds no document 3f1c."))
    'The library holds no document 3f1c.'
    """
    return row_of(type(error)).detail or str(error)


def urn(kind: type[errors.FootnoteError]) -> str:
    """Name the type of a problem.

    >>> urn(errors.UnknownDocument)
    'urn:footnote:problem:unknown-document'
    """
    return "urn:footnote:problem:" + re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()


def problem(
    scope: Scope,
    status: HTTPStatus,
    detail: str,
    *,
    kind: str = "about:blank",
    title: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Render a problem; without a type of its own its title is the phrase of the status, as the RFC asks."""
    request_id = scope["state"]["request_id"]
    content = {
        "type": kind,
        "title": title or status.phrase,
        "status": status,
        "detail": detail,
        "instance": quote(scope["path"], errors="replace"),
        "request_id": request_id,
    }
    # Escaped to ASCII: a field's name may hold a lone surrogate, which UTF-8 cannot.
    return Response(
        json.dumps(content).encode("ascii"),
        status_code=status,
        headers={**envelope(request_id), **(headers or {})},
        media_type=MEDIA_TYPE,
    )


async def on_footnote_error(request: Request, error: errors.FootnoteError) -> Response:
    """Render an error of ours by its row."""
    row = row_of(type(error))
    if row.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        LOG.error("error=%s request_id=%s", type(error).__name__, request.state.request_id)
    headers = {} if row.retry_after is None else {"Retry-After": str(row.retry_after)}
    return problem(request.scope, row.status, told(error), kind=urn(type(error)), title=row.title, headers=headers)


async def on_http_exception(request: Request, error: HTTPException) -> Response:
    """Render what the framework refuses: no such address, a method that is not taken, a body it cannot parse."""
    status = HTTPStatus(error.status_code)
    detail = SENTENCES.get(status, f"{error.detail.rstrip('.')}.")
    return problem(request.scope, status, detail, headers=error.headers)


async def on_invalid_request(request: Request, error: RequestValidationError) -> Response:
    """Render a request that has not the agreed shape, in a sentence that names the field."""
    return problem(
        request.scope,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        sentence(error.errors()[0]),
        kind="urn:footnote:problem:invalid-request",
        title="The request has not the agreed shape",
    )


def sentence(finding: Mapping[str, Any]) -> str:
    """Say what is wrong with a field, without repeating what was in it.

    >>> sentence({"type": "missing", "loc": ("body", "question"), "msg": "Field required"})
    'The field question cannot be taken: field required.'
    """
    if finding["type"] == "json_invalid":
        return f"The body is not JSON: {finding['ctx']['error']} at character {finding['loc'][1]}."
    message = finding["msg"][0].lower() + finding["msg"][1:]
    name = ".".join(map(str, finding["loc"][1:]))[:LONGEST_NAME]
    return f"The field {name} cannot be taken: {message}." if name else f"The body cannot be taken: {message}."


async def on_defect(request: Request, error: Exception) -> Response:
    """Render what nobody foresaw: the id under which the log has it, and nothing of its content."""
    LOG.error("defect=%s request_id=%s", describe(error), request.state.request_id)
    return problem(
        request.scope,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        f"Footnote failed in a way that nobody foresaw; the log has it as request {request.state.request_id}.",
        headers={"Connection": "close"},  # the server closes it after a defect; a client that kept it would fail next
    )


HANDLERS: dict[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]] = {
    errors.FootnoteError: on_footnote_error,
    HTTPException: on_http_exception,
    RequestValidationError: on_invalid_request,
    Exception: on_defect,
}


def documented(*kinds: type[errors.FootnoteError] | HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Describe the problems that a route may give, for its OpenAPI entry; those of one status share it.

    >>> documented(errors.UnknownDocument, errors.UnknownJob)[404]["description"]
    'Unknown document. Unknown job.'
    """
    entries: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        example = _example(kind)
        empty = {"description": "", "content": {MEDIA_TYPE: {"schema": {"$ref": SCHEMA}, "examples": {}}}}
        entry = entries.setdefault(example["status"], empty)
        entry["description"] = f"{entry['description']} {example['title']}.".strip()
        entry["content"][MEDIA_TYPE]["examples"][example["title"]] = {"value": example}
    return entries


def _example(kind: type[errors.FootnoteError] | HTTPStatus) -> dict[str, Any]:
    if isinstance(kind, HTTPStatus):
        type_, status, title, detail = "about:blank", kind, kind.phrase, f"{kind.description or kind.phrase}."
    else:
        row = row_of(kind)
        type_, status, title, detail = urn(kind), row.status, row.title, row.detail or str(kind.__doc__)
    return {
        "type": type_,
        "title": title,
        "status": int(status),
        "detail": detail,
        "instance": "/documents/3f1c9a7b20d4e856",
        "request_id": "b6c1f0a2d9e84735",
    }
