"""Weights that make what is right likely, found by their slope: of an order, and of a logistic function."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, logsumexp

SMOOTH = 1e-3  # of squared weights, per question


def fit_ranking(questions: Sequence[tuple[NDArray[np.float32], NDArray[np.bool_]]]) -> NDArray[np.float64]:
    """Maximise the probability of a right candidate among all of its question (a softmax): float64 `(d,)`.

    Each question is the features of its candidates, float32 `(n, d)`, and which of them are right, at least one.

    >>> fit_ranking([(np.array([[0, 1], [1, 0]], np.float32), np.array([True, False]))]).round(1).tolist()
    [-2.6, 2.6]
    """

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, slope = SMOOTH * weights @ weights, 2 * SMOOTH * weights
        for features, right in questions:
            log = log_softmax(features @ weights)
            likely = logsumexp(log[right])
            value -= likely / len(questions)
            slope -= (np.where(right, np.exp(log - likely), 0) - np.exp(log)) @ features / len(questions)
        return float(value), slope

    return _least(loss, np.zeros(questions[0][0].shape[1]))


def fit_logistic(
    known: ArrayLike, truth: ArrayLike, *, counting: ArrayLike | None = None, smooth: float = SMOOTH
) -> NDArray[np.float64]:
    """Fit the probability of `truth`, `(n,)`, to what is `known`, `(n, d)`, the last of it 1: `(d,)`, the bias last.

    `counting`, `(n,)`, says how much each counts; without it, all count alike.

    >>> fit_logistic([[1.0], [1.0], [1.0], [1.0]], [True, True, True, False]).round(2).tolist()  # log 3
    [1.1]
    >>> fit_logistic([[1.0], [1.0]], [True, False], counting=[3, 1]).round(2).tolist()
    [1.1]
    """
    inputs, wanted = np.asarray(known, float), np.asarray(truth, float)
    shares = np.ones(len(inputs)) if counting is None else np.asarray(counting, float)
    shares = shares / shares.sum()

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits, small = inputs @ weights, np.append(weights[:-1], 0)
        value = shares @ (np.logaddexp(0, logits) - wanted * logits) + smooth * small @ small
        return float(value), (shares * (expit(logits) - wanted)) @ inputs + 2 * smooth * small

    return _least(loss, np.zeros(inputs.shape[1]))


def _least(
    loss: Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]], first: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Find where a loss is least, given its value and its slope, from a first guess on."""
    found: NDArray[np.float64] = minimize(loss, first, jac=True, method="L-BFGS-B").x
    return found
