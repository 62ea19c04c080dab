"""How well a library answers: is the right place cited, and is nothing cited where there is nothing to cite?"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.questions import Question
from retriever.records import Answer, Citation, NoAnswer, Span
from retriever.store import Store


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question: the answer, and the first right citation's number (`None`: none was right)."""

    question: Question
    answer: Answer | NoAnswer
    right: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Shares in 0..1. A question that was refused counts as wrong at any rank.

    `auroc` is the probability that an answerable question is given a higher confidence than an unanswerable one.
    """

    answerable: int
    unanswerable: int
    right_first: float
    right_in_three: float
    refused: float
    answered_anyway: float
    auroc: float


def score(store: Store, ask: Callable[[str], Answer | NoAnswer], questions: Iterable[Question]) -> list[Outcome]:
    """Ask each question, and look up which citations hold or overlap a gold quote."""
    texts: dict[str, str] = {}
    with store.snapshot() as snapshot:
        for document in snapshot.documents():
            texts[document.id] = snapshot.text(document.id)
    outcomes = []
    for question in questions:
        answer = ask(question.text)
        citations = answer.citations if isinstance(answer, Answer) else ()
        right = next((c.number for c in citations if _is_right(c, question, texts[c.document_id])), None)
        outcomes.append(Outcome(question, answer, right))
    return outcomes


def summarise(outcomes: Sequence[Outcome]) -> Summary:
    """Put outcomes together; a share of nothing is 0."""
    answerable = [o for o in outcomes if o.question.answerable]
    unanswerable = [o for o in outcomes if not o.question.answerable]
    return Summary(
        answerable=len(answerable),
        unanswerable=len(unanswerable),
        right_first=_share(o.right == 1 for o in answerable),
        right_in_three=_share(o.right is not None and o.right <= 3 for o in answerable),  # noqa: PLR2004 - its name
        refused=_share(isinstance(o.answer, NoAnswer) for o in answerable),
        answered_anyway=_share(isinstance(o.answer, Answer) for o in unanswerable),
        auroc=auroc([o.answer.confidence for o in answerable], [o.answer.confidence for o in unanswerable]),
    )


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Give the probability that a positive scores higher than a negative, ties counting half (Mann and Whitney's U).

    >>> auroc([0.9, 0.8], [0.1, 0.8])
    0.875
    """
    if not positive or not negative:
        return 0.5
    difference = np.array(positive)[:, None] - np.array(negative)[None, :]
    return float((difference > 0).mean() + (difference == 0).mean() / 2)


def occurrences(text: str, quote: str) -> list[Span]:
    """Find every place of a gold quote.

    >>> occurrences("ab ab", "ab")
    [Span(start=0, end=2), Span(start=3, end=5)]
    """
    found, start = [], text.find(quote)
    while start >= 0:
        found.append(Span(start, start + len(quote)))
        start = text.find(quote, start + 1)
    return found


def _is_right(citation: Citation, question: Question, text: str) -> bool:
    return any(citation.span.overlaps(gold) for quote in question.quotes for gold in occurrences(text, quote))


def _share(truths: Iterable[bool]) -> float:
    values = list(truths)
    return sum(values) / len(values) if values else 0.0
