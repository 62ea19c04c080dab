"""A library is asked questions: what it gave, what of that is right, and what its search found."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from evaluation.gold import Gold, GoldFinder
from evaluation.questions import InvalidQuestions, Question
from ingest.report import Progress, Tell, ignore
from retriever.answering import checked
from retriever.errors import InvalidQuestion, RequestError
from retriever.library import Library
from retriever.records import Answer, Citation, NoAnswer

DEPTH = 50  # hits of a search that are looked at

Ask: TypeAlias = Callable[[str], Answer | NoAnswer]


class EmptyLibrary(RequestError):
    """There is no document to ask."""


class LibraryChanged(RequestError):
    """The library was indexed while it was asked, so its places are not those of the gold quotes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question.

    `marks` says of each citation, or where it was refused of each passage that came nearest, whether its sentence
    overlaps a gold quote; `quoted`, whether the best quote itself does, shown or not: what the confidence is the
    probability of. `ranking` says of each hit of the search whether its passage does, and `passages` how many
    passages of the library do.
    """

    question: Question
    answer: Answer | NoAnswer
    marks: tuple[bool, ...]
    quoted: bool
    ranking: tuple[bool, ...]
    passages: int
    seconds: float

    @property
    def refused(self) -> bool:
        """Whether the answer is that the documents do not say."""
        return isinstance(self.answer, NoAnswer)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What was cited; where the question was refused, what came nearest."""
        return citations_of(self.answer)

    @property
    def right_at(self) -> int | None:
        """The number of the first right citation that was shown, from 1; `None` if none was."""
        return None if self.refused else next((n for n, mark in enumerate(self.marks, 1) if mark), None)

    @property
    def best_quote(self) -> str:
        """The best quote, shown or not; empty where nothing came near."""
        return next((citation.quote for citation in self.citations), "")

    @property
    def verdict(self) -> str:
        """Say in words what became of it."""
        if self.refused:
            return "refused, wrongly" if self.question.answerable else "refused, rightly"
        if not self.question.answerable:
            return "answered anyway"
        return "wrong" if self.right_at is None else f"right at {self.right_at}"


@dataclass(frozen=True, slots=True)
class Scored:
    """The outcomes of each reader by its name, and the questions left out because no gold quote is in the library."""

    outcomes: Mapping[str, tuple[Outcome, ...]]
    left_out: tuple[Question, ...]


def score(library: Library, questions: Sequence[Question], readers: Mapping[str, Ask], tell: Tell = ignore) -> Scored:
    """Ask each reader each question, and look up what of it overlaps a gold quote; `tell` hears of every question.

    Raises:
        EmptyLibrary: there is nothing to ask.
        LibraryChanged: the library was indexed meanwhile.
        InvalidQuestions: a question cannot be asked, or none can be scored; the sentence says which and why.
        LibraryMismatch: the library was indexed with another model.

    """
    _check(library, questions)
    library.search(questions[0].text, 1)  # loads the model and the indexes, which no question should pay for
    outcomes: dict[str, list[Outcome]] = {name: [] for name in readers}
    left_out = []
    with library.store.snapshot() as snapshot:
        finder = GoldFinder(snapshot)
        for done, question in enumerate(questions):
            tell(Progress(done, len(questions), "Asking"))
            gold = finder.find(question)
            if question.answerable and not gold.passages:  # nowhere, or where nothing is quoted: in a heading
                left_out.append(question)
                continue
            asked = {name: _timed(ask, question.text) for name, ask in readers.items()}
            if any(answer.generation != snapshot.generation for answer, _ in asked.values()):
                msg = "The library was indexed while it was asked, so no place can be compared; evaluate it again."
                raise LibraryChanged(msg)
            ranking = tuple(
                gold.overlaps(hit.document.id, hit.chunk.span) for hit in library.search(question.text, DEPTH).hits
            )
            for name, (answer, seconds) in asked.items():
                outcomes[name].append(_outcome(question, answer, gold, ranking, seconds))
    if len(left_out) == len(questions):
        msg = f"None of the {len(questions):,} questions can be scored: no quote stands in a document of the library."
        raise InvalidQuestions(msg)
    return Scored({name: tuple(some) for name, some in outcomes.items()}, tuple(left_out))


def citations_of(answer: Answer | NoAnswer) -> tuple[Citation, ...]:
    """List what an answer cites, or what came nearest where there is none."""
    return answer.citations if isinstance(answer, Answer) else tuple(near.citation for near in answer.nearest)


def _check(library: Library, questions: Sequence[Question]) -> None:
    """Refuse what cannot be scored before anything takes time."""
    with library.store.snapshot() as snapshot:
        if not snapshot.counts().chunks:
            msg = "The library is empty, so there is nothing to ask; fill it with: footnote index PATH."
            raise EmptyLibrary(msg)
    for question in questions:
        try:
            checked(question.text, library.settings.max_question_characters)
        except InvalidQuestion as error:
            msg = f"Question {question.id} cannot be asked: {error}"
            raise InvalidQuestions(msg) from error


def _timed(ask: Ask, question: str) -> tuple[Answer | NoAnswer, float]:
    begun = time.perf_counter()
    answer = ask(question)
    return answer, time.perf_counter() - begun


def _outcome(
    question: Question, answer: Answer | NoAnswer, gold: Gold, ranking: tuple[bool, ...], seconds: float
) -> Outcome:
    citations = citations_of(answer)
    marks = tuple(gold.overlaps(c.document_id, c.sentence.span) for c in citations)
    quoted = any(gold.overlaps(c.document_id, c.span) for c in citations[:1])
    return Outcome(question, answer, marks, quoted, ranking, gold.passages, seconds)
