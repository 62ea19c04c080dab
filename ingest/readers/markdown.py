"""Markdown: the canonical text is the source itself, and markdown-it says where its blocks are."""

import re
from collections.abc import Callable, Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.readers.base import Line, Parsed, lines, one_line, trimmed
from ingest.readers.decoding import decode
from ingest.readers.tags import markup
from retriever.records import Block, Span

_FRONT_MATTER = re.compile(r"---[ \t]*(?:\r\n?|\n)")
_FRONT_MATTER_END = re.compile(r"^(?:---|\.\.\.)[ \t]*$")
_TITLE_FIELD = re.compile(r"^title:(.*)", re.MULTILINE)
_MARKERS = re.compile(r"(?:[ \t]*(?:>|[-*+](?=[ \t]|$)|\d{1,9}[.)](?=[ \t]|$)))*[ \t]*")
_HASHES_BEFORE = re.compile(r"#{1,6}(?:[ \t]+|$)")
_MAX_HEADING = 1_000
"""Markup in a longer heading stays in its name: taking it off costs more than it tells."""


class MarkdownReader:
    """Reads CommonMark with tables and front matter."""

    name = "markdown/2"
    media_type = "text/markdown"
    extensions = frozenset({".md", ".markdown", ".mdown", ".mkd"})

    def __init__(self) -> None:
        """Set the parser up to find blocks only; the words inside them are not parsed, but for headings."""
        self._markdown = MarkdownIt("commonmark", {"maxNesting": 50}).enable("table")
        # A link's definition is text that stands in the file, so it stays a paragraph.
        self._blocks = MarkdownIt("commonmark", {"maxNesting": 50}).enable("table").disable(["inline", "reference"])

    def read(self, data: bytes, name: str) -> Parsed:
        """Decode the file and find its blocks.

        Raises:
            UnsupportedFile: the bytes are not text, or hold none.

        """
        text = decode(data, name)
        front, start = _front_matter(text)
        tokens = self._blocks.parse(text[start:])
        body = _Body(text, start, self._plain)
        blocks = (*front, *body.blocks(tokens))
        return Parsed(text, _title(text, blocks), blocks)

    def _plain(self, words: str) -> str:
        """Take the markup off a heading."""
        if len(words) > _MAX_HEADING:
            return words
        (inline,) = self._markdown.parseInline(words)
        return "".join(_words(inline.children or []))


def _words(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in {"text", "code_inline", "text_special"}:
            yield token.content
        elif token.type in {"softbreak", "hardbreak"}:
            yield " "
        elif token.type == "image":
            yield from _words(token.children or [])


class _Body:
    """Turns the tokens of one text into blocks, by the lines that each token covers."""

    def __init__(self, text: str, start: int, plain: Callable[[str], str]) -> None:
        self._text = text
        self._lines = list(lines(text, start))
        self._plain = plain

    def blocks(self, tokens: list[Token]) -> Iterator[Block]:
        for token, following in zip(tokens, (*tokens[1:], None), strict=True):
            if token.map is None:
                continue
            covered = self._lines[slice(*token.map)]
            for block in self._of(token, covered, following):
                if len(block.span):
                    yield block

    def _of(self, token: Token, covered: list[Line], following: Token | None) -> Iterator[Block]:
        match token.type:
            case "heading_open" if following is not None:
                yield self._heading(token, covered, following.content)
            case "paragraph_open":
                yield Block(self._span(covered))
            case "tr_open" | "code_block":
                yield Block(self._span(covered), "code")
            case "html_block":
                yield from self._shown(self._span(covered))
            case "fence":
                yield Block(self._span(covered[1 : 1 + len(list(lines(token.content)))]), "code")
            case "blockquote_open" | "list_item_open" if following is not None and following.nesting < 0:
                yield Block(self._span(covered))  # empty, or nested so deeply that the parser gave up
            case _:
                pass

    def _heading(self, token: Token, covered: list[Line], words: str) -> Block:
        if token.markup.startswith("#"):
            span = self._span(covered)
            title = span.of(self._text)
            before = _HASHES_BEFORE.match(title)
            first = before.end() if before else 0
            last = max(first, _before_hashes(title))
            span = trimmed(self._text, span.start + first, span.start + last)
        else:
            span = self._span(covered[:-1])
        return Block(span, "heading", int(token.tag[1:]), one_line(self._plain(words)))

    def _shown(self, span: Span) -> Iterator[Block]:
        """Cover HTML without its comments, scripts and styles."""
        start = span.start
        for each in markup(self._text, span.start, span.end):
            if each.name in {"script", "style"} or each.found[0].startswith("<!--"):
                yield Block(trimmed(self._text, start, each.found.start()), "code")
                start = each.after
        yield Block(trimmed(self._text, start, span.end), "code")

    def _span(self, covered: list[Line]) -> Span:
        """Cover these lines, without the marks of lists and quotations in front of the first."""
        if not covered:
            return Span(0, 0)
        marks = _MARKERS.match(covered[0].text)
        first = covered[0].start + (marks.end() if marks else 0)
        return trimmed(self._text, first, covered[-1].after)


def _before_hashes(title: str) -> int:
    """Find where a heading ends that may be closed by hashes with white space before them."""
    bare = title.rstrip("#")
    return len(bare) if not bare or bare[-1] in " \t" else len(title)


def _unquoted(words: str) -> str:
    """Take off the pair of quotation marks around some words."""
    quoted = len(words) > 1 and words[0] == words[-1] and words[0] in "\"'"
    return words[1:-1] if quoted else words


def _front_matter(text: str) -> tuple[tuple[Block, ...], int]:
    """Find the fields between `---` lines at the start, and where the body starts."""
    opening = _FRONT_MATTER.match(text)
    if opening is None:
        return (), 0
    for line in lines(text, opening.end()):
        if _FRONT_MATTER_END.match(line.text):
            span = trimmed(text, opening.end(), line.start)
            return ((Block(span, "code"),) if len(span) else ()), line.after
    return (), 0


def _title(text: str, blocks: tuple[Block, ...]) -> str:
    """Take the front matter's title, else the first heading."""
    if blocks and blocks[0].kind == "code" and _FRONT_MATTER.match(text):
        field = _TITLE_FIELD.search(blocks[0].span.of(text))
        title = _unquoted(field[1].strip()) if field is not None else ""
        if title:
            return one_line(title)
    return next((block.name for block in blocks if block.kind == "heading"), "")
