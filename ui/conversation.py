"""The questions of this session and what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from api.schemas import AnswerOut, CitationOut, NearestOut, NoAnswerOut
from ui import markup, passage, wording
from ui.client import ApiError, Client


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its outcome; a `str` is the sentence of an error."""

    question: str
    outcome: AnswerOut | NoAnswerOut | str


def ask(client: Client, question: str) -> Turn:
    """Ask, and keep what went wrong as an outcome."""
    try:
        return Turn(question, client.ask(question))
    except ApiError as error:
        return Turn(question, str(error))


def show_question(question: str) -> None:
    """Show a question as the heading of its turn."""
    st.html(markup.element("h2", "question", question))


def show_outcome(number: int, outcome: AnswerOut | NoAnswerOut | str) -> CitationOut | None:
    """Show the outcome of turn `number`; return the citation whose footnote was pressed, if one was."""
    match outcome:
        case AnswerOut():
            return _show_answer(number, outcome)
        case NoAnswerOut():
            return _show_no_answer(number, outcome)
        case sentence:
            st.html(markup.notice("error", sentence))
            return None


def announce(turns: Sequence[Turn]) -> None:
    """Have the last outcome read out, by an element that is always there: one that is new is often not read."""
    match turns[-1].outcome if turns else "":
        case AnswerOut(citations=citations):
            said = [citation.quote for citation in citations]
        case NoAnswerOut(reason=reason):
            said = [reason]
        case _:  # the notice of an error is read out by itself
            said = []
    blocks = [[passage.Run(each)] for each in said]
    passage.show(blocks, style="status", label=_name(len(turns) - 1), key="announced")


def _name(turn: int) -> str:
    return f"Answer {turn + 1}"


def _show_answer(turn: int, answer: AnswerOut) -> CitationOut | None:
    quotes = passage.quoted(answer.citations)
    pressed = passage.show(quotes, style="answer", label=_name(turn), key=f"answer-{turn}")
    st.html('<hr class="rule">')
    for citation in answer.citations:
        if _footnote(turn, citation, _source_line(citation)):
            pressed = citation.number
    st.html(_closing(answer, f"Confidence {wording.percent(answer.confidence)}", wording.searched(answer.searched)))
    return next((citation for citation in answer.citations if citation.number == pressed), None)


def _show_no_answer(turn: int, outcome: NoAnswerOut) -> CitationOut | None:
    st.html(markup.element("p", "no-answer", outcome.reason))
    chosen = None
    for nearest in outcome.nearest:
        if _footnote(turn, nearest, _near_miss(nearest)):
            chosen = nearest
    st.html(_closing(outcome))
    return chosen


def _footnote(turn: int, citation: CitationOut, content: str) -> bool:
    """Show one footnote: its number is a button, and what it says stands beside it."""
    with st.container(horizontal=True, gap="small", vertical_alignment="top", key=f"note-{turn}-{citation.number}"):
        label = f"*Footnote* {citation.number} *of answer {turn + 1}: open its source*"  # page.css hides the emphasised
        pressed = st.button(label, key=f"open-{turn}-{citation.number}", type="tertiary")
        st.html(content)
    return pressed


def _source_line(citation: CitationOut) -> str:
    title = markup.element("span", "title", citation.title, tooltip=citation.source)
    return f'<p class="note">{title} {markup.element("span", "muted", wording.whereabouts(citation))}</p>'


def _near_miss(nearest: NearestOut) -> str:
    quote = markup.element("p", "near", nearest.sentence.quote)
    return quote + markup.element("p", "why", nearest.why) + _source_line(nearest)


def _closing(outcome: AnswerOut | NoAnswerOut, *parts: str) -> str:
    """End a turn with its figures, and the time that it took."""
    total = outcome.timings_ms.get("total")
    timing = () if total is None else (f"{total:,.0f} ms",)
    return markup.element("p", "closing", " · ".join([*parts, *timing]))
