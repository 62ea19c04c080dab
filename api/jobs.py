"""Long work, one piece at a time: a single worker, a bounded line, and how far each job is."""

import asyncio
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from api.errors import Interrupted, Overloaded
from api.logs import LOG, describe
from api.problems import told
from api.schemas import FileProblem, IndexReport, JobOut
from api.turnstile import Turnstile
from ingest.pipeline import Progress, Report
from retriever.errors import FootnoteError, LibraryLocked, UnknownJob

IN_LINE = 16
KEPT = 100
PATIENCE_SECONDS = 2.0

Work = Callable[[Callable[[Progress], None]], Report]


class Job:
    """One piece of work; `size` is the memory in bytes that it holds until it has ended."""

    def __init__(self, size: int) -> None:
        """Name a job that waits."""
        self.id = secrets.token_hex(8)
        self.size = size
        self.future: Future[Report] = Future()
        self.progress = Progress(done=0, total=0, message="Waiting")
        self._began: float | None = None
        self._ended: float | None = None

    def begin(self) -> None:
        """Start the clock: what a job waits for says nothing about how fast it is."""
        self._began = time.monotonic()

    def end(self) -> None:
        """Stop the clock; log what nobody foresaw; let go of what was worked on."""
        self._ended = time.monotonic()
        error = None if self.future.cancelled() else self.future.exception()
        if error and not isinstance(error, FootnoteError):
            LOG.error("job=%s defect=%s", self.id, describe(error))
        while error:
            error.__traceback__ = None  # its frames hold the work, with all that was uploaded
            error = error.__cause__ or error.__context__

    def out(self) -> JobOut:
        """Tell how far it is."""
        running, over = self.future.running(), self.future.done()  # in this order: it may end in between
        error = self._error() if over else None
        state = ("failed" if error else "done") if over else ("running" if running else "queued")
        return JobOut(
            id=self.id,
            state=state,
            done=self.progress.done,
            total=self.progress.total,
            message=self.progress.message if not over else state.capitalize(),
            seconds=round((self._ended or time.monotonic()) - self._began, 3) if self._began else 0.0,
            report=_report_out(self.future.result()) if state == "done" else None,
            error=error,
        )

    def _error(self) -> str | None:
        if self.future.cancelled():
            return "The service stopped before this job had begun."
        match self.future.exception():
            case None:
                return None
            case FootnoteError() as error:
                return told(error)
            case OSError() as error:
                return f"The system refused: {error.strerror or 'no reason given'}."
            case _:
                return f"Footnote failed in a way that nobody foresaw; the log has it as job {self.id}."


class Jobs:
    """The jobs of one service. They live in memory, the last hundred that ended among them.

    There is one worker, since a library has one writer. A job that finds the library locked by another process fails
    at once with the sentence that names the holder: the person who reads it knows better whether to wait.
    """

    def __init__(self, room: int) -> None:
        """Start without jobs; the work in line may hold `room` bytes of memory in all."""
        self._room = room
        self._jobs: dict[str, Job] = {}
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._at_once = Turnstile(at_work=IN_LINE, in_line=0)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="footnote-job")

    def submit(self, work: Work, *, size: int = 0) -> JobOut:
        """Put work that holds `size` bytes in line.

        Raises:
            Overloaded: the line is full.

        """
        job = Job(size)
        with self._guard:
            in_line = [other for other in self._jobs.values() if not other.future.done()]
            if len(in_line) >= IN_LINE or size + sum(other.size for other in in_line) > self._room:
                msg = "Too much waits to be indexed at this moment; try again when some of it is done."
                raise Overloaded(msg)
            self._forget(len(self._jobs) - len(in_line) - KEPT)
            self._jobs[job.id] = job
            job.future = self._worker.submit(self._run, job, work)
        job.future.add_done_callback(lambda _: job.end())
        return job.out()

    def get(self, job_id: str) -> JobOut:
        """Tell how far a job is.

        Raises:
            UnknownJob: there is none of that id, or it ended a hundred jobs ago.

        """
        with self._guard:
            job = self._jobs.get(job_id)
        if job is None:
            msg = "There is no such job, or it ended long ago."
            raise UnknownJob(msg)
        return job.out()

    def all(self) -> list[JobOut]:
        """Tell how far each job is, the newest first, without their reports."""
        with self._guard:
            jobs = list(self._jobs.values())
        return [job.out().model_copy(update={"report": None}) for job in reversed(jobs)]

    async def at_once(self, work: Callable[[], None]) -> None:
        """Do a short piece of writing in the worker, and wait for its end, which costs no thread.

        Raises:
            LibraryLocked: a job is under way and did not end within two seconds.
            Overloaded: as many wait as there is room for.

        """
        async with self._at_once.turn():
            future = self._worker.submit(work)
            ended = asyncio.wrap_future(future)
            await asyncio.wait([ended], timeout=PATIENCE_SECONDS)
            if future.cancel():
                msg = "The library is being written by an indexing run of this service; try again when it is done."
                raise LibraryLocked(msg)
            await ended

    def close(self) -> None:
        """Tell the running job to stop where nothing is lost, drop those in line, and wait for the worker."""
        self._stopping.set()
        self._worker.shutdown(cancel_futures=True)

    def _run(self, job: Job, work: Work) -> Report:
        job.begin()
        return work(partial(self._note, job))

    def _note(self, job: Job, progress: Progress) -> None:
        if self._stopping.is_set():
            msg = "The service stopped before this job had ended; index again to do the rest."
            raise Interrupted(msg)
        job.progress = progress

    def _forget(self, surplus: int) -> None:
        for job_id in [job.id for job in self._jobs.values() if job.future.done()][: max(0, surplus)]:
            del self._jobs[job_id]


def _report_out(report: Report) -> IndexReport:
    return IndexReport(
        added=report.added,
        changed=report.changed,
        renamed=report.renamed,
        deleted=report.deleted,
        unchanged=report.unchanged,
        encoded_chunks=report.encoded_chunks,
        reused_chunks=report.reused_chunks,
        problems=[FileProblem(source=problem.source, reason=problem.reason) for problem in report.problems],
    )
