"""The service, composed in one place."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager

from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

from api.guard import Guard
from api.jobs import Jobs
from api.problems import HANDLERS
from api.routes import asking, documents, health
from api.schemas import Problem
from api.state import State
from api.turnstile import Turnstile
from retriever.library import Library
from retriever.settings import Settings

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
UPLOAD_IN_FILES = 4
MAX_FILES = 1000
MAX_FIELDS = 16

DESCRIPTION = """
Ask your own documents, and get answers in their own words that you can check.

Every citation obeys one law: `text[start:end] == quote`, in Unicode code points of the cited version's text.
Every error is an [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem with a sentence for a person.
"""


def create_app(settings: Settings, library: Library | None = None) -> FastAPI:
    """Make the service over `library`, or over the one that `settings` name, which it then opens and closes.

    An upload as a whole may hold four files of the largest size.

    Raises (when it starts):
        LibraryError: the library cannot be opened.

    """
    max_upload_bytes = UPLOAD_IN_FILES * settings.max_file_bytes

    app = FastAPI(
        title="Footnote",
        version=health.VERSION,
        description=DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        lifespan=_lifespan(settings, library, room=max_upload_bytes),
        default_response_class=AsciiResponse,
        docs_url=None,  # its page loads scripts from a content delivery network
        redoc_url=None,
        redirect_slashes=False,
        form_limits={"max_files": MAX_FILES, "max_fields": MAX_FIELDS},
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        generate_unique_id_function=_operation_id,
        exception_handlers=HANDLERS,
        middleware=[Middleware(Guard, hosts=LOCAL_NAMES | {settings.host}, max_upload_bytes=max_upload_bytes)],
    )
    for router in (asking.router, documents.router, health.router):
        app.include_router(router)
    # No route returns a problem as its model, so the schema that they all name is put in by hand.
    app.openapi()["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    return app


def _lifespan(
    settings: Settings, library: Library | None, room: int
) -> Callable[[FastAPI], AbstractAsyncContextManager[State]]:
    """Make what the routes share when the service starts, and end it when the service stops."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        with ExitStack() as stack:
            opened = library or stack.enter_context(Library.open(settings))
            jobs = Jobs(room)
            try:
                yield State(library=opened, jobs=jobs, turnstile=Turnstile(), aside=CapacityLimiter(1))
            finally:
                await run_in_threadpool(jobs.close)

    return lifespan


class AsciiResponse(JSONResponse):
    """JSON in ASCII, so that half a character (a lone surrogate in a text or a file name) passes as it stands."""

    def render(self, content: object) -> bytes:
        """Escape whatever is not ASCII."""
        return json.dumps(content, separators=(",", ":"), allow_nan=False).encode("ascii")


def _operation_id(route: APIRoute) -> str:
    return route.name
