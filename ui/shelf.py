"""The sidebar: which documents there are, and how they come, go and are brought up to date."""

import streamlit as st

from api.schemas import DocumentSummary, JobOut, Readiness
from ui import markup, wording
from ui.client import ApiError, Client, NoReply
from ui.dialogs import close_dialog, open_dialog

SHOWN = 40  # documents listed at once; a filter finds the others
NAMED = 10  # problems of a job that are told
POLL = 0.5  # seconds between two looks at a job


def show_shelf(client: Client, library: Readiness) -> None:
    """Show the documents, and what can be done with them."""
    amounts = f"{wording.count(library.documents, 'document')} · {wording.count(library.chunks, 'passage')}"
    st.html(markup.element("p", "muted", amounts if library.documents else "No documents yet"))
    _jobs(client)
    _list(_documents(client, client.base_url, library.generation))
    _upload(client)
    if st.button("Re-index all", key="reindex", width="stretch", disabled="job" in st.session_state):
        _start(client, None)


@st.cache_resource(max_entries=2, show_spinner=False)
def _documents(_client: Client, api: str, generation: int) -> list[DocumentSummary]:  # noqa: ARG001 - keys of the cache
    return _client.documents().documents


def matching(documents: list[DocumentSummary], words: str) -> list[DocumentSummary]:
    """Keep the documents whose title or source holds every word."""
    wanted = words.casefold().split()
    return [each for each in documents if all(word in f"{each.title}\n{each.source}".casefold() for word in wanted)]


def _list(documents: list[DocumentSummary]) -> None:
    words = st.text_input("Filter documents", key="filter") if len(documents) > SHOWN // 4 else ""
    found = matching(documents, words)
    for document in found[:SHOWN]:
        with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"document-{document.id}"):
            st.html(_entry(document))
            name = markup.spoken(document.title)
            label = f"Remove *{name}*" if name else "Remove"  # page.css hides the emphasised
            if st.button(label, key=f"remove-{document.id}", type="tertiary"):
                open_dialog(document)
    if len(found) > SHOWN:
        st.html(markup.element("p", "muted", f"And {len(found) - SHOWN:,} more; the filter finds them."))


def _entry(document: DocumentSummary) -> str:
    title = markup.element("p", "title", document.title, tooltip=document.source)
    size = f"{document.characters:,} characters"
    return title + markup.element("p", "muted", f"{wording.short_source(document.source)} · {size}")


@st.dialog("Remove this document?", on_dismiss=close_dialog)
def confirm_removal(client: Client, document: DocumentSummary) -> None:
    """Ask once more, then remove a document."""
    st.html(_entry(document))
    st.html(markup.element("p", "", wording.removal(document.source)))
    with st.container(horizontal=True):
        if st.button("Remove it", key="confirm", type="primary"):
            try:
                client.remove(document.id)
            except ApiError as error:
                st.html(markup.notice("error", str(error)))
            else:
                _leave()
        if st.button("Keep it", key="keep"):
            _leave()


def _leave() -> None:
    close_dialog()
    st.rerun()


def _upload(client: Client) -> None:
    with st.form("upload", clear_on_submit=True, border=False):
        note = "A file of the same name that was added here before is replaced."
        files = st.file_uploader("Add documents", accept_multiple_files=True, key="files", help=note)
        busy = "job" in st.session_state
        if st.form_submit_button("Add to the library", width="stretch", key="add", disabled=busy) and files:
            _start(client, [(file.name, file.getvalue()) for file in files])


def _start(client: Client, files: list[tuple[str, bytes]] | None) -> None:
    """Start a job: add `files`, or bring everything up to date."""
    try:
        st.session_state.job = (client.upload(files) if files else client.reindex()).id
    except ApiError as error:
        st.session_state.outcome = str(error)
    else:
        st.session_state.pop("outcome", None)
    st.rerun()


def _jobs(client: Client) -> None:
    """Show the job that runs, in a page opened anew whoever started it, or what became of the last one."""
    # Looked for once: a job of another page should not take this one's report away.
    if "job" not in st.session_state and "looked" not in st.session_state:
        under_way = [job.id for job in client.jobs().jobs if job.state in ("queued", "running")]
        if under_way:
            st.session_state.job = under_way[-1]
        st.session_state.looked = True
    if "job" in st.session_state:
        _watch(client)
    elif "outcome" in st.session_state:
        st.html(summary(st.session_state.outcome))


@st.fragment(run_every=POLL)
def _watch(client: Client) -> None:
    """Look at the job, again and again; the rest of the page stays free meanwhile."""
    try:
        job = client.job(st.session_state.job)
    except NoReply as error:  # the job may go on, and the next look find it
        st.html(markup.element("p", "muted", str(error)))
    except ApiError as error:
        _finish(str(error))
    else:
        if job.state in ("done", "failed"):
            _finish(job)
        st.progress(min(job.done / job.total, 1.0) if job.total else 0.0)
        st.html(markup.element("p", "muted", wording.progress(job)))


def _finish(outcome: JobOut | str) -> None:
    st.session_state.outcome = outcome
    del st.session_state.job
    st.rerun()


def summary(outcome: JobOut | str) -> str:
    """Say what a job did, and name the first files that it could not read; a `str` is the sentence of an error."""
    if isinstance(outcome, str):
        return markup.notice("error", outcome)
    if outcome.report is None:
        return markup.notice("error", outcome.error or "The work ended without a report.")
    problems = outcome.report.problems
    lines = [("good", said)] if (said := wording.report(outcome.report)) else []
    lines += [("warning", f"{wording.short_source(each.source)}: {each.reason}") for each in problems[:NAMED]]
    if len(problems) > NAMED:
        lines.append(("warning", f"And {len(problems) - NAMED:,} more."))
    return markup.notices(lines)
