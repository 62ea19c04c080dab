"""The front door: a question becomes an answer in the documents' own words, or the word that they do not say."""

import math
import re
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache, lru_cache

from retriever.errors import BrokenCitation, InvalidQuestion
from retriever.reader import Reader
from retriever.records import Answer, Citation, Evidence, Nearest, NoAnswer, Quote, Reading, Searched
from retriever.search import Searcher
from retriever.snapshot import Snapshot
from retriever.text import content_terms, terms

MOST_CITATIONS = 3
MOST_NEAREST = 3
SUPPORTING = 0.01  # of the best evidence's score, for a further citation
SAME_WORDS = 0.8  # of the longer sentence's terms shared: a near-duplicate, if both hold the same of these
_TURNING = "not no never nor t cannot without unless except only before after until under over above below more less"
"""Words that turn a sentence into another one; "t" is what is left of "don't"."""


class Answerer:
    """Answers questions over one library."""

    def __init__(self, searcher: Searcher, reader: Reader, *, passages: int, max_question_characters: int) -> None:
        """Let `reader` read the best `passages` that `searcher` finds."""
        self._searcher = searcher
        self._reader = reader
        self._passages = passages
        self._max_characters = max_question_characters

    def ask(self, question: str) -> Answer | NoAnswer:
        """Answer one question, from one generation of the library.

        Raises:
            InvalidQuestion: it is blank or too long.
            LibraryMismatch: the library was indexed with another model.
            BrokenCitation: a quote does not stand in its source; a defect, never shown as an answer.

        """
        question = checked(question, self._max_characters)
        begun = time.perf_counter()
        with self._searcher.searching(question, self._passages) as (snapshot, found):
            searched = time.perf_counter()
            reading = self._reader.read(question, found.hits)
            read = time.perf_counter()
            outcome: Answer | NoAnswer
            if reading.answerability < self._reader.threshold:
                outcome = self._no_answer(question, reading, snapshot)
            else:
                outcome = _answer(question, reading, snapshot)
            timings = {"read": (read - searched) * 1000, "total": (time.perf_counter() - begun) * 1000}
            return replace(outcome, timings_ms={**found.timings_ms, **timings})

    def _no_answer(self, question: str, reading: Reading, snapshot: Snapshot) -> NoAnswer:
        searched = snapshot.counts()
        best = _diverse(reading.evidence, MOST_NEAREST)
        return NoAnswer(
            question=question,
            reason=_reason(searched, reading, self._reader.threshold),
            confidence=reading.confidence,
            answerability=reading.answerability,
            nearest=tuple(Nearest(citation, _why(question, citation)) for citation in _citations(snapshot, best)),
            generation=snapshot.generation,
            searched=searched,
        )


def checked(question: str, most: int) -> str:
    """Strip a question that may have `most` code points.

    Raises:
        InvalidQuestion: nothing is left, or too much.

    """
    question = question.strip()
    if not any(map(str.isalnum, question)):
        msg = "The question is empty; ask one in words."
        raise InvalidQuestion(msg)
    if len(question) > most:
        msg = f"The question has {len(question):,} characters; at most {most:,} are read."
        raise InvalidQuestion(msg)
    return question


def _answer(question: str, reading: Reading, snapshot: Snapshot) -> Answer:
    floor = SUPPORTING * reading.evidence[0].score
    chosen = _diverse((e for e in reading.evidence if e.score >= floor), MOST_CITATIONS)
    citations = _citations(snapshot, chosen)
    return Answer(
        question=question,
        text=_text(citations),
        confidence=reading.confidence,
        answerability=reading.answerability,
        citations=citations,
        generation=snapshot.generation,
        searched=snapshot.counts(),
    )


def _text(citations: Sequence[Citation]) -> str:
    """Set each quote before its footnote; the same words are said once, with all their footnotes."""
    footnotes: dict[str, tuple[str, list[int]]] = {}
    for citation in citations:
        footnotes.setdefault(citation.quote.casefold(), (citation.quote, []))[1].append(citation.number)
    return " ".join(f"{quote} {''.join(f'[{n}]' for n in numbers)}" for quote, numbers in footnotes.values())


def _diverse(evidence: Iterable[Evidence], most: int) -> list[Evidence]:
    """Choose the best evidence, without near-duplicates.

    At most two from one document before the others had their turn.
    """
    taken: Counter[str] = Counter()
    first: list[Evidence] = []
    later: list[Evidence] = []
    for candidate in evidence:
        document = candidate.hit.document.id
        if taken[document] < most and not any(_says_the_same(candidate, other) for other in [*first, *later]):
            taken[document] += 1
            (first if taken[document] <= 2 else later).append(candidate)  # noqa: PLR2004
        if len(first) == most:
            break
    return [*first, *later][:most]


def _says_the_same(one: Evidence, other: Evidence) -> bool:
    if one.hit.document.id == other.hit.document.id and one.sentence.overlaps(other.sentence):
        return True
    words, other_words = _topic(_words(one)), _topic(_words(other))
    if not words:  # a script without spaces, say: its long words are no terms
        return _words(one) == _words(other)
    alike = len(words & other_words) >= SAME_WORDS * max(len(words), len(other_words))
    return alike and _turning(_words(one)) == _turning(_words(other))


@lru_cache(maxsize=1024)
def _topic(sentence: str) -> frozenset[str]:
    return content_terms(sentence)


@lru_cache(maxsize=1024)
def _turning(sentence: str) -> frozenset[str]:
    """Give what may turn a sentence into another one although all other words are the same: numbers, and "not"."""
    return frozenset(term for term in terms(sentence) if term in _turning_terms() or any(map(str.isdigit, term)))


@cache
def _turning_terms() -> frozenset[str]:
    return frozenset(terms(_TURNING))


def _words(evidence: Evidence) -> str:
    return evidence.hit.chunk.words(evidence.sentence)


def _citations(snapshot: Snapshot, evidence: Sequence[Evidence]) -> tuple[Citation, ...]:
    texts = {e.hit.document.id: snapshot.text(e.hit.document.id) for e in evidence}
    return tuple(_citation(n, e, texts[e.hit.document.id]) for n, e in enumerate(evidence, 1))


def _citation(number: int, evidence: Evidence, text: str) -> Citation:
    hit, document = evidence.hit, evidence.hit.document
    quote, sentence = evidence.quote.of(text), evidence.sentence.of(text)
    # The law. The chunk was cut from the text when it was indexed and the quote is cut from the text now: where the two
    # disagree, an offset is wrong somewhere, and a wrong citation is worse than none.
    if sentence != _words(evidence) or not quote or not evidence.sentence.covers(evidence.quote):
        place = f"{evidence.quote.start} to {evidence.quote.end} of document {document.id}, version {document.version}"
        msg = f"A quote does not stand at {place}; please report this."
        raise BrokenCitation(msg)
    return Citation(
        number=number,
        document_id=document.id,
        version=document.version,
        title=document.title,
        source=document.source,
        quote=quote,
        span=evidence.quote,
        sentence=Quote(sentence, evidence.sentence),
        heading_path=hit.chunk.heading_path,
        page=document.page_at(evidence.quote.start),
        score=evidence.score,
        rank=hit.rank,
        dense_rank=hit.dense_rank,
        lexical_rank=hit.lexical_rank,
    )


def _reason(searched: Searched, reading: Reading, threshold: float) -> str:
    if not searched.documents:
        return "The library is empty: no document has been indexed yet."
    where = f"{_count(searched.chunks, 'passage')} in {_count(searched.documents, 'document')}"
    if not reading.evidence:
        return f"Your documents do not say: nothing in {where} comes near."
    likely = f"it is {_percent(reading.answerability)} likely that they answer, and {threshold:.0%} is asked for"
    return f"Your documents do not say: of {where}, these come nearest; {likely}."


def _percent(share: float) -> str:
    """Round down, so that 11.8 of 12 does not read as 12."""
    return f"{math.floor(100 * share)}%"


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _why(question: str, citation: Citation) -> str:
    """Say why a passage is not an answer, in the question's own words."""
    likely = f"It is {_percent(citation.score)} likely to answer"
    missing = content_terms(question) - frozenset(terms(citation.sentence.quote))
    words = [word for word in re.findall(r"\w+", question) if missing.intersection(terms(word))]
    return f"{likely}; it does not mention {', '.join([*dict.fromkeys(words)][:4])}." if words else f"{likely}."
