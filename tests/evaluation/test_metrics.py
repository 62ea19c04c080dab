"""Metrics: hand-computed cases, laws, and a reference implementation where there is one."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation import metrics
from evaluation.metrics import Bin

SHARES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0])  # few, so that ties are common
JUDGED = st.lists(st.tuples(SHARES, st.booleans()), min_size=1, max_size=30)
RESULTS = st.lists(st.booleans(), max_size=20)


@pytest.mark.parametrize(
    ("answer", "golds", "exact", "f1"),
    [
        ("The Seine.", ["seine"], 1.0, 1.0),
        ("Seine, the river", ["river Seine"], 0.0, 1.0),
        ("on the river Seine", ["the Thames", "the river Seine"], 0.0, 0.8),
        ("a a b", ["a b b"], 0.0, 2 / 3),
        ("x x y", ["x y y"], 0.0, 2 / 3),
        ("Paris", ["Rome"], 0.0, 0.0),
        ("an anthem", ["anthem"], 1.0, 1.0),
        ("U.S.", ["us"], 1.0, 1.0),
        ("O’Neill", ["ONeill"], 0.0, 0.0),
        ("", ["Rome"], 0.0, 0.0),
        ("", [], 1.0, 1.0),
        ("Rome", [], 0.0, 0.0),
        ("the", ["an", "..."], 1.0, 1.0),
        ("", ["the", "Rome"], 0.0, 0.0),
    ],
)
def test_answers_are_compared_as_squad_compares_them(answer: str, golds: list[str], exact: float, f1: float) -> None:
    """Case, ASCII punctuation and articles do not count; the best gold does; no gold asks for no answer."""
    assert metrics.exact_match(answer, golds) == exact
    assert metrics.token_f1(answer, golds) == pytest.approx(f1)


@given(st.text(), st.lists(st.text(), max_size=3))
def test_an_exact_match_is_never_more_than_the_words_shared(answer: str, golds: list[str]) -> None:
    """Exact match and F1 lie in 0..1, and the first implies the second."""
    assert 0 <= metrics.exact_match(answer, golds) <= metrics.token_f1(answer, golds) <= 1


@given(st.text("ab c.", max_size=12), st.text("ab c.", max_size=12))
def test_f1_does_not_tell_the_sides_apart(one: str, other: str) -> None:
    """Answer and gold may be exchanged."""
    assert metrics.token_f1(one, [other]) == metrics.token_f1(other, [one])


def test_the_best_threshold_of_a_hand_computed_case() -> None:
    """Refusing all of two and two scores 2 of 4, answering the surest gains 1, and no further one makes it more."""
    assert metrics.best_f1([1.0, 0.0, 0.5, 0.0], [0.9, 0.8, 0.7, 0.6], [True, False, True, False]) == (0.75, 0.9)


def test_refusing_everything_can_be_best() -> None:
    """Where answers are never right, no confidence is named."""
    assert metrics.best_f1([0.0, 0.0], [0.9, 0.8], [True, False]) == (0.5, None)


@given(st.lists(st.tuples(SHARES, SHARES, st.booleans()), min_size=1, max_size=20))
def test_the_best_threshold_is_the_best_of_all(rows: list[tuple[float, float, bool]]) -> None:
    """No threshold does better, and the one that is named does as well as it says."""
    f1, confidence, answerable = (np.array(column, float) for column in zip(*rows, strict=True))
    f1 *= answerable

    def reached(threshold: float) -> float:
        return float(np.where(confidence >= threshold, f1, 1 - answerable).mean())

    best, threshold = metrics.best_f1(f1, confidence, answerable)
    assert best == pytest.approx(max(map(reached, [*confidence, 2.0])))
    assert reached(2.0 if threshold is None else threshold) == pytest.approx(best)


@pytest.mark.parametrize(
    ("positive", "negative", "expected"),
    [([1.0], [0.0], 1.0), ([0.0], [1.0], 0.0), ([0.5], [0.5], 0.5), ([3, 1], [2, 0], 0.75), ([], [1.0], 0.5)],
)
def test_auroc_counts_pairs_in_order(positive: list[float], negative: list[float], expected: float) -> None:
    """The share of pairs in which the positive is higher, ties half; a coin's toss where there is no pair."""
    assert metrics.auroc(positive, negative) == expected


@given(st.lists(SHARES, min_size=1, max_size=15), st.lists(SHARES, min_size=1, max_size=15))
def test_auroc_by_ranks_is_auroc_by_pairs(positive: list[float], negative: list[float]) -> None:
    """The fast form agrees with counting every pair."""
    pairs = [(p > n) + (p == n) / 2 for p in positive for n in negative]
    assert metrics.auroc(positive, negative) == pytest.approx(np.mean(pairs))
    assert metrics.auroc(positive, negative) + metrics.auroc(negative, positive) == pytest.approx(1)


@given(st.lists(st.tuples(SHARES, st.booleans()), min_size=1, max_size=6))
def test_the_area_under_risk_is_the_mean_over_every_order_of_ties(rows: list[tuple[float, bool]]) -> None:
    """Of all orders in which confidence does not rise, the mean of the mean risks."""
    areas = []
    for order in permutations(rows):
        if all(a[0] >= b[0] for a, b in pairwise(order)):
            wrong = np.cumsum([not right for _, right in order])
            areas.append(np.mean(wrong / np.arange(1, len(order) + 1)))
    assert metrics.area_under_risk(*zip(*rows, strict=True)) == pytest.approx(np.mean(areas))


@given(JUDGED)
def test_the_curve_ends_where_everything_is_answered(rows: list[tuple[float, bool]]) -> None:
    """Coverage rises to 1, and there the risk is the share that is wrong."""
    confidence, right = zip(*rows, strict=True)
    coverage, risk = metrics.risk_coverage(confidence, right)
    assert coverage[-1] == 1
    assert (np.diff(coverage) > 0).all()
    assert risk[-1] == pytest.approx(1 - np.mean(right))
    assert metrics.accuracy_at(1.0, confidence, right) == pytest.approx(np.mean(right))


def test_no_coverage_is_enough_where_the_surest_are_wrong() -> None:
    """Where nothing can be answered at an accuracy, the share is 0; where all can, it is 1."""
    assert metrics.coverage_at(0.9, [0.9, 0.1], [0, 0]) == 0.0
    assert metrics.coverage_at(0.9, [0.9, 0.1], [1, 1]) == 1.0


@given(JUDGED, st.integers(1, 12))
def test_the_calibration_error_is_bounded(rows: list[tuple[float, bool]], bins: int) -> None:
    """It lies between the error of one bin with everything and the mean distance of single questions."""
    confidence, right = (np.array(column, float) for column in zip(*rows, strict=True))
    found = metrics.reliability(confidence, right, bins)
    error = metrics.calibration_error(found)
    assert sum(b.count for b in found) == len(rows)
    assert max(b.count for b in found) - min(b.count for b in found) <= 1
    assert abs(confidence.mean() - right.mean()) - 1e-9 <= error <= np.abs(confidence - right).mean() + 1e-9


@given(JUDGED.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_no_figure_depends_on_the_order_of_the_questions(
    orders: tuple[list[tuple[float, bool]], list[tuple[float, bool]]],
) -> None:
    """Questions in another order have the same bins and the same risks."""
    (sure, right), (other_sure, other_right) = (zip(*rows, strict=True) for rows in orders)
    assert metrics.reliability(sure, right) == metrics.reliability(other_sure, other_right)
    risk, other_risk = metrics.risk_coverage(sure, right)[1], metrics.risk_coverage(other_sure, other_right)[1]
    assert risk == pytest.approx(other_risk)


def test_a_perfectly_calibrated_confidence_has_no_error() -> None:
    """Half of the questions at one half are right, and all at one."""
    bins = metrics.reliability([0.5, 0.5, 1.0, 1.0], [0, 1, 1, 1], bins=2)
    assert bins == [Bin(2, 0.5, 0.5), Bin(2, 1.0, 1.0)]
    assert metrics.calibration_error(bins) == 0


@given(SHARES, st.integers(1, 1000))
def test_a_likely_range_holds_its_share(share: float, count: int) -> None:
    """The interval lies in 0..1 and around the share."""
    low, high = metrics.likely_range(share, count)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1


def test_nothing_relevant_is_found_nowhere() -> None:
    """A question without a relevant passage scores 0, whatever was found."""
    assert metrics.ndcg([False], 0) == metrics.recall([False], 0, 3) == metrics.reciprocal_rank([False]) == 0.0


@given(RESULTS, st.integers(0, 5))
def test_rankings_score_as_the_reference_scores_them(relevant: list[bool], unfound: int) -> None:
    """nDCG, recall and the reciprocal rank are those of `ir-measures`, which puts `trec_eval` to work."""
    ir_measures = pytest.importorskip("ir_measures")  # it has no wheel for Linux on ARM
    total = sum(relevant) + unfound
    gold = {f"found {n}": 1 for n, hit in enumerate(relevant) if hit} | {f"unfound {n}": 1 for n in range(unfound)}
    run = {f"found {n}": 1.0 / (n + 1) for n in range(len(relevant))}
    measures = [ir_measures.nDCG @ 10, ir_measures.R @ 3, ir_measures.R @ 8, ir_measures.RR]
    found = ir_measures.calc_aggregate(measures, {"q": gold or {"none": 0}}, {"q": run or {"other": 1.0}})
    assert metrics.ndcg(relevant, total) == pytest.approx(found[measures[0]])
    assert metrics.recall(relevant, total, 3) == pytest.approx(found[measures[1]])
    assert metrics.recall(relevant, total, 8) == pytest.approx(found[measures[2]])
    assert metrics.reciprocal_rank(relevant) == pytest.approx(found[measures[3]])
