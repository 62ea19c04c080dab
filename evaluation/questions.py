"""Question files: a line of JSON per question, with the words of the documents that answer it, or without any.

    {"id": "h1", "question": "When does it open?", "quotes": ["opens at nine"], "answers": ["9"], "document": "a.md"}
    {"question": "Who paid for it?", "quotes": null}

`quotes` are words of the documents, as they stand there, the fewest that answer: any one of them is right, of a whole
sentence any of its words, and `null` or `[]` means that the documents do not answer. Optional: `id` (else the number of
the line), `answers` (short answers to compare with; else the quotes), `document` (the end of a source, or a title: only
there a quote counts).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from retriever.errors import RequestError
from retriever.records import DocumentInfo

SEPARATORS = ("", "/", "\\", ":")


class InvalidQuestions(RequestError):
    """A question file does not have the format that is read, or holds a question that cannot be asked."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and every quote that counts as its answer; none when the documents do not answer it.

    `document` restricts where a quote counts. `starts` says at which code point of that document each quote stands,
    where that is known; else every place of its words counts.
    """

    id: str
    text: str
    quotes: tuple[str, ...]
    answers: tuple[str, ...] = ()
    document: str | None = None
    starts: tuple[int, ...] = ()

    @property
    def answerable(self) -> bool:
        """Whether the documents answer it."""
        return bool(self.quotes)

    @property
    def golds(self) -> tuple[str, ...]:
        """The short answers to compare with: those given, else the quotes."""
        return self.answers or self.quotes

    def may_stand_in(self, document: DocumentInfo) -> bool:
        """Tell whether a quote counts in that document.

        >>> info = DocumentInfo("1", "", "Opening hours", "/home/ann/hours.md", "text/markdown", 0, 0)
        >>> names = ("hours.md", "ours.md", "Opening hours")
        >>> [Question("", "", (), document=name).may_stand_in(info) for name in names]
        [True, False, True]
        """
        named, source = self.document, document.source
        if named is None or named == document.title:
            return True
        return source.endswith(named) and source.removesuffix(named)[-1:] in SEPARATORS


def read_questions(file: Path) -> list[Question]:
    """Read a question file; blank lines and further fields are passed over.

    Raises:
        InvalidQuestions: the file cannot be read, holds no question, or has a line of another form; the sentence names
            the line.

    """
    try:
        lines = file.read_text("utf-8-sig").split("\n")  # and at no other mark, which a string may hold
    except OSError as error:
        msg = f"The question file {file} cannot be read: {error.strerror}."
        raise InvalidQuestions(msg) from error
    except UnicodeDecodeError as error:
        msg = f"The question file {file} is not UTF-8 text."
        raise InvalidQuestions(msg) from error
    questions: dict[str, Question] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            question = _question(number, line)
            _require(question.id not in questions, f'an earlier line has the "id" {question.id!r} too')
        except ValueError as error:
            msg = f"{file.name}, line {number}: {error}."
            raise InvalidQuestions(msg) from error
        questions[question.id] = question
    if not questions:
        msg = f"The question file {file} holds no question."
        raise InvalidQuestions(msg)
    return list(questions.values())


def spread(questions: Sequence[Question], most: int) -> list[Question]:
    """Choose at most so many, at least one, spread evenly over the file.

    >>> [question.id for question in spread([Question(str(n), "", ()) for n in range(10)], 4)]
    ['0', '2', '5', '7']
    """
    chosen = min(most, len(questions))
    return [questions[n * len(questions) // chosen] for n in range(chosen)]


def _question(number: int, line: str) -> Question:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    _require(isinstance(row, dict), f'expected {{"id", "question", "quotes"}}, found {line[:60]!r}')
    text, document, name = row.get("question"), row.get("document"), row.get("id")
    _require(isinstance(text, str) and any(map(str.isalnum, text)), '"question" must be a question in words')
    _require("quotes" in row, '"quotes" is missing; it is null where the documents do not answer')
    quotes, answers = _strings(row, "quotes"), _strings(row, "answers")
    _require(bool(quotes) or not answers, 'there are "answers", and no "quotes" that hold them')
    _require(document is None or (isinstance(document, str) and document != ""), '"document" must be a name')
    return Question(str(number if name is None else name), text, quotes, answers, document)


def _strings(row: dict[str, object], field: str) -> tuple[str, ...]:
    values = row.get(field)
    if not isinstance(values, list | None):
        values = [None]
    _require(
        all(isinstance(value, str) and value.strip() for value in values or ()),
        f'"{field}" must be a list of words of the documents, or null',
    )
    return tuple(values or ())


def _require(truth: bool, otherwise: str) -> None:  # noqa: FBT001 - it reads as a sentence
    if not truth:
        raise ValueError(otherwise)
