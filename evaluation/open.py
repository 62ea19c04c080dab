"""Questions over a library of realistic size: `python -m evaluation.open DATA`; `--help` lists the options.

DATA holds `sets/squad20_half_a` and `docs.tar.xz`. The 646 passages of the set, each a file of its own, lie in one
library among PEPs and tldr pages; asked are the questions on the articles that nothing was trained on; the order,
the confidence and the threshold of the trained reader are fitted on these, over a smaller library. The library is
kept in FOLDER (`.footnote/open`), so that only the first run encodes. A passage counts where its gold answer stands;
what was asked as unanswerable was judged so by its own passage, not by the others.
"""

import argparse
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from rich.console import Console
from rich.table import Table

from evaluation.baselines import readers
from evaluation.figures import number, percent
from evaluation.fit import DEVELOPMENT, read_lines
from evaluation.page import page
from evaluation.plots import reliability_plot
from evaluation.questions import Question, spread
from evaluation.report import Report, summarise
from evaluation.scoring import score
from ingest.pipeline import index
from ingest.report import Progress
from retriever.library import Library
from retriever.settings import load_settings

KEPT = Path(__file__).parent.parent / ".footnote" / "open"
SET = "squad20_half_a"
PACKED = {("peps", "raw", ".rst"), ("tldr_en", "raw", ".md")}  # folders of the archive, and what is a document in each


def main(arguments: Sequence[str]) -> None:
    """Print the table, and write the page of the library's own reader where one is asked for."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.open")
    parser.add_argument("data", type=Path, help="the folder with sets/ and docs.tar.xz")
    parser.add_argument("--limit", type=int, help="ask only so many questions, spread evenly")
    parser.add_argument("--home", type=Path, default=KEPT, help="where the documents and their library are kept")
    parser.add_argument("--html", type=Path, help="write a page with every question")
    parser.add_argument("--plot", type=Path, help="draw whether the confidence is true, as SVG")
    given = parser.parse_args(arguments)
    if not (given.data / "docs.tar.xz").is_file():
        parser.error(f"{given.data} is not the data folder: it holds no docs.tar.xz")
    documents = given.home / "documents"
    write_passages(given.data, documents / "passages")
    unpack(given.data / "docs.tar.xz", documents)
    questions = list(read_development(given.data))
    asked = spread(questions, given.limit or len(questions))
    console, errors = Console(width=None if sys.stdout.isatty() else 160), Console(stderr=True)
    with Library.open(load_settings(home=given.home / "library")) as library, errors.status("Indexing") as status:

        def tell(progress: Progress) -> None:
            status.update(f"{progress.message}: {progress.done:,} of {progress.total:,}")

        index(library, [documents], tell)
        scored = score(library, asked, readers(library), tell)
        with library.store.snapshot() as snapshot:
            size = snapshot.counts()
    reports = {name: summarise(outcomes, scored.left_out) for name, outcomes in scored.outcomes.items()}
    console.print(
        f"{len(asked):,} questions over {size.documents:,} documents, {size.chunks:,} passages", table(reports)
    )
    name, outcomes = list(scored.outcomes.items())[-1]
    if given.plot:
        given.plot.write_text(reliability_plot(reports[name].confidence.reliability), "utf-8")
    if given.html:
        title = f"{name.capitalize()}, over {size.documents:,} documents"
        given.html.write_text(page(title, reports[name], outcomes, scored.left_out), "utf-8")


def read_development(data: Path) -> Iterator[Question]:
    """Read the questions of the development articles; a quote counts at its own place in its own passage."""
    for row in read_lines(data / "sets" / SET / "questions.jsonl.gz"):
        passage = row["relevant"][0]
        if passage.rsplit("#", 1)[0] in DEVELOPMENT:
            answers: list[dict[str, Any]] = row["answers"]
            texts = tuple(answer["text"] for answer in answers)
            starts = tuple(answer["start"] for answer in answers)
            yield Question(row["id"], row["question"], texts, texts, file_name(passage), starts)


def write_passages(data: Path, folder: Path) -> None:
    """Write each passage of the set into a file of its own, unless it is there."""
    for row in read_lines(data / "sets" / SET / "corpus.jsonl.gz"):
        _write(folder / file_name(row["doc_id"]), row["text"].encode())


def unpack(archive: Path, folder: Path) -> None:
    """Write the PEPs and tldr pages of an archive into a folder, and nothing outside of it or that is no plain file."""
    with tarfile.open(archive) as members:
        for member in members:
            path = PurePosixPath(member.name)
            wanted = (*path.parts[:2], path.suffix) in PACKED and ".." not in path.parts and member.isreg()
            if wanted and (file := members.extractfile(member)):
                _write(folder.joinpath(*path.parts), file.read())


def file_name(doc_id: str) -> str:
    """Name the file of a passage, so that its id can be told from it.

    >>> file_name("French_and_Indian_War#3")
    'French_and_Indian_War%233.txt'
    """
    return f"{quote(doc_id, safe='')}.txt"


def table(reports: Mapping[str, Report]) -> Table:
    """Lay the readers' figures side by side."""
    columns: dict[str, Callable[[Report], str]] = {
        "n": lambda r: f"{r.questions.answerable} + {r.questions.unanswerable}",
        "right first": lambda r: percent(r.answers.right_first),
        "right in 3": lambda r: percent(r.answers.right_in_three),
        "quoted first": lambda r: percent(r.answers.quoted_first),
        "refused": lambda r: percent(r.abstention.refused),
        "answered anyway": lambda r: percent(r.abstention.answered_anyway),
        "AUROC": lambda r: number(r.abstention.auroc),
        "calibration error": lambda r: number(r.confidence.calibration_error),
        "nDCG@10": lambda r: number(r.retrieval.ndcg_at_10),
        "recall@8": lambda r: number(r.retrieval.recall_at_8),
    }
    made = Table("Reader", *columns)
    for name, report in reports.items():
        made.add_row(name, *(cell(report) for cell in columns.values()))
    return made


def _write(file: Path, data: bytes) -> None:
    """Write a file unless it is there with these bytes: one that is written again would be read again."""
    if file.exists() and file.read_bytes() == data:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


if __name__ == "__main__":
    main(sys.argv[1:])
