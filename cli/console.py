"""What is printed, and where: results on stdout, progress and errors on stderr, nothing that steers a terminal."""

import json
import sys

from rich.console import Console
from rich.text import Text

UNBROKEN = 1_000_000
NARROWEST = 20

_BIDI = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_TAGS = [*range(0xE0000, 0xE0080)]
_CONTROL = [*range(0x20), *range(0x7F, 0xA0)]
_SURROGATES = [*range(0xD800, 0xE000)]
_SHOWN = dict.fromkeys([*_CONTROL, *_BIDI, *_TAGS, *_SURROGATES], "\N{REPLACEMENT CHARACTER}") | {
    ord("\t"): "\t",
    ord("\n"): "\n",
    ord("\f"): "\n",
    ord("\r"): "\n",
}


def clean(text: str) -> str:
    r"""Make text of a document fit for a terminal: whatever could steer it, or turn words around, becomes a mark.

    >>> clean("red: \x1b[31m, and \u202eback\r\n")
    'red: �[31m, and �back\n'
    """
    return text.replace("\r\n", "\n").translate(_SHOWN)


def one_line(text: str) -> str:
    r"""Make a title, a heading or a path fit for one line of a terminal.

    >>> one_line("Opening\nhours\x07")
    'Opening hours�'
    """
    return clean(" ".join(text.split()))


def stdout() -> Console:
    """Make the console for results. Nothing is ever read as markup; in a pipe no line is broken."""
    return Console(markup=False, emoji=False, highlight=False, width=None if sys.stdout.isatty() else UNBROKEN)


def stderr() -> Console:
    """Make the console for progress, warnings and errors."""
    return Console(
        stderr=True, markup=False, emoji=False, highlight=False, width=None if sys.stderr.isatty() else UNBROKEN
    )


def print_block(console: Console, text: Text, indent: int = 0) -> None:
    """Print text with every line indented and broken at the width of the console; no line ends in white space."""
    for line in text.wrap(console, max(console.width - indent, NARROWEST)):
        line.rstrip()
        console.print(Text(" " * indent) + line if line else line, soft_wrap=True)


def print_json(value: object) -> None:
    """Print one JSON document on stdout, in ASCII: no code page spoils a quote and no quote steers a terminal."""
    stdout().out(json.dumps(value, indent=2, ensure_ascii=True), highlight=False)
