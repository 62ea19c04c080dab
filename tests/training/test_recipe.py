"""The recipe mixes examples in an order that a seed decides, and has a fingerprint."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.training.learning import drawing, learnable, memorable, write_own
from training import examples, recipe
from training.documents import DEVELOPMENT_ARTICLES
from training.examples import Example, public_examples
from training.questions import read_questions
from training.recipe import Mixture, Stage, fingerprint, stages

LEARNED = Mixture(public=7, squad=2, own={"first": 2}, lookalikes=5, edited=6, contracts=4, medical=3, rivals=0.9)
SETTLED = Mixture(public=2, squad=0.5, own={"first": 1, "sixth": 2}, lookalikes=3, edited=2, short=1)
FEW = {
    "SHORT": 9,
    "FIRST_ROUND": "a01-2",
    "ROUNDS": {"first": "a01-1", "sixth": "a01-2"},
    "LEARNED": LEARNED,
    "SETTLED": SETTLED,
}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a small data folder and a question set, and take few examples."""
    for name, count in FEW.items():
        monkeypatch.setattr(recipe, name, count)
    write_own(tmp_path / "questions", development=False)
    write_own(tmp_path / "questions", development=True)
    monkeypatch.setattr(examples, "read_questions", partial(read_questions, tmp_path / "questions"))
    return learnable(tmp_path / "data")


def test_examples_are_mixed_in_stages(data: Path) -> None:
    """The first has every question of the first round with its answer once; the others add near misses."""
    spans, learning, settling = stages(data)
    assert [s.name for s in stages(data)] == ["spans", "learning", "settling"]
    wiki = list(public_examples(data, "shift_new_wiki"))
    assert spans.counts() == {
        "qamr": FEW["SHORT"],
        **dict.fromkeys(("shift_new_wiki", "shift_amazon_reviews", "qed_dev"), len(wiki)),
        "squad20_half_a": 12,
        "own": 1,
    }
    first, late = examples.own_examples(data)
    assert [e for e in spans.examples if e.set == "own"] == [first]
    for stage, mixture in ((learning, LEARNED), (settling, SETTLED)):
        counts = [sum(e.set == name for e in stage.examples) for name in ("qamr", "cuad_a", "medquad")]
        assert counts == [mixture.short, mixture.contracts, mixture.medical]
        asked = [(e.question, e.answerable) for e in stage.examples]
        times = [asked.count((e.question, e.answerable)) for e in (first, late)]
        assert times == [mixture.own["first"], mixture.own.get("sixth", 0)]
        unasked = {"cuad_a", "medquad", "own", "squad20_half_a"}
        assert sum(not e.answerable and e.set not in unasked for e in stage.examples) >= mixture.lookalikes - 2


def test_a_round_changes_no_stage_that_does_without_it(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So a run that is in an earlier stage can go on when questions are added for a later one."""
    spans, learning, settling = stages(data)
    kept = examples.own_parts
    monkeypatch.setattr(recipe, "own_parts", lambda *given: [*kept(*given)[:-1], []])
    assert stages(data)[:2] == (spans, learning)
    assert stages(data)[2] != settling


def test_a_fraction_of_examples_is_drawn() -> None:
    """All of them as often as goes, and a part once more."""
    some = list(memorable())
    drawn = recipe._times(2.25, some, drawing(0))
    assert sorted({drawn.count(e) for e in some}) == [2, 3]
    assert len(drawn) == round(2.25 * len(some))


def test_the_first_stage_is_cut_to_its_length(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the beginning of all that it could hold."""
    whole, *_ = stages(data)
    monkeypatch.setattr(recipe, "SPANS", 11)
    cut, *_ = stages(data)
    assert cut.examples == whole.examples[:11]


def test_no_example_is_of_a_development_article(data: Path) -> None:
    """What figures are measured on is never learned."""
    topics = {example.topic.split(":", 1)[1].replace(" ", "_") for stage in stages(data) for example in stage.examples}
    assert not topics & DEVELOPMENT_ARTICLES


def test_the_recipe_is_the_same_each_time(data: Path) -> None:
    """Examples, their order and the fingerprint follow from the data."""
    one, same = stages(data), stages(data)
    assert one == same
    assert fingerprint(one) == fingerprint(same)


def test_the_fingerprint_changes_with_what_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another word, another order, another stage, another rate: another fingerprint; lone surrogates have one."""
    some = memorable()
    marks = [
        fingerprint([Stage(name, of)])
        for name, of in (
            ("one", some),
            ("two", some),
            ("one", some[::-1]),
            ("one", (replace(some[0], question="Which?"), *some[1:])),
            ("one", (replace(some[0], text="\ud800", answers=(), evidence=()), *some[1:])),
        )
    ]
    monkeypatch.setattr(recipe, "SCHEDULE", replace(recipe.SCHEDULE, peak=2e-4))
    marks.append(fingerprint([Stage("one", some)]))
    assert len(set(marks)) == len(marks)


def test_single_sentences_are_set_among_others() -> None:
    """Answers and evidence move with them."""
    short = [
        Example("qamr", "t", e.question, "", e.evidence[0].of(e.text), e.answers, e.evidence)
        for e in memorable()
        if e.answers
    ]
    placed = recipe._among_others(short, drawing(0))
    assert {e.text.count("was built") for e in placed} == set(range(1, recipe.NEIGHBOURS + 2))
    for before, after in zip(short, placed, strict=True):
        assert after.question == before.question
        assert [a.of(after.text) for a in after.answers] == [a.of(before.text) for a in before.answers]
        assert [e.of(after.text) for e in after.evidence] == [before.text]
    assert any(not after.text.startswith(before.text) for before, after in zip(short, placed, strict=True))
