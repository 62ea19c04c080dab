"""From an upload to an answer whose citations hold, over HTTP."""

from pathlib import Path

import httpx
import pytest

from api.app import create_app
from retriever.library import Library
from retriever.settings import Settings
from tests.api.serving import problem_of, reindex, serving, upload, upload_files
from tests.toys import ToyEncoder

HOURS = "Opening hours of the house.\n\nThe reading room opens at nine. It closes at six. Tea is served all day.\n"
GARDEN = "The garden has four old pear trees. The gardener prunes them in late winter.\n"
QUESTION = {"question": "When does the reading room open?"}


def ask(client: httpx.Client) -> dict[str, object]:
    """Ask about the reading room; the citations are those of the answer, or what came nearest."""
    answer: dict[str, object] = client.post("/ask", json=QUESTION).json()
    return answer


def cited(client: httpx.Client) -> dict[str, object]:
    """Ask, and return the first citation."""
    answer = ask(client)
    citations = answer["citations"] if answer["answered"] else answer["nearest"]
    assert isinstance(citations, list)
    first: dict[str, object] = citations[0]
    return first


def verified(client: httpx.Client, citation: dict[str, object]) -> dict[str, object]:
    """Verify a citation as it came."""
    response = client.post("/verify", json=citation)
    assert response.status_code == httpx.codes.OK, response.text
    verification: dict[str, object] = response.json()
    return verification


def test_an_uploaded_file_answers_with_quotes_that_stand_in_it(client: httpx.Client) -> None:
    """Upload, follow the job, ask, cut the quote out of the document's text, verify: all agree."""
    job = upload(client, hours=HOURS, garden=GARDEN)
    assert job["state"] == "done"
    assert job["report"]["added"] == 2
    answer = client.post("/ask", json=QUESTION).json()
    assert answer["answered"]
    assert answer["citations"][0]["source"] == "upload:hours.txt"
    for citation in answer["citations"]:
        document = client.get(f"/documents/{citation['document_id']}").json()
        assert document["version"] == citation["version"]
        for words in (citation, citation["sentence"]):
            assert document["text"][words["start"] : words["end"]] == words["quote"]
        assert f"[{citation['number']}]" in answer["answer"]
        assert verified(client, citation)["status"] == "holds"


def test_a_citation_follows_its_words_through_an_edit(client: httpx.Client) -> None:
    """A sentence put in front moves the quote; the words gone, the citation is stale; the document gone, not found."""
    upload(client, hours=HOURS)
    citation = cited(client)
    preface = "Welcome to the house. "
    assert upload(client, hours=preface + HOURS)["report"]["changed"] == 1
    moved = verified(client, citation)
    assert moved["status"] == "moved"
    assert moved["start"] == int(str(citation["start"])) + len(preface)
    upload(client, hours=GARDEN)
    assert verified(client, citation)["status"] == "stale"
    assert client.delete(f"/documents/{citation['document_id']}").status_code == httpx.codes.NO_CONTENT
    assert verified(client, citation)["status"] == "not_found"
    assert client.get("/documents").json()["documents"] == []


def test_a_search_names_the_rank_of_each_side(client: httpx.Client) -> None:
    """The hits come in order, no more than asked for, each with its text under the law."""
    upload(client, hours=HOURS, garden=GARDEN)
    found = client.get("/search", params={"q": "pear trees in the garden", "k": 1}).json()
    (hit,) = found["hits"]
    assert (hit["rank"], hit["source"]) == (1, "upload:garden.txt")
    assert {hit["dense_rank"], hit["lexical_rank"]} == {1}
    text = client.get(f"/documents/{hit['document_id']}").json()["text"]
    assert text[hit["start"] : hit["end"]] == hit["text"]


def test_an_empty_library_does_not_say(client: httpx.Client) -> None:
    """No documents is an outcome with a sentence, not an error."""
    answer = ask(client)
    assert answer["answered"] is False
    assert answer["searched"] == {"documents": 0, "chunks": 0}
    assert str(answer["reason"]).endswith(".")
    assert client.get("/search", params={"q": "anything"}).json()["hits"] == []


def test_what_the_documents_do_not_say_comes_with_the_nearest_passages(client: httpx.Client) -> None:
    """Not answered is a 200 with a reason; each passage says why it is no answer, and holds as a citation."""
    upload(client, garden=GARDEN)
    answer = client.post("/ask", json={"question": "How many moons orbit Jupiter?"}).json()
    assert answer["answered"] is False
    assert answer["reason"].endswith(".")
    assert answer["searched"]["documents"] == 1
    assert answer["nearest"]
    for nearest in answer["nearest"]:
        assert nearest["why"]
        assert verified(client, nearest)["status"] == "holds"


def test_a_folder_is_indexed_and_kept_up_to_date(client: httpx.Client, tmp_path: Path) -> None:
    """Paths are remembered: the next run without paths finds what changed in them."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "hours.txt").write_text(HOURS)
    (folder / "garden.txt").write_text(GARDEN)
    first = reindex(client, str(folder))
    assert first["report"]["added"] == 2
    assert (first["done"], first["message"], first["error"]) == (first["total"], "Done", None)
    (folder / "garden.txt").unlink()
    second = reindex(client)
    assert (second["report"]["deleted"], second["report"]["unchanged"]) == (1, 1)
    assert [each["title"] for each in client.get("/documents").json()["documents"]]


@pytest.mark.parametrize("path", ["/nowhere/at/all", "/nul\x00byte", "/" + "long" * 2_000])
def test_a_path_that_is_not_there_fails_the_job_with_a_sentence(shared: httpx.Client, path: str) -> None:
    """What cannot be a path is told as a path that is not there."""
    job = reindex(shared, path)
    assert job["state"] == "failed"
    assert job["report"] is None
    assert job["error"].endswith(".")
    assert "nobody foresaw" not in job["error"]


def test_a_relative_path_is_refused_at_once(shared: httpx.Client) -> None:
    """The service does not know the shared's folder and says so."""
    problem = problem_of(shared.post("/reindex", json={"paths": ["notes"]}), 422)
    assert problem["detail"].startswith("notes is not an absolute path")


@pytest.mark.parametrize("question", ["", "  \n", "why? " * 2_000])
def test_a_question_that_cannot_be_asked_gets_a_sentence(shared: httpx.Client, question: str) -> None:
    """Blank or of ten thousand characters, asked or searched: a 422 that says what is wrong."""
    for response in (shared.post("/ask", json={"question": question}), shared.get("/search", params={"q": question})):
        assert problem_of(response, 422)["type"] == "urn:footnote:problem:invalid-question"


def test_unknown_ids_are_not_found_on_every_verb(shared: httpx.Client) -> None:
    """An unknown document or job is a 404 with its own type."""
    for response in (shared.get("/documents/none"), shared.delete("/documents/none")):
        assert problem_of(response, 404)["type"] == "urn:footnote:problem:unknown-document"
    assert problem_of(shared.get("/jobs/none"), 404)["type"] == "urn:footnote:problem:unknown-job"


def test_a_citation_that_runs_backwards_is_refused(shared: httpx.Client) -> None:
    """Its end stands before its start; the sentence names the field."""
    body = {"document_id": "a", "version": "b", "quote": "c", "start": 5, "end": 4}
    assert "field end" in problem_of(shared.post("/verify", json=body), 422)["detail"]


def test_check_24_nothing_readable_is_a_415_whatever_the_client_claims(client: httpx.Client) -> None:
    """A picture called notes.txt, sent as text, is refused by what it is."""
    picture = ("files", ("notes.txt", b"\x89PNG\r\n\x1a\n\x00\x00", "text/plain"))
    problem = problem_of(client.post("/documents", files=[picture]), 415)
    assert problem["type"] == "urn:footnote:problem:unsupported-file"
    assert "notes.txt" in problem["detail"]
    assert client.get("/documents").json()["documents"] == []


def test_one_readable_file_is_enough_and_the_report_names_the_others(client: httpx.Client) -> None:
    """What can be indexed is; what cannot is a problem of the report."""
    job = upload_files(client, [("scan.png", b"\x89PNG\r\n\x1a\n\x00\x00"), ("hours.txt", HOURS.encode())])
    assert (job["state"], job["report"]["added"]) == ("done", 1)
    (problem,) = job["report"]["problems"]
    assert problem["source"] == "upload:scan.png"


def test_a_service_opens_its_own_library(settings: Settings) -> None:
    """Without a library of the caller's, the service opens the one in the settings, and closes it."""
    with serving(create_app(settings)) as client:
        ready = client.get("/readyz").json()
        assert (ready["status"], ready["documents"], ready["model"]) == ("ready", 0, settings.model)
        assert client.get("/healthz").json() == {"status": "ok"}
    with Library.open(settings, encoder=ToyEncoder()) as library, library.store.snapshot() as snapshot:
        assert snapshot.generation == 0
