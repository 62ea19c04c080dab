"""The same question as others would type it: in a hurry, with a slip of the finger, or as a request."""

import random
import re
from collections.abc import Callable

SLIPPED, BARE, REQUESTED = 0.08, 0.1, 0.06  # of the questions: with a typing error, without its mark, as a request
_LONG = re.compile(r"[A-Za-z]{5,}")
_REQUESTS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"(?:what|which) (?:are|were) (?=the |all )", re.IGNORECASE), ("List ", "Name ", "Give ", "Tell me ")),
    (re.compile(r"what (?:is|was) (?=the )", re.IGNORECASE), ("Name ", "Give ", "Tell me ", "State ")),
    (re.compile(r"(?=which |who )", re.IGNORECASE), ("List ", "Tell me ", "Name ")),
    (re.compile(r"(?=why |how )", re.IGNORECASE), ("Explain ", "Tell me ", "Describe ")),
    (re.compile(r"(?=when |where |what )", re.IGNORECASE), ("Tell me ", "Can you tell me ", "I want to know ")),
)


def reworded(question: str, rng: random.Random) -> str:
    """Word a question anew, now and then; its meaning stays.

    >>> [reworded("Which nations signed the treaty?", random.Random(seed)) for seed in (0, 43, 45)]
    ['Which nations signed the treaty?', 'Name which nations signed the treaty.', 'which nations signed the treaty']
    """
    ways: tuple[tuple[float, Callable[[str, random.Random], str]], ...] = (
        (REQUESTED, _request),
        (SLIPPED, _slip),
        (BARE, _bare),
    )
    for share, way in ways:
        if rng.random() < share:
            question = way(question, rng)
    return question


def _request(question: str, rng: random.Random) -> str:
    for asked, requests in _REQUESTS:
        if found := asked.match(question):
            rest = question[found.end() :].rstrip("?")
            return rng.choice(requests) + rest[:1].lower() + rest[1:] + "."
    return question


def _slip(question: str, rng: random.Random) -> str:
    """Double, drop, swap or change a letter of a long word."""
    words = list(_LONG.finditer(question))
    if not words:
        return question
    word = rng.choice(words)
    at = rng.randrange(word.start() + 1, word.end() - 1)
    one, two = question[at], question[at + 1]
    slip = rng.choice((one + one + two, two, two + one, rng.choice("aeiourstn") + two))
    return question[:at] + slip + question[at + 2 :]


def _bare(question: str, rng: random.Random) -> str:
    """Leave out the mark, and at times the capitals."""
    bare = question.rstrip("?. ")
    return bare.lower() if rng.random() < 0.5 else bare  # noqa: PLR2004 - as often
