"""From what the network says to an order and a probability: fitted on questions asked over a library.

The library holds every passage of SQuAD's half and of the question set's development split, so that each question is
answered among some 900 passages; asked are the development questions of both, and questions on other subjects.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, logsumexp

from evaluation.fit import read_lines
from ingest.pipeline import index
from ingest.report import Progress, Tell, ignore
from retriever.library import Library
from retriever.records import Hit
from retriever.settings import Settings
from retriever.trained_reader import Calibration, Judgement, TrainedReader, described_best, judged
from training.examples import SQUAD, Example, own_examples, public_examples
from training.passages import draw

UNRELATED = 250
SMOOTH = 1e-3  # of squared weights, per question
FOLDS = 5
REFUSED = 0.1


@dataclass(frozen=True, slots=True)
class Asked:
    """A question asked over the library.

    `features`, float32 `(n, 7)`, of the candidates; `right`, bool `(n,)`, those whose sentence holds the answer;
    `group` keeps questions about one text together when they are split.
    """

    features: NDArray[np.float32]
    right: NDArray[np.bool_]
    group: str


def collect(reader: TrainedReader, data: Path, settings: Settings, tell: Tell = ignore) -> list[Asked]:
    """Ask all questions, and describe what the reader finds."""
    examples = [*public_examples(data, SQUAD, development=True), *own_examples(data, development=True)]
    unrelated = [Example("", "", question, "", "") for question in unrelated_questions(data)]
    texts = dict.fromkeys([*(e.text for e in public_examples(data, SQUAD)), *(e.text for e in examples)])
    files = {text: f"{n:05}.txt" for n, text in enumerate(texts)}
    with tempfile.TemporaryDirectory() as folder:
        documents = Path(folder) / "documents"
        documents.mkdir()
        for text, name in files.items():
            (documents / name).write_text(text, "utf-8")
        with Library.open(settings.model_copy(update={"home": Path(folder) / "library"})) as library:
            index(library, [documents], tell)
            asked = []
            for n, example in enumerate([*examples, *unrelated], 1):
                hits = library.searcher.search(example.question, settings.passages).hits
                asked.append(_asked(reader, example, hits, files.get(example.text, "")))
                tell(Progress(n, len(examples) + len(unrelated), "Asking"))
    return asked


def unrelated_questions(data: Path) -> list[str]:
    """Take questions on other subjects than the library's."""
    rows = read_lines(data / "sets" / "nq_open_dev" / "questions.jsonl.gz")
    return [row["question"] for row in islice(rows, UNRELATED)]


def fit(asked: Sequence[Asked]) -> Calibration:
    """Fit the order, then how likely the first is right, and any is, then the threshold."""
    ranking = _fit_ranking([a for a in asked if a.right.any()])
    described, right = [], []
    for a in asked:
        scores = np.round(a.features @ ranking, 5)
        order = np.argsort(-scores, kind="stable")
        described.append([*described_best(a.features, scores, order), 1.0])
        right.append(a.right[order[0]])
    confidence = _fit_logistic(np.array(described), np.array(right, float))
    answerability = _fit_logistic(np.array(described), np.array([a.right.any() for a in asked], float))
    unsure = Calibration(ranking, confidence, answerability, threshold=0.0)
    return replace(unsure, threshold=_threshold(asked, unsure))


def cross_fitted(asked: Sequence[Asked]) -> list[Judgement]:
    """Judge each question by a calibration that was fitted without its text."""
    folds = [draw(a.group) % FOLDS for a in asked]
    fitted = [fit([a for a, f in zip(asked, folds, strict=True) if f != fold]) for fold in range(FOLDS)]
    return [judged(a.features, fitted[fold]) for a, fold in zip(asked, folds, strict=True)]


def _asked(reader: TrainedReader, example: Example, hits: Sequence[Hit], name: str) -> Asked:
    candidates = reader.candidates(example.question, hits)
    golds = example.answers or example.evidence
    right = [Path(c.hit.document.source).name == name and any(map(c.sentence.overlaps, golds)) for c in candidates]
    return Asked(np.stack([c.features for c in candidates]), np.array(right, bool), example.text or example.question)


def _fit_ranking(some: Sequence[Asked]) -> NDArray[np.float64]:
    """Maximise the probability of a right candidate among all of its question."""

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, slope = SMOOTH * weights @ weights, 2 * SMOOTH * weights
        for a in some:
            log = log_softmax(a.features @ weights)
            right = logsumexp(log[a.right])
            value -= right / len(some)
            slope -= (np.where(a.right, np.exp(log - right), 0) - np.exp(log)) @ a.features / len(some)
        return float(value), slope

    return _least(loss, np.ones(some[0].features.shape[1]) / 4)


def _fit_logistic(known: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit a logistic function of what is known, `(n, d)`, the last of it 1: its weights, the bias last."""

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits, small = known @ weights, np.append(weights[:-1], 0)
        value = np.mean(np.logaddexp(0, logits) - truth * logits) + SMOOTH * small @ small
        return float(value), (expit(logits) - truth) @ known / len(known) + 2 * SMOOTH * small

    return _least(loss, np.zeros(known.shape[1]))


def _least(
    loss: Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]], first: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Find where a loss is least, given its value and its slope, from a first guess on."""
    found: NDArray[np.float64] = minimize(loss, first, jac=True, method="L-BFGS-B").x
    return found


def _threshold(asked: Sequence[Asked], calibration: Calibration) -> float:
    """Find the highest threshold, in percents, that refuses at most `REFUSED` of the answerable questions.

    Answerable are those whose answer was among the candidates.
    """
    likely = np.array([judged(a.features, calibration).answerability for a in asked if a.right.any()])
    thresholds = np.arange(0.01, 1.0, 0.01)
    few = [(likely < t).mean() <= REFUSED for t in thresholds]
    return round(float(thresholds[max(sum(few) - 1, 0)]), 2)
