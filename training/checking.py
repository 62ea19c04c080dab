"""What a program can check of the question set, against the documents that it quotes."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

from retriever.text import content_terms, terms
from training.documents import SETS, read_documents
from training.passages import passage_id
from training.records import Question, Quote

Texts = Mapping[tuple[str, str], str]
"""The text of each document, by set and id."""

UNANSWERED = (0.35, 0.45)
"""The share of the questions that their passages do not answer lies between these."""

ALIKE = 0.8
"""Two questions with the same gold are one if so much of the terms of both together stands in both."""

# A sentence starts after one that ended, or on a line of its own, and there may be a bullet or a number before it.
_BEFORE = re.compile(r"(?:\A|[.!?:;…]\W{0,4}|\n)\s*(?:[-*•–]|\(?[\w.]{1,6}[.)])?\s*\Z")
_MARKED = re.compile(r"[.!?:;…]\W{0,4}\Z")
_BEHIND = re.compile(r"\s*(?:\Z|\n)|\s+[-*•–]\s")


def read_texts(data: Path, questions: Sequence[Question]) -> dict[tuple[str, str], str]:
    """Read the documents of the sets that are asked about and may be."""
    names = {question.set for question in questions} & set(SETS)
    return {(name, document.doc_id): document.text for name in names for document in read_documents(data, name)}


def problems(questions: Sequence[tuple[str, Question]], texts: Texts) -> Iterator[str]:
    """Give a sentence for all that is wrong with the questions, each of which comes with its place."""
    for place, question in questions:
        text = texts.get((question.set, question.doc_id))
        found = ["there is no such document"] if text is None else _wrong(question, text)
        yield from (f"{place}: {sentence}" for sentence in found)
    yield from _repeated(questions)
    yield from _alike(questions)


def unbalanced(questions: Sequence[Question]) -> list[str]:
    """Give a sentence if too few of the questions are unanswered, or too many."""
    share = sum(not question.answers for question in questions) / max(1, len(questions))
    if UNANSWERED[0] <= share <= UNANSWERED[1]:
        return []
    return [f"{share:.0%} of the questions are unanswered, not {UNANSWERED[0]:.0%} to {UNANSWERED[1]:.0%}."]


def overlap(question: Question, texts: Texts) -> float:
    """Give the share of a question's content terms that stand in its passage."""
    asked = content_terms(question.question)
    passage = question.passage.of(texts[question.set, question.doc_id])
    return len(asked & set(terms(passage))) / max(1, len(asked))


def _wrong(question: Question, text: str) -> Iterator[str]:
    if not question.start < question.end <= len(text):
        yield "the passage lies outside the document"
    if question.passage_id != passage_id(question.set, question.doc_id, question.start):
        yield "the passage's id names another place"
    if len({bool(question.answers), bool(question.evidence), question.near is None}) > 1:
        yield "there are neither answers with evidence nor a reason, or both"
    for quote in (*question.answers, *question.evidence):
        if quote.span.of(text) != quote.text:
            yield f"{quote.text!r} does not stand at {quote.start}"
        if not question.passage.covers(quote.span):
            yield f"{quote.text!r} lies outside the passage"
    yield from _misfits(question, text)


def _misfits(question: Question, text: str) -> Iterator[str]:
    for answer in question.answers:
        if not any(evidence.span.covers(answer.span) for evidence in question.evidence):
            yield f"no evidence holds {answer.text!r}"
        if any(text[end - 1 : end].isalnum() and text[end : end + 1].isalnum() for end in _ends(answer)):
            yield f"{answer.text!r} cuts a word"
    for quotes in (question.answers, question.evidence):
        yield from (
            f"{one.text!r} and {other.text!r} overlap"
            for one, other in combinations(quotes, 2)
            if one.span.overlaps(other.span)
        )
    for evidence in question.evidence:
        before, behind = text[question.start : evidence.start], text[evidence.span.end : question.end]
        if not (_BEFORE.search(before) and (_MARKED.search(evidence.text) or _BEHIND.match(behind))):
            yield f"{evidence.text!r} is no whole sentence"


def _ends(quote: Quote) -> tuple[int, int]:
    return quote.span.start, quote.span.end


def _repeated(questions: Sequence[tuple[str, Question]]) -> Iterator[str]:
    ids: dict[str, str] = {}
    texts: dict[str, str] = {}
    for place, question in questions:
        if (first := ids.setdefault(question.id, place)) != place:
            yield f"{place}: the id is that of {first}"
        if (first := texts.setdefault(" ".join(terms(question.question)), place)) != place:
            yield f"{place}: the question is that of {first}"


def _alike(questions: Sequence[tuple[str, Question]]) -> Iterator[str]:
    of_passage = defaultdict(list)
    for place, question in questions:
        gold = frozenset(answer.span for answer in question.answers)
        of_passage[question.passage_id, gold].append((place, frozenset(terms(question.question))))
    for asked in of_passage.values():
        for (first, one), (place, other) in combinations(asked, 2):
            if one != other and len(one & other) >= ALIKE * len(one | other):
                yield f"{place}: the question is nearly that of {first}, with the same gold"
