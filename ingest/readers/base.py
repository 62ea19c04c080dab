"""What a reader is: bytes of one format become a canonical text and its blocks. Offsets are born here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import NamedTuple, Protocol

from retriever.records import Block, Span

MAX_TITLE = 120
"""The longest title in code points; a longer one is cut."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a reader understood of a file.

    `text` is the canonical text that every offset counts in, `blocks` are in order and do not overlap, `pages` holds
    one span per page where the format has pages. An empty `title` leaves the naming to the file's name.
    """

    text: str
    title: str
    blocks: tuple[Block, ...]
    pages: tuple[Span, ...] = ()


class Reader(Protocol):
    """Reads one format.

    `name` is `FORMAT/VERSION`; the version moves whenever the same bytes would yield another text, title or blocks,
    and files that an earlier version read are then read again. `extensions` are in lower case with their dot.
    """

    @property
    def name(self) -> str:
        """Name the reader and its version, such as `markdown/1`."""

    @property
    def media_type(self) -> str:
        """Give the media type of the format."""

    @property
    def extensions(self) -> frozenset[str]:
        """List the extensions that choose this reader where the content leaves the choice open."""

    def read(self, data: bytes, name: str) -> Parsed:
        """Understand the bytes of the file called `name`.

        Raises:
            UnsupportedFile: the bytes cannot be understood.

        """


class Line(NamedTuple):
    """One line of a text: its words, the offset of its first code point, and the offset behind its line break."""

    text: str
    start: int
    after: int

    @property
    def blank(self) -> bool:
        """Tell whether there is only white space."""
        return not self.text or self.text.isspace()

    @property
    def indent(self) -> int:
        """Count the white space in front."""
        return len(self.text) - len(self.text.lstrip())


_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n)|([^\r\n]+)")


def lines(text: str, start: int = 0) -> Iterator[Line]:
    r"""Cut a text from `start` into lines at CR, LF and CRLF, and at nothing else.

    >>> [(line.text, line.start, line.after) for line in lines("a\r\n\x0cb\n")]
    [('a', 0, 3), ('\x0cb', 3, 6)]
    """
    return (Line(found[1] or found[2] or "", *found.span()) for found in _LINE.finditer(text, start))


def trimmed(text: str, start: int, end: int) -> Span:
    """Take the white space off both ends of a range; a range of white space alone becomes empty.

    >>> trimmed("  ab ", 0, 5)
    Span(start=2, end=4)
    """
    piece = text[start:end]
    first = start + len(piece) - len(piece.lstrip())
    return Span(first, max(first, start + len(piece.rstrip())))


def one_line(words: str) -> str:
    r"""Make a title of some words: white space collapsed, cut to `MAX_TITLE` code points.

    >>> one_line(" Opening\n hours ")
    'Opening hours'
    """
    words = " ".join(words.split())
    return words if len(words) <= MAX_TITLE else words[: MAX_TITLE - 1].rstrip() + "…"


def names(words: str) -> frozenset[str]:
    """Make a set of the names in a string.

    >>> sorted(names("pre p"))
    ['p', 'pre']
    """
    return frozenset(words.split())


def file_name(source: str) -> str:
    """Name a source as a person would: without folders, on any system, and without `upload:`.

    >>> file_name("/home/ann/hours.txt"), file_name("upload:hours.txt")
    ('hours.txt', 'hours.txt')
    """
    return PurePath(source.removeprefix("upload:").replace("\\", "/")).name or source
