"""The report: what is counted in which figure, and how it reads."""

import json

import pytest

from evaluation.figures import BOUNDED, figures, missed
from evaluation.questions import Question
from evaluation.report import Report, as_json, summarise
from evaluation.scoring import Outcome
from tests.evaluation.outcomes import UNANSWERABLE, outcome


def _outcomes() -> list[Outcome]:
    return [
        outcome(0.9, (True, False, False)),
        outcome(0.8, (False, True)),
        outcome(0.7, (False, False, False)),
        outcome(0.1, (True,), refused=True),
        outcome(0.6, (False,), question=UNANSWERABLE),
        outcome(0.2, (), refused=True, question=UNANSWERABLE),
    ]


def _report() -> Report:
    return summarise(_outcomes(), [Question("lost", "Where?", ("nowhere",))])


def test_shares_are_of_the_questions_that_they_are_about() -> None:
    """Answers are of answerable questions, a refusal is right at no rank, and what is left out counts nowhere."""
    report = _report()
    assert (report.questions.answerable, report.questions.unanswerable, report.questions.left_out) == (4, 2, ("lost",))
    assert (report.answers.right_first, report.answers.right_in_three) == (0.25, 0.5)
    assert report.answers.citation_precision == pytest.approx(2 / 9)
    assert (report.abstention.refused, report.abstention.answered_anyway) == (0.25, 0.5)
    assert report.abstention.auroc == pytest.approx(6 / 8)


def test_words_are_compared_over_all_questions() -> None:
    """Three answerable ones are answered in the gold words, one refusal is right; the best threshold is below 0.7."""
    answers = _report().answers
    assert (answers.exact_match, answers.f1, answers.f1_answerable) == pytest.approx((4 / 6, 4 / 6, 3 / 4))
    assert answers.best_f1 == pytest.approx(5 / 6)
    assert answers.best_f1_threshold == 0.7


def test_whether_there_is_an_answer_is_judged_by_answerability() -> None:
    """How sure the quote is right does not tell the answerable from the unanswerable."""
    some = [outcome(0.1, answerability=0.9), outcome(0.8, question=UNANSWERABLE, answerability=0.2)]
    report = summarise(some)
    assert report.abstention.auroc == 1.0
    assert (report.answers.best_f1, report.answers.best_f1_threshold) == (1.0, 0.9)


def test_the_confidence_is_judged_by_the_best_quote_shown_or_not() -> None:
    """A refusal whose nearest quote was right counts as right; risk and coverage are those of what was answered."""
    confidence = _report().confidence
    assert sum(b.count * b.right for b in confidence.reliability) == 2
    assert confidence.operating_point == pytest.approx((4 / 6, 3 / 4))
    assert confidence.curve[0] == pytest.approx((1 / 6, 0))
    assert confidence.curve[-1] == pytest.approx((1, 4 / 6))


def test_a_wrong_quote_of_a_right_sentence_counts_against_the_confidence() -> None:
    """The sentence is right first all the same."""
    report = summarise([outcome(0.9, quoted=False), outcome(0.8), outcome(0.7, refused=True)])
    assert (report.answers.right_first, report.answers.quoted_first) == pytest.approx((2 / 3, 1 / 3))
    assert report.confidence.operating_point == pytest.approx((2 / 3, 1 / 2))
    assert sum(b.count * b.right for b in report.confidence.reliability) == 2


def test_search_and_time_are_put_together() -> None:
    """The second hit is the one that counts, and a quarter of a second is 250 ms."""
    report = _report()
    assert (report.retrieval.recall_at_1, report.retrieval.recall_at_3, report.retrieval.mrr) == (0, 1, 0.5)
    assert (report.latency.median_ms, report.latency.p95_ms) == pytest.approx((250, 250))


def test_what_there_was_nothing_of_is_none() -> None:
    """Without answerable questions no answer is right or wrong; where all is refused there is no point of operation."""
    report = summarise([outcome(0.2, (), refused=True, question=UNANSWERABLE)])
    assert report.answers.right_first is report.abstention.refused is report.abstention.auroc is None
    assert report.retrieval.mrr is report.answers.citation_precision is None
    assert report.confidence.operating_point is None
    assert [figure.value for figure in figures(report) if figure.name == "right first"] == ["–"]
    assert [figure.meaning for figure in figures(report) if figure.name == "best F1"] == [
        "F1 if every question were refused"
    ]


def test_the_curve_is_thinned_out() -> None:
    """Of a thousand questions two hundred points are kept, the first and the last among them."""
    curve = summarise([outcome(n / 1000) for n in range(1000)]).confidence.curve
    assert len(curve) == 200
    assert (curve[0][0], curve[-1][0]) == (0.001, 1.0)


def test_the_json_has_the_shape_that_its_version_promises() -> None:
    """These names are what others build on; one that leaves or changes its meaning asks for another version."""
    made = json.loads(json.dumps(as_json(_report(), _outcomes())))
    assert made.pop("version") == 3
    rows = made.pop("outcomes")
    assert {name: sorted(group) for name, group in made.items()} == {
        "questions": ["answerable", "left_out", "unanswerable"],
        "answers": [
            "best_f1",
            "best_f1_threshold",
            "citation_precision",
            "exact_match",
            "f1",
            "f1_answerable",
            "quoted_first",
            "right_first",
            "right_in_three",
        ],
        "abstention": ["answered_anyway", "auroc", "refused"],
        "confidence": [
            "answered_at_90_right",
            "area_under_risk",
            "calibration_error",
            "curve",
            "operating_point",
            "reliability",
            "right_among_surest_half",
        ],
        "retrieval": ["mrr", "ndcg_at_10", "recall_at_1", "recall_at_3", "recall_at_8"],
        "latency": ["median_ms", "p95_ms"],
    }
    assert sorted(made["confidence"]["reliability"][0]) == ["confidence", "count", "right"]
    assert rows[1] == {
        "id": "q",
        "question": "When does it open?",
        "verdict": "right at 2",
        "confidence": 0.8,
        "answerability": 0.8,
        "right_at": 2,
        "quoted": False,
        "gold": ["at nine"],
        "given": [
            {"document_id": "d", "quote": "nine", "sentence": "It opens at nine today.", "right": right}
            for right in (False, True)
        ],
        "milliseconds": 250.0,
    }


def test_a_threshold_is_missed_beyond_its_bound_only() -> None:
    """A figure at its bound is good enough; beyond, one sentence names option, figure and bound."""
    report = _report()
    assert missed(report, {"--min-right-first": 0.25, "--max-refused": 0.25, "--min-auroc": None}) == []
    assert missed(report, {"--min-right-first": 0.5, "--max-refused": 0.1}) == [
        "--min-right-first is missed: right first is 0.250, less than 0.5.",
        "--max-refused is missed: refused is 0.250, more than 0.1.",
    ]


def test_a_threshold_that_nothing_tells_is_missed() -> None:
    """A gate does not open because nobody stood before it."""
    report = summarise([outcome(0.9)])
    assert missed(report, {"--max-answered-anyway": 1.0}) == [
        "--max-answered-anyway cannot be checked: no question of the file tells answered anyway."
    ]


def test_every_bound_finds_its_figure() -> None:
    """Each option looks at a figure of its own."""
    report = _report()
    assert [figure(report) for _, figure in BOUNDED.values()] == pytest.approx(
        [0.25, 0.5, 0.25, 0.5, 0.75, report.confidence.calibration_error]
    )
