"""What every request passes before a route sees it: an id, the right host, the right origin, a bounded body."""

import secrets
import time
from http import HTTPMethod, HTTPStatus

from fastapi import HTTPException, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.headers import envelope
from api.logs import LOG
from api.problems import problem

MAX_JSON_BYTES = 2**20
MAX_HEADER_BYTES = 2**14
_METHODS = frozenset(HTTPMethod)


class Guard:
    """Refuses what a page of another site could send through the browser, and what would fill the memory.

    A page that resolves its own name to this machine (DNS rebinding) is told by its Host header; a page of another
    site by its Origin header, `null` included, or where the browser sends none (a picture's address, say) by its
    Sec-Fetch-Site, unless somebody follows a link; no response carries a header that would let it read an answer.
    """

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], max_upload_bytes: int) -> None:
        """Wrap `app`. `hosts` are the names that it answers to, without ports, an IPv6 address in brackets."""
        self._app = app
        self._hosts = hosts
        self._max_upload_bytes = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it with a problem; put the same headers on either; log one line."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        began, status = time.perf_counter(), int(HTTPStatus.INTERNAL_SERVER_ERROR)

        async def enveloped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update(envelope(request_id))
            await send(message)

        try:
            limit = self._limit(scope)
            refusal = self._refusal(scope, limit)
            if refusal:
                await refusal(scope, receive, enveloped)
            else:
                await self._app(scope, _counted(receive, limit), enveloped)
        finally:
            _log(scope, status, time.perf_counter() - began)

    def _refusal(self, scope: Scope, limit: int) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if _name(host) not in self._hosts:
            return problem(
                scope, HTTPStatus.MISDIRECTED_REQUEST, "Footnote answers on this machine only, under its local address."
            )
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADER_BYTES:
            detail = f"The headers hold more than {MAX_HEADER_BYTES} bytes."
            return problem(scope, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail)
        if _is_foreign(headers, host):
            return problem(scope, HTTPStatus.FORBIDDEN, "A page of another site may not use Footnote.")
        if int(headers.get("content-length", "0")) > limit:
            return problem(scope, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(limit))
        return None

    def _limit(self, scope: Scope) -> int:
        return self._max_upload_bytes if scope["path"] == "/documents" else MAX_JSON_BYTES


def _name(host: str) -> str:
    """Cut the port off a Host header.

    >>> _name("LocalHost:8808"), _name("[::1]:8808"), _name("[::1]")
    ('localhost', '[::1]', '[::1]')
    """
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdecimal() else host.lower()


def _is_foreign(headers: Headers, host: str) -> bool:
    """Tell whether a page of another site sends a request, other than by a link that somebody follows."""
    origin = headers.get("origin")
    if origin is not None:
        return origin not in {f"http://{host}", f"https://{host}"}
    site, into = headers.get("sec-fetch-site", "none"), headers.get("sec-fetch-dest")
    return site in {"cross-site", "same-site"} and into != "document"


def _too_large(limit: int) -> str:
    return f"The request holds more than {limit} bytes, which is the most that is taken here."


def _counted(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:  # FastAPI passes on an HTTPException from here, and makes a 400 of all else
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(limit))
        return message

    return counted


def _log(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "-")  # the template: a path or a query may hold what is private
    method = scope["method"] if scope["method"] in _METHODS else "-"
    LOG.info(
        "method=%s route=%s status=%d ms=%.1f request_id=%s",
        method,
        route,
        status,
        seconds * 1000,
        scope["state"]["request_id"],
    )
