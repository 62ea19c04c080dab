"""Passages of one topic are read as one, and what answers is still what answered."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from retriever.records import Span
from tests.training.learning import FACTS, drawing, example, memorable, told
from training.examples import Example, cut
from training.joining import BETWEEN, MOST, joined

MILL, BRIDGE = told(*FACTS[0]), told(*FACTS[1])
BUILT = example(MILL, "When was the mill built?", "1820")


def beside(*others: str, of: Example = BUILT, topic: str | None = None) -> set[str]:
    """Give all texts that an example can become among others, whatever is drawn."""
    around = [example(text, "What?", topic=topic or of.topic) for text in others]
    return {next(joined([of, *around], 1.0, drawing(seed))).text for seed in range(20)}


def words(spans: tuple[Span, ...], text: str) -> list[str]:
    """Give the words at spans."""
    return [span.of(text) for span in spans]


@given(st.integers(0, 10_000))
def test_the_words_that_answer_stay_the_same(seed: int) -> None:
    """Their places move with the text, and evidence is still whole sentences."""
    examples = memorable()
    for before, after in zip(examples, joined(examples, 0.7, drawing(seed)), strict=True):
        assert words(after.answers, after.text) == words(before.answers, before.text)
        assert words(after.evidence, after.text) == words(before.evidence, before.text)
        assert set(after.evidence) <= set(cut(after.text))
        assert replace(after, text=before.text, answers=before.answers, evidence=before.evidence) == before


def test_a_passage_stands_before_or_behind_another_of_its_topic() -> None:
    """Either is drawn; one of another topic is not."""
    assert beside(BRIDGE) == {BRIDGE + BETWEEN + MILL, MILL + BETWEEN + BRIDGE}
    assert beside(BRIDGE, topic="other") == {MILL}


def test_what_is_not_answered_is_joined_too() -> None:
    """So that a long passage is no sign of an answer."""
    unanswered = replace(BUILT, answers=(), evidence=())
    assert len(beside(BRIDGE, of=unanswered)) == 2


def test_a_passage_that_may_answer_as_well_is_left_out() -> None:
    """It holds the words of the answer, in whatever case, or without an answer those of the evidence."""
    assert beside("It was rebuilt in 1820.") == {MILL}
    shown = replace(BUILT, answers=())
    assert beside(f"As they say: {BUILT.evidence[0].of(MILL).upper()}", of=shown) == {MILL}


def test_what_holds_the_passage_is_not_joined_to_it() -> None:
    """Our own passages are cut out of longer ones."""
    assert beside(f"{MILL} It was sold.", MILL[:30], of=replace(BUILT, answers=(), evidence=())) == {MILL}


def test_what_is_too_long_for_a_window_is_left_out() -> None:
    """Both together are counted."""
    assert beside("No. " * ((MOST - len(MILL)) // 4 + 1)) == {MILL}


def test_of_a_share_none_or_all_are_joined() -> None:
    """The share is of those drawn, whether one beside them fits or not."""
    examples = [BUILT, example(BRIDGE, "What?", topic=BUILT.topic)]
    assert list(joined(examples, 0.0, drawing(1))) == examples
    assert all(e.text != j.text for e, j in zip(examples, joined(examples, 1.0, drawing(1)), strict=True))
