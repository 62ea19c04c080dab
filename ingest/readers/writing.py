"""Writes the canonical text of a format that has none of its own, and the blocks as they come to stand in it."""

import re

from retriever.records import Block, Span

_SPACE = re.compile(r"[ \t\n\r\f]+")


class TextWriter:
    r"""Appends text, block after block, with white space collapsed as a browser does.

    >>> writer = TextWriter()
    >>> writer.add("  One\n  block. ")
    >>> writer.end_block()
    >>> writer.add("Another.")
    >>> writer.finish()[0]
    'One block.\nAnother.'
    """

    def __init__(self) -> None:
        """Start an empty text."""
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._start: int | None = None  # where the open block starts; no block is open before its first word
        self._end = 0  # behind the last visible character
        self._waiting = ""  # what separates the last word from the next, if one follows in this block
        self._heading_level = 0
        self._literal = 0

    def add(self, words: str) -> None:
        """Append text to the open block."""
        if self._literal:
            self._put(words)
            return
        collapsed = _SPACE.sub(" ", words)
        inner = collapsed.strip(" ")
        if collapsed.startswith(" "):
            self.separate(" ")
        if inner:
            self._put(inner)
        if inner and collapsed.endswith(" "):
            self.separate(" ")

    def separate(self, mark: str) -> None:
        """Put `mark` before the next word of this block; a longer mark or a line break wins over a space."""
        if self._start is not None and (mark != " " or not self._waiting):
            self._waiting = mark

    def line_break(self) -> None:
        """Start a new line within the block."""
        self.separate("\n")

    def end_block(self) -> None:
        """End the block: what follows starts a new one."""
        if self._start is not None:
            span = Span(self._start, self._end)
            if self._heading_level:
                self._blocks.append(Block(span, "heading", self._heading_level))
            else:
                self._blocks.append(Block(span, "code" if self._literal else "prose"))
        self._start, self._waiting = None, ""

    def begin_heading(self, level: int) -> None:
        """Let the blocks that follow be headings."""
        self._heading_level = level

    def end_heading(self) -> None:
        """Let the blocks that follow be prose again."""
        self._heading_level = 0

    def begin_literal(self) -> None:
        """Keep white space as it is until the matching `end_literal`."""
        self._literal += 1

    def end_literal(self) -> None:
        """Collapse white space again."""
        self._literal -= 1

    def finish(self) -> tuple[str, tuple[Block, ...]]:
        """Give the text and its blocks."""
        self.end_block()
        return "".join(self._parts), tuple(self._blocks)

    def _put(self, words: str) -> None:
        visible = bool(words.strip())
        if self._start is None:
            if not visible:
                return
            if self._blocks:
                self._append("\n")
            self._start = self._length + len(words) - len(words.lstrip())
        self._append(self._waiting + words)
        self._waiting = ""
        if visible:
            self._end = self._length - (len(words) - len(words.rstrip()))

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
