"""Keeps HTML that is nested absurdly deep from costing a parser the square of its depth."""

import html
from collections import Counter

from ingest.readers.base import names
from ingest.readers.tags import HOLD_TEXT, Markup, markup

MAX_OPEN = 512
"""Elements that may be open at a time, whatever they are called; browsers stop at as many levels."""

# Elements that hold nothing, and those that the next of their kind closes.
_NEVER_DEEP = names("br embed hr img meta p li dt dd body head")
# The same, but inside a drawing or a formula, where they are elements like any other.
_DEEP_IN_DRAWINGS = names(
    "area base col input link source track wbr a option optgroup tr td th tbody thead tfoot rp rt html"
)
# A parser opens these again after the block in which they were left open, so only their own end ends them.
_FORMATTING = names("b big code em font i nobr s small strike strong tt u")
# The end of an element ends all that is open in it, but it is passed over where one of these stands in between:
_WALLS = names("applet marquee object select table template foreignobject desc annotation-xml mi mo mn ms mtext")
# and the end of an element that is not one of these does not reach through one of them either.
_BLOCKS = _WALLS | names(
    "address article aside blockquote button center details dir div dl fieldset figcaption figure footer form frameset "
    "h1 h2 h3 h4 h5 h6 header hgroup listing main menu nav ol pre search section summary ul caption colgroup"
)


def shallow(page: str) -> str:
    """Replace each tag that opens one level too many, and the tag that closes it, by a line break.

    No text is lost. The parser's time grows with the square of the depth: 20,000 nested lists took it 6 s. What only
    looks like a tag is taken out or escaped, for the parser must not take it for one where it thinks otherwise.

    >>> shallow("<div>" * 3 + "words" + "</div>" * 3)
    '<div><div><div>words</div></div></div>'
    """
    nesting = _Nesting()
    parts: list[str] = []
    at = 0
    for each in markup(page, 0, len(page)):
        parts += page[at : each.found.start()], _written(each, page, nesting)
        at = each.after
    return "".join([*parts, page[at:]])


def _written(each: Markup, page: str, nesting: "_Nesting") -> str:
    tag = each.found[0]
    held = page[each.found.end() : each.after]
    match each.name:
        case "" if tag[:9].lower() == "<!doctype":
            return tag
        case "":
            return html.escape(each.found.groupdict().get("words") or "", quote=False) or "<!---->"
        case "title" | "textarea":
            return tag + held.replace("<", "&lt;")
        case "xmp" | "plaintext":
            return "<!---->" if each.closes else f"<pre>{html.escape(held, quote=False)}</pre>"
        case name if name in HOLD_TEXT:
            return tag
        case _:
            return nesting.keep_or_replace(each)


class _Nesting:
    """Which elements a parser has open."""

    def __init__(self) -> None:
        self._opened: list[str] = []
        self._formatting: Counter[str] = Counter()
        self._replaced: Counter[str] = Counter()

    def keep_or_replace(self, each: Markup) -> str:
        name, tag = each.name, each.found[0]
        if name in _NEVER_DEEP or (name in _DEEP_IN_DRAWINGS and not self._in_drawing()):
            return tag
        if not each.closes:
            return tag if self._open(name) else f"<br{tag[len(name) + 1 :]}"
        if self._replaced[name]:
            self._replaced[name] -= 1
            return f"</br{tag[len(name) + 2 :]}"
        self._close(name)
        return tag

    def _in_drawing(self) -> bool:
        return "svg" in self._opened or "math" in self._opened

    def _open(self, name: str) -> bool:
        """Open an element, if there is room for it."""
        room = len(self._opened) + self._formatting.total() < MAX_OPEN
        if not room:
            self._replaced[name] += 1
        elif name in _FORMATTING:
            self._formatting[name] += 1
        else:
            self._opened.append(name)
        return room

    def _close(self, name: str) -> None:
        """Close the innermost element of that name, and what is open in it."""
        if name in _FORMATTING:
            self._formatting[name] = max(0, self._formatting[name] - 1)
            return
        if name not in self._opened:
            return
        at = len(self._opened) - 1 - self._opened[::-1].index(name)
        if (_WALLS if name in _BLOCKS else _BLOCKS).isdisjoint(self._opened[at + 1 :]):
            del self._opened[at:]
