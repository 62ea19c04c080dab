"""The lines of a question set, as they are written and as they are kept."""

import hashlib
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

from retriever.records import Span

Kind = Literal[
    "who",
    "when",
    "where",
    "how many",
    "which",
    "list",
    "why",
    "how",
    "definition",
    "is it true",
    "what if",
    "compare",
    "what",
]

Words = Annotated[str, Field(pattern=r"^\S(?:[\s\S]*\S)?$")]
"""Something is said, with no space around it."""


Name = Annotated[str, Field(min_length=1)]
"""What the data call something: some names of documents end in a space."""


class Line(BaseModel):
    """A line of JSON that has just the fields named, in just their types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Quote(Line):
    """Words of a document, and the offset in it where they start."""

    text: Words
    start: NonNegativeInt

    @property
    def span(self) -> Span:
        """Give the place of the words in the document."""
        return Span(self.start, self.start + len(self.text))


class Question(Line):
    """A question about a passage, kept for training.

    `answers` are the shortest spans that answer, several if it takes several, and `evidence` the whole sentences that
    show it; both are empty if the passage does not answer, and then `near` says what makes it look as if it did.
    """

    id: Words
    passage_id: Name
    set: Name
    doc_id: Name
    start: NonNegativeInt
    end: NonNegativeInt
    question: Words
    kind: Kind
    answers: tuple[Quote, ...]
    evidence: tuple[Quote, ...]
    near: Words | None

    @property
    def passage(self) -> Span:
        """Give the place of the passage in the document."""
        return Span(min(self.start, self.end), self.end)

    @property
    def development(self) -> bool:
        """Tell whether the question is kept for development: all those of one passage in ten, by the hash of its id."""
        return int.from_bytes(hashlib.sha256(self.passage_id.encode()).digest()[:8]) % 10 == 0


class Occurrence(Line):
    """The `i`-th place, counted from 0, where these words stand in the passage."""

    t: Words
    i: NonNegativeInt


class RawLine(Line):
    """A question as it is written: about passage `p` of a batch, with quotes that are still to be found in it.

    Without `e`, the evidence is the sentences that the answers stand in.
    """

    p: NonNegativeInt
    q: Words
    k: Kind
    a: tuple[Words | Occurrence, ...] = ()
    e: tuple[Words | Occurrence, ...] = ()
    n: Words | None = None


Form = TypeVar("Form", bound=Line)


def read_lines(file: Path, form: type[Form]) -> tuple[list[tuple[str, Form]], list[str]]:
    """Read a file of lines of that form.

    Returns:
        The place of each line, as in "b01.jsonl, line 3", with what it says; and a sentence for each line that is not
        of that form.

    """
    read, problems = [], []
    for number, line in enumerate(file.read_text("utf-8").split("\n"), 1):
        place = f"{file.name}, line {number}"
        if line.strip():
            try:
                read.append((place, form.model_validate_json(line)))
            except ValidationError as error:
                problems += [f"{place}: {'.'.join(map(str, e['loc'])) or 'line'}: {e['msg']}" for e in error.errors()]
    return read, problems
