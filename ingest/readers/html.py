"""HTML: the canonical text is what a browser would show, written block by block; offsets are born as it is written."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.readers.base import Parsed, names, one_line
from ingest.readers.decoding import decode
from ingest.readers.nesting import shallow
from ingest.readers.writing import TextWriter

_SKIPPED = names(
    "-comment -doctype script style template noscript head title iframe object embed audio video canvas noembed "
    "noframes datalist"
)
_BLOCKS = names(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup option p "
    "plaintext pre search section select summary table tbody textarea tfoot thead tr ul xmp"
)
_LITERAL = frozenset({"pre", "listing", "xmp", "plaintext", "textarea"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CELLS = frozenset({"td", "th"})
_ZERO = r"(?:0+(?:\.0*)?|\.0+)(?:[a-z]+|%)?\s*(?:!\s*important\s*)?(?:;|\Z)"
_FAR_OUTSIDE = r"-(?:\d{4,}(?:\.\d*)?(?:px|pt)|\d{3,}(?:\.\d*)?(?:r?em|v[wh]))"
_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden"
    rf"|(?<![\w-])(?:opacity\s*:\s*{_ZERO}|(?:left|right|top|bottom|text-indent)\s*:\s*{_FAR_OUTSIDE})",
    re.IGNORECASE,
)
_FONT_SIZE = re.compile(
    rf"(?<![\w-])font(?:-size\s*:\s*(?:(?P<zero>{_ZERO})|(?P<relative>[\d.]+(?:em|%)))|(?:-size)?\s*:)", re.IGNORECASE
)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_CHARSET_WITHIN = 1_024


class HtmlReader:
    """Reads HTML as a browser lays it out: no scripts, no styles, nothing hidden, and nothing is fetched."""

    name = "html/2"
    media_type = "text/html"
    extensions = frozenset({".html", ".htm", ".xhtml"})

    def read(self, data: bytes, name: str) -> Parsed:
        """Parse the page and write its visible text.

        Raises:
            UnsupportedFile: the bytes are not text.

        """
        charset = _CHARSET.search(data[:_CHARSET_WITHIN])
        page = LexborHTMLParser(shallow(decode(data, name, charset[1].decode("ascii") if charset else None)))
        writer = TextWriter()
        _write(page.root, writer)
        text, blocks = writer.finish()
        title = page.css_first("head > title")
        words = one_line(title.text()) if title is not None else ""
        first = next((block for block in blocks if block.kind == "heading"), None)
        return Parsed(text, words or (one_line(first.span.of(text)) if first else ""), blocks)


def _write(root: LexborNode | None, writer: TextWriter) -> None:
    """Walk the page in its order. A stack and no recursion: a page may be nested deeper than Python's own stack."""
    stack: list[tuple[LexborNode, bool] | str] = [] if root is None else [(root, True)]
    while stack:
        entry = stack.pop()
        if isinstance(entry, str):
            _leave(entry, writer)
            continue
        node, legible = entry
        if node.next is not None:
            stack.append((node.next, legible))
        tag = node.tag or ""
        if tag == "-text":
            writer.add((node.text_content or "") if legible else "")
        elif tag == "br":
            writer.line_break()
        elif tag not in _SKIPPED and not _hidden(node):
            _enter(tag, writer)
            stack.append(tag)
            if node.first_child is not None:
                stack.append((node.first_child, _legible(node, inherited=legible)))


def _enter(tag: str, writer: TextWriter) -> None:
    if tag in _BLOCKS:
        writer.end_block()
    if tag in _HEADINGS:
        writer.begin_heading(_HEADINGS[tag])
    elif tag in _LITERAL:
        writer.begin_literal()
    elif tag in _CELLS:
        writer.separate(" | ")


def _leave(tag: str, writer: TextWriter) -> None:
    if tag in _BLOCKS:
        writer.end_block()
    if tag in _HEADINGS:
        writer.end_heading()
    elif tag in _LITERAL:
        writer.end_literal()


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    return bool(attributes) and (
        ("hidden" in attributes and attributes["hidden"] != "until-found")
        or attributes.get("aria-hidden") == "true"
        or bool(_HIDING_STYLE.search(attributes.get("style") or ""))
    )


def _legible(node: LexborNode, *, inherited: bool) -> bool:
    """Tell whether the text of an element has a size: one of zero holds until an element below it has its own."""
    attributes = node.attributes
    sizes = list(_FONT_SIZE.finditer(attributes.get("style") or ""))
    if not sizes:
        return inherited or "class" in attributes  # a style sheet may give it one
    return not sizes[-1]["zero"] and (inherited or not sizes[-1]["relative"])
