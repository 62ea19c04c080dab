"""Near misses look like questions that the passage answers, and are not."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from tests.training.learning import FACTS, drawing, example, memorable, told
from training.examples import Example
from training.nearmisses import OPPOSITE, edited, lookalikes, rivalled

MILL, BRIDGE = told(*FACTS[0]), told(*FACTS[1])
PROGRAM = """
from tests.training.learning import drawing, memorable
from training.nearmisses import edited, lookalikes
print([*lookalikes(memorable()), *edited(memorable(), drawing(1))])
"""


def made(question: str, text: str = MILL, *answers: str, beside: str = "") -> set[str]:
    """Give all questions that the tables make of one, whatever is drawn."""
    of = example(text, question, *(answers or ("1820",)))
    others = [example(beside, "What?", topic="t")] if beside else []
    return {e.question for seed in range(120) for e in edited([of, *others], drawing(seed))}


def test_a_lookalike_is_of_the_topic_and_holds_no_answer() -> None:
    """The passage that shares most of the question's rare words is given, and nothing in it answers."""
    answered = example(MILL, "Who built the bridge and the mill?", "Ada Reeve")
    examples = [
        answered,
        example(BRIDGE, "When?", "1834"),
        example("The bridge was built by ada reeve.", "What?", "bridge"),
        example("The bridge, built by nobody, is no mill.", "What?", "bridge", topic="other"),
        example("Nothing is said here.", "What?", "Nothing"),
    ]
    found = next(lookalikes(examples))
    assert found == replace(answered, text=BRIDGE, answers=(), evidence=())
    assert not found.answerable
    assert next(rivalled(examples, 1.0, drawing(0))) == replace(answered, rivals=(BRIDGE,))


def test_without_a_passage_that_looks_alike_there_is_no_lookalike() -> None:
    """Alone in its topic, among passages that share no word, or not answered: nothing is made."""
    alone = example(MILL, "Who built the mill?", "Ada Reeve")
    assert list(lookalikes([alone])) == []
    assert list(lookalikes([alone, example("Nothing is said here.", "What?", "Nothing")])) == []
    assert list(lookalikes([replace(alone, answers=()), example(BRIDGE, "When?", "1834")])) == []


def test_of_the_answered_a_share_has_a_rival() -> None:
    """Drawn; what is unanswered, and what nothing looks like, stays as it is."""
    examples = [*memorable(), example("Nothing is said here.", "What?", "Nothing")]
    for share, least, most in ((0.0, 0, 0), (0.5, 2, 10), (1.0, 12, 12)):
        found = list(rivalled(examples, share, drawing(3)))
        assert [replace(e, rivals=()) for e in found] == examples
        assert least <= sum(bool(e.rivals) for e in found) <= most
        assert all(e.answerable for e in found if e.rivals)


def test_another_name_of_the_topic_is_asked_about() -> None:
    """One that is as long, and stands neither in the question, nor in the answer, nor in its sentence."""
    of = "When was Old Mill built for Ruth Lang?"
    beside = "Here the bridge of Tom Hale and Ada Reeve stands."
    assert "When was Old Mill built for Tom Hale?" in made(of, beside=beside)
    assert not any("Ada Reeve" in question for question in made(of, beside=beside))


def test_names_that_are_much_longer_do_not_stand_in() -> None:
    """A name of one word is not replaced by one of four."""
    made_of = made("When was it in Leeds?", "so it was built in 1820", beside="for Tom of Hale The Great Again Now")
    assert made_of <= {"When was it in Leeds?", "When was it not in Leeds?", "When was not it in Leeds?"}


def test_another_number_is_asked_about() -> None:
    """One of the passage, or one that is near."""
    found = made("Who built in 1820?", MILL + " It was 1911.", "Ada Reeve")
    assert "Who built in 1911?" in found
    assert {"Who built in 1809?", "Who built in 1830?"} <= found
    assert made("Who came as no 1?", "a 5 b", "b") <= {f"Who came as no {n}?" for n in (2, 3, 5, 11)}
    assert all("1.5" not in question for question in made("Who built 1.5.x?", "x", "x"))


def test_the_opposite_is_asked_about() -> None:
    """Words of a table turn into their opposites, either way."""
    assert made("Who came First?", "so she came", "she") == {"Who came last?"}
    assert all(OPPOSITE[other] for other in OPPOSITE.values())
    assert OPPOSITE["last"] == "first"


@pytest.mark.parametrize(
    ("question", "negated"),
    [
        ("Who did build the mill?", "Who did build not the mill?"),
        ("Why does the mill burn?", "Why does the mill not burn?"),
        ("Why is it there?", "Why is not it there?"),
        ("Who can?", "Who can not?"),
    ],
)
def test_the_negation_is_asked_about(question: str, negated: str) -> None:
    """Behind the verb that carries it, or behind the subject."""
    assert made(question, "so it was", "so") == {negated}


def test_a_question_that_no_table_knows_is_left_out() -> None:
    """So is one that is not answered."""
    assert made("who built it", "so it was", "so") == set()
    assert list(edited([example(MILL, "Who came first?")], drawing(0))) == []


@pytest.mark.parametrize("question", ["Did the first mill burn?", "and was it built in 1820?"])
def test_a_question_for_yes_or_no_is_left_alone(question: str) -> None:
    """A passage that answers it answers its opposite too."""
    assert made(question, beside="Here the bridge of Tom Hale stands.") == set()


def test_an_edited_question_has_no_answer() -> None:
    """The passage stays, the question is another, and nothing answers."""
    examples = memorable()
    found = list(edited(examples, drawing(3)))
    assert found
    texts = {e.text: {o.question for o in examples if o.text == e.text} for e in examples}
    for one in found:
        assert (one.answers, one.evidence) == ((), ())
        assert one.question not in texts[one.text]


def test_a_seed_makes_the_same_questions() -> None:
    """Another seed makes others."""
    one, same, other = (list(edited(memorable(), drawing(seed))) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_another_process_makes_the_same_questions() -> None:
    """Nothing depends on how a process hashes words."""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert Example.__name__ in outputs.pop()
