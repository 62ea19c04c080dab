"""Fitted weights lose least: no step away from them loses less."""

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.fitting import SMOOTH, fit_logistic, fit_ranking

STEPS = (*np.eye(4) * 0.01, *np.eye(4) * -0.01)


@pytest.mark.parametrize("seed", [3, 4])
def test_an_order_makes_right_candidates_likeliest(seed: int) -> None:
    """The loss is written anew here, question by question; several candidates may be right."""
    rng = np.random.default_rng(seed)
    questions = []
    for n in rng.integers(2, 7, 40):
        features = rng.normal(size=(n, 4)).astype(np.float32)
        questions.append((features, np.arange(n) <= int(features[0, 0] > 0)))
    fitted = fit_ranking(questions)

    def loss(weights: NDArray[np.float64]) -> float:
        likely = []
        for features, right in questions:
            scores = np.exp(features @ weights)
            likely.append(np.log(scores[right].sum() / scores.sum()))
        return float(-np.mean(likely) + SMOOTH * weights @ weights)

    assert all(loss(fitted) < loss(fitted + step) for step in STEPS)


@pytest.mark.parametrize("smooth", [0.0, 0.1])
def test_a_logistic_function_makes_the_truth_likeliest(smooth: float) -> None:
    """Large weights cost what `smooth` says, but for the bias."""
    rng = np.random.default_rng(5)
    known = np.column_stack([rng.normal(size=(60, 3)), np.ones(60)])
    truth = known[:, 0] + rng.normal(size=60) > 0.5
    fitted = fit_logistic(known, truth, smooth=smooth)

    def loss(weights: NDArray[np.float64]) -> float:
        probability = 1 / (1 + np.exp(-known @ weights))
        return float(
            -np.mean(np.log(np.where(truth, probability, 1 - probability))) + smooth * (weights[:3] ** 2).sum()
        )

    assert all(loss(fitted) < loss(fitted + step) for step in STEPS)
