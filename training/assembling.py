"""Turns questions as they are written into the lines that are kept, with the offset of every quote."""

import re
from collections.abc import Sequence

from ingest.sentences import sentences
from retriever.errors import RequestError
from retriever.records import Block, Span
from training.passages import Passage, paragraphs
from training.records import Occurrence, Question, Quote, RawLine


class InvalidLine(RequestError):
    """A line as it was written cannot be kept."""


def assemble(
    raw: Sequence[tuple[str, RawLine]], batch: Sequence[Passage], name: str
) -> tuple[list[Question], list[str]]:
    """Find the quotes of each line in its passage, and number the questions after the batch's `name`.

    Returns:
        The questions; and a sentence for each line that cannot be kept.

    """
    questions, problems = [], []
    for number, (place, line) in enumerate(raw, 1):
        try:
            questions.append(_question(f"{name}-{number:03}", line, batch))
        except InvalidLine as error:
            problems.append(f"{place}: {error}")
    return questions, problems


def _question(name: str, line: RawLine, batch: Sequence[Passage]) -> Question:
    if line.p >= len(batch):
        msg = f"there is no passage {line.p} in the batch, which has 0 to {len(batch) - 1}"
        raise InvalidLine(msg)
    passage = batch[line.p]
    given = [find(passage.text, words, ()) for words in line.e]
    answers = [find(passage.text, words, given) for words in line.a]
    evidence = given or [span for span in _sentences(passage.text) if any(map(span.overlaps, answers))]
    return Question(
        id=name,
        passage_id=passage.passage_id,
        set=passage.set,
        doc_id=passage.doc_id,
        start=passage.start,
        end=passage.end,
        question=line.q,
        kind=line.k,
        answers=_quotes(passage, answers),
        evidence=_quotes(passage, evidence),
        near=line.n,
    )


def find(text: str, words: str | Occurrence, evidence: Sequence[Span]) -> Span:
    r"""Find words in a passage: whole words, whatever the space between them.

    Words that stand in several places are those inside the evidence, if that leaves one.

    >>> find("The often\n  quoted ten.", "often quoted", ()), find("The often\n  quoted ten.", "ten", ())
    (Span(start=4, end=18), Span(start=19, end=22))

    Raises:
        InvalidLine: they stand nowhere, or in several places and no occurrence is named.

    """
    sought = words if isinstance(words, str) else words.t
    places = [Span(*found.span(1)) for found in _pattern(sought).finditer(text)]
    if isinstance(words, Occurrence):
        places = places[words.i : words.i + 1]
    elif len(places) > 1:
        places = [place for place in places if any(span.covers(place) for span in evidence)] or places
    if len(places) != 1:
        msg = f"{sought!r} stands in {len(places) or 'no'} place{'s' * (len(places) > 1)} of the passage"
        raise InvalidLine(msg)
    return places[0]


def _pattern(words: str) -> re.Pattern[str]:
    """Look ahead, so that places may overlap, and keep off the middle of a word."""
    before = r"(?<!\w)" if words[0].isalnum() else ""
    after = r"(?!\w)" if words[-1].isalnum() else ""
    spaced = r"\s+".join(map(re.escape, words.split()))
    return re.compile(f"{before}(?=({spaced}){after})")


def _sentences(text: str) -> list[Span]:
    return [sentence for paragraph in paragraphs(text) for sentence in sentences(text, Block(paragraph))]


def _quotes(passage: Passage, spans: Sequence[Span]) -> tuple[Quote, ...]:
    return tuple(Quote(text=span.of(passage.text), start=passage.start + span.start) for span in sorted(spans))
