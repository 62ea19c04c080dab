"""Which dialog is open. There is one at a time, and it stays open, whatever makes the page run, until it is closed."""

import streamlit as st

from api.schemas import CitationOut, DocumentSummary

Subject = CitationOut | DocumentSummary


def open_dialog(subject: Subject) -> None:
    """Open the dialog on `subject`: the source of a citation, or the removal of a document."""
    st.session_state.dialog = subject


def close_dialog() -> None:
    """Close whatever dialog is open."""
    st.session_state.pop("dialog", None)


def current_dialog() -> Subject | None:
    """Tell what the open dialog is about."""
    subject: Subject | None = st.session_state.get("dialog")
    return subject
