"""What the reader learns from: a question, a passage, and which of its words answer."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from evaluation.fit import read_lines
from ingest.sentences import sentences
from retriever.records import Block, Span
from training.documents import DEVELOPMENT_ARTICLES, read_documents
from training.passages import draw
from training.questions import read_questions

SQUAD = "squad20_half_a"
OWN = "own"
LONGEST = 2_400  # characters of a document that is read whole
AROUND = 1_100  # characters kept of a longer one, around an answer, and what is before them of a word
PARAGRAPH = 300  # characters from which on an answer is evidence, and no span to be pointed at

_FILE_NAME = re.compile(r" \([^()]*_[^()]*_[^()]*\)")  # that the questions about contracts name


@dataclass(frozen=True, slots=True)
class Example:
    """A question about a passage.

    `answers` are the spans of `text` that answer: alternatives, of which any will do, or, with `together`, parts of one
    answer. `evidence` are the sentences that hold them; a passage that does not answer has neither. `topic` names the
    set and the article that the passage is from, so that passages beside it can be found. `rivals` are other passages
    that are read for the question at the same time, and do not answer.
    """

    set: str
    topic: str
    question: str
    heading: str
    text: str
    answers: tuple[Span, ...] = ()
    evidence: tuple[Span, ...] = ()
    together: bool = False
    rivals: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool:
        """Whether the passage answers."""
        return bool(self.evidence)


def public_examples(data: Path, name: str, *, development: bool = False) -> Iterator[Example]:
    """Read a public set of questions, without its development articles, or these alone."""
    documents = {row["doc_id"]: row for row in read_lines(data / "sets" / name / "corpus.jsonl.gz")}
    for row in read_lines(data / "sets" / name / "questions.jsonl.gz"):
        relevant = row["relevant"][0]
        document = documents[relevant if isinstance(relevant, str) else relevant["doc_id"]]
        if (document["title"].replace(" ", "_") in DEVELOPMENT_ARTICLES) is development:
            spans = {Span(a["start"], a["start"] + len(a["text"])) for a in row["answers"]}
            question = _FILE_NAME.sub("", row["question"])
            yield _example(name, document, question, sorted(spans, key=lambda s: (s.start, s.end)))


def own_examples(data: Path, *, development: bool = False) -> Iterator[Example]:
    """Read our own questions: their training split, or their development split."""
    return (example for _, example in _own(data, development=development))


def own_parts(data: Path, borders: Sequence[str]) -> list[list[Example]]:
    """Read the training split of our own questions in parts: before the first of these batches, from each one on.

    The batches come in ascending order.
    """
    parts: list[list[Example]] = [[] for _ in range(len(borders) + 1)]
    for name, example in _own(data, development=False):
        parts[bisect_right(borders, name)].append(example)
    return parts


def _own(data: Path, *, development: bool) -> Iterator[tuple[str, Example]]:
    """Read our own questions of a split, each with its name."""
    questions = [q for _, q in read_questions()[0] if q.development is development]
    wanted = {(q.set, q.doc_id) for q in questions}
    documents = {
        (d.set, d.doc_id): d
        for name in sorted({q.set for q in questions})
        for d in read_documents(data, name)
        if (d.set, d.doc_id) in wanted
    }
    for q in questions:
        document, origin = documents[q.set, q.doc_id], q.passage.start
        yield (
            q.id,
            Example(
                set=OWN,
                topic=f"{q.set}:{document.title or q.doc_id}",
                question=q.question,
                heading=heading_of(document.title, q.set),
                text=q.passage.of(document.text),
                answers=tuple(_moved(a.span, origin) for a in q.answers),
                evidence=tuple(_moved(e.span, origin) for e in q.evidence),
                together=True,
            ),
        )


def heading_of(title: str, name: str) -> str:
    """Give a title as a heading; none where titles are but the names of files."""
    return "" if name in {"cuad_a", "shift_amazon_reviews", "qamr", "mtrag_fiqa"} else title.replace("_", " ").strip()


@cache
def cut(text: str) -> tuple[Span, ...]:
    """Cut a text into sentences, as indexing does."""
    return tuple(sentences(text, Block(Span(0, len(text)))))


def _example(name: str, document: dict[str, Any], question: str, answers: list[Span]) -> Example:
    text = document["text"]
    kept = Span(0, len(text))
    if len(text) > LONGEST:
        kept = _around(text, answers, draw(document["doc_id"], question))
        text = kept.of(text)
    shown = [Span(max(a.start, kept.start), min(a.end, kept.end)) for a in answers if a.overlaps(kept)]
    evidence = [_moved(span, kept.start) for span in shown]
    return Example(
        set=name,
        topic=f"{name}:{document['title'] or document['doc_id'].rsplit(':', 2)[0]}",
        question=question,
        heading=heading_of(document["title"], name),
        text=text,
        answers=tuple(_moved(a, kept.start) for a in answers if kept.covers(a) and len(a) < PARAGRAPH),
        evidence=tuple(s for s in cut(text) if any(s.overlaps(e) for e in evidence)),
    )


def _around(text: str, answers: list[Span], lot: int) -> Span:
    """Choose the words around the first answer, which stands anywhere in them, or around any place."""
    place = answers[0].start if answers else lot % len(text)
    start = max(0, min(place - lot % (AROUND - PARAGRAPH), len(text) - AROUND))
    end = min(start + AROUND, len(text))
    return Span(max(text.rfind("\n", 0, start), text.rfind(" ", 0, start)) + 1, end)


def _moved(span: Span, origin: int) -> Span:
    return Span(span.start - origin, span.end - origin)


def by_topic(examples: Iterable[Example]) -> dict[str, list[Example]]:
    """Put examples of one topic together, our own with those of the set that their passage is from."""
    together: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        together[example.topic].append(example)
    return together
