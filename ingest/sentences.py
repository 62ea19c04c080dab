"""Cuts a block into sentences with exact offsets, in time linear in its length whatever the text is."""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from ingest.readers.base import lines, trimmed
from retriever.records import Block, Span

if TYPE_CHECKING:
    from nupunkt import PunktSentenceTokenizer

_WINDOW = 16_384
"""Code points that the segmenter sees at once: no sentence is longer."""

# The segmenter knows the marks of Latin script; these end a sentence in scripts that put no space behind.
_OTHER_ENDS = re.compile(r"[。！？｡।॥؟۔።។]+[」』”’）)\]\"']*")  # noqa: RUF001 - these marks are meant
_MARKS = ".!?…"
_NO_MARKS = str.maketrans(_MARKS, "_" * len(_MARKS))
_END = re.compile(rf"[{_MARKS}]\S{{0,8}}\s")

# To the segmenter "India-U.S." is one word that it does not know for an abbreviation, and so the end of a sentence.
_JOINED_INITIALS = re.compile(r"(?<=\w)[-–/](?=(?:[^\W\d_]\.){2})")

# What nobody writes and the segmenter takes long over: words of such a length (the square of it; the end of the word
# is kept, for it may end a sentence), and where marks are dense, many in one word and long rows of little else.
_LONG = 100
_LONG_WORD = re.compile(rf"(?<!\S)\S{{{_LONG},}}")
_KEPT = 8
_DENSE = 1 / 16
_MANY_MARKS = re.compile(rf"[{_MARKS}]{{3,}}(?=[{_MARKS}])")
_MARKS_IN_A_ROW = re.compile(rf"(?:(?<!\S)\S{{0,4}}[{_MARKS}]\S?\s+){{16,}}")


def sentences(text: str, block: Block) -> Iterator[Span]:
    """Cut a block of `text` into the spans of its sentences: of its lines if it is a listing, or one if a heading.

    The spans are in order, do not overlap, and leave out nothing but white space.

    >>> text = "Dr. Who is in. Is he? ..."
    >>> [span.of(text) for span in sentences(text, Block(Span(0, 21)))]
    ['Dr. Who is in.', 'Is he?']
    """
    words = block.span.of(text)
    match block.kind:
        case "prose":
            cuts = _sentence_starts(words)
        case "code":
            cuts = (line.start for line in lines(words))
        case _:
            cuts = iter((0,))
    start = next(cuts, 0)
    for end in (*cuts, len(words)):
        span = trimmed(text, block.span.start + start, block.span.start + end)
        if len(span):
            yield span
        start = end


def _sentence_starts(words: str) -> Iterator[int]:
    """Give where each sentence starts, in order; the first at 0."""
    if words.isascii():
        yield 0
        yield from _latin_starts(words)
        return
    start = 0
    for end in (*_latin_starts(words), len(words)):
        yield start
        ends = _OTHER_ENDS.finditer(words, start, end)
        yield from (mark.end() for mark in ends if mark.end() < end)
        start = end


def _latin_starts(words: str) -> Iterator[int]:
    """Give where each sentence but the first starts, window by window.

    The last sentence of a window may go on behind it, so the next window starts there again.
    """
    start = 0 if _END.search(words) else len(words)
    while start < len(words):
        window = words[start : start + _WINDOW]
        starts = _window_starts(window)
        yield from (start + first for first in starts)
        if start + len(window) == len(words):
            return
        if starts:
            start += starts[-1]
        else:
            start += window.rfind(" ", 1) + 1 or len(window)
            yield start


def _window_starts(window: str) -> list[int]:
    if not _END.search(window):
        return []
    return [start for start, _ in _segmenter().spans(_tamed(window), paragraph_breaks=False)][1:]


def _tamed(words: str) -> str:
    """Replace what the segmenter would misread, or take too long over, by as many harmless characters."""
    words = _JOINED_INITIALS.sub(" ", words)
    if sum(map(words.count, _MARKS)) > len(words) * _DENSE:
        words = _MANY_MARKS.sub(_without_marks, words)
        words = _MARKS_IN_A_ROW.sub(_without_marks, words)
    if max(map(len, words.split()), default=0) >= _LONG:
        words = _LONG_WORD.sub(lambda word: "x" * (len(word[0]) - _KEPT) + word[0][-_KEPT:], words)
    return words


def _without_marks(found: re.Match[str]) -> str:
    return found[0].translate(_NO_MARKS)


@cache
def _segmenter() -> "PunktSentenceTokenizer":
    import nupunkt  # noqa: PLC0415 - what only reads the library does not need it

    return nupunkt.load("default")
