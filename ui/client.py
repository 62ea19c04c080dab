"""A small typed client of the HTTP interface; the only way in which the chat learns anything."""

from collections.abc import Sequence
from typing import Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter, ValidationError

from api.schemas import (
    AnswerOut,
    AskRequest,
    AskResponse,
    CitationOut,
    DocumentList,
    DocumentOut,
    JobList,
    JobOut,
    NoAnswerOut,
    Problem,
    Readiness,
    ReindexRequest,
    VerifyRequest,
    VerifyResponse,
)

DEFAULT_API = "http://127.0.0.1:8808"
PATIENCE = httpx.Timeout(120.0, connect=3.0)  # seconds; the first question of a process loads the model

T = TypeVar("T")
_ASK: TypeAdapter[AnswerOut | NoAnswerOut] = TypeAdapter(AskResponse)
_READINESS = TypeAdapter(Readiness)
_DOCUMENTS = TypeAdapter(DocumentList)
_DOCUMENT = TypeAdapter(DocumentOut)
_JOB = TypeAdapter(JobOut)
_JOBS = TypeAdapter(JobList)
_VERIFICATION = TypeAdapter(VerifyResponse)


class ApiError(Exception):
    """Something went wrong; `str(error)` is one sentence for the person, the server's own where it gave one."""


class NoReply(ApiError):
    """The API is out of reach, or takes too long: what it was doing may go on."""


class Client:
    """The API at `base_url`. Safe to share between threads.

    Every method raises `ApiError` when the API is out of reach, refuses, or says what cannot be understood.
    """

    def __init__(self, base_url: str = DEFAULT_API, timeout: httpx.Timeout = PATIENCE) -> None:
        """Connect lazily; a proxy named in the environment is for other traffic than this machine's own."""
        self.base_url = base_url.rstrip("/")
        self._http = httpx.Client(base_url=self.base_url, timeout=timeout, trust_env=False)

    def __enter__(self) -> Self:
        """Close when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ready(self) -> Readiness:
        """Say what the library holds, and its generation."""
        return self._parse(_READINESS, self._request("GET", "/readyz"))

    def ask(self, question: str) -> AnswerOut | NoAnswerOut:
        """Answer a question, or say that the documents do not."""
        return self._parse(_ASK, self._request("POST", "/ask", json=AskRequest(question=question).model_dump()))

    def verify(self, citation: CitationOut) -> VerifyResponse:
        """Check a citation against the library as it is now."""
        body = VerifyRequest.model_validate(citation.model_dump()).model_dump()
        return self._parse(_VERIFICATION, self._request("POST", "/verify", json=body))

    def documents(self) -> DocumentList:
        """List every document, by source."""
        return self._parse(_DOCUMENTS, self._request("GET", "/documents"))

    def document(self, document_id: str) -> DocumentOut:
        """Fetch a document with its text."""
        return self._parse(_DOCUMENT, self._request("GET", f"/documents/{quote(document_id, safe='')}"))

    def upload(self, files: Sequence[tuple[str, bytes]]) -> JobOut:
        """Add files, each a name and its bytes; the work goes on in the job."""
        return self._parse(_JOB, self._request("POST", "/documents", files=[("files", file) for file in files]))

    def remove(self, document_id: str) -> None:
        """Take a document out of the library."""
        self._request("DELETE", f"/documents/{quote(document_id, safe='')}")

    def reindex(self) -> JobOut:
        """Bring everything that was ever indexed up to date; the work goes on in the job."""
        return self._parse(_JOB, self._request("POST", "/reindex", json=ReindexRequest().model_dump()))

    def job(self, job_id: str) -> JobOut:
        """Say how far a job is."""
        return self._parse(_JOB, self._request("GET", f"/jobs/{quote(job_id, safe='')}"))

    def jobs(self) -> JobList:
        """List the jobs, the newest first."""
        return self._parse(_JOBS, self._request("GET", "/jobs"))

    def _request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        files: Sequence[tuple[str, tuple[str, bytes]]] | None = None,
    ) -> bytes:
        try:
            response = self._http.request(method, path, json=json, files=files)
        except httpx.ReadTimeout as error:
            msg = f"The API at {self.base_url} takes too long to answer."
            raise NoReply(msg) from error
        except (httpx.RequestError, httpx.InvalidURL) as error:
            msg = f"The API at {self.base_url} cannot be reached. Start it with: footnote serve"
            raise NoReply(msg) from error
        if not response.is_success:
            raise ApiError(self._sentence(response.content))
        return response.content

    def _sentence(self, body: bytes) -> str:
        """Take the sentence out of a problem."""
        try:
            return Problem.model_validate_json(body).detail
        except ValidationError:
            return f"What answers at {self.base_url} is not the API of Footnote."

    def _parse(self, shape: TypeAdapter[T], body: bytes) -> T:
        try:
            return shape.validate_json(body)
        except ValidationError as error:
            msg = f"What answers at {self.base_url} is not the API of this version of Footnote."
            raise ApiError(msg) from error
