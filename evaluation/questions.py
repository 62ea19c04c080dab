"""Question sets: a line of JSON per question, with the words that answer it or without."""

import json
from dataclasses import dataclass
from pathlib import Path

from retriever.errors import RequestError


class InvalidQuestions(RequestError):
    """A question file does not have the format that is read."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and every quote that counts as its answer; none when the documents do not answer it."""

    id: str
    text: str
    quotes: tuple[str, ...]

    @property
    def answerable(self) -> bool:
        """Whether the documents answer it."""
        return bool(self.quotes)


def read_questions(file: Path) -> list[Question]:
    """Read lines of `{"id", "question", "quotes": [str, ...] | null}`; further fields are ignored.

    Raises:
        InvalidQuestions: a line is not of that form; the sentence names it.

    """
    questions = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            questions.append(Question(str(row["id"]), row["question"], tuple(row["quotes"] or ())))
        except (ValueError, KeyError, TypeError) as error:
            msg = f'{file.name}, line {number}: expected {{"id", "question", "quotes"}}, found {line[:60]!r}.'
            raise InvalidQuestions(msg) from error
    return questions
