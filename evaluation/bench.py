"""Speed and memory on this machine: `python -m evaluation.bench`. Figures, not assertions: machines are noisy.

FOOTNOTE_BENCH_DOCUMENTS names a folder of documents for the larger figures; without one, they are skipped. The library
of that folder is kept in `.footnote/bench`, so that only the first run takes minutes.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from evaluation.passages import hit_of
from evaluation.questions import read_questions
from evaluation.seeds import SEEDS
from ingest.pipeline import index
from ingest.report import Progress
from retriever.library import Library
from retriever.settings import load_settings
from retriever.trained_reader import load_reader

KEPT = Path(__file__).parent.parent / ".footnote" / "bench"
FOOTNOTE = [sys.executable, "-m", "cli"]
QUESTIONS = [
    "Why was structural pattern matching added to the language?",
    "How do I list the files in an archive?",
    "When is a deprecated function removed?",
    "What does the walrus operator do?",
    "Who decides whether a proposal is accepted?",
]
WORDS = "The gate opens on every working day at nine. "  # ten tokens


def main(*, repeats: int = 5, kept: Path = KEPT) -> None:
    """Measure, and print a table; whole processes `repeats` times, and the larger library is kept in `kept`."""
    console = Console(width=None if sys.stdout.isatty() else 130)
    table = Table("Measured", "Median", "Best to worst")
    with tempfile.TemporaryDirectory() as home:
        _measure_seeds({**os.environ, "FOOTNOTE_HOME": home}, table, repeats)
    _measure_reading(table, repeats)
    documents = os.environ.get("FOOTNOTE_BENCH_DOCUMENTS")
    if documents:
        _measure_large(Path(documents), kept, table, console, repeats)
    else:
        table.add_row("a library of realistic size", "skipped", "set FOOTNOTE_BENCH_DOCUMENTS to a folder")
    console.print(table)


def _measure_seeds(environment: dict[str, str], table: Table, repeats: int) -> None:
    _run([*FOOTNOTE, "index", str(SEEDS / "documents")], environment)
    ask = [*FOOTNOTE, "ask", "What was signed in Kuala Lumpur?"]
    _run(ask, environment)
    asked = [_seconds(_run, ask, environment) for _ in range(repeats)]
    table.add_row("`footnote ask` on the seeds, whole process", *_cells(asked, "s", 1))
    questions = [question.text for question in read_questions(SEEDS / "questions.jsonl")][: 20 * repeats]
    with _served(environment) as (client, process):
        client.post("/ask", json={"question": "warm"})
        first = [_seconds(_ask, client, question) for question in questions]
        table.add_row("POST /ask on the seeds, each question for the first time", *_cells(first, "ms", 1000))
        table.add_row("memory of the serving process, at its peak", f"{_peak_mib(process):.0f} MiB", "")


def _measure_reading(table: Table, repeats: int) -> None:
    """Read eight passages of 200 tokens for each of several questions, as one answer does."""
    process = psutil.Process()
    before = process.memory_info().rss
    reader = load_reader()
    hits = [hit_of(WORDS * 20, rank=rank) for rank in range(1, 9)]
    reader.read("warm", hits)
    read = [_seconds(reader.read, question, hits) for question in QUESTIONS for _ in range(repeats)]
    table.add_row("reading eight passages of 200 tokens", *_cells(read, "ms", 1000))
    more = (process.memory_info().rss - before) / 2**20
    table.add_row("memory that the reader takes", f"{more:.0f} MiB", "")


def _measure_large(documents: Path, kept: Path, table: Table, console: Console, repeats: int) -> None:
    """Measure indexing, re-indexing, search and answers over a corpus of realistic size."""
    fresh = not kept.exists()
    with Library.open(load_settings(home=kept)) as library, console.status("Indexing") as status:

        def tell(progress: Progress) -> None:
            status.update(f"{progress.message} {progress.done:,} of {progress.total:,}")

        library.encoder.encode(["warm"])
        begun = time.perf_counter()
        report = index(library, [documents], tell)
        rate = report.encoded_chunks / (time.perf_counter() - begun)
        cells = (f"{rate:.0f} chunks/s", f"{report.encoded_chunks:,} chunks")
        table.add_row("indexing, from files to saved indexes", *(cells if fresh else ("kept from before", "")))
        with library.store.snapshot() as snapshot:
            size = snapshot.counts()
        over = f"{size.chunks:,} chunks of {size.documents:,} documents"
        unchanged = [_seconds(index, library, [documents]) for _ in range(repeats)]
        table.add_row(f"re-indexing, nothing changed: {over}", *_cells(unchanged, "s", 1))
        library.search("warm")
        searched = [_seconds(library.search, f"{question} {n}") for n in range(8) for question in QUESTIONS]
        table.add_row(f"search, each question for the first time: {over}", *_cells(searched, "ms", 1000))
    environment = {**os.environ, "FOOTNOTE_HOME": str(kept)}
    _run([*FOOTNOTE, "ask", QUESTIONS[0]], environment)
    asked = [_seconds(_run, [*FOOTNOTE, "ask", QUESTIONS[0]], environment) for _ in range(repeats)]
    table.add_row(f"`footnote ask`, whole process: {over}", *_cells(asked, "s", 1))
    with _served(environment) as (client, process):
        _ask(client, "warm")
        for name in ("for the first time", "again"):
            times = [_seconds(_ask, client, question) for question in QUESTIONS]
            table.add_row(f"POST /ask, each question {name}: {over}", *_cells(times, "ms", 1000))
        table.add_row(f"memory of the serving process: {over}", f"{_peak_mib(process):.0f} MiB", "")


@contextmanager
def _served(environment: dict[str, str]) -> Iterator[tuple[httpx.Client, int]]:
    """Run `footnote serve` on a free port until the block ends; a client of it, and its process id."""
    command = [*FOOTNOTE, "serve", "--port", "0"]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as child:
        try:
            lines = iter(child.stdout or ())
            address = next(found.group() for line in lines if (found := re.search(r"http://[\w.:]+", line)))
            with httpx.Client(base_url=address, timeout=120) as client:
                client.get("/readyz").raise_for_status()
                yield client, child.pid
        finally:
            child.terminate()


def _ask(client: httpx.Client, question: str) -> None:
    client.post("/ask", json={"question": question}).raise_for_status()


def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    subprocess.run(command, env=environment, check=True, capture_output=True)  # noqa: S603 - our own command


def _peak_mib(process: int) -> float:
    """Give the most memory that a process ever held, where Linux tells it; what it holds now elsewhere."""
    status = Path(f"/proc/{process}/status")
    peak = re.search(r"VmHWM:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(peak[1]) / 1024 if peak else psutil.Process(process).memory_info().rss / 2**20


def _seconds(work: Callable[..., object], *arguments: object) -> float:
    begun = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - begun


def _cells(seconds: Sequence[float], unit: str, factor: float) -> tuple[str, str]:
    low, high = min(seconds) * factor, max(seconds) * factor
    return f"{statistics.median(seconds) * factor:.2f} {unit}", f"{low:.2f} to {high:.2f} {unit}"


if __name__ == "__main__":
    main()
