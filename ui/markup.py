"""Turn text that others wrote into HTML that says it and does nothing else.

Two rules keep a hostile document harmless. A Streamlit call that reads Markdown (a label, a caption, an alert) gets
only words that stand in this package, and of a title what `spoken` leaves; every other word from a document, a file
name, a question or the server goes through `escape` into `st.html`, or as data to the passage component, which makes
text nodes of it.
"""

import html
import unicodedata
from collections.abc import Iterable

_STEERING = [*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]  # terminals, and the order of letters
_TAGS = range(0xE0000, 0xE0080)  # letters that nobody sees
_SURROGATES = range(0xD800, 0xE000)  # half a character cannot be sent
_UNSHOWABLE = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"},  # NUL is shown as its picture
    0x7F: 0x2421,
    **dict.fromkeys([*_STEERING, *_TAGS, *_SURROGATES], 0xFFFD),
}


def displayable(text: str) -> str:
    r"""Replace what cannot be shown, or would change how its neighbours are, by a visible sign; one for one.

    The command line shows texts with the same signs.

    >>> displayable("a\x00b\u202ec\ud800\n")
    'a␀b�c�\n'
    """
    return text.translate(_UNSHOWABLE)


def escape(text: str) -> str:
    r"""Make text safe in the content and in the quoted attributes of HTML.

    Line ends become references, so that nothing on the way can take a document's indentation for the page's own.

    >>> escape("<b>'1' & \n2</b>")
    '&lt;b&gt;&#x27;1&#x27; &amp; &#10;2&lt;/b&gt;'
    """
    return html.escape(displayable(text)).replace("\n", "&#10;").replace("\r", "&#13;")


def spoken(text: str) -> str:
    """Keep letters and digits, which are words in Markdown too: for a name that is read out and not shown.

    >>> spoken("![x](http://a.b) *Opening* :material/bolt: hours, 2024")
    'x http a b Opening material bolt hours 2024'
    """
    return " ".join("".join(each if unicodedata.category(each)[0] in "LMN" else " " for each in text).split())


def element(tag: str, kind: str, text: str, *, tooltip: str = "") -> str:
    """Make one element of the class `kind` that holds `text`.

    >>> element("p", "place", "1 < 2", tooltip="a sum")
    '<p class="place" dir="auto" title="a sum">1 &lt; 2</p>'
    """
    title = f' title="{escape(tooltip)}"' if tooltip else ""
    return f'<{tag} class="{kind}" dir="auto"{title}>{escape(text)}</{tag}>'


def notice(kind: str, text: str) -> str:
    """Make a message; `kind` is `error`, `warning`, `good` or `plain`.

    >>> notice("good", "2 added.")
    '<div role="status"><div class="notice good" dir="auto">2 added.</div></div>'
    """
    return notices([(kind, text)])


def notices(messages: Iterable[tuple[str, str]]) -> str:
    """Make messages, each a kind and a text, that assistive technology reads out as one."""
    return f'<div role="status">{"".join(element("div", f"notice {kind}", text) for kind, text in messages)}</div>'
