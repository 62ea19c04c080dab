"""The page as Streamlit runs it, in this process, over a real service."""

import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from api.schemas import FileProblem, IndexReport, JobOut
from tests.api.serving import reindex, upload
from tests.toys import ToyEncoder
from tests.ui.citations import citation
from tests.ui.conftest import OpenPage
from tests.ui.serving import PATIENCE_SECONDS, service, wait_for
from ui import shelf, source
from ui.client import ApiError, Client

HOURS = "The reading room opens at nine on weekdays. It closes at five.\n\nDogs are welcome in the garden.\n"
QUESTION = "When does the reading room open on weekdays?"
UNANSWERED = "Who painted the ceiling?"


def words(page: AppTest) -> str:
    """All that the page says, as HTML."""
    return "\n".join(str(each.value) for each in page.html if "<style>" not in str(each.value))


def passage(page: AppTest, key: str) -> dict[str, Any]:
    """What the passage component of that key shows."""
    shown: dict[str, Any] = next(
        json.loads(each.proto.json) for each in page.get("bidi_component") if each.proto.id.endswith(f"-{key}")
    )
    return shown


def marked(page: AppTest, key: str = "source") -> list[str]:
    """The words that the passage component of that key marks."""
    return [text for block in passage(page, key)["blocks"] for text, kind, _ in block if kind == "quote"]


def settle(page: AppTest) -> None:
    """Run the page again until no job is under way."""
    wait_for(lambda: "job" not in page.run().session_state)
    assert not page.exception


@pytest.fixture
def asked(api: httpx.Client, page: AppTest) -> AppTest:
    """Ask a question that the library answers."""
    upload(api, hours=HOURS)
    page.run().chat_input[0].set_value(QUESTION).run()
    assert not page.exception
    return page


def test_an_empty_library_says_what_to_do(page: AppTest) -> None:
    """There are two ways to add documents; a question is answered with the server's own sentence."""
    assert "The library is empty" in words(page)
    assert "footnote index PATH" in words(page)
    assert "The library is empty: " in words(page.chat_input[0].set_value(QUESTION).run())


def test_an_api_that_is_down_says_how_to_start_it(open_page: OpenPage) -> None:
    """The page is no stack trace but one sentence, and a way to try again."""
    page = open_page("http://127.0.0.1:9")
    assert not page.exception
    assert "Start it with: footnote serve" in words(page)
    assert "cannot be reached" in words(page.button(key="retry").click().run())


def test_what_is_asked_while_the_api_is_down_is_kept_and_can_be_asked_again(
    tmp_path: Path, open_page: OpenPage
) -> None:
    """Neither the conversation nor the question is lost, and one press asks it once the API is back."""
    with service(tmp_path / "library", ToyEncoder()) as api:
        upload(api, hours=HOURS)
        page = open_page(str(api.base_url))
        page.chat_input[0].set_value(UNANSWERED).run()
    page.chat_input[0].set_value(QUESTION).run()
    assert [turn.question for turn in page.session_state.turns] == [UNANSWERED, QUESTION]
    assert "cannot be reached" in page.session_state.turns[-1].outcome
    with service(tmp_path / "library", ToyEncoder(), port=api.base_url.port or 0):
        page.button(key="ask-again").click().run()
        assert [turn.question for turn in page.session_state.turns] == [UNANSWERED, QUESTION]
        assert marked(page, "answer-1")


def test_a_footnote_opens_its_source_with_the_quote_marked(asked: AppTest, api: httpx.Client) -> None:
    """Question, answer, footnote, and the very words of the citation in their document."""
    answer = api.post("/ask", json={"question": QUESTION}).json()
    cited = answer["citations"][0]
    assert marked(asked, "answer-0")[0] == cited["quote"]

    asked.button(key="open-0-1").click().run()

    assert marked(asked) == [cited["quote"]]
    assert "".join(text for text, *_ in passage(asked, "source")["blocks"][0]) == HOURS
    said = words(asked)
    assert "Verified." in said
    for fact in (
        cited["title"],
        cited["version"],
        "upload:hours.txt",
        f"characters {cited['start']} to {cited['end']}",
    ):
        assert fact in said


def test_a_question_is_asked_once(asked: AppTest) -> None:
    """Whatever makes the page run again, an answer is kept and not asked for anew."""
    before = asked.session_state.turns[0]
    asked.run()
    assert asked.session_state.turns == [before]
    assert asked.session_state.turns[0] is before


def test_no_answer_tells_the_nearest_passages_and_why(asked: AppTest, api: httpx.Client) -> None:
    """What was not found is said plainly, with how much was searched; the nearest passages can be opened."""
    asked.chat_input[0].set_value(UNANSWERED).run()
    outcome = api.post("/ask", json={"question": UNANSWERED}).json()
    assert not outcome["answered"]
    said = words(asked)
    assert outcome["reason"] in said
    assert outcome["nearest"][0]["sentence"]["quote"] in said
    assert "in 1 document" in said

    asked.button(key="open-1-1").click().run()

    assert marked(asked) == [outcome["nearest"][0]["quote"]]


def test_an_answer_and_a_refusal_are_read_out(asked: AppTest) -> None:
    """One element, which stays, says the quotes of the last answer or the reason why there is none."""
    quotes = [citation.quote for citation in asked.session_state.turns[0].outcome.citations]
    assert [text for ((text, *_),) in passage(asked, "announced")["blocks"]] == quotes
    asked.chat_input[0].set_value(UNANSWERED).run()
    reason = asked.session_state.turns[1].outcome.reason
    assert passage(asked, "announced")["blocks"] == [[[reason, "plain", None]]]


def test_no_two_buttons_have_the_same_name(asked: AppTest, api: httpx.Client) -> None:
    """What is only heard says which footnote of which answer a button opens, and which document it removes."""
    upload(api, garden="All about the garden.")
    asked.chat_input[0].set_value(QUESTION).run()
    names = [button.label.replace("*", "") for button in asked.button]
    assert {"Footnote 1 of answer 1: open its source", "Footnote 1 of answer 2: open its source"} <= set(names)
    assert {"Remove hours", "Remove garden"} <= set(names)
    assert len(set(names)) == len(names)


def test_a_question_that_cannot_be_asked_is_told_why(asked: AppTest, api: httpx.Client) -> None:
    """The sentence is the server's own."""
    question = "why? " * 2_000
    said = api.post("/ask", json={"question": question}).json()["detail"]
    assert said in words(asked.chat_input[0].set_value(question).run())


def test_a_document_that_changed_is_shown_as_it_is_now(asked: AppTest, api: httpx.Client) -> None:
    """A quote that moved is marked at its new place; one that is gone is told, and marked nowhere."""
    cited = marked(asked, "answer-0")
    upload(api, hours="A new first line.\n\n" + HOURS)
    asked.button(key="open-0-1").click().run()
    assert "Moved." in words(asked)
    assert marked(asked) == cited[:1]

    upload(api, hours="Closed for good.\n")
    assert "Out of date." in words(asked.run())
    assert marked(asked, "cited") == []

    api.delete(f"/documents/{api.get('/documents').json()['documents'][0]['id']}")
    assert "Not found." in words(asked.run())
    assert marked(asked, "cited") == []


def test_a_long_document_is_shown_in_part_and_further_on_request(page: AppTest, api: httpx.Client) -> None:
    """Six thousand characters stand on either side of the quote, and as many more for each press."""
    filler = "".join(f"Line {number} says nothing of interest.\n\n" for number in range(400))
    upload(api, long=filler + HOURS + "\n" + filler)
    page.run().chat_input[0].set_value(QUESTION).run()
    page.button(key="open-0-1").click().run()
    quote, *sizes = marked(page)[0], _size(page)
    assert sizes[0] == 2 * source.STEP + len(quote)

    page.button(key="earlier").click().run()
    page.button(key="later").click().run()

    assert _size(page) == 4 * source.STEP + len(quote)
    assert marked(page) == [quote]


def _size(page: AppTest) -> int:
    return sum(len(text) for text, *_ in passage(page, "source")["blocks"][0])


def test_files_are_added(page: AppTest, api: httpx.Client) -> None:
    """Several at once, with progress while it lasts and a report after it; what cannot be read is named."""
    files = [("hours.txt", HOURS.encode(), "text/plain"), ("noise.bin", b"\x00\xff\xfe\x01" * 64, "text/plain")]
    page.file_uploader[0].set_value(files)
    page.button(key="add").click().run()
    settle(page)
    said = words(page)
    assert "1 added." in said
    assert "noise.bin" in said
    assert [each["source"] for each in api.get("/documents").json()["documents"]] == ["upload:hours.txt"]
    assert "hours.txt, uploaded" in said


def test_adding_nothing_does_nothing(page: AppTest) -> None:
    """The button without a file starts no job."""
    assert "job" not in page.button(key="add").click().run().session_state


def test_an_upload_that_is_refused_is_told_why(page: AppTest) -> None:
    """The sentence is the server's own."""
    page.file_uploader[0].set_value(("noise.bin", b"\x00\xff\xfe\x01" * 64, "text/plain"))
    page.button(key="add").click().run()
    assert "job" not in page.session_state
    assert 'class="notice error"' in words(page)


def test_everything_is_indexed_again(page: AppTest, api: httpx.Client, tmp_path: Path) -> None:
    """One press brings a folder up to date that was indexed before."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "hours.txt").write_text(HOURS, "utf-8")
    reindex(api, str(folder))
    (folder / "garden.txt").write_text("The garden is open all day.", "utf-8")
    page.button(key="reindex").click().run()
    settle(page)
    assert "1 added, 1 unchanged." in words(page)
    assert "2 documents" in words(page)


def test_a_job_is_not_given_up_when_the_service_does_not_reply() -> None:
    """The page says so and looks again: the work may go on, and its report is still to come."""

    def script() -> None:
        import streamlit as st  # noqa: PLC0415 - Streamlit runs the body alone

        from ui import shelf  # noqa: PLC0415
        from ui.client import Client  # noqa: PLC0415

        st.session_state.setdefault("job", "5e0f6a1c9d3b7482")
        shelf._jobs(Client("http://127.0.0.1:1"))

    page = AppTest.from_function(script).run()
    assert "cannot be reached" in words(page)
    assert "job" in page.session_state


class Gated(ToyEncoder):
    """Encodes once its gate is open."""

    def __init__(self) -> None:
        """Close the gate."""
        super().__init__()
        self.gate = threading.Event()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Wait, then encode."""
        assert self.gate.wait(PATIENCE_SECONDS)
        return super().encode(texts)


@pytest.fixture
def gated(tmp_path: Path) -> Iterator[tuple[httpx.Client, threading.Event]]:
    """Serve an empty library whose jobs wait for a gate."""
    encoder = Gated()
    with service(tmp_path / "gated", encoder) as api:
        yield api, encoder.gate
        encoder.gate.set()


def started(api: httpx.Client, name: str, data: bytes) -> str:
    """Start to index a file from elsewhere; the id of the job."""
    job: str = api.post("/documents", files=[("files", (name, data))]).json()["id"]
    return job


def test_a_page_that_is_opened_anew_shows_the_job_that_runs(
    gated: tuple[httpx.Client, threading.Event], open_page: OpenPage
) -> None:
    """What was started before a reload, or elsewhere, is followed to its end, and nothing is started beside it."""
    api, gate = gated
    job = started(api, "hours.txt", HOURS.encode())
    page = open_page(str(api.base_url))
    assert page.session_state.job == job
    assert page.button(key="reindex").disabled
    gate.set()
    settle(page)
    assert "1 added." in words(page)


def test_a_page_that_was_open_tells_what_became_of_its_own_job(
    gated: tuple[httpx.Client, threading.Event], open_page: OpenPage
) -> None:
    """Another's job stands before it in the line and one behind; its upload is taken, and its report stays."""
    api, gate = gated
    page = open_page(str(api.base_url))
    started(api, "before.txt", HOURS.encode())
    page.file_uploader[0].set_value(("own.txt", HOURS.encode(), "text/plain"))
    page.button(key="add").click().run()
    own = page.session_state.job
    started(api, "behind.txt", b"The garden is open all day.")
    gate.set()
    settle(page)
    assert page.session_state.outcome.id == own


def test_a_job_that_is_unknown_is_told(page: AppTest) -> None:
    """After a restart the service knows its jobs no more; the page says so and goes on."""
    page.session_state.job = "5e0f6a1c9d3b7482"
    page.run()
    assert "There is no such job" in words(page)
    assert "job" not in page.session_state


def test_a_document_is_removed_once_confirmed(asked: AppTest, api: httpx.Client) -> None:
    """One press asks, the other removes; the list and the library follow."""
    (document,) = api.get("/documents").json()["documents"]
    asked.button(key=f"remove-{document['id']}").click().run()
    assert "It leaves the library and every later answer" in words(asked)
    asked.button(key="keep").click().run()
    assert len(api.get("/documents").json()["documents"]) == 1

    asked.button(key=f"remove-{document['id']}").click().run()
    asked.button(key="confirm").click().run()

    assert not asked.exception
    assert api.get("/documents").json()["documents"] == []
    assert "No documents yet" in words(asked)


def test_a_document_that_is_gone_already_is_told(asked: AppTest, api: httpx.Client) -> None:
    """Somebody else removed it in between: the sentence is the server's own."""
    (document,) = api.get("/documents").json()["documents"]
    asked.button(key=f"remove-{document['id']}").click().run()
    said = api.get("/documents/none").json()["detail"].replace("none", document["id"])
    api.delete(f"/documents/{document['id']}")
    page = asked.button(key="confirm").click().run()
    assert said in words(page)


def test_many_documents_are_listed_in_part_and_found_by_a_filter(page: AppTest, api: httpx.Client) -> None:
    """Forty are listed; a filter over titles and sources finds the others."""
    upload(api, **{f"note{number}": f"Note number {number}." for number in range(43)})
    assert "And 3 more" in words(page.run())
    said = words(page.text_input(key="filter").set_value("NOTE42").run())
    assert "note42.txt" in said
    assert "note41.txt" not in said


def test_a_source_that_cannot_be_fetched_is_shown_as_it_was_cited() -> None:
    """The API went away: its absence is told, and the words of the citation remain readable."""

    def script() -> None:  # pragma: no cover - Streamlit runs a copy of this body
        from tests.ui.citations import citation  # noqa: PLC0415 - Streamlit runs this body alone
        from ui.client import Client  # noqa: PLC0415
        from ui.source import show_source  # noqa: PLC0415

        with Client("http://127.0.0.1:9") as client:
            show_source(client, citation())

    page = AppTest.from_function(script).run()
    assert "cannot be reached" in words(page)
    assert passage(page, "cited")["blocks"] == [[[citation().sentence.quote, "plain", None]]]


def test_a_document_that_changes_between_two_looks_is_not_taken_for_the_older_one(
    api: httpx.Client, page: AppTest
) -> None:
    """The text that is shown is of the version that was verified, or none is shown."""
    assert not page.exception
    upload(api, hours=HOURS)
    (document,) = api.get("/documents").json()["documents"]
    with Client(str(api.base_url)) as client:
        assert source._document(client, client.base_url, document["id"], document["version"]).text == HOURS
        with pytest.raises(ApiError, match="changed this very moment"):
            source._document(client, client.base_url, document["id"], "0" * 16)


@pytest.mark.parametrize(
    ("error", "said"),
    [("The library is locked.", "The library is locked."), (None, "The work ended without a report.")],
)
def test_a_job_that_failed_tells_why(error: str | None, said: str) -> None:
    """The error of a job is shown as it came."""
    failed = JobOut(id="1", state="failed", done=1, total=2, message="", seconds=1, report=None, error=error)
    assert said in shelf.summary(failed)


def test_many_problems_of_a_job_are_told_in_part_and_at_once() -> None:
    """Ten are named, the others counted, and that nothing was to do is not said beside them."""
    problems = [FileProblem(source=f"/{number}.bin", reason="It is no text.") for number in range(5_000)]
    report = IndexReport(problems=problems)
    done = JobOut(id="1", state="done", done=1, total=1, message="", seconds=1, report=report, error=None)
    said = shelf.summary(done)
    assert (said.count('role="status"'), said.count("It is no text."), "Nothing to do." in said) == (1, 10, False)
    assert "And 4,990 more." in said
