"""Tells the tags of HTML from what only looks like them: in comments, in scripts, in the values of attributes."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ingest.readers.base import names

HOLD_TEXT = names("script style noscript iframe noembed noframes title textarea xmp plaintext")
"""Elements that hold text and no elements, up to their own end."""

_SPACE = r"[ \t\n\r\f]"
_VALUE = r"""(?:"[^"]*(?:"|\Z)|'[^']*(?:'|\Z)|[^ \t\n\r\f>]*)"""
_ATTRIBUTE = rf"[^ \t\n\r\f/>][^ \t\n\r\f/>=]*(?:{_SPACE}*+={_SPACE}*+{_VALUE})?"
_TAG = rf"<(?P<closes>/?)(?P<name>[a-zA-Z][^ \t\n\r\f/>]*)(?:{_SPACE}|/|{_ATTRIBUTE})*+(?:>|\Z)"
_COMMENT = r"<!--(?:-?>|[\s\S]*?(?:--!?>|\Z))|<(?:[!?]|/[^a-zA-Z>])[^>]*(?:>|\Z)"
_MARKUP = re.compile(f"{_COMMENT}|{_TAG}")
_MARKUP_IN_DRAWINGS = re.compile(rf"<!\[CDATA\[(?P<words>[\s\S]*?)(?:\]\]>|\Z)|{_MARKUP.pattern}")
_ENDS = {name: re.compile(rf"</{name}(?=[ \t\n\r\f/>])", re.IGNORECASE) for name in HOLD_TEXT - {"plaintext"}}


class Markup(NamedTuple):
    """A tag by its name, in lower case; what is none, such as a comment, has no name.

    `after` is the offset behind it, and behind the text that its element holds if that holds text only.
    """

    found: re.Match[str]
    name: str
    closes: bool
    after: int


def markup(html: str, start: int, end: int) -> Iterator[Markup]:
    """Find the tags and comments as a browser does, in time linear in the length whatever is left unclosed.

    >>> html = "<p title='<b>'><!-- <i> --><script>'<u>'</script>"
    >>> [html[each.found.start() : each.after] for each in markup(html, 0, len(html))]
    ["<p title='<b>'>", '<!-- <i> -->', "<script>'<u>'", '</script>']
    """
    drawings = 0
    while (found := (_MARKUP_IN_DRAWINGS if drawings else _MARKUP).search(html, start, end)) is not None:
        name, closes, start = (found["name"] or "").lower(), bool(found["closes"]), found.end()
        if name in {"svg", "math"}:
            drawings = max(0, drawings - 1) if closes else drawings + (not found[0].endswith("/>"))
        elif name in HOLD_TEXT and not closes:
            if drawings and found[0].endswith("/>"):
                name = ""  # an empty element, there and nowhere else
            else:
                last = _ENDS[name].search(html, start, end) if name in _ENDS else None
                start = last.start() if last else end
        yield Markup(found, name, closes, start)
