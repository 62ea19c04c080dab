"""Jobs: in line, running, ended, and what becomes of them when they fail or the service stops."""

import asyncio
import errno
import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator

import pytest

from api.errors import Overloaded
from api.jobs import IN_LINE, KEPT, Jobs
from api.schemas import JobOut
from ingest.pipeline import Progress, Report
from retriever.errors import InvalidPath, LibraryError, LibraryLocked, UnknownDocument, UnknownJob
from tests.api.serving import logged

Note = Callable[[Progress], None]


def nothing(_: Note) -> Report:
    """Do nothing, successfully."""
    return Report()


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    """A worker with room for a thousand bytes."""
    jobs = Jobs(room=1_000)
    yield jobs
    jobs.close()


@pytest.fixture
def gate(jobs: Jobs) -> Iterator[threading.Event]:
    """A job that runs until the gate is opened, or until it is told to stop."""
    gate, running = threading.Event(), threading.Event()

    def wait(note: Note) -> Report:
        running.set()
        while not gate.wait(0.01):
            note(Progress(done=1, total=2, message="Waiting for the gate"))
        return Report()

    jobs.submit(wait, size=600)
    assert running.wait(10)
    yield gate
    gate.set()


def ended(jobs: Jobs, job: JobOut) -> JobOut:
    """Wait for the end of a job."""
    deadline = time.monotonic() + 10
    while job.state in {"queued", "running"} and time.monotonic() < deadline:
        time.sleep(0.001)
        job = jobs.get(job.id)
    return job


def test_a_job_tells_how_far_it_is(jobs: Jobs, gate: threading.Event) -> None:
    """Queued behind another, then done; the one in front runs with its progress."""
    second = jobs.submit(nothing)
    assert second.state == "queued"
    first = jobs.get(next(iter(jobs._jobs)))
    while first.total == 0:
        first = jobs.get(first.id)
    assert (first.state, first.done, first.total, first.message) == ("running", 1, 2, "Waiting for the gate")
    gate.set()
    second = ended(jobs, second)
    assert (second.state, second.message, second.error) == ("done", "Done", None)
    assert jobs.get(second.id).seconds == second.seconds


def test_the_time_that_a_job_waits_is_not_counted(jobs: Jobs, gate: threading.Event) -> None:
    """Its speed and the time left are reckoned from when it began."""
    assert not gate.is_set()
    waiting = jobs.submit(nothing)
    time.sleep(0.01)
    assert jobs.get(waiting.id).seconds == 0


def test_jobs_are_listed_the_newest_first(jobs: Jobs, gate: threading.Event) -> None:
    """Whoever comes later finds what waits and what runs, and what has ended."""
    waiting = jobs.submit(nothing)
    assert [(job.id == waiting.id, job.state) for job in jobs.all()] == [(True, "queued"), (False, "running")]
    gate.set()
    ended(jobs, waiting)
    assert [job.state for job in jobs.all()] == ["done", "done"]
    assert [job.report for job in jobs.all()] == [None, None]
    assert jobs.get(waiting.id).report


def test_a_failure_of_ours_is_told_in_its_own_sentence(jobs: Jobs) -> None:
    """The job is failed and says why, and has no report."""

    def fail(_: Note) -> Report:
        msg = "There is nothing at /nowhere."
        raise InvalidPath(msg)

    job = ended(jobs, jobs.submit(fail))
    assert (job.state, job.error, job.report) == ("failed", "There is nothing at /nowhere.", None)


def test_a_failure_that_names_a_folder_is_told_without_it(jobs: Jobs) -> None:
    """The sentence is the one that a request would get."""

    def fail(_: Note) -> Report:
        msg = "The indexes in /home/ann could not be saved."
        raise LibraryError(msg)

    error = ended(jobs, jobs.submit(fail)).error
    assert error == "The library cannot be read or written now; `footnote doctor` says what is wrong."


def test_a_job_that_failed_lets_go_of_what_it_worked_on(jobs: Jobs) -> None:
    """The error is kept for its sentence, not what was uploaded, nor what the error came from."""

    class Upload:
        pass

    def fail(upload: Upload) -> None:
        msg = f"refused {upload}"
        raise OSError(msg)

    def work(_: Note) -> Report:
        upload = Upload()
        held.append(weakref.ref(upload))
        try:
            fail(upload)
        except OSError as error:
            msg = "Another process holds the library."
            raise LibraryLocked(msg) from error
        return Report()

    held: list[weakref.ref[Upload]] = []
    job = ended(jobs, jobs.submit(work))
    assert job.error == "Another process holds the library."
    ended(jobs, jobs.submit(nothing))  # the worker has moved on
    gc.collect()
    assert held[0]() is None


def test_what_the_system_refuses_is_said(jobs: Jobs) -> None:
    """A full disk is no defect of ours, and the sentence names no path."""

    def fail(_: Note) -> Report:
        raise OSError(errno.ENOSPC, "No space left on device", "/home/ann/library")

    assert ended(jobs, jobs.submit(fail)).error == "The system refused: No space left on device."


def test_a_defect_is_logged_without_its_message_and_the_worker_lives(jobs: Jobs) -> None:
    """The person gets the id under which the log has it; the next job runs."""

    def fail(_: Note) -> Report:
        msg = "the patient's name"
        raise KeyError(msg)

    with logged() as log:
        job = ended(jobs, jobs.submit(fail))
        assert ended(jobs, jobs.submit(nothing)).state == "done"
    assert job.error == f"Footnote failed in a way that nobody foresaw; the log has it as job {job.id}."
    assert f"job={job.id} defect=" in log.getvalue()
    assert "KeyError" in log.getvalue()
    assert "patient" not in log.getvalue()


def test_the_line_is_bounded_in_jobs_and_in_bytes(jobs: Jobs, gate: threading.Event) -> None:
    """What would not fit is refused, and fits again when the work in front is done."""
    assert not gate.is_set()
    with pytest.raises(Overloaded):
        jobs.submit(nothing, size=500)
    jobs.submit(nothing, size=400)
    for _ in range(IN_LINE - 2):
        last = jobs.submit(nothing)
    with pytest.raises(Overloaded, match=r"try again when some of it is done\.$"):
        jobs.submit(nothing)
    gate.set()
    ended(jobs, last)
    assert ended(jobs, jobs.submit(nothing, size=1_000)).state == "done"


def test_the_last_hundred_that_ended_are_remembered(jobs: Jobs) -> None:
    """Older ones are unknown, like those that never were."""
    first = ended(jobs, jobs.submit(nothing))
    for _ in range(KEPT):
        ended(jobs, jobs.submit(nothing))
    assert jobs.get(first.id).state == "done"
    ended(jobs, jobs.submit(nothing))
    with pytest.raises(UnknownJob):
        jobs.get(first.id)


def test_stopping_interrupts_the_running_job_and_drops_the_others(jobs: Jobs, gate: threading.Event) -> None:
    """Ctrl-C does not wait for a long run; either job says what happened to it."""
    running, waiting = jobs.get(next(iter(jobs._jobs))), jobs.submit(nothing)
    jobs.close()
    assert not gate.is_set()
    assert jobs.get(running.id).error == "The service stopped before this job had ended; index again to do the rest."
    assert jobs.get(waiting.id).error == "The service stopped before this job had begun."


def test_a_short_piece_of_writing_is_done_at_once(jobs: Jobs) -> None:
    """It has happened when the call returns, and its errors are the caller's."""
    done: list[str] = []
    asyncio.run(jobs.at_once(lambda: done.append("written")))
    assert done == ["written"]

    def fail() -> None:
        msg = "The library holds no document 7."
        raise UnknownDocument(msg)

    with pytest.raises(UnknownDocument):
        asyncio.run(jobs.at_once(fail))


def test_a_short_piece_of_writing_does_not_wait_for_a_long_job(
    jobs: Jobs, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gives up with a sentence, and is not done behind the caller's back later."""
    monkeypatch.setattr("api.jobs.PATIENCE_SECONDS", 0.05)
    done: list[str] = []
    with pytest.raises(LibraryLocked, match="an indexing run of this service"):
        asyncio.run(jobs.at_once(lambda: done.append("written")))
    gate.set()
    asyncio.run(jobs.at_once(lambda: done.append("later")))
    assert done == ["later"]
