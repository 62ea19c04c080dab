"""Metrics: pure functions of what was given, what is right, and how sure the answer was. Shares are in 0..1.

Where an order counts, equal confidences are one step: each outcome among them is replaced by their mean, so that no
figure depends on the order of the questions.
"""

import math
import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_ROUNDING = 1e-9
_NORMAL_95 = 1.959964  # standard deviations around the mean that hold 95 % of a normal distribution


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of neighbouring confidence: how many, their mean confidence, and the share that was right."""

    count: int
    confidence: float
    right: float


def normalised(text: str) -> str:
    """Make an answer comparable: lower case, no ASCII punctuation, no articles, single spaces.

    Source: the evaluation of SQuAD (Rajpurkar, Zhang, Lopyrev and Liang, 2016).

    >>> normalised(" The  answer, an apple!")
    'answer apple'
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(given: str, golds: Sequence[str]) -> float:
    """Give 1 if the answer is one of the golds, both normalised, else 0.

    No golds: nothing answers, and only the empty answer is right. Source: as `normalised`; unanswerable questions as in
    SQuAD 2.0 (Rajpurkar, Jia and Liang, 2018).

    >>> exact_match("the Seine", ["Seine", "river Seine"]), exact_match("Paris", []), exact_match("", [])
    (1.0, 0.0, 1.0)
    """
    return max(float(normalised(given) == gold) for gold in _comparable(golds))


def token_f1(given: str, golds: Sequence[str]) -> float:
    """Give the harmonic mean of precision and recall over words, a word counting as often as it stands; the best gold.

    Golds and source: as `exact_match`. Where a side has no words, 1 if neither has.

    >>> round(token_f1("in the old town hall", ["town hall", "hall"]), 3)
    0.667
    """
    return max(_overlap(normalised(given).split(), gold.split()) for gold in _comparable(golds))


def best_f1(f1: ArrayLike, confidence: ArrayLike, answerable: ArrayLike) -> tuple[float, float | None]:
    """Give the best mean F1 that refusing below some confidence would reach, and that confidence.

    All `(n,)`, n at least 1: the F1 of what would be answered without refusing, how sure that is, and whether there is
    an answer. A refusal scores 1 where there is none, else 0. The confidence is `None` where refusing every question is
    best. Source: the best threshold of SQuAD 2.0, which looks between equal confidences too.

    >>> best_f1([1.0, 0.0, 0.5], [0.9, 0.8, 0.2], [True, False, True])
    (0.6666666666666666, 0.9)
    """
    unanswerable = 1.0 - np.asarray(answerable, float)
    sure, gains = _pooled(confidence, np.asarray(f1, float) - unanswerable)
    totals = np.cumsum(gains)
    totals[:-1][sure[:-1] == sure[1:]] = -math.inf  # no threshold lies between equal confidences
    best = int(np.argmax(totals))
    if totals[best] <= _ROUNDING:
        return float(unanswerable.mean()), None
    return float((unanswerable.sum() + totals[best]) / len(gains)), float(sure[best])


def auroc(positive: ArrayLike, negative: ArrayLike) -> float:
    """Give the probability that a positive, of `(n,)`, scores higher than a negative, of `(m,)`; ties count half.

    Mann and Whitney's U (1947) by ranks, in O((n + m) log(n + m)); 0.5 where a side is empty.

    >>> auroc([0.9, 0.8], [0.1, 0.8])
    0.875
    """
    high, low = np.asarray(positive, float), np.asarray(negative, float)
    if not high.size or not low.size:
        return 0.5
    _, inverse, counts = np.unique(np.concatenate([high, low]), return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2  # of equal values, the mean of their ranks
    u = ranks[inverse[: high.size]].sum() - high.size * (high.size + 1) / 2
    return float(u / (high.size * low.size))


def risk_coverage(confidence: ArrayLike, right: ArrayLike) -> tuple[Floats, Floats]:
    """Give the share of questions that is answered, the surest first, and the share of these that is wrong.

    Both `(n,)` for `(n,)` and n at least 1. Source: El-Yaniv and Wiener, "On the Foundations of Noise-free Selective
    Classification" (2010).

    >>> [values.round(2).tolist() for values in risk_coverage([0.9, 0.5, 0.7, 0.1], [1, 1, 0, 0])]
    [[0.25, 0.5, 0.75, 1.0], [0.0, 0.5, 0.33, 0.5]]
    """
    _, wrong = _pooled(confidence, 1.0 - np.asarray(right, float))
    answered = np.arange(1, len(wrong) + 1)
    return answered / len(wrong), np.cumsum(wrong) / answered


def area_under_risk(confidence: ArrayLike, right: ArrayLike) -> float:
    """Give the mean of `risk_coverage` over all coverages (AURC; Geifman, Uziel and El-Yaniv, 2019): 0 is perfect.

    >>> round(area_under_risk([0.9, 0.5, 0.7, 0.1], [1, 1, 0, 0]), 3)
    0.333
    """
    return float(risk_coverage(confidence, right)[1].mean())


def accuracy_at(coverage: float, confidence: ArrayLike, right: ArrayLike) -> float:
    """Give the share that is right among so large a share of the questions, the surest of `(n,)`; one at least.

    >>> accuracy_at(0.5, [0.9, 0.5, 0.7, 0.1], [1, 1, 0, 0])
    0.5
    """
    risk = risk_coverage(confidence, right)[1]
    return float(1 - risk[max(math.ceil(coverage * len(risk) - _ROUNDING), 1) - 1])


def coverage_at(accuracy: float, confidence: ArrayLike, right: ArrayLike) -> float:
    """Give the largest share of the questions, the surest of `(n,)`, of which so large a share is right; 0 if none.

    >>> coverage_at(0.6, [0.9, 0.5, 0.7, 0.1], [1, 1, 0, 0])
    0.75
    """
    coverage, risk = risk_coverage(confidence, right)
    return float(max(coverage[risk <= 1 - accuracy + _ROUNDING], default=0.0))


def reliability(confidence: ArrayLike, right: ArrayLike, bins: int = 10) -> list[Bin]:
    """Divide questions, `(n,)` and n at least 1, by confidence into bins of equal size, give or take one.

    There are at most n bins, the least sure first.

    >>> reliability([0.1, 0.2, 0.8, 0.9], [0, 1, 1, 1], bins=2)
    [Bin(count=2, confidence=0.15, right=0.5), Bin(count=2, confidence=0.85, right=1.0)]
    """
    sure, hit = (values[::-1] for values in _pooled(confidence, right))
    parts = np.array_split(np.arange(len(sure)), min(bins, len(sure)))
    return [Bin(len(part), round(float(sure[part].mean()), 12), round(float(hit[part].mean()), 12)) for part in parts]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Give the mean distance of confidence and share right over bins, a bin counting by its size; 0 is perfect.

    With bins of equal size this is the adaptive form (Nguyen and O'Connor, 2015) of the expected calibration error
    (Naeini, Cooper and Hauskrecht, 2015).

    >>> round(calibration_error([Bin(2, 0.15, 0.5), Bin(2, 0.85, 1.0)]), 3)
    0.25
    """
    return sum(b.count * abs(b.confidence - b.right) for b in bins) / sum(b.count for b in bins)


def likely_range(share: float, count: int) -> tuple[float, float]:
    """Give the 95 % interval of a share that was seen in so many, at least one (Wilson, 1927).

    >>> [round(bound, 2) for bound in likely_range(0.5, 10)]
    [0.24, 0.76]
    """
    z2 = _NORMAL_95**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    reach = _NORMAL_95 * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def ndcg(relevant: Sequence[bool], total: int, k: int = 10) -> float:
    """Give nDCG@k with binary relevance (Järvelin and Kekäläinen, 2002).

    `relevant`, `(n,)`, tells of each result, the best first, whether it is; `total` counts the relevant ones that there
    are, and 0 of them give 0.

    >>> ndcg([True, False], 1), round(ndcg([False, True], 1), 3)
    (1.0, 0.631)
    """
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(total, k) + 1))
    gained = sum(1 / math.log2(rank + 1) for rank, hit in enumerate(relevant[:k], 1) if hit)
    return gained / ideal if total else 0.0


def recall(relevant: Sequence[bool], total: int, k: int) -> float:
    """Give the share of the relevant that is among the first k results; arguments as for `ndcg`.

    >>> recall([False, True, True], 4, 3)
    0.5
    """
    return sum(relevant[:k]) / total if total else 0.0


def reciprocal_rank(relevant: Sequence[bool]) -> float:
    """Give 1 / rank of the first relevant result, 0 if there is none; its mean over questions is MRR (Voorhees, 1999).

    >>> reciprocal_rank([False, True, True]), reciprocal_rank([False])
    (0.5, 0.0)
    """
    return next((1 / rank for rank, hit in enumerate(relevant, 1) if hit), 0.0)


def _comparable(golds: Sequence[str]) -> list[str]:
    """Give golds that have words once normalised; where none has, the empty answer is the gold."""
    return [gold for gold in map(normalised, golds) if gold] or [""]


def _overlap(given: Sequence[str], gold: Sequence[str]) -> float:
    if not given or not gold:
        return float(given == gold)
    shared = (Counter(given) & Counter(gold)).total()
    return 2 * shared / (len(given) + len(gold))  # 2pr / (p + r) with p = shared / given, r = shared / gold


def _pooled(confidence: ArrayLike, values: ArrayLike) -> tuple[Floats, Floats]:
    """Order by confidence, the surest first, and put the mean for the values of equal confidences."""
    sure, inverse, counts = np.unique(np.asarray(confidence, float), return_inverse=True, return_counts=True)
    means = np.bincount(inverse, np.asarray(values, float)) / counts
    return np.repeat(sure, counts)[::-1], np.repeat(means, counts)[::-1]
