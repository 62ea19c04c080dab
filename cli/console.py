"""What is printed, and where: results on stdout, progress and errors on stderr, nothing that steers a terminal."""

import json
import re
import sys

from rich.console import Console
from rich.text import Text

from ui.markup import displayable

UNBROKEN = 1_000_000
NARROWEST = 20

_LINE_ENDS = re.compile(r"\r\n|[\r\f]")


def clean(text: str) -> str:
    r"""Make text of a document fit for a terminal: whatever could steer it, or turn words around, becomes a mark.

    >>> clean("red: \x1b[31m, and \u202eback\r\n")
    'red: ␛[31m, and �back\n'
    """
    return displayable(_LINE_ENDS.sub("\n", text))


def one_line(text: str) -> str:
    r"""Make a title, a heading or a path fit for one line of a terminal.

    >>> one_line("Opening\nhours\x07")
    'Opening hours␇'
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
