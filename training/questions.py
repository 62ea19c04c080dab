"""The question set of our own: `python -m training.questions DATA` checks it and counts it.

`python -m training.questions --assemble RAW.jsonl BATCH.jsonl` turns the questions written about a batch of passages
into the lines that are kept, on standard output.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

from rich.console import Console
from rich.table import Table

from training.assembling import assemble
from training.checking import Texts, overlap, problems, read_texts, unbalanced
from training.documents import data_folder
from training.passages import read_passages
from training.records import Question, RawLine, read_lines

FOLDER = Path(__file__).parent / "questions"


def main(arguments: Sequence[str]) -> int:
    """Check, or assemble; the status is 1 if something is wrong, which standard error then lists."""
    parser = argparse.ArgumentParser(prog="python -m training.questions", description="Check the question set.")
    parser.add_argument("data", type=data_folder, nargs="?", help="the data folder")
    parser.add_argument("--questions", type=Path, default=FOLDER, help="the folder of the question set")
    parser.add_argument("--assemble", type=Path, nargs=2, metavar=("RAW", "BATCH"), help="make lines of a batch")
    options = parser.parse_args(arguments)
    if options.assemble:
        wrong = _assemble(*options.assemble)
    elif options.data:
        wrong = _check(options.questions, options.data)
    else:
        parser.error("name the data folder, or --assemble")
    sys.stderr.writelines(f"{sentence}\n" for sentence in wrong)
    return 1 if wrong else 0


def read_questions(folder: Path = FOLDER) -> tuple[list[tuple[str, Question]], list[str]]:
    """Read all lines of the set, each with its place; and a sentence for each line that does not have the form."""
    questions, wrong = [], []
    for file in sorted(folder.glob("*.jsonl")):
        read, unread = read_lines(file, Question)
        questions += read
        wrong += unread
    return questions, wrong


def _assemble(raw: Path, batch: Path) -> list[str]:
    read, unread = read_lines(raw, RawLine)
    questions, wrong = assemble(read, read_passages(batch), batch.stem)
    if not unread + wrong:
        sys.stdout.writelines(f"{question.model_dump_json()}\n" for question in questions)
    return unread + wrong


def _check(folder: Path, data: Path) -> list[str]:
    read, wrong = read_questions(folder)
    questions = [question for _, question in read]
    texts = read_texts(data, questions)
    wrong += [*problems(read, texts), *unbalanced(questions)]
    known = [question for question in questions if (question.set, question.doc_id) in texts]
    console = Console(width=None if sys.stdout.isatty() else 120)
    for heading, group in _groupings().items():
        console.print(_table(heading, known, group, texts))
    return wrong


def _groupings() -> dict[str, Callable[[Question], str]]:
    return {
        "Set": lambda question: question.set,
        "Kind": lambda question: question.kind,
        "Split": lambda question: "development" if question.development else "training",
    }


def _table(heading: str, questions: Sequence[Question], group: Callable[[Question], str], texts: Texts) -> Table:
    """Count the questions of each group, and of all."""
    table = Table(heading, "passages", "questions", "unanswered", "overlap, answered", "overlap, unanswered")
    for name in [*sorted(set(map(group, questions))), "all"]:
        members = [question for question in questions if name in {group(question), "all"}]
        answered = [question for question in members if question.answers]
        unanswered = [question for question in members if not question.answers]
        table.add_row(
            name,
            f"{len({question.passage_id for question in members})}",
            f"{len(members)}",
            f"{len(unanswered)} ({len(unanswered) / max(1, len(members)):.0%})",
            _mean(answered, texts),
            _mean(unanswered, texts),
        )
    return table


def _mean(questions: Sequence[Question], texts: Texts) -> str:
    return f"{fmean(overlap(question, texts) for question in questions):.0%}" if questions else "–"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
