"""Many at once: questions while something is indexed, by this process or another, and more than there is room for."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.jobs import PATIENCE_SECONDS
from api.turnstile import AT_WORK, IN_LINE
from retriever.library import Library
from retriever.settings import Settings
from tests.api.serving import GatedEncoder, ended, problem_of, serving, upload

ROOT = Path(__file__).parents[2]
QUESTION = {"question": "Which colour has the boat?"}

INDEX = """
import sys
from pathlib import Path
from ingest.pipeline import index
from retriever.library import Library
from retriever.settings import Settings
from tests.toys import ToyEncoder
with Library.open(Settings(home=Path(sys.argv[1])), encoder=ToyEncoder()) as library:
    index(library, [Path(sys.argv[2])], lambda progress: None)
"""
HOLD = """
import sys
from pathlib import Path
from retriever.store import Store
with Store.open(Path(sys.argv[1])) as store, store.writing():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def gated(settings: Settings) -> Iterator[tuple[httpx.Client, GatedEncoder]]:
    """A service whose encoder waits while its gate is closed."""
    encoder = GatedEncoder()
    with Library.open(settings, encoder=encoder) as library, serving(create_app(settings, library)) as client:
        yield client, encoder
        encoder.gate.set()


@contextmanager
def writer_elsewhere(home: Path) -> Iterator[int]:
    """Another process holds the writer's lock for the length of a block; its process id."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process.pid
        process.communicate()


def quickest(client: httpx.Client, path: str) -> float:
    """Time the best of three requests, in seconds: the machine of the tests has other work too."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        assert client.get(path).status_code == httpx.codes.OK
        times.append(time.perf_counter() - began)
    return min(times)


def test_check_41_overload_is_told_and_health_stays_quick(gated: tuple[httpx.Client, GatedEncoder]) -> None:
    """Questions beyond the room get a 503 with Retry-After; health takes under 200 ms; those in line are answered."""
    client, encoder = gated
    upload(client, boat="The boat is blue.")
    encoder.gate.clear()
    with ThreadPoolExecutor(AT_WORK + IN_LINE + 4) as pool:
        asked = {pool.submit(client.post, "/ask", json=QUESTION) for _ in range(AT_WORK + IN_LINE + 4)}
        refused: set[Future[httpx.Response]] = set()
        while len(refused) < 4:
            refused |= wait(asked - refused, timeout=10, return_when=FIRST_COMPLETED).done
        assert quickest(client, "/healthz") < 0.2
        assert quickest(client, "/readyz") < 0.2
        encoder.gate.set()
        answered = [future.result() for future in asked - refused]
    for future in refused:
        problem = problem_of(future.result(), 503)
        assert problem["type"] == "urn:footnote:problem:overloaded"
        assert future.result().headers["retry-after"] == "1"
    assert {response.status_code for response in answered} == {httpx.codes.OK}


@pytest.mark.parametrize(("method", "path"), [("POST", "/verify"), ("GET", "/documents"), ("GET", "/documents/7")])
def test_all_that_reads_waits_its_turn(gated: tuple[httpx.Client, GatedEncoder], method: str, path: str) -> None:
    """Where as many questions wait as there is room for, nothing else comes in beside them; jobs are told of."""
    client, encoder = gated
    upload(client, boat="The boat is blue.")
    encoder.gate.clear()
    with ThreadPoolExecutor(AT_WORK + IN_LINE + 1) as pool:
        asked = {pool.submit(client.post, "/ask", json=QUESTION) for _ in range(AT_WORK + IN_LINE + 1)}
        assert wait(asked, timeout=10, return_when=FIRST_COMPLETED).done, "there is no room"
        body = {"document_id": "7", "version": "7", "quote": "boat", "start": 0, "end": 4} if method == "POST" else None
        problem = problem_of(client.request(method, path, json=body), 503)
        assert problem["type"] == "urn:footnote:problem:overloaded"
        assert client.get("/jobs").status_code == httpx.codes.OK
        encoder.gate.set()


def test_a_flood_of_removals_during_a_job_slows_no_health_check(gated: tuple[httpx.Client, GatedEncoder]) -> None:
    """As many as there is room for wait two seconds for the job, and the others are turned away at once."""
    client, encoder = gated
    upload(client, boat="The boat is blue.")
    encoder.gate.clear()
    client.post("/documents", files=[("files", ("kite.txt", b"The kite is orange."))])
    began = time.perf_counter()
    with ThreadPoolExecutor(60) as pool:
        removals = {pool.submit(client.delete, "/documents/7") for _ in range(60)}
        assert wait(removals, timeout=10, return_when=FIRST_COMPLETED).done
        assert quickest(client, "/readyz") < 0.2
        assert quickest(client, "/documents") < 0.2
        statuses = [removal.result().status_code for removal in removals]
    assert set(statuses) == {409, 503}
    assert time.perf_counter() - began < 2 * PATIENCE_SECONDS
    encoder.gate.set()


def test_questions_are_answered_while_a_job_runs(client: httpx.Client) -> None:
    """Every answer is whole: of one generation, its quotes standing in the version that they name."""
    upload(client, boat="The boat is blue.")
    files = [("files", (f"{n}.txt", f"Boat number {n} has the colour {n}. It is old.".encode())) for n in range(40)]
    accepted = client.post("/documents", files=files)
    generations = []
    while client.get(accepted.headers["location"]).json()["state"] in {"queued", "running"}:
        answer = client.post("/ask", json=QUESTION).json()
        generations.append(answer["generation"])
        for citation in answer["citations"] if answer["answered"] else answer["nearest"]:
            assert client.post("/verify", json=citation).json()["status"] == "holds"
    assert generations == sorted(generations)
    assert client.get("/readyz").json()["documents"] == 41


def test_a_document_that_another_process_indexes_is_seen_without_a_restart(
    client: httpx.Client, settings: Settings, tmp_path: Path
) -> None:
    """The service answers throughout, and the new document is among its answers afterwards."""
    upload(client, boat="The boat is blue.")
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "kite.txt").write_text("The kite of the lighthouse keeper is orange.")
    command = [sys.executable, "-c", INDEX, str(settings.home), str(folder)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        answers = 0
        while process.poll() is None:
            assert client.post("/ask", json=QUESTION).status_code == httpx.codes.OK
            answers += 1
    assert process.returncode == 0
    assert answers > 0
    found = client.get("/search", params={"q": "kite of the lighthouse keeper"}).json()["hits"]
    assert found[0]["source"] == str(folder / "kite.txt")
    answer = client.post("/ask", json={"question": "Which colour is the kite of the lighthouse keeper?"}).json()
    assert (answer["citations"] if answer["answered"] else answer["nearest"])[0]["source"] == str(folder / "kite.txt")


def test_another_writer_is_named(client: httpx.Client, settings: Settings) -> None:
    """While another process writes, a job fails and a removal is refused, each with the sentence that names it."""
    document = upload(client, boat="The boat is blue.") and client.get("/documents").json()["documents"][0]
    with writer_elsewhere(settings.home) as holder:
        job = upload(client, kite="The kite is orange.")
        assert job["state"] == "failed"
        assert f"process {holder}" in job["error"]
        response = client.delete(f"/documents/{document['id']}")
        assert f"process {holder}" in problem_of(response, 409)["detail"]
        assert response.headers["retry-after"]
        assert client.post("/ask", json=QUESTION).status_code == httpx.codes.OK
    assert upload(client, kite="The kite is orange.")["state"] == "done"


def test_stopping_the_service_does_not_wait_for_a_long_job(settings: Settings) -> None:
    """A job over many documents stops between two of them; what it indexed is kept, and a next run does the rest."""
    encoder = GatedEncoder()
    files = [("files", (f"{n}.txt", f"Boat number {n} is blue.".encode())) for n in range(200)]
    with Library.open(settings, encoder=encoder) as library:
        with serving(create_app(settings, library)) as client:
            encoder.gate.clear()
            assert client.post("/documents", files=files).status_code == httpx.codes.ACCEPTED
            threading.Timer(1.0, encoder.gate.set).start()  # by then the service is told to stop
        with library.store.snapshot() as snapshot:
            kept = snapshot.counts().documents
        assert kept < 200
        with serving(create_app(settings, library)) as client:
            job = ended(client, client.post("/documents", files=files).headers["location"])
            assert (job["state"], client.get("/readyz").json()["documents"]) == ("done", 200)
