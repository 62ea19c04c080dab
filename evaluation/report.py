"""Outcomes put together: one frozen record of figures. Shares are in 0..1, `None` where there was nothing to share."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from evaluation import metrics
from evaluation.metrics import Bin
from evaluation.questions import Question
from evaluation.scoring import Outcome

VERSION = 3  # of the JSON; a field that changes its meaning or leaves makes another
CURVE = 200  # points at most


@dataclass(frozen=True, slots=True)
class Counts:
    """How many questions were scored; `left_out` names those of which no gold quote is in the library."""

    answerable: int
    unanswerable: int
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """How good the answers are.

    The share of answerable questions with the right sentence as first, or among the first three citations (a refusal
    has none), and with a first quote that itself overlaps a gold quote; the share of all citations shown that are
    right; and the words of the first citation's quote against the gold answers as in SQuAD 2.0, over all questions, and
    over the answerable ones. `best_f1` is what refusing below `best_f1_threshold`, an answerability, would reach.
    """

    right_first: float | None
    right_in_three: float | None
    quoted_first: float | None
    citation_precision: float | None
    exact_match: float
    f1: float
    f1_answerable: float | None
    best_f1: float
    best_f1_threshold: float | None


@dataclass(frozen=True, slots=True)
class Abstention:
    """Answerable questions that were refused, unanswerable ones that were answered, and how well they are told apart.

    `auroc` is the probability that an answerable question has a higher answerability than an unanswerable one.
    """

    refused: float | None
    answered_anyway: float | None
    auroc: float | None


@dataclass(frozen=True, slots=True)
class Confidence:
    """The confidence against whether the best quote overlaps a gold quote, over all questions, refused ones included.

    `curve` holds pairs of coverage and risk, `operating_point` the pair that the reader's own refusals make (`None`
    where it refused everything).
    """

    calibration_error: float
    reliability: tuple[Bin, ...]
    area_under_risk: float
    right_among_surest_half: float
    answered_at_90_right: float
    curve: tuple[tuple[float, float], ...]
    operating_point: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Retrieval:
    """How well passages are found, over answerable questions; one is relevant if it overlaps a gold quote."""

    ndcg_at_10: float | None
    recall_at_1: float | None
    recall_at_3: float | None
    recall_at_8: float | None
    mrr: float | None


@dataclass(frozen=True, slots=True)
class Latency:
    """How long an answer took, in milliseconds."""

    median_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Report:
    """Every figure of one reader over one set of questions."""

    questions: Counts
    answers: Answers
    abstention: Abstention
    confidence: Confidence
    retrieval: Retrieval
    latency: Latency


def summarise(outcomes: Sequence[Outcome], left_out: Iterable[Question] = ()) -> Report:
    """Put at least one outcome together."""
    answerable = [o for o in outcomes if o.question.answerable]
    unanswerable = [o for o in outcomes if not o.question.answerable]
    seconds = np.array([o.seconds for o in outcomes])
    median, p95 = (float(np.percentile(seconds, q)) * 1000 for q in (50, 95))
    return Report(
        questions=Counts(len(answerable), len(unanswerable), tuple(question.id for question in left_out)),
        answers=_answers(outcomes, answerable),
        abstention=_abstention(answerable, unanswerable),
        confidence=_confidence(outcomes),
        retrieval=_retrieval(answerable),
        latency=Latency(median, p95),
    )


def as_json(report: Report, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Give the report and what became of each question, in plain values."""
    return {
        "version": VERSION,
        **asdict(report),
        "outcomes": [
            {
                "id": o.question.id,
                "question": o.question.text,
                "verdict": o.verdict,
                "confidence": o.answer.confidence,
                "answerability": o.answer.answerability,
                "right_at": o.right_at,
                "quoted": o.quoted,
                "gold": list(o.question.quotes),
                "given": [
                    {"document_id": c.document_id, "quote": c.quote, "sentence": c.sentence.quote, "right": mark}
                    for c, mark in zip(o.citations, o.marks, strict=True)
                ],
                "milliseconds": o.seconds * 1000,
            }
            for o in outcomes
        ],
    }


def _answers(outcomes: Sequence[Outcome], answerable: Sequence[Outcome]) -> Answers:
    given = [(("" if o.refused else o.best_quote), o.question.golds) for o in outcomes]
    f1 = [metrics.token_f1(*pair) for pair in given]
    unrefused = [metrics.token_f1(o.best_quote, o.question.golds) for o in outcomes]
    best, threshold = metrics.best_f1(
        unrefused, [o.answer.answerability for o in outcomes], [o.question.answerable for o in outcomes]
    )
    return Answers(
        right_first=_mean(o.right_at == 1 for o in answerable),
        right_in_three=_mean(o.right_at in (1, 2, 3) for o in answerable),
        quoted_first=_mean(o.quoted and not o.refused for o in answerable),
        citation_precision=_mean(mark for o in outcomes if not o.refused for mark in o.marks),
        exact_match=float(np.mean([metrics.exact_match(*pair) for pair in given])),
        f1=float(np.mean(f1)),
        f1_answerable=_mean(value for value, o in zip(f1, outcomes, strict=True) if o.question.answerable),
        best_f1=best,
        best_f1_threshold=threshold,
    )


def _abstention(answerable: Sequence[Outcome], unanswerable: Sequence[Outcome]) -> Abstention:
    sure, unsure = ([o.answer.answerability for o in some] for some in (answerable, unanswerable))
    return Abstention(
        refused=_mean(o.refused for o in answerable),
        answered_anyway=_mean(not o.refused for o in unanswerable),
        auroc=metrics.auroc(sure, unsure) if sure and unsure else None,
    )


def _confidence(outcomes: Sequence[Outcome]) -> Confidence:
    confidence, right = [o.answer.confidence for o in outcomes], [o.quoted for o in outcomes]
    bins = metrics.reliability(confidence, right)
    curve = np.column_stack(metrics.risk_coverage(confidence, right))
    shown = np.unique(np.linspace(0, len(curve) - 1, CURVE).round().astype(int))
    wrong = [not o.quoted for o in outcomes if not o.refused]
    return Confidence(
        calibration_error=metrics.calibration_error(bins),
        reliability=tuple(bins),
        area_under_risk=metrics.area_under_risk(confidence, right),
        right_among_surest_half=metrics.accuracy_at(0.5, confidence, right),
        answered_at_90_right=metrics.coverage_at(0.9, confidence, right),
        curve=tuple((float(coverage), float(risk)) for coverage, risk in curve[shown]),
        operating_point=(len(wrong) / len(outcomes), sum(wrong) / len(wrong)) if wrong else None,
    )


def _retrieval(answerable: Sequence[Outcome]) -> Retrieval:
    return Retrieval(
        ndcg_at_10=_mean(metrics.ndcg(o.ranking, o.passages, 10) for o in answerable),
        recall_at_1=_mean(metrics.recall(o.ranking, o.passages, 1) for o in answerable),
        recall_at_3=_mean(metrics.recall(o.ranking, o.passages, 3) for o in answerable),
        recall_at_8=_mean(metrics.recall(o.ranking, o.passages, 8) for o in answerable),
        mrr=_mean(metrics.reciprocal_rank(o.ranking) for o in answerable),
    )


def _mean(values: Iterable[float]) -> float | None:
    some = list(values)
    return sum(some) / len(some) if some else None
