"""Questions that a passage seems to answer and does not, made from questions that have an answer.

Two ways: another passage of the same topic that shares the question's words, and the same passage with the question
turned into one that it does not answer (another name, another year, the opposite, a negation). The second is done with
tables, so a few of what it makes are answered after all, and a few read oddly. Questions for yes or no are not turned:
the passage that says yes to the one says no to the other.
"""

import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from retriever.hints import YES_OR_NO
from retriever.text import content_terms
from training.examples import Example, by_topic

_OPPOSITES = (
    "first last; before after; most least; more less; more fewer; increase decrease; increased decreased; "
    "increases decreases; north south; northern southern; east west; eastern western; largest smallest; "
    "larger smaller; oldest youngest; older younger; earliest latest; earlier later; highest lowest; higher lower; "
    "high low; won lost; "
    "win lose; begin end; began ended; start stop; started stopped; allowed forbidden; allow forbid; "
    "maximum minimum; longest shortest; longer shorter; long short; best worst; better worse; above below; "
    "inside outside; internal external; public private; major minor; majority minority; old new; large small; "
    "big little; strong weak; stronger weaker; common rare; rich poor; early late; fast slow; faster slower; "
    "true false; positive negative; male female; men women; man woman; son daughter; father mother; brother sister; "
    "husband wife; king queen; buy sell; bought sold; accept reject; accepted rejected; support oppose; "
    "supported opposed; gain lose; gained lost; rise fall; rose fell; add remove; added removed; open close; "
    "opened closed; enter leave; entered left; arrive depart; arrived departed; create destroy; created destroyed; "
    "founded dissolved; agree disagree; agreed disagreed; include exclude; included excluded; includes excludes; "
    "required forbidden; require forbid; cause prevent; causes prevents; caused prevented; easy difficult; "
    "cheap expensive; safe dangerous; winter summer; day night; left right; single married; legal illegal; "
    "formal informal; direct indirect; civilian military; urban rural; domestic foreign; always never; with without"
)
OPPOSITE = {a: b for pair in _OPPOSITES.split("; ") for a, b in (pair.split(), pair.split()[::-1])}

Way = Callable[[Example, random.Random], str | None]

_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)\b[A-Z][\w’'-]+(?:\s(?:of\s|the\s|de\s)?[A-Z][\w’'-]+)*")
_NUMBER = re.compile(r"\b\d[\d,.]*\b")
_WORD = re.compile(r"[A-Za-z]+")
_AUXILIARY = re.compile(
    r"\b(did|does|do|is|are|was|were|can|could|will|would|should|must|may|has|have)\b(?! not\b)", re.IGNORECASE
)


def lookalikes(examples: Sequence[Example]) -> Iterator[Example]:
    """Give each answered question the passage of its topic that looks most like an answer and holds none."""
    for example, text in _likest(examples):
        yield replace(example, text=text, answers=(), evidence=())


def rivalled(examples: Sequence[Example], share: float, rng: random.Random) -> Iterator[Example]:
    """Let a `share` of the answered questions be read with that passage beside their own."""
    likest = dict(_likest(examples)) if share else {}
    for example in examples:
        drawn = example in likest and rng.random() < share
        yield replace(example, rivals=(likest[example],)) if drawn else example


def _likest(examples: Sequence[Example]) -> Iterator[tuple[Example, str]]:
    for group in by_topic([e for e in examples if e.answers]).values():
        texts = {e.text: content_terms(e.text) for e in group}
        held = Counter(term for terms in texts.values() for term in terms)
        for example in group:
            asked = content_terms(example.question)
            answers = [a.of(example.text).casefold() for a in example.answers]
            others = [
                (sum(math.log(1 + len(texts) / held[t]) for t in sorted(asked & terms)), text)
                for text, terms in texts.items()
                if text not in example.text and not any(a in text.casefold() for a in answers)
            ]
            if others and (best := max(others))[0] > 0:
                yield example, best[1]


def edited(examples: Sequence[Example], rng: random.Random) -> Iterator[Example]:
    """Turn answered questions into ones that their passage does not answer, where a table knows how."""
    names: dict[str, list[str]] = defaultdict(list)
    for topic, group in by_topic(examples).items():
        names[topic] = sorted({name for text in {e.text for e in group} for name in _NAME.findall(text)})
    for example in examples:
        if not example.answers or YES_OR_NO.match(example.question):
            continue
        ways: list[Way] = [_other_number, _opposite, _opposite, _negated]
        ways += [partial(_other_name, names)] * 3
        rng.shuffle(ways)
        question = next((q for way in ways if (q := way(example, rng)) and q != example.question), None)
        if question:
            yield replace(example, question=question, answers=(), evidence=())


def _other_name(topics: Mapping[str, Sequence[str]], example: Example, rng: random.Random) -> str | None:
    names = topics[example.topic]
    found = list(_NAME.finditer(example.question))
    answers = " ".join(a.of(example.text) for a in example.answers)
    evidence = " ".join(e.of(example.text) for e in example.evidence)
    if not found or not names:
        return None
    match = rng.choice(found)
    words = len(match[0].split())
    others = [n for n in names if n not in example.question and n not in answers and n not in evidence]
    alike = [n for n in others if abs(len(n.split()) - words) <= 1]
    return _replaced(example.question, match, rng.choice(alike)) if alike else None


def _other_number(example: Example, rng: random.Random) -> str | None:
    found = list(_NUMBER.finditer(example.question))
    if not found:
        return None
    match = rng.choice(found)
    others = [n for n in _NUMBER.findall(example.text) if len(n) == len(match[0]) and n != match[0]]
    if others and rng.random() < 0.5:  # noqa: PLR2004 - as often
        return _replaced(example.question, match, rng.choice(others))
    digits = match[0].rstrip(".,")
    if not digits.isdecimal():
        return None
    return _replaced(example.question, match, str(max(1, int(digits) + rng.choice((-11, -5, -2, -1, 1, 2, 4, 10)))))


def _opposite(example: Example, rng: random.Random) -> str | None:
    found = [m for m in _WORD.finditer(example.question) if m[0].lower() in OPPOSITE]
    if not found:
        return None
    match = rng.choice(found)
    return _replaced(example.question, match, OPPOSITE[match[0].lower()])


def _negated(example: Example, rng: random.Random) -> str | None:
    found = _AUXILIARY.search(example.question)
    if not found or rng.random() < 0.8:  # noqa: PLR2004 - negations are few in what people ask
        return None
    rest = example.question[found.end() :]
    subject = re.match(r" (?:the |a |an )?[\w’'-]+", rest)
    if not subject or found[0].lower() in {"is", "are", "was", "were", "has", "have"}:
        return _replaced(example.question, found, found[0] + " not")
    return example.question[: found.end()] + subject[0] + " not" + rest[subject.end() :]


def _replaced(question: str, match: re.Match[str], words: str) -> str:
    return question[: match.start()] + words + question[match.end() :]
