"""The drawer that a footnote opens: the document as it is now, at the very words, or why that cannot be shown."""

from dataclasses import dataclass

import streamlit as st

from api.schemas import CitationOut, DocumentOut, QuoteOut, VerifyResponse
from ui import markup, passage, wording
from ui.client import ApiError, Client
from ui.dialogs import close_dialog, open_dialog

WIDTH = 600  # pixels; page.css moves the answer aside by as much
STEP = 6_000  # code points shown on either side of the quote at first, and added by each press
_TONES = {"holds": "good", "other_version": "warning", "moved": "warning", "stale": "warning", "not_found": "error"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a citation's words stand in the current text."""

    quote: QuoteOut
    sentence: QuoteOut


def locate(text: str, citation: CitationOut, verification: VerifyResponse) -> Place | None:
    """Find the words by the offsets of the citation, or by those that the verification gave where they moved.

    A wrong highlight is worse than none: `None` unless the words stand at exactly that place of `text`.
    """
    if verification.status not in ("holds", "other_version", "moved"):
        return None
    shift = 0 if verification.start is None else verification.start - citation.start
    if min(citation.start, citation.sentence.start) + shift < 0:
        return None
    quote, sentence = (
        QuoteOut(quote=each.quote, start=each.start + shift, end=each.end + shift)
        for each in (citation, citation.sentence)
    )
    return Place(quote, sentence) if passage.stands(text, quote) else None


def open_source(citation: CitationOut) -> None:
    """Open the drawer on a citation."""
    st.session_state.reach = (STEP, STEP)
    open_dialog(citation)


@st.dialog("Source", width=WIDTH, position="right", on_dismiss=close_dialog)
def show_source(client: Client, citation: CitationOut) -> None:
    """Show the drawer."""
    st.html(_heading(citation))
    try:
        verification = client.verify(citation)
        version = verification.current_version
        document = None if version is None else _document(client, client.base_url, citation.document_id, version)
    except ApiError as error:
        st.html(markup.notice("error", str(error)))
        _as_cited(citation)
        return
    state = wording.STATES[verification.status]
    st.html(markup.notice(_TONES[verification.status], f"{state}. {verification.reason}"))
    place = locate(document.text, citation, verification) if document else None
    if document and place:
        _in_context(document.text, place)
    else:
        _as_cited(citation)
    st.html(_particulars(citation))


@st.cache_resource(max_entries=16, show_spinner=False)
def _document(_client: Client, api: str, document_id: str, version: str) -> DocumentOut:  # noqa: ARG001 - `api` is a key
    document = _client.document(document_id)
    if document.version != version:  # and what is raised is not kept
        msg = "The document has changed this very moment. Open the footnote again."
        raise ApiError(msg)
    return document


def _in_context(text: str, place: Place) -> None:
    """Show the quote in its document, with more of it on request."""
    before, after = st.session_state.reach
    window = passage.cut(text, place.quote, place.sentence, (before, after))
    if window.before:
        st.button("Show earlier text", key="earlier", type="tertiary", on_click=_widen, args=(STEP, 0))
    passage.show([window.runs], style="source", label="Text of the document", key="source")
    if window.after:
        st.button("Show later text", key="later", type="tertiary", on_click=_widen, args=(0, STEP))


def _widen(before: int, after: int) -> None:
    reach = st.session_state.reach
    st.session_state.reach = (reach[0] + before, reach[1] + after)


def _as_cited(citation: CitationOut) -> None:
    """Show the words as they were when they were cited, marked in nothing that they may not stand in."""
    st.html(markup.element("p", "muted", "As it was cited:"))
    passage.show(
        [[passage.Run(citation.sentence.quote)]], style="source", label="The passage as it was cited", key="cited"
    )


def _heading(citation: CitationOut) -> str:
    number = f'<span class="number">{citation.number}</span>'
    place = wording.whereabouts(citation)
    return f'<div class="heading">{number}{markup.element("h2", "title", citation.title)}</div>' + markup.element(
        "p", "muted", place
    )


def _particulars(citation: CitationOut) -> str:
    rows = {
        "Source": citation.source,
        "Version": citation.version,
        "Found": wording.found_by(citation),
        "Score": f"{citation.score:.2f}",
    }
    cells = (f"<dt>{name}</dt>{markup.element('dd', 'value', value)}" for name, value in rows.items())
    return f'<dl class="particulars">{"".join(cells)}</dl>'
