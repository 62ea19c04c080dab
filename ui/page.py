"""The page that Streamlit runs: `streamlit run ui/page.py -- --api URL`."""

import argparse
import sys
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from api.schemas import CitationOut, DocumentSummary, Readiness
from ui import conversation, markup
from ui.client import DEFAULT_API, ApiError, Client
from ui.dialogs import current_dialog
from ui.shelf import confirm_removal, show_shelf
from ui.source import open_source, show_source


@st.cache_resource(show_spinner=False, on_release=Client.close)
def connect(api: str) -> Client:
    """Share one client between all sessions."""
    return Client(api)


def main(arguments: list[str]) -> None:
    """Draw the page once; Streamlit calls this anew for everything that a person does."""
    parser = argparse.ArgumentParser(description="The chat of Footnote.")
    parser.add_argument("--api", default=DEFAULT_API, help="the address of the API")
    client = connect(parser.parse_args(arguments).api)

    # the browser draws an emoji itself; it would fetch a `:material/...:` icon from elsewhere
    st.set_page_config(page_title="Footnote", page_icon="📖")
    st.html(Path(__file__).with_name("page.css"))
    status = st.container(key="status")
    sidebar = st.sidebar.container()
    sidebar.html('<p class="brand">Footnote<sup>1</sup></p>')
    library = None
    try:
        library = client.ready()
        with sidebar:
            show_shelf(client, library)
    except ApiError as error:
        st.html(markup.notice("error", str(error)))
        st.button("Try again", key="retry")
    converse(client, library, status)


def converse(client: Client, library: Readiness | None, status: DeltaGenerator) -> None:
    """Show the conversation, and go on with it, also where the library is out of reach; `status` tells of it."""
    turns: list[conversation.Turn] = st.session_state.setdefault("turns", [])
    question = st.chat_input("Ask your documents", key="question") or st.session_state.pop("again", None)
    if library and not turns and not question:
        show_welcome(empty=not library.documents)
    opened = None
    for number, turn in enumerate(turns):
        conversation.show_question(turn.question)
        opened = conversation.show_outcome(number, turn.outcome) or opened
    if question:
        conversation.show_question(question)
        with st.spinner("Reading your documents"):
            turns.append(conversation.ask(client, question))
        conversation.show_outcome(len(turns) - 1, turns[-1].outcome)
    with status:
        conversation.announce(turns)
    if turns and isinstance(turns[-1].outcome, str):
        st.button("Ask again", key="ask-again", on_click=_take_back, args=(turns,))
    if opened:
        open_source(opened)
    match current_dialog():
        case CitationOut() as citation:
            show_source(client, citation)
        case DocumentSummary() as document:
            confirm_removal(client, document)


def _take_back(turns: list[conversation.Turn]) -> None:
    st.session_state.again = turns.pop().question


def show_welcome(*, empty: bool) -> None:
    """Say what can be done here, before anything was asked."""
    st.html('<p class="welcome">Every answer has a footnote.</p>')
    if empty:
        st.html(
            "<p>The library is empty. Add documents in the sidebar, or index a folder in the terminal:</p>"
            "<pre>footnote index PATH</pre>"
        )
    else:
        st.html(
            "<p>Ask a question. The answer is in your documents&rsquo; own words, and each quote opens the place "
            "it was taken from. Where your documents do not say, you will be told.</p>"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
