"""How well the seed questions are answered: `python -m evaluation.seeds [-v]`."""

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evaluation.questions import Question, read_questions
from evaluation.scoring import Outcome, Summary, score, summarise
from ingest.pipeline import index
from retriever.answering import Answerer
from retriever.encoder import Encoder
from retriever.library import Library
from retriever.records import Answer, Evidence, Hit, NoAnswer, Reading
from retriever.settings import Settings, load_settings

SEEDS = Path(__file__).parent.parent / "seeds"
SETS = {"questions": "as people ask", "paraphrases": "in words that the document avoids"}


class SimilarityReader:
    """The baseline: the sentences by their cosine to the question, and nothing else."""

    threshold = 0.0

    def __init__(self, encoder: Encoder) -> None:
        """Compare with vectors of `encoder`."""
        self._encoder = encoder
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """Order all sentences of the passages by similarity."""
        sentences = [(hit, span) for hit in hits for span in hit.chunk.sentences]
        texts = [hit.chunk.text[s.start - hit.chunk.span.start : s.end - hit.chunk.span.start] for hit, s in sentences]
        for text in texts:
            if text not in self._vectors:
                self._vectors[text] = self._encoder.encode([text])[0]
        cosines = np.stack([self._vectors[text] for text in texts]) @ self._encoder.encode([question])[0]
        evidence = tuple(
            Evidence(sentences[i][0], sentences[i][1], sentences[i][1], max(0.0, float(cosines[i])))
            for i in np.argsort(-cosines, kind="stable")
        )
        return Reading(evidence, evidence[0].score)


@contextmanager
def seed_library(settings: Settings) -> Iterator[Library]:
    """Index the seed documents into a library of their own, gone when the block ends."""
    with (
        tempfile.TemporaryDirectory() as home,
        Library.open(settings.model_copy(update={"home": Path(home)})) as library,
    ):
        index(library, [SEEDS / "documents"])
        yield library


def evaluate(library: Library, name: str, ask: Callable[[str], Answer | NoAnswer]) -> list[Outcome]:
    """Ask the seed questions of that set."""
    return score(library.store, ask, read_questions(SEEDS / f"{name}.jsonl"))


def main(arguments: Sequence[str]) -> None:
    """Print the table; with `-v` each question too."""
    console = Console(width=None if sys.stdout.isatty() else 140)
    table = Table("Questions", "Reader", "n", "right first", "right in 3", "refused", "answered anyway", "AUROC")
    with seed_library(load_settings()) as library:
        baseline = Answerer(
            library.searcher,
            SimilarityReader(library.encoder),
            passages=library.settings.passages,
            max_question_characters=library.settings.max_question_characters,
        )
        for name, about in SETS.items():
            for reader, ask in {"similarity alone": baseline.ask, "sentence reader": library.ask}.items():
                outcomes = evaluate(library, name, ask)
                table.add_row(f"{name}: {about}", reader, *_cells(summarise(outcomes)))
                if "-v" in arguments and reader != "similarity alone":
                    _print_each(console, outcomes)
    console.print(table)


def _cells(summary: Summary) -> list[str]:
    none = not summary.unanswerable
    return [
        f"{summary.answerable} + {summary.unanswerable}",
        f"{summary.right_first:.0%}",
        f"{summary.right_in_three:.0%}",
        f"{summary.refused:.0%}",
        "–" if none else f"{summary.answered_anyway:.0%}",
        "–" if none else f"{summary.auroc:.2f}",
    ]


def _print_each(console: Console, outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        console.print(f"{_verdict(outcome):>16}  {outcome.answer.confidence:4.0%}  {escape(_line(outcome.question))}")


def _verdict(outcome: Outcome) -> str:
    if isinstance(outcome.answer, NoAnswer):
        return "refused, wrongly" if outcome.question.answerable else "refused, rightly"
    if not outcome.question.answerable:
        return "answered anyway"
    return "wrong" if outcome.right is None else f"right at {outcome.right}"


def _line(question: Question) -> str:
    return f"{question.id} {question.text}"


if __name__ == "__main__":
    main(sys.argv[1:])
