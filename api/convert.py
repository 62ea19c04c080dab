"""From the records of the core to the shapes that cross HTTP."""

from collections.abc import Iterable

from api.schemas import (
    AnswerOut,
    CitationOut,
    DocumentList,
    DocumentOut,
    DocumentSummary,
    HitOut,
    NearestOut,
    NoAnswerOut,
    QuoteOut,
    SearchedOut,
    SearchResponse,
    VerifyResponse,
)
from retriever.records import Answer, Citation, DocumentInfo, Hit, Nearest, NoAnswer, Searched, Verification
from retriever.search import SearchResult


def citation_out(citation: Citation) -> CitationOut:
    """Convert a citation."""
    sentence = citation.sentence
    return CitationOut(
        number=citation.number,
        document_id=citation.document_id,
        version=citation.version,
        title=citation.title,
        source=citation.source,
        quote=citation.quote,
        start=citation.span.start,
        end=citation.span.end,
        heading_path=list(citation.heading_path),
        page=citation.page,
        score=citation.score,
        sentence=QuoteOut(quote=sentence.quote, start=sentence.span.start, end=sentence.span.end),
        rank=citation.rank,
        dense_rank=citation.dense_rank,
        lexical_rank=citation.lexical_rank,
    )


def nearest_out(nearest: Nearest) -> NearestOut:
    """Convert a passage that came close."""
    return NearestOut(**citation_out(nearest.citation).model_dump(), why=nearest.why)


def searched_out(searched: Searched) -> SearchedOut:
    """Convert how much was searched."""
    return SearchedOut(documents=searched.documents, chunks=searched.chunks)


def ask_response(answer: Answer | NoAnswer) -> AnswerOut | NoAnswerOut:
    """Convert an answer, or that there is none."""
    if isinstance(answer, Answer):
        return AnswerOut(
            question=answer.question,
            answer=answer.text,
            confidence=answer.confidence,
            answerability=answer.answerability,
            citations=[citation_out(citation) for citation in answer.citations],
            generation=answer.generation,
            searched=searched_out(answer.searched),
            timings_ms=answer.timings_ms,
        )
    return NoAnswerOut(
        question=answer.question,
        reason=answer.reason,
        confidence=answer.confidence,
        answerability=answer.answerability,
        nearest=[nearest_out(nearest) for nearest in answer.nearest],
        generation=answer.generation,
        searched=searched_out(answer.searched),
        timings_ms=answer.timings_ms,
    )


def hit_out(hit: Hit) -> HitOut:
    """Convert a passage that was found."""
    return HitOut(
        document_id=hit.document.id,
        version=hit.document.version,
        title=hit.document.title,
        source=hit.document.source,
        heading_path=list(hit.chunk.heading_path),
        text=hit.chunk.text,
        start=hit.chunk.span.start,
        end=hit.chunk.span.end,
        score=hit.score,
        rank=hit.rank,
        dense_rank=hit.dense_rank,
        lexical_rank=hit.lexical_rank,
    )


def search_response(found: SearchResult) -> SearchResponse:
    """Convert what a search found."""
    return SearchResponse(hits=[hit_out(hit) for hit in found.hits], generation=found.generation)


def summary_out(document: DocumentInfo) -> DocumentSummary:
    """Convert a document without its text."""
    return DocumentSummary(
        id=document.id,
        version=document.version,
        title=document.title,
        source=document.source,
        media_type=document.media_type,
        characters=document.characters,
        chunks=document.chunks,
    )


def document_list(documents: Iterable[DocumentInfo], generation: int) -> DocumentList:
    """Convert the documents of one generation."""
    return DocumentList(documents=[summary_out(document) for document in documents], generation=generation)


def document_out(document: DocumentInfo, text: str) -> DocumentOut:
    """Convert a document with its canonical text."""
    return DocumentOut(**summary_out(document).model_dump(), text=text)


def verify_response(verification: Verification) -> VerifyResponse:
    """Convert what became of a citation."""
    span = verification.span
    return VerifyResponse(
        status=verification.status,
        reason=verification.reason,
        current_version=verification.current_version,
        start=span.start if span else None,
        end=span.end if span else None,
    )
