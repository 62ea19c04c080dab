"""Cuts a document into chunks: whole sentences under one heading, no more than the encoder can see.

Where to cut is decided by the text around the place and not by counting from the start, so that the chunks behind an
edit come out as they were: of the places where a chunk may end, the end of a paragraph comes before all others, and
then the sentence with the smallest hash.

A heading stands in the heading path of every chunk below it, and in no sentence: it names what can be quoted. Only a
heading with nothing below it becomes a sentence, and one too long for a path becomes sentences too, so that nothing of
a document is lost.
"""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from ingest.fitting import CountTokens, costs, fitting_path, pieces
from ingest.readers.base import MAX_TITLE, one_line
from ingest.sentences import sentences
from retriever.records import Block, Chunk, Document, Span

_WIDEST_GAP = 1_000
"""A chunk spans no wider gap between blocks, in code points: its text would be mostly white space."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence, or a piece of one that was too long; what it costs, and whether its block ends behind it."""

    span: Span
    cost: int
    ends_block: bool


@dataclass(frozen=True, slots=True)
class _Section:
    """What stands directly below one heading: spans of sentences, each with whether its block ends behind it."""

    path: tuple[str, ...]
    spans: list[tuple[Span, bool]]

    def texts(self, text: str) -> list[str]:
        """Give each sentence with what stands between it and the one before: a table's rule, the mark of a list."""
        starts = [self.spans[0][0].start, *(span.end for span, _ in self.spans[:-1])]
        return [text[start : span.end] for start, (span, _) in zip(starts, self.spans, strict=True)]


def chunk(document: Document, count_tokens: CountTokens, max_tokens: int) -> tuple[Chunk, ...]:
    """Cut a document into chunks of at most `max_tokens` tokens each, the headings above included.

    Every code point of a block that is not white space stands in exactly one sentence of exactly one chunk; of the
    headings, those with nothing below them and those too long for a path. `count_tokens` is called once for all
    sentences, and then again for paths and for sentences that exceed a chunk.

    >>> from retriever.records import Block
    >>> text = "Ann came. Bob left."
    >>> document = Document("/a.txt", "a", "text/plain", text, "", "text/1", (Block(Span(0, 19)),))
    >>> [chunk.text for chunk in chunk(document, lambda texts: [len(text.split()) for text in texts], 2)]
    ['Ann came.', 'Bob left.']
    """
    text = document.text
    sections = [section for section in _sections(document) if section.spans]
    paths = {path: fitting_path(path, max_tokens // 4, count_tokens) for path in {each.path for each in sections}}
    measured = iter(costs([words for section in sections for words in section.texts(text)], count_tokens))
    chunks: list[Chunk] = []
    for section in sections:
        path, spent = paths[section.path]
        room = max_tokens - spent
        priced = [_Sentence(span, next(measured), ends) for span, ends in section.spans]
        fitted = [piece for sentence in priced for piece in _fitted(text, sentence, room, count_tokens)]
        chunks += (_made(text, fitted[start:end], path) for start, end in _ranges(text, fitted, room))
    return tuple(chunks)


def _sections(document: Document) -> Iterator[_Section]:
    above: list[tuple[int, str]] = []
    section = _Section((), [])
    for block, following in zip(document.blocks, (*document.blocks[1:], None), strict=True):
        long = block.kind == "heading" and _is_long(block.span.of(document.text))
        if block.kind == "heading":
            bare = following is None or (following.kind == "heading" and following.level <= block.level)
            above = [(level, name) for level, name in above if level < block.level]
            if not bare:
                above.append((block.level, block.name or one_line(block.span.of(document.text))))
            path = tuple(name for _, name in above)
            if not bare or path != section.path:
                yield section
                section = _Section(path, [])
            if not bare and not long:
                continue
        spans = list(sentences(document.text, Block(block.span) if long else block))
        if section.spans and block.span.start - section.spans[-1][0].end > _WIDEST_GAP:
            yield section
            section = _Section(section.path, [])
        section.spans.extend((span, span is spans[-1]) for span in spans)
    yield section


def _is_long(heading: str) -> bool:
    """Tell whether a heading is cut in a path: what it says behind the cut would stand in no chunk."""
    return len(" ".join(heading.split())) > MAX_TITLE


def _fitted(text: str, sentence: _Sentence, room: int, count_tokens: CountTokens) -> Iterator[_Sentence]:
    if sentence.cost <= room:
        yield sentence
        return
    for number, (span, cost) in enumerate(pieces(text, sentence.span, room, count_tokens)):
        # The first piece starts a chunk and fills it: what stands before it in its section may not fit with it.
        yield _Sentence(span, cost if number else room, sentence.ends_block and span.end == sentence.span.end)


def _ranges(text: str, sentences: Sequence[_Sentence], room: int) -> Iterator[tuple[int, int]]:
    """Say which sentences make a chunk: `(start, end)` in their list."""
    total = [0, *accumulate(sentence.cost for sentence in sentences)]

    def rank(end: int) -> tuple[bool, bytes, int]:
        last = sentences[end - 1]
        words = last.span.of(text).encode("utf-8", "surrogatepass")
        return not last.ends_block, hashlib.blake2b(words, digest_size=8).digest(), -end

    start = 0
    while total[-1] - total[start] > room:
        latest = max(start + 1, bisect_right(total, total[start] + room) - 1)
        earliest = min(bisect_left(total, total[start] + max(1, room // 3)), latest)
        # The rest should not be a crumb: leave it a quarter, if the sentences allow.
        generous = bisect_right(total, total[-1] - room // 4) - 1
        end = min(range(earliest, max(earliest, min(latest, generous)) + 1), key=rank)
        yield start, end
        start = end
    yield start, len(sentences)


def _made(text: str, sentences: Sequence[_Sentence], path: tuple[str, ...]) -> Chunk:
    span = Span(sentences[0].span.start, sentences[-1].span.end)
    return Chunk(span, span.of(text), tuple(sentence.span for sentence in sentences), path)
