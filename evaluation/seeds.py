"""How well the seed questions are answered: `python -m evaluation.seeds [-v]`."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evaluation.baselines import readers
from evaluation.figures import number, percent
from evaluation.questions import read_questions
from evaluation.report import Report, summarise
from evaluation.scoring import Ask, Outcome, score
from ingest.pipeline import index
from retriever.library import Library
from retriever.settings import Settings, load_settings

SEEDS = Path(__file__).parent.parent / "seeds"
SETS = {"questions": "as people ask", "paraphrases": "in words that the document avoids"}


@contextmanager
def seed_library(settings: Settings) -> Iterator[Library]:
    """Index the seed documents into a library of their own, gone when the block ends."""
    with (
        tempfile.TemporaryDirectory() as home,
        Library.open(settings.model_copy(update={"home": Path(home)})) as library,
    ):
        index(library, [SEEDS / "documents"])
        yield library


def evaluate(library: Library, name: str, ask: Ask) -> tuple[Outcome, ...]:
    """Ask the seed questions of that set."""
    return score(library, read_questions(SEEDS / f"{name}.jsonl"), {name: ask}).outcomes[name]


def main(arguments: Sequence[str]) -> None:
    """Print the table; with `-v` each question too."""
    console = Console(width=None if sys.stdout.isatty() else 160)
    columns = ("right first", "right in 3", "quoted first", "refused", "answered anyway", "AUROC", "calibration error")
    table = Table("Questions", "Reader", "n", *columns)
    with seed_library(load_settings()) as library:
        for name, about in SETS.items():
            for reader, ask in readers(library).items():
                outcomes = evaluate(library, name, ask)
                table.add_row(f"{name}: {about}", reader, *_cells(summarise(outcomes)))
                if "-v" in arguments and reader == "trained reader":
                    _print_each(console, outcomes)
    console.print(table)


def _cells(report: Report) -> list[str]:
    return [
        f"{report.questions.answerable} + {report.questions.unanswerable}",
        percent(report.answers.right_first),
        percent(report.answers.right_in_three),
        percent(report.answers.quoted_first),
        percent(report.abstention.refused),
        percent(report.abstention.answered_anyway),
        number(report.abstention.auroc),
        number(report.confidence.calibration_error),
    ]


def _print_each(console: Console, outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        line = escape(f"{outcome.question.id} {outcome.question.text}")
        console.print(f"{outcome.verdict:>16}  {outcome.answer.confidence:4.0%}  {line}")


if __name__ == "__main__":
    main(sys.argv[1:])
