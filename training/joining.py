"""Passages of one topic, read as one: an answer is weighed against more that is said of the same thing.

Near misses are made of what is joined, and not the other way round: what has lost its answer could be joined with it.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from retriever.records import Span
from training.examples import Example, by_topic

MOST = 1_300  # characters of two passages: more would seldom fit one window
BETWEEN = "\n\n"


def joined(examples: Sequence[Example], share: float, rng: random.Random) -> Iterator[Example]:
    """Set a `share` of the passages before or behind another of their topic that fits and does not hold the answer."""
    topics = {topic: list(dict.fromkeys(e.text for e in group)) for topic, group in by_topic(examples).items()}
    for example in examples:
        if rng.random() < share:
            others = [t for t in topics[example.topic] if _goes_with(t, example)]
            yield _beside(example, rng.choice(others), first=rng.random() < 0.5) if others else example  # noqa: PLR2004
        else:
            yield example


def _goes_with(text: str, example: Example) -> bool:
    """Tell whether a text can stand beside an example's without being asked for."""
    if text in example.text or example.text in text or len(text) + len(example.text) > MOST:
        return False
    return not any(span.of(example.text).casefold() in text.casefold() for span in example.answers or example.evidence)


def _beside(example: Example, other: str, *, first: bool) -> Example:
    """Set a text before the example's, or behind it."""
    before = other + BETWEEN if first else ""
    text = before + example.text + ("" if first else BETWEEN + other)
    return replace(
        example,
        text=text,
        answers=_moved(example.answers, len(before)),
        evidence=_moved(example.evidence, len(before)),
    )


def _moved(spans: Iterable[Span], by: int) -> tuple[Span, ...]:
    return tuple(Span(span.start + by, span.end + by) for span in spans)
