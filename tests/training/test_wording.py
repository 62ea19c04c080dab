"""A question is worded anew without becoming another question."""

from difflib import SequenceMatcher

import pytest

from tests.training.learning import drawing
from training import wording
from training.wording import reworded

QUESTION = "Which nations signed the treaty of Paris?"


def made(question: str, monkeypatch: pytest.MonkeyPatch, **shares: float) -> set[str]:
    """Give all that becomes of a question, whatever is drawn, where only the shares named are not 0."""
    for name in ("SLIPPED", "BARE", "REQUESTED"):
        monkeypatch.setattr(wording, name, shares.get(name.lower(), 0.0))
    return {reworded(question, drawing(seed)) for seed in range(300)}


def test_most_questions_stay_as_they_are() -> None:
    """One in four or five is changed."""
    changed = sum(reworded(QUESTION, drawing(seed)) != QUESTION for seed in range(1_000))
    assert 180 < changed < 280


def test_a_slip_changes_one_long_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter is doubled, dropped, swapped or another; the first stays, and so do short words."""
    found = made(QUESTION, monkeypatch, slipped=1.0) - {QUESTION}
    assert len(found) > 30
    for question in found:
        pairs = list(zip(QUESTION.split(), question.split(), strict=True))
        ((one, other),) = [(a, b) for a, b in pairs if a != b]
        assert one[0] == other[0]
        assert len(one) >= 5
        assert SequenceMatcher(None, one, other).ratio() > 0.7


def test_without_a_long_word_nothing_slips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short words are left alone."""
    assert made("Who is he?", monkeypatch, slipped=1.0) == {"Who is he?"}


def test_a_question_without_its_mark_has_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of them lose their capitals too."""
    bare = QUESTION.rstrip("?")
    assert made(QUESTION, monkeypatch, bare=1.0) == {bare, bare.lower()}


@pytest.mark.parametrize(
    ("question", "request_made"),
    [
        ("What are the goals of the pact?", "List the goals of the pact."),
        ("What is the capital of Chad?", "Name the capital of Chad."),
        ("Which nations signed?", "List which nations signed."),
        ("Why did it fail?", "Explain why did it fail."),
        ("When did it begin?", "Can you tell me when did it begin."),
    ],
)
def test_a_question_becomes_a_request(question: str, request_made: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for stays."""
    found = made(question, monkeypatch, requested=1.0)
    assert request_made in found
    assert {q.rstrip("?.").split()[-2:] == question.rstrip("?").split()[-2:] for q in found} == {True}


def test_what_asks_for_yes_or_no_is_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no request for it that keeps its words."""
    assert made("Did it fail?", monkeypatch, requested=1.0) == {"Did it fail?"}
