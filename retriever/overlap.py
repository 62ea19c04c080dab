"""Which of a question's words a sentence holds, each word counting by its rarity among all candidates."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from retriever.text import content_terms

NUMBER = 2.0  # times the weight of another word: a year or an amount in a question is seldom beside the point

Terms: TypeAlias = frozenset[str]


def terms_of(sentences: Iterable[str]) -> list[tuple[Terms, Terms]]:
    """Give the terms of each sentence of a passage, and of each with the sentence before and the one after."""
    each = [content_terms(sentence) for sentence in sentences]
    return [(terms, frozenset().union(*each[max(0, i - 1) : i + 2])) for i, terms in enumerate(each)]


def overlap(question: str, candidates: Sequence[tuple[Terms, Terms]]) -> NDArray[np.float64]:
    """Give the shares of the question's words that sentences hold, float64 `(n, 3)`.

    In the sentence, of the words that any candidate holds, by squared rarity; in the sentence with its neighbours, and
    in the sentence, of all words, by rarity.

    >>> one, other = frozenset({"mill", "1820"}), frozenset({"mill"})
    >>> overlap("Who built a mill in 1820?", [(one, one), (other, one)])[:, 0].round(2).tolist()
    [1.0, 0.02]
    """
    asked = content_terms(question)
    held = {term: sum(term in inside for inside, _ in candidates) for term in asked}
    rarity = {
        term: math.log(1 + (len(candidates) - n + 0.5) / (n + 0.5)) * (NUMBER if term.isdecimal() else 1)
        for term, n in held.items()
    }
    telling = {term: rarity[term] ** 2 for term, n in held.items() if n}
    shares = [(_share(telling, a), _share(rarity, b), _share(rarity, a)) for a, b in candidates]
    return np.array(shares, np.float64).reshape(-1, 3)


def _share(weights: Mapping[str, float], terms: Terms) -> float:
    return sum(weight for term, weight in weights.items() if term in terms) / (sum(weights.values()) or 1.0)
