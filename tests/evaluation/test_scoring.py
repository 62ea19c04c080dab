"""Scoring: which citations count as right, and how outcomes are put together."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evaluation.questions import InvalidQuestions, Question, read_questions
from evaluation.scoring import Summary, auroc, score, summarise
from retriever.library import Library
from retriever.records import Answer
from retriever.settings import Settings
from tests.library import write
from tests.toys import ToyEncoder


@contextmanager
def _library(home: Path, texts: dict[str, str]) -> Iterator[Library]:
    encoder = ToyEncoder()
    with Library.open(Settings(home=home), encoder=encoder) as opened:
        write(opened.store, encoder, texts)
        yield opened


def _questions() -> list[Question]:
    return [
        Question("a", "When does the museum open?", ("opens at nine",)),
        Question("b", "When does the museum open?", ("closes at five",)),
        Question("c", "When does the museum open?", ()),
    ]


def test_a_citation_that_overlaps_a_gold_quote_is_right(tmp_path: Path) -> None:
    """The first citation that shares a character with a gold quote counts; a question without gold has none."""
    with _library(tmp_path, {"/hours.txt": "The museum opens at nine.", "/dogs.txt": "Dogs bark."}) as museum:
        outcomes = score(museum.store, museum.ask, _questions())
    assert [outcome.right for outcome in outcomes] == [1, None, None]
    summary = summarise(outcomes)
    assert (summary.answerable, summary.unanswerable) == (2, 1)
    assert (summary.right_first, summary.right_in_three, summary.refused) == (0.5, 0.5, 0.0)
    assert summary.answered_anyway == 1.0
    assert isinstance(outcomes[0].answer, Answer)


def test_a_summary_of_nothing_is_all_zero() -> None:
    """No outcome, no share; and confidences that cannot be compared are a coin's toss."""
    assert summarise([]) == Summary(0, 0, 0.0, 0.0, 0.0, 0.0, 0.5)


@pytest.mark.parametrize(
    ("positive", "negative", "expected"),
    [([1.0], [0.0], 1.0), ([0.0], [1.0], 0.0), ([0.5], [0.5], 0.5), ([3, 1], [2, 0], 0.75)],
)
def test_auroc_counts_pairs_in_order(positive: list[float], negative: list[float], expected: float) -> None:
    """The share of pairs in which the positive is higher, ties half."""
    assert auroc(positive, negative) == expected


@pytest.mark.parametrize("line", ["{", '{"id": "1"}', '{"id": "1", "question": "Why?", "quotes": 3}'])
def test_a_line_of_another_form_is_named(tmp_path: Path, line: str) -> None:
    """A question file that cannot be read says which line is at fault."""
    file = tmp_path / "q.jsonl"
    file.write_text(f'{{"id": "0", "question": "Who?", "quotes": null}}\n{line}\n')
    with pytest.raises(InvalidQuestions, match=r"q\.jsonl, line 2"):
        read_questions(file)


def test_a_refusal_is_scored_too(tmp_path: Path) -> None:
    """An empty library refuses every question."""
    with _library(tmp_path, {}) as empty:
        assert summarise(score(empty.store, empty.ask, _questions())).refused == 1.0
