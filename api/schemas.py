"""The shapes that cross HTTP. The chat imports these and nothing else of the project."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

Share = Annotated[float, Field(ge=0, le=1)]
Offset = Annotated[int, Field(ge=0, lt=2**53, description="Unicode code points from the start of the document's text.")]

_CITATION: JsonDict = {
    "number": 1,
    "document_id": "3f1c9a7b20d4e856",
    "version": "9b2e0c5d7a184f63",
    "title": "Opening hours",
    "source": "/home/ann/documents/hours.txt",
    "quote": "The reading room opens at nine.",
    "start": 120,
    "end": 151,
    "heading_path": ["Visiting"],
    "page": None,
    "score": 0.83,
    "sentence": {"quote": "The reading room opens at nine.", "start": 120, "end": 151},
    "rank": 1,
    "dense_rank": 1,
    "lexical_rank": 2,
}
_HIT: JsonDict = {
    "document_id": "3f1c9a7b20d4e856",
    "version": "9b2e0c5d7a184f63",
    "title": "Opening hours",
    "source": "/home/ann/documents/hours.txt",
    "heading_path": ["Visiting"],
    "text": "The reading room opens at nine.",
    "start": 120,
    "end": 151,
    "score": 0.91,
    "rank": 1,
    "dense_rank": 1,
    "lexical_rank": 2,
}
_DOCUMENT: JsonDict = {
    "id": "3f1c9a7b20d4e856",
    "version": "9b2e0c5d7a184f63",
    "title": "Opening hours",
    "source": "/home/ann/documents/hours.txt",
    "media_type": "text/plain",
    "characters": 2690,
    "chunks": 4,
}
_JOB: JsonDict = {
    "id": "5e0f6a1c9d3b7482",
    "state": "running",
    "done": 12,
    "total": 40,
    "message": "Encoding",
    "seconds": 3.2,
    "report": None,
    "error": None,
}
_TIMINGS: JsonDict = {"search": 6.1, "read": 21.4, "total": 28.0}


class Schema(BaseModel):
    """The base of every shape: frozen, and no field that is not named."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AskRequest(Schema):
    """A question."""

    model_config = ConfigDict(json_schema_extra={"example": {"question": "When does the reading room open?"}})
    question: str


class QuoteOut(Schema):
    """Words of a document and where they stand: `text[start:end] == quote`."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"quote": "The reading room opens at nine.", "start": 120, "end": 151}}
    )
    quote: str
    start: Offset
    end: Offset


class CitationOut(QuoteOut):
    """An exact place in an exact version of a source, and the ranks that led to it."""

    model_config = ConfigDict(json_schema_extra={"example": _CITATION})
    number: Annotated[int, Field(ge=1)]
    document_id: str
    version: str
    title: str
    source: str
    heading_path: list[str]
    page: int | None
    score: Share
    sentence: QuoteOut
    rank: int
    dense_rank: int | None
    lexical_rank: int | None


class NearestOut(CitationOut):
    """A passage that came close, and why it is not an answer."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**_CITATION, "why": "It shares “reading room” but names no closing day."}}
    )
    why: str


class SearchedOut(Schema):
    """How much was searched."""

    model_config = ConfigDict(json_schema_extra={"example": {"documents": 3, "chunks": 41}})
    documents: int
    chunks: int


class AnswerOut(Schema):
    """An answer: `answer` is the quotes, each followed by its footnote."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "answered": True,
                "question": "When does the reading room open?",
                "answer": "The reading room opens at nine. [1]",
                "confidence": 0.83,
                "answerability": 0.91,
                "citations": [_CITATION],
                "generation": 12,
                "searched": {"documents": 3, "chunks": 41},
                "timings_ms": _TIMINGS,
            }
        }
    )
    answered: Literal[True] = True
    question: str
    answer: str
    confidence: Share
    answerability: Share
    citations: list[CitationOut]
    generation: int
    searched: SearchedOut
    timings_ms: dict[str, float]


class NoAnswerOut(Schema):
    """The documents do not say; what came nearest, and why it was not enough."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "answered": False,
                "question": "Who built the reading room?",
                "reason": "Your documents do not say.",
                "confidence": 0.12,
                "answerability": 0.17,
                "nearest": [],
                "generation": 12,
                "searched": {"documents": 3, "chunks": 41},
                "timings_ms": _TIMINGS,
            }
        }
    )
    answered: Literal[False] = False
    question: str
    reason: str
    confidence: Share
    answerability: Share
    nearest: list[NearestOut]
    generation: int
    searched: SearchedOut
    timings_ms: dict[str, float]


AskResponse = Annotated[AnswerOut | NoAnswerOut, Field(discriminator="answered")]


class HitOut(Schema):
    """A passage that was found, and its rank on each side (`null`: not among that side's best)."""

    model_config = ConfigDict(json_schema_extra={"example": _HIT})
    document_id: str
    version: str
    title: str
    source: str
    heading_path: list[str]
    text: str
    start: Offset
    end: Offset
    score: Share
    rank: int
    dense_rank: int | None
    lexical_rank: int | None


class SearchResponse(Schema):
    """The passages nearest to a question, the best first."""

    model_config = ConfigDict(json_schema_extra={"example": {"hits": [_HIT], "generation": 12}})
    hits: list[HitOut]
    generation: int


class DocumentSummary(Schema):
    """A document, without its text."""

    model_config = ConfigDict(json_schema_extra={"example": _DOCUMENT})
    id: str
    version: str
    title: str
    source: str
    media_type: str
    characters: int
    chunks: int


class DocumentOut(DocumentSummary):
    """A document with the canonical text that every offset counts in."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "3f1c9a7b20d4e856",
                "version": "9b2e0c5d7a184f63",
                "title": "Opening hours",
                "source": "/home/ann/documents/hours.txt",
                "media_type": "text/plain",
                "characters": 31,
                "chunks": 1,
                "text": "The reading room opens at nine.",
            }
        }
    )
    text: str


class DocumentList(Schema):
    """Every document of the library, by source."""

    model_config = ConfigDict(json_schema_extra={"example": {"documents": [_DOCUMENT], "generation": 12}})
    documents: list[DocumentSummary]
    generation: int


class ReindexRequest(Schema):
    """Files and folders to bring up to date; empty for all that were indexed before."""

    model_config = ConfigDict(json_schema_extra={"example": {"paths": ["/home/ann/documents"]}})
    paths: list[str] = []


class FileProblem(Schema):
    """A file that could not be indexed, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"source": "/home/ann/photo.txt", "reason": "photo.txt is a PNG image, not text."}
        }
    )
    source: str
    reason: str


class IndexReport(Schema):
    """What a run did."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"added": 2, "changed": 1, "encoded_chunks": 7, "reused_chunks": 34, "problems": []}
        }
    )
    added: int = 0
    changed: int = 0
    renamed: int = 0
    deleted: int = 0
    unchanged: int = 0
    encoded_chunks: int = 0
    reused_chunks: int = 0
    problems: list[FileProblem] = []


class JobOut(Schema):
    """Long work and how far it is. `state` ends as `done` or `failed`; `error` is the sentence of a failure."""

    model_config = ConfigDict(json_schema_extra={"example": _JOB})
    id: str
    state: Literal["queued", "running", "done", "failed"]
    done: int
    total: int
    message: str
    seconds: float
    report: IndexReport | None
    error: str | None


class JobList(Schema):
    """The jobs of the service, the newest first: those in line, the one that runs, the last hundred that ended.

    None has its `report`.
    """

    model_config = ConfigDict(json_schema_extra={"example": {"jobs": [_JOB]}})
    jobs: list[JobOut]


class VerifyRequest(Schema):
    """A citation, or as much of one as can be checked; further fields of a citation are accepted and ignored."""

    model_config = ConfigDict(extra="ignore", json_schema_extra={"example": _CITATION})
    document_id: str
    version: str
    quote: Annotated[str, Field(min_length=1)]
    start: Offset
    end: Offset


class VerifyResponse(Schema):
    """Whether the citation holds, stands in another version, has moved, is stale, or was not found.

    `start` and `end` say where the words stand in the current version. `other_version`: they stand there at the cited
    place, but an earlier version is cited, and its text is not kept.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "moved",
                "reason": "The words stand 14 characters further on in the current version.",
                "current_version": "c07d55aa1b3e9f20",
                "start": 134,
                "end": 165,
            }
        }
    )
    status: Literal["holds", "other_version", "moved", "stale", "not_found"]
    reason: str
    current_version: str | None
    start: int | None
    end: int | None


class Health(Schema):
    """The process is alive."""

    model_config = ConfigDict(json_schema_extra={"example": {"status": "ok"}})
    status: Literal["ok"] = "ok"


class Readiness(Schema):
    """The library is open."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "ready",
                "generation": 12,
                "documents": 3,
                "chunks": 41,
                "model": "all-MiniLM-L6-v2",
                "version": "0.1.0",
            }
        }
    )
    status: Literal["ready"] = "ready"
    generation: int
    documents: int
    chunks: int
    model: str
    version: str


class Problem(Schema):
    """RFC 9457: what went wrong, for a program (`type`, `status`) and for a person (`title`, `detail`)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:footnote:problem:unknown-document",
                "title": "Unknown document",
                "status": 404,
                "detail": "The library holds no document 3f1c9a7b20d4e856.",
                "instance": "/documents/3f1c9a7b20d4e856",
                "request_id": "b6c1f0a2d9e84735",
            }
        }
    )
    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
