"""Where the gold quotes of a question stand in a library, and whether a place is one of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.questions import Question
from retriever.records import Span
from retriever.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Gold:
    """The places of a question's quotes, by document id, and how many passages of the library overlap one."""

    places: Mapping[str, tuple[Span, ...]]
    passages: int

    def overlaps(self, document_id: str, span: Span) -> bool:
        """Tell whether a span of a document shares a code point with a gold quote."""
        return any(span.overlaps(place) for place in self.places.get(document_id, ()))


class GoldFinder:
    """Finds gold quotes in one generation of a library; each text is read once."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Look in the documents of `snapshot`, which stays open meanwhile."""
        self._snapshot = snapshot
        self._documents = snapshot.documents()
        self._texts: dict[str, str] = {}

    def find(self, question: Question) -> Gold:
        """Find every place where a quote counts, which may be none."""
        places: dict[str, tuple[Span, ...]] = {}
        for document in self._documents if question.answerable else ():
            if question.may_stand_in(document):
                places[document.id] = self._places(question, document.id)
        places = {document_id: spans for document_id, spans in places.items() if spans}
        gold = Gold(places, 0)
        passages = [(i, chunk) for i in places for chunk in self._snapshot.chunks(i)]
        return Gold(places, sum(gold.overlaps(i, chunk.span) for i, chunk in passages))

    def _places(self, question: Question, document_id: str) -> tuple[Span, ...]:
        if document_id not in self._texts:
            self._texts[document_id] = self._snapshot.text(document_id)
        text = self._texts[document_id]
        if question.starts:
            spans = [Span(start, start + len(q)) for start, q in zip(question.starts, question.quotes, strict=True)]
            return tuple(span for span, quote in zip(spans, question.quotes, strict=True) if span.of(text) == quote)
        return tuple(span for quote in question.quotes for span in occurrences(text, quote))


def occurrences(text: str, quote: str) -> list[Span]:
    r"""Find every place of a quote's words; a line break or a run of spaces is as good as a space.

    Places inside of longer words count only where there are no others: "no" is not meant in "know", and some scripts
    set no spaces between words.

    >>> occurrences("ab ab", "ab")
    [Span(start=0, end=2), Span(start=3, end=5)]
    >>> occurrences("opens\n at nine", "opens at")
    [Span(start=0, end=9)]
    >>> occurrences("nineteen, nine", "nine"), occurrences("nineteen", "nine")
    ([Span(start=10, end=14)], [Span(start=0, end=4)])
    """
    words = r"\s+".join(map(re.escape, quote.split()))
    # Looked for ahead, so that places may overlap.
    spans = [Span(*found.span(1)) for found in re.finditer(f"(?=({words}))", text)]
    return [span for span in spans if not _is_within_words(text, span)] or spans


def _is_within_words(text: str, span: Span) -> bool:
    """Tell whether a word goes on before or behind a place."""
    borders = (text[span.start - 1 : span.start + 1] if span.start else ""), text[span.end - 1 : span.end + 1]
    return any(len(border) == 2 and border.isalnum() for border in borders)  # noqa: PLR2004 - of two sides
