"""A report in words: every figure with its name, how it reads, and what it means; and the thresholds it may miss."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evaluation.report import Report


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    group: str
    name: str
    value: str
    meaning: str


BOUNDED: dict[str, tuple[str, Callable[[Report], float | None]]] = {
    "--min-right-first": ("right first", lambda r: r.answers.right_first),
    "--min-right-in-three": ("right in three", lambda r: r.answers.right_in_three),
    "--max-refused": ("refused", lambda r: r.abstention.refused),
    "--max-answered-anyway": ("answered anyway", lambda r: r.abstention.answered_anyway),
    "--min-auroc": ("AUROC", lambda r: r.abstention.auroc),
    "--max-calibration-error": ("calibration error", lambda r: r.confidence.calibration_error),
}
"""What a threshold can be set on, by its option: the name of the figure, and how to find it."""


def missed(report: Report, bounds: Mapping[str, float | None]) -> list[str]:
    """Give a sentence for each bound, by its option, that the report misses; `None` was not given.

    A bound on what no question of the file tells is missed too.
    """
    sentences = []
    for option, bound in bounds.items():
        name, figure = BOUNDED[option]
        found, least = figure(report), option.startswith("--min")
        if bound is None:
            continue
        if found is None:
            sentences.append(f"{option} cannot be checked: no question of the file tells {name}.")
        elif (found < bound) if least else (found > bound):
            side = "less than" if least else "more than"
            sentences.append(f"{option} is missed: {name} is {found:.3f}, {side} {bound:g}.")
    return sentences


def percent(share: float | None) -> str:
    """Give a share as a person reads it.

    >>> percent(0.756), percent(None)
    ('76 %', '–')
    """
    return "–" if share is None else f"{100 * share:.0f} %"


def number(figure: float | None) -> str:
    """Give a figure that is no share of questions.

    >>> number(0.7561), number(None)
    ('0.756', '–')
    """
    return "–" if figure is None else f"{figure:.3f}"


def figures(report: Report) -> list[Figure]:
    """List every figure, in the order in which a person asks."""
    return [
        *(Figure("Answers", *row) for row in _answers(report)),
        *(Figure("Refusals", *row) for row in _refusals(report)),
        *(Figure("Confidence", *row) for row in _confidence(report)),
        *(Figure("Search", *row) for row in _search(report)),
        *(Figure("Time", *row) for row in _time(report)),
    ]


def _answers(report: Report) -> Sequence[tuple[str, str, str]]:
    answers = report.answers
    return [
        (
            "right first",
            percent(answers.right_first),
            "of answerable questions: the sentence of the first citation is right",
        ),
        ("right in three", percent(answers.right_in_three), "of answerable questions: one of the first three is right"),
        (
            "quoted first",
            percent(answers.quoted_first),
            "of answerable questions: the first quote itself overlaps a gold quote",
        ),
        ("citation precision", percent(answers.citation_precision), "of all citations shown, right ones"),
        ("exact match", percent(answers.exact_match), "the first quote is a gold answer, or a refusal is right"),
        ("F1", number(answers.f1), "words shared by the first quote and the gold answer, refusals included"),
        ("F1, answerable", number(answers.f1_answerable), "the same, over answerable questions"),
        ("best F1", number(answers.best_f1), _best(answers.best_f1_threshold)),
    ]


def _best(threshold: float | None) -> str:
    return "F1 if every question were refused" if threshold is None else f"F1 if refused below {threshold:.3f}"


def _refusals(report: Report) -> Sequence[tuple[str, str, str]]:
    abstention = report.abstention
    return [
        ("refused", percent(abstention.refused), "of answerable questions: told that the documents do not say"),
        ("answered anyway", percent(abstention.answered_anyway), "of unanswerable questions: answered nevertheless"),
        ("AUROC", number(abstention.auroc), "answerable against unanswerable, by answerability; 0.5 is chance"),
    ]


def _confidence(report: Report) -> Sequence[tuple[str, str, str]]:
    confidence = report.confidence
    bins = len(confidence.reliability)
    return [
        (
            "calibration error",
            number(confidence.calibration_error),
            f"confidence against share quoted right, {bins} bins",
        ),
        (
            "risk–coverage area",
            number(confidence.area_under_risk),
            "share quoted wrong, over how many are answered; 0 is best",
        ),
        (
            "right among surest half",
            percent(confidence.right_among_surest_half),
            "quoted right, of the surer half of all questions",
        ),
        (
            "answered at 90 % right",
            percent(confidence.answered_at_90_right),
            "quoted right, of all questions, the surest first",
        ),
    ]


def _search(report: Report) -> Sequence[tuple[str, str, str]]:
    retrieval = report.retrieval
    return [
        ("nDCG@10", number(retrieval.ndcg_at_10), "passages that overlap a gold quote, by rank"),
        ("recall@1", number(retrieval.recall_at_1), "share of these that is found first"),
        ("recall@3", number(retrieval.recall_at_3), "among the first three"),
        ("recall@8", number(retrieval.recall_at_8), "among the first eight"),
        ("MRR", number(retrieval.mrr), "1 / rank of the first of these"),
    ]


def _time(report: Report) -> Sequence[tuple[str, str, str]]:
    latency = report.latency
    return [
        ("median", f"{latency.median_ms:.0f} ms", "half of the answers took less"),
        ("95th percentile", f"{latency.p95_ms:.0f} ms", "one in twenty took longer"),
    ]
