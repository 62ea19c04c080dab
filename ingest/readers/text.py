"""Plain text: the canonical text is the decoded file. Paragraphs, list items, listings and underlined headings."""

import re
from collections.abc import Iterator

from ingest.readers.base import Line, Parsed, lines, one_line, trimmed
from ingest.readers.decoding import decode
from retriever.records import Block, Span

_MAX_HEADING = 200
_LONGEST_WRAPPED_LINE = 120
"""Nobody wraps by hand at more; a longer line is a paragraph of its own."""

_UNDERLINE = re.compile(r"""([=\-~^"'*+#`:.])\1{2,}[ \t]*""")
_ITEM = re.compile(r"[ \t]*(?:[-*+•–]|\(?(?:\d{1,3}|[A-Za-z])[.)])[ \t]+\S")
_FIELD = re.compile(r":?[A-Z][\w-]*: |[ \t]+\S|:?[A-Z][\w-]*:\s*$")
_TABLE = re.compile(r"(?=\S*[-=+]{2})[-=+|: \t]+")
_TITLE_FIELD = re.compile(r":?Title:[ \t]+(.+)")


class TextReader:
    """Reads plain text, and what is written like it: reStructuredText, change logs, mails."""

    name = "text/1"
    media_type = "text/plain"
    extensions = frozenset({".txt", ".text", ".rst", ".log"})

    def read(self, data: bytes, name: str) -> Parsed:
        """Decode the file and find its blocks.

        Raises:
            UnsupportedFile: the bytes are not text, or hold none.

        """
        text = decode(data, name)
        blocks = tuple(_Blocks(text))
        return Parsed(text, _title(text, blocks), blocks)


class _Blocks:
    """The blocks of a plain text, found in one pass over its lines."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = list(lines(text))
        self._levels: dict[str, int] = {}  # an underline's style -> the level that it means in this document
        self._literal = False  # whether the paragraph before ended in "::", so that an indented one is a listing

    def __iter__(self) -> Iterator[Block]:
        at = 0
        while at < len(self._lines):
            if self._lines[at].blank:
                at += 1
            elif (length := self._heading_at(at)) > 0:
                yield self._heading(at, length)
                at += length
            else:
                end = self._paragraph_end(at)
                yield from self._paragraph(self._lines[at:end], first=at == 0)
                at = end

    def _heading_at(self, at: int) -> int:
        """Count the lines of the heading that starts here: 2, 3 with a line above its title, 0 for none."""
        here = self._lines[at : at + 3]
        if _is_underlined(here[:2]):
            return 2
        over = len(here) == 3 and _is_underlined(here[1:]) and _UNDERLINE.fullmatch(here[0].text)  # noqa: PLR2004
        return 3 if over and here[0].text.strip() == here[2].text.strip() else 0

    def _heading(self, at: int, length: int) -> Block:
        title = self._lines[at + length - 2]
        style = self._lines[at + length - 1].text[0] * (length - 1)
        level = self._levels.setdefault(style, len(self._levels) + 1)
        return Block(trimmed(self._text, title.start, title.after), "heading", level)

    def _paragraph_end(self, at: int) -> int:
        at += 1
        while at < len(self._lines) and not self._lines[at].blank and not self._heading_at(at):
            at += 1
        return at

    def _paragraph(self, paragraph: list[Line], *, first: bool) -> Iterator[Block]:
        indented = all(line.indent for line in paragraph)
        literal = self._literal and indented
        self._literal = literal or paragraph[-1].text.rstrip().endswith("::")
        fields = first and _FIELD.match(paragraph[0].text) and all(_FIELD.match(line.text) for line in paragraph)
        if literal or fields or _TABLE.fullmatch(paragraph[0].text.strip()):
            yield Block(self._span(paragraph), "code")
            return
        start = 0
        for at in range(1, len(paragraph) + 1):
            if at == len(paragraph) or _breaks(paragraph[at - 1], paragraph[at]):
                yield Block(self._span(paragraph[start:at]))
                start = at

    def _span(self, some: list[Line]) -> Span:
        return trimmed(self._text, some[0].start, some[-1].after)


def _is_underlined(pair: list[Line]) -> bool:
    """Tell whether a line is a title with its underline, as in reStructuredText and setext."""
    if len(pair) < 2 or not _UNDERLINE.fullmatch(pair[1].text):  # noqa: PLR2004 - a title and its underline
        return False
    title = pair[0].text.rstrip()
    plain = title[:1].strip() and len(title) <= _MAX_HEADING and not _UNDERLINE.fullmatch(title)
    return bool(plain) and len(pair[1].text.rstrip()) >= len(title)


def _breaks(before: Line, line: Line) -> bool:
    """Tell whether a new paragraph starts at `line` although no blank line says so."""
    return len(before.text) > _LONGEST_WRAPPED_LINE or bool(_ITEM.match(line.text))


def _title(text: str, blocks: tuple[Block, ...]) -> str:
    """Take the first heading, else a field called Title, else a short first line; else leave it to the file's name."""
    first = blocks[0]
    if first.kind == "code" and (field := _TITLE_FIELD.search(first.span.of(text))):
        return one_line(field[1])
    heading = next((block for block in blocks if block.kind == "heading"), None)
    if heading is not None:
        return one_line(heading.span.of(text))
    line = next(lines(first.span.of(text))).text.strip()
    return "" if len(line) > _MAX_TITLE_LINE or line.endswith((".", ",", ";")) else one_line(line)


_MAX_TITLE_LINE = 80
