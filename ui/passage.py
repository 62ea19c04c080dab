"""Passages as runs of text: cut by code points in Python, shown as text nodes in the browser."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from api.schemas import CitationOut, QuoteOut
from ui.markup import displayable

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "footnote_passage",
    html='<div class="passage"></div>',
    css=(_HERE / "passage.css").read_text("utf-8"),
    js=(_HERE / "passage.js").read_text("utf-8"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that looks one way; `note` puts the button of that footnote after it."""

    text: str
    kind: Literal["plain", "sentence", "quote"] = "plain"
    note: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a document around a quote, and how many code points it leaves out on either side."""

    runs: tuple[Run, ...]
    before: int
    after: int


def cut(text: str, quote: QuoteOut, sentence: QuoteOut | None = None, reach: tuple[int, int] | None = None) -> Window:
    """Cut a window out of `text`: the quote, the rest of its sentence, and what stands within `reach` code points.

    `reach` counts before the quote and after it; `None` takes everything. The caller has checked that the quote stands
    where it says; a `sentence` that does not stand around it is not marked.

    >>> quote = QuoteOut(quote="nine", start=9, end=13)
    >>> window = cut("Open from nine. Closed later.", QuoteOut(quote="nine", start=10, end=14), None, (5, 3))
    >>> [(run.text, run.kind) for run in window.runs], window.before, window.after
    ([('from ', 'plain'), ('nine', 'quote'), ('. C', 'plain')], 5, 12)
    """
    before, after = reach or (len(text), len(text))
    start, end = max(quote.start - before, 0), min(quote.end + after, len(text))
    inner = sentence if sentence and stands(text, sentence) else quote
    opens, closes = max(start, min(inner.start, quote.start)), min(end, max(inner.end, quote.end))
    runs = (
        Run(text[start:opens]),
        Run(text[opens : quote.start], "sentence"),
        Run(text[quote.start : quote.end], "quote"),
        Run(text[quote.end : closes], "sentence"),
        Run(text[closes:end]),
    )
    return Window(tuple(run for run in runs if run.text), start, len(text) - end)


def stands(text: str, quote: QuoteOut) -> bool:
    """Check the law: the words stand at their place."""
    return text[quote.start : quote.end] == quote.quote


def quoted(citations: Iterable[CitationOut]) -> list[list[Run]]:
    """Set an answer: each quote with its footnote, and in its sentence where it is only a part of one."""
    blocks = []
    for citation in citations:
        blocks.append([Run(citation.quote, "quote", citation.number)])
        shift = citation.sentence.start
        if (citation.sentence.start, citation.sentence.end) != (citation.start, citation.end):
            place = QuoteOut(quote=citation.quote, start=citation.start - shift, end=citation.end - shift)
            blocks.append(list(cut(citation.sentence.quote, place).runs))
    return blocks


def show(
    blocks: Sequence[Sequence[Run]], *, style: Literal["answer", "source", "status"], label: str, key: str
) -> int | None:
    """Show blocks of runs; return the number of the footnote that was pressed since the last run, if one was.

    A `source` scrolls of its own, and starts at its first quote; a `status` is read out whenever it changes.
    """
    data = {
        "style": style,
        "label": label,
        "blocks": [[[displayable(run.text), run.kind, run.note] for run in block] for block in blocks],
    }
    pressed: int | None = _component(key=key, data=data, on_note_change=_nothing).note
    return pressed


def _nothing() -> None:
    """Have the page run again when a footnote is pressed; the run itself sees which."""
