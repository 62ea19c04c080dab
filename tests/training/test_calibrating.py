"""Order, confidence and threshold are fitted on questions asked over a library."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.report import Progress
from retriever.encoder import Encoder
from retriever.settings import load_settings
from retriever.trained_reader import Calibration, judged
from retriever.windows import Packer
from tests.training.learning import FACTS, learnable, write_own
from tests.training.reading import pointing
from training import calibrating, examples
from training.calibrating import (
    REFUSED,
    Asked,
    collect,
    confidences,
    cross_fitted,
    fit,
    right_first,
    unrelated_questions,
)
from training.questions import read_questions


def questions(n: int, *, seed: int = 0) -> list[Asked]:
    """Make questions with four candidates; half are answered, by the candidate whose second feature stands out."""
    rng = np.random.default_rng(seed)
    return [_asked(rng, f"text {i // 2}", answered=i % 2 == 0) for i in range(n)]


def _asked(rng: np.random.Generator, group: str, *, answered: bool) -> Asked:
    features: NDArray[np.float32] = rng.normal(size=(4, 5)).astype(np.float32)
    right = np.zeros(4, bool)
    if answered:
        right[rng.integers(4)] = True
        features[right, 1] += 4
    return Asked(features, right, group)


@pytest.fixture(scope="module")
def asked() -> list[Asked]:
    """Make questions to fit on."""
    return questions(160)


@pytest.fixture(scope="module")
def calibration(asked: list[Asked]) -> Calibration:
    """Fit on them."""
    return fit(asked)


def test_what_tells_right_from_wrong_orders(asked: list[Asked], calibration: Calibration) -> None:
    """The fit finds the feature that stands out, and with it the right candidate of nearly every question."""
    assert int(np.argmax(calibration.ranking)) == 1
    assert right_first([a for a in asked if a.right.any()], calibration).mean() > 0.9
    assert not right_first([a for a in asked if not a.right.any()], calibration).any()


def test_confidence_tells_answered_from_unanswered(asked: list[Asked], calibration: Calibration) -> None:
    """It is a probability, agrees with what the reader computes, and is higher where the best candidate is right."""
    sure = confidences(asked, calibration)
    assert ((sure > 0) & (sure < 1)).all()
    assert sure[3] == judged(asked[3].features, calibration)[2]
    right = right_first(asked, calibration)
    assert sure[right].mean() > sure[~right].mean() + 0.4
    assert sure.mean() == pytest.approx(right.mean(), abs=0.05)


def test_the_threshold_refuses_one_in_ten_of_the_answerable(asked: list[Asked], calibration: Calibration) -> None:
    """A percent more would refuse more than that."""
    sure, answerable = confidences(asked, calibration), np.array([a.right.any() for a in asked])
    at, above = ((sure[answerable] < calibration.threshold + more).mean() for more in (0, 0.01))
    assert at <= REFUSED < above
    assert calibration.threshold == round(calibration.threshold, 2)


def test_cross_fitted_confidence_is_of_another_fit() -> None:
    """Each question's confidence is from a calibration that did not see its text, and still tells."""
    asked = questions(40, seed=1)
    (crossed, right), seen = cross_fitted(asked), confidences(asked, fit(asked))
    assert crossed.shape == right.shape == (40,)
    assert (crossed != seen).all()
    answerable = np.array([a.right.any() for a in asked])
    assert crossed[answerable].mean() > crossed[~answerable].mean() + 0.3
    assert right[answerable].mean() > 0.8
    assert not right[~answerable].any()


def test_questions_are_asked_over_a_library(
    encoder: Encoder, packer: Packer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every passage of the development questions is in it; right is what is found in the passage of the question."""
    assert encoder.max_tokens
    monkeypatch.setattr(calibrating, "UNRELATED", 3)
    data = learnable(tmp_path / "data")
    (own, _) = write_own(tmp_path / "questions", development=True)
    monkeypatch.setattr(examples, "read_questions", partial(read_questions, tmp_path / "questions"))
    told: list[Progress] = []
    asked = collect(pointing(packer, "1820"), data, load_settings(passages=3), told.append)
    assert len(asked) == 2 * len(FACTS) + 2 + 3
    assert all(a.features.shape == (len(a.right), 7) for a in asked)
    when, bought = asked[:2]
    assert when.right.sum() == 1
    assert when.group == bought.group
    assert not bought.right.any()
    answered, bare = asked[2 * len(FACTS) : 2 * len(FACTS) + 2]
    assert answered.right.sum() == len(own.answers)
    assert not bare.right.any()
    assert [a.group for a in asked[-3:]] == unrelated_questions(data)
    assert told[-1] == Progress(len(asked), len(asked), "Asking")
