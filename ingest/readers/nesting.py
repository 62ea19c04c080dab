"""Keeps HTML that is nested absurdly deep from costing a parser the square of its depth."""

import re
from collections import Counter

from ingest.readers.base import names

MAX_OPEN = 512
"""Elements of one name that may be open at a time; browsers stop at as many levels."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Elements that hold nothing, and those that the next of their kind closes.
_NEVER_DEEP = names(
    "area base br col embed hr img input link meta source track wbr "
    "p li dt dd option optgroup tr td th tbody thead tfoot rp rt body html head"
)


def shallow(html: str) -> str:
    """Replace each tag that opens one level too many, and the tag that closes it, by a line break.

    No text is lost. The parser's time grows with the square of the depth: 20,000 nested lists took it 6 s.

    >>> shallow("<div>" * 3 + "words" + "</div>" * 3)
    '<div><div><div>words</div></div></div>'
    """
    opened: Counter[str] = Counter()

    def replace(tag: re.Match[str]) -> str:
        name = tag[2].lower()
        if name in _NEVER_DEEP:
            return tag[0]
        if not tag[1]:
            opened[name] += 1
            return tag[0] if opened[name] <= MAX_OPEN else "<br"
        too_deep = opened[name] > MAX_OPEN
        opened[name] = max(0, opened[name] - 1)
        return "</br" if too_deep else tag[0]

    return _TAG.sub(replace, html)
