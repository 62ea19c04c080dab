"""Order, confidence and threshold are fitted on questions asked over a library."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.report import Progress
from retriever.encoder import Encoder
from retriever.records import Span
from retriever.settings import load_settings
from retriever.trained_reader import FEATURES, Calibration, Judgement, judged
from retriever.windows import Packer
from tests.training.learning import FACTS, example, learnable, write_own
from tests.training.reading import pointing
from training import calibrating, examples
from training.calibrating import (
    REFUSED,
    Asked,
    collect,
    cross_fitted,
    fit,
    laid_out,
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
    return Asked(features, right, right, group)


def judge(asked: Asked, calibration: Calibration) -> Judgement:
    """Judge the candidates of a question."""
    return judged(asked.features, calibration, whole=asked.whole)


def first_right(asked: list[Asked], judgements: list[Judgement]) -> NDArray[np.bool_]:
    """Tell for each question whether the best candidate is right."""
    return np.array([a.right[j.order[0]] for a, j in zip(asked, judgements, strict=True)])


@pytest.fixture(scope="module")
def asked() -> list[Asked]:
    """Make questions to fit on."""
    return questions(160)


@pytest.fixture(scope="module")
def calibration(asked: list[Asked]) -> Calibration:
    """Fit on them."""
    return fit(asked)


@pytest.fixture(scope="module")
def judgements(asked: list[Asked], calibration: Calibration) -> list[Judgement]:
    """Judge them."""
    return [judge(a, calibration) for a in asked]


def test_what_tells_right_from_wrong_orders(
    asked: list[Asked], calibration: Calibration, judgements: list[Judgement]
) -> None:
    """The fit finds the feature that stands out, and with it the right candidate of nearly every question."""
    assert int(np.argmax(calibration.ranking)) == 1
    right, answerable = first_right(asked, judgements), np.array([a.right.any() for a in asked])
    assert right[answerable].mean() > 0.9
    assert not right[~answerable].any()


def test_confidence_is_how_often_the_first_is_right(asked: list[Asked], judgements: list[Judgement]) -> None:
    """It is a probability, and higher where the best candidate is right."""
    sure, right = np.array([j.confidence for j in judgements]), first_right(asked, judgements)
    assert ((sure > 0) & (sure < 1)).all()
    assert sure[right].mean() > sure[~right].mean() + 0.4
    assert sure.mean() == pytest.approx(right.mean(), abs=0.05)


def test_answerability_is_how_often_there_is_a_right_one(asked: list[Asked], judgements: list[Judgement]) -> None:
    """It is a probability, and higher where any candidate is right, be it the first or not."""
    likely, answerable = np.array([j.answerability for j in judgements]), np.array([a.right.any() for a in asked])
    assert ((likely > 0) & (likely < 1)).all()
    assert likely[answerable].mean() > likely[~answerable].mean() + 0.4
    assert likely.mean() == pytest.approx(answerable.mean(), abs=0.05)


def test_the_two_are_told_apart_where_passages_answer_and_no_candidate_stands_out() -> None:
    """Of two candidates alike in an answered question either may be right: confidence is half of answerability."""
    rng = np.random.default_rng(2)
    asked = []
    for i in range(300):
        features = (np.full((2, 5), 4.0 * (i % 2)) + rng.normal(size=5) / 10).astype(np.float32)
        right = np.arange(2) == (rng.integers(2) if i % 2 else 2)
        asked.append(Asked(features, right, right, str(i)))
    calibration = fit(asked)
    answered = judge(asked[1], calibration)
    assert answered.answerability > 0.9
    assert answered.confidence == pytest.approx(0.5, abs=0.1)
    assert judge(asked[0], calibration).answerability < 0.1


def test_the_confidence_heeds_most_what_counts_most(asked: list[Asked], calibration: Calibration) -> None:
    """Where questions whose first candidate is wrong count most, it is lower; order and answerability stay."""
    scores = [np.round(a.features @ calibration.ranking, 5) for a in asked]
    wrong = [not a.right[int(np.argmax(s))] for a, s in zip(asked, scores, strict=True)]
    careful = fit([replace(a, counts=5.0 if bad else 1.0) for a, bad in zip(asked, wrong, strict=True)])
    assert (careful.ranking == calibration.ranking).all()
    assert (careful.answerability == calibration.answerability).all()
    sure, before = (np.mean([judge(a, c).confidence for a in asked]) for c in (careful, calibration))
    assert sure < before


def test_the_confidence_is_of_the_quote_and_not_of_its_sentence(asked: list[Asked], calibration: Calibration) -> None:
    """Where right sentences are quoted wrongly, it falls; order, answerability and threshold stay."""
    misquoted = fit([replace(a, quoted=a.right & (i % 4 == 0)) for i, a in enumerate(asked)])
    assert (misquoted.ranking == calibration.ranking).all()
    assert (misquoted.answerability == calibration.answerability).all()
    assert misquoted.threshold == calibration.threshold
    sure, before = (np.mean([judge(a, c).confidence for a in asked]) for c in (misquoted, calibration))
    assert sure < 0.7 * before


def test_questions_for_whole_sentences_are_judged_by_what_became_of_such(asked: list[Asked]) -> None:
    """Where the same candidates are right for them and wrong for the others, they are the likelier ones."""
    both = [
        replace(a, right=a.right & whole, quoted=a.right & whole, whole=whole) for a in asked for whole in (False, True)
    ]
    fitted = fit(both)
    for a in both[1::2]:
        few, whole = (judged(a.features, fitted, whole=w) for w in (False, True))
        assert few.confidence < whole.confidence
        assert few.answerability < whole.answerability


def test_the_threshold_refuses_few_of_the_answerable(
    asked: list[Asked], calibration: Calibration, judgements: list[Judgement]
) -> None:
    """A percent more would refuse more than that."""
    likely = np.array([j.answerability for a, j in zip(asked, judgements, strict=True) if a.right.any()])
    at, above = ((likely < calibration.threshold + more).mean() for more in (0, 0.01))
    assert at <= REFUSED < above
    assert calibration.threshold == round(calibration.threshold, 2)


def test_cross_fitted_judgements_are_of_another_fit() -> None:
    """Each question is judged by a calibration that did not see its text, and still told."""
    asked = questions(40, seed=1)
    crossed, whole = cross_fitted(asked), fit(asked)
    assert all(c.confidence != judge(a, whole).confidence for a, c in zip(asked, crossed, strict=True))
    likely, answerable = np.array([j.answerability for j in crossed]), np.array([a.right.any() for a in asked])
    assert likely[answerable].mean() > likely[~answerable].mean() + 0.3
    assert first_right(asked, crossed)[answerable].mean() > 0.8


def test_of_half_of_the_topics_passages_lie_in_one_document() -> None:
    """Each passage stands once, at the place that is named, below a title or not; a part of one stands in it."""
    examples = [
        replace(example(f"{text} of {topic}.", "What?"), topic=topic, heading="Numbers")
        for topic in map(str, range(40))
        for text in ("One", "Two", "Two", "Three")
    ]
    examples += [example(e.text[1:-1], "What?", topic=e.topic) for e in examples]
    documents, places = laid_out(examples)
    assert set(places) == {e.text for e in examples}
    for text, place in places.items():
        assert place.of(Span(0, len(text))).of(documents[place.file]) == text
    titled = [text for text in documents.values() if text.startswith("Numbers\n=======\n\n")]
    assert len(documents) / 4 < len(titled) < len(documents) * 3 / 4
    joined = [text.removeprefix("Numbers\n=======\n\n") for text in documents.values() if text.count("of") > 1]
    assert all(text == "\n\n".join(f"{n} of {text.split()[2]}" for n in ("One", "Two", "Three")) for text in joined)
    assert 10 < len(joined) < 30
    assert len(documents) == len(joined) + 3 * (40 - len(joined))


def test_questions_are_asked_over_a_library(
    encoder: Encoder, packer: Packer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every passage of the development questions is in it; right is what is found in the passage of the question."""
    assert encoder.max_tokens
    monkeypatch.setattr(calibrating, "UNRELATED", 3)
    monkeypatch.setattr(calibrating, "UNSEEN", ("qed_dev",))
    data = learnable(tmp_path / "data")
    (own, _) = write_own(tmp_path / "questions", development=True)
    monkeypatch.setattr(examples, "read_questions", partial(read_questions, tmp_path / "questions"))
    told: list[Progress] = []
    asked = collect(pointing(packer, "1820"), data, load_settings(passages=3), told.append)
    assert len(asked) == 2 * len(FACTS) + 2 + 3
    assert all(a.features.shape == (len(a.right), FEATURES) for a in asked)
    when, bought = asked[:2]
    assert when.right.sum() == 1
    assert when.group == bought.group
    assert not bought.right.any()
    answered, bare = asked[2 * len(FACTS) : 2 * len(FACTS) + 2]
    assert answered.right.sum() == len(own.answers)
    assert (when.quoted.sum(), answered.quoted.sum()) == (1, 0)
    assert not bare.right.any()
    assert [a.group for a in asked[-3:]] == unrelated_questions(data)
    assert told[-1] == Progress(len(asked), len(asked), "Asking")
