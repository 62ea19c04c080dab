"""The seed questions are what `seeds/README.md` says they are."""

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

SEEDS = Path(__file__).parents[2] / "seeds"
README = (SEEDS / "README.md").read_text(encoding="utf-8")
DOCUMENT = SEEDS / "documents" / "india-us-defence-framework-2025.txt"
TEXT = DOCUMENT.read_bytes().decode("utf-8")

# A full stop after a capital letter belongs to "U.S." in this text and ends no sentence.
SENTENCE_END = re.compile(r"(?<=[a-z0-9)]\.)\s+")


@dataclass(frozen=True, slots=True)
class Question:
    """One line of a file; `quotes` is None, and `near` says why, if the document does not answer."""

    id: str
    question: str
    quotes: list[str] | None
    kind: str
    near: str | None = None


def read(name: str) -> list[Question]:
    """The questions of one file, in its order."""
    lines = (SEEDS / name).read_text(encoding="utf-8").splitlines()
    return [Question(**json.loads(line)) for line in lines]


QUESTIONS = read("questions.jsonl")
PARAPHRASES = read("paraphrases.jsonl")
ANSWERED = [question for question in QUESTIONS if question.quotes is not None]
UNANSWERED = [question for question in QUESTIONS if question.quotes is None]
QUOTES = [(question.id, quote) for question in ANSWERED + PARAPHRASES for quote in question.quotes or ()]

both_files = pytest.mark.parametrize(
    ("questions", "letter"), [(QUESTIONS, "s"), (PARAPHRASES, "p")], ids=["questions", "paraphrases"]
)


@both_files
def test_there_are_enough_questions(questions: list[Question], letter: str) -> None:
    """The gate rests on at least sixty questions, and so does the stress set."""
    assert len(questions) >= 60, letter


@both_files
def test_ids_count_up(questions: list[Question], letter: str) -> None:
    """Ids are unique and number the lines."""
    assert [question.id for question in questions] == [
        f"{letter}{number:03}" for number in range(1, len(questions) + 1)
    ]


def test_no_question_is_asked_twice() -> None:
    """Question texts are unique across both files, whatever their case."""
    counts = Counter(question.question.casefold() for question in QUESTIONS + PARAPHRASES)
    assert [text for text, count in counts.items() if count > 1] == []


def test_a_third_is_unanswered() -> None:
    """At least one question in three has no answer in the document, and these stand last."""
    assert 3 * len(UNANSWERED) >= len(QUESTIONS)
    assert QUESTIONS == ANSWERED + UNANSWERED


def test_gold_or_reason() -> None:
    """An answered question has gold quotes, an unanswered one says what makes it a near miss, and none has both."""
    assert all(question.quotes and question.near is None for question in ANSWERED)
    assert all(question.near for question in UNANSWERED)


def test_paraphrases_are_answered() -> None:
    """Every paraphrase has gold quotes."""
    assert all(question.quotes and question.near is None for question in PARAPHRASES)


@pytest.mark.parametrize(("id_", "quote"), QUOTES)
def test_quote_is_verbatim(id_: str, quote: str) -> None:
    """A gold quote stands in the document, character for character, at exactly one offset."""
    start = TEXT.find(quote)
    assert start >= 0, id_
    assert TEXT[start : start + len(quote)] == quote
    assert TEXT.find(quote, start + 1) == -1, id_


def test_gold_quotes_do_not_overlap() -> None:
    """The gold quotes of one question are different places, none overlapping another."""
    for question in ANSWERED + PARAPHRASES:
        spans = sorted((TEXT.find(quote), TEXT.find(quote) + len(quote)) for quote in question.quotes or ())
        assert all(end <= start for (_, end), (start, _) in pairwise(spans)), question.id


@pytest.mark.parametrize("letter", ["s", "p"])
def test_every_sentence_is_asked_about(letter: str) -> None:
    """Each sentence of the document answers at least two questions of each file."""
    sentences = SENTENCE_END.split(TEXT.strip())
    assert len(sentences) == 15
    for sentence in sentences:
        assert len({id_ for id_, quote in QUOTES if id_.startswith(letter) and quote in sentence}) >= 2, sentence


def test_document_is_the_one_described() -> None:
    """The bytes of the document have the sha256 that the README names."""
    assert re.findall(r"`([0-9a-f]{64})`", README) == [hashlib.sha256(DOCUMENT.read_bytes()).hexdigest()]


def test_counts_are_those_of_the_readme() -> None:
    """The README's tables count the questions of each file, and those of each kind."""
    columns = [Counter(question.kind for question in group) for group in (ANSWERED, UNANSWERED, PARAPHRASES)]
    rows = {kind: tuple(column[kind] for column in columns) for column in columns for kind in column}
    rows["all"] = (len(ANSWERED), len(UNANSWERED), len(PARAPHRASES))
    table = re.findall(r"^\| ([a-z ]+) \| (\d+) \| (\d+) \| (\d+) \|$", README, flags=re.MULTILINE)
    assert {kind: tuple(map(int, counts)) for kind, *counts in table} == rows
    assert f"| `questions.jsonl` | {len(QUESTIONS)} questions, " in README
    assert f": {len(ANSWERED)} that the document answers, then {len(UNANSWERED)} that it does not |" in README
    assert f"| `paraphrases.jsonl` | {len(PARAPHRASES)} questions, " in README
