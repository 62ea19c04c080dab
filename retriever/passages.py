"""Hits that follow one another in a document become one passage: what is said of a thing is read with its name."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from retriever.records import Hit, Span

GAP = 16  # code points between two chunks that adjoin: line breaks, the mark of a list


@dataclass(frozen=True, slots=True)
class Passage:
    """What is read at once: one hit, or hits that adjoin under one heading, in the order of their document."""

    hits: tuple[Hit, ...]

    @property
    def origin(self) -> int:
        """Where the text starts in its document."""
        return self.hits[0].chunk.span.start

    @property
    def headings(self) -> tuple[str, ...]:
        """Give the headings above, the outermost first."""
        return self.hits[0].chunk.heading_path

    @property
    def sentences(self) -> Iterator[tuple[Hit, Span]]:
        """Give each sentence with the hit that it is of."""
        return ((hit, sentence) for hit in self.hits for sentence in hit.chunk.sentences)

    @property
    def text(self) -> str:
        """Give the words of the document from `origin` on; what stands between two chunks is blank."""
        text = ""
        for hit in self.hits:
            text = text.ljust(hit.chunk.span.start - self.origin) + hit.chunk.text
        return text


def joined(hits: Sequence[Hit], fits: Callable[[Sequence[Hit]], bool]) -> list[Passage]:
    """Join hits that adjoin, as many as fit; the passages come in the order of their best hits."""
    passages: list[list[Hit]] = []
    for hit in sorted(hits, key=lambda h: (h.document.id, h.chunk.span.start)):
        if passages and _adjoin(passages[-1][-1], hit) and fits([*passages[-1], hit]):
            passages[-1].append(hit)
        else:
            passages.append([hit])
    return sorted((Passage(tuple(some)) for some in passages), key=lambda p: min(hit.rank for hit in p.hits))


def _adjoin(one: Hit, other: Hit) -> bool:
    gap = other.chunk.span.start - one.chunk.span.end
    same = one.document.id == other.document.id and one.chunk.heading_path == other.chunk.heading_path
    return same and 0 <= gap <= GAP
