"""Speed and memory on this machine: `python -m evaluation.bench`. Figures, not assertions: machines are noisy.

The library of the larger figures (the PEPs and the tldr pages of `docs.tar.xz`) is kept in `.footnote/bench`, so that
only the first run takes minutes. Its folder of documents is named by FOOTNOTE_BENCH_DOCUMENTS; without one, those rows
say that they were skipped.
"""

import json
import os
import re
import shutil
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

from evaluation.questions import read_questions
from evaluation.seeds import SEEDS
from ingest.pipeline import index
from ingest.report import Progress
from retriever.library import Library
from retriever.settings import load_settings

KEPT = Path(__file__).parent.parent / ".footnote" / "bench"
FOOTNOTE = [sys.executable, "-m", "cli.main"]
WORDY = [
    "Why was structural pattern matching added to the language?",
    "How do I list the files in an archive?",
    "When is a deprecated function removed?",
    "What does the walrus operator do?",
    "Who decides whether a proposal is accepted?",
]


def main() -> None:
    """Measure, and print a table."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    table = Table("Measured", "Median", "Best to worst")
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "FOOTNOTE_HOME": home}
        subprocess.run([*FOOTNOTE, "index", str(SEEDS / "documents")], env=environment, check=True, capture_output=True)
        question = "What was signed in Kuala Lumpur?"
        asked = [_process_seconds([*FOOTNOTE, "ask", question], environment) for _ in range(6)][1:]
        table.add_row("`footnote ask` on the seeds, whole process", *_cells(asked, "s", 1))
        with _served(environment) as (client, process):
            questions = [q.text for q in read_questions(SEEDS / "questions.jsonl")]
            times = [_seconds(lambda q=q: client.post("/ask", json={"question": q})) for q in [*questions, *questions]]
            table.add_row("POST /ask on the seeds, each question new", *_cells(times[5 : len(questions)], "ms", 1000))
            table.add_row("POST /ask on the seeds, asked before", *_cells(times[len(questions) :], "ms", 1000))
            table.add_row("memory of the serving process, at its peak", f"{_peak_mib(process):.0f} MiB", "")
    documents = os.environ.get("FOOTNOTE_BENCH_DOCUMENTS")
    if documents:
        _large(Path(documents), table, console)
    else:
        table.add_row("the PEPs and tldr pages", "skipped", "set FOOTNOTE_BENCH_DOCUMENTS")
    console.print(table)


def _large(documents: Path, table: Table, console: Console) -> None:
    """Measure indexing, re-indexing and search over a corpus of realistic size."""
    settings = load_settings(home=KEPT)
    fresh = not KEPT.exists()
    with Library.open(settings) as library, console.status("Indexing") as status:

        def tell(progress: Progress) -> None:
            status.update(f"{progress.message} {progress.done:,} of {progress.total:,}")

        library.encoder.encode(["warm"])
        begun = time.perf_counter()
        report = index(library, [documents], tell)
        seconds = time.perf_counter() - begun
        if fresh:
            rate = report.encoded_chunks / seconds
            table.add_row("indexing, from files to a saved index", f"{rate:.0f} chunks/s", f"{report.encoded_chunks:,}")
        with library.store.snapshot() as snapshot:
            size = snapshot.counts()
        over = f"over {size.chunks:,} chunks of {size.documents:,} documents"
        unchanged = [_seconds(lambda: index(library, [documents])) for _ in range(3)]
        table.add_row(f"re-indexing unchanged files, {over}", *_cells(unchanged, "s", 1))
        _search_rows(library, over, table)
    environment = {**os.environ, "FOOTNOTE_HOME": str(KEPT)}
    cold = [_process_seconds([*FOOTNOTE, "ask", WORDY[0]], environment) for _ in range(3)]
    table.add_row(f"`footnote ask`, whole process, {over}", *_cells(cold, "s", 1))
    with _served(environment) as (client, process):
        times = [_seconds(lambda q=q: client.post("/ask", json={"question": q})) for q in WORDY * 4][len(WORDY) :]
        table.add_row(f"POST /ask, asked before, {over}", *_cells(times, "ms", 1000))
        table.add_row(f"memory of the serving process, {over}", f"{_peak_mib(process):.0f} MiB", "")


def _search_rows(library: Library, over: str, table: Table) -> None:
    questions = [f"{question} {n}" for question in WORDY for n in range(8)]
    for question in questions[:3]:
        library.search(question)
    times = [_seconds(lambda q=q: library.search(q)) for q in questions]
    table.add_row(f"search, each question new, {over}", *_cells(times, "ms", 1000))


@contextmanager
def _served(environment: dict[str, str]) -> Iterator[tuple[httpx.Client, psutil.Process]]:
    """Run `footnote serve` on a free port until the block ends."""
    command = [*FOOTNOTE, "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
        try:
            assert child.stdout is not None
            address = next(found.group() for line in child.stdout if (found := re.search(r"http://[\w.:]+", line)))
            with httpx.Client(base_url=address, timeout=120) as client:
                client.get("/readyz").raise_for_status()
                yield client, psutil.Process(child.pid)
        finally:
            child.terminate()


def _peak_mib(process: psutil.Process) -> float:
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text()).group(1)) / 1024
    return process.memory_info().rss / 2**20


def _process_seconds(command: Sequence[str], environment: dict[str, str]) -> float:
    return _seconds(lambda: subprocess.run(command, env=environment, check=True, capture_output=True))


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _cells(seconds: Sequence[float], unit: str, factor: float) -> tuple[str, str]:
    low, high = min(seconds) * factor, max(seconds) * factor
    return f"{statistics.median(seconds) * factor:.2f} {unit}", f"{low:.2f} to {high:.2f} {unit}"


if __name__ == "__main__":
    main()
