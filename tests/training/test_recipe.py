"""The recipe mixes examples in an order that a seed decides, and has a fingerprint."""

from collections.abc import Sequence
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

JUDGED = Mixture(public=7, squad=2, own=2, contracts=4, medical=3, lookalikes=5, edited=6)
ASKED = Mixture(public=3, squad=1, own=3, contracts=1, medical=2, lookalikes=2, edited=4)
SETTLED = Mixture(public=2, squad=1, own=2, contracts=2, medical=1, lookalikes=3, edited=2)
FEW = {
    "SHORT": 9,
    "FIRST_ROUND": "a01-2",
    "LAST_ROUND": "a01-2",
    "SETTLED": SETTLED,
    "JUDGED": JUDGED,
    "ASKED": ASKED,
    "JUDGING": 51,
    "ASKING": 27,
    "SETTLING": 26,
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
    spans, judging, asking, settling = stages(data)
    assert [s.name for s in (spans, judging, asking, settling)] == ["spans", "judging", "asking", "settling"]
    wiki = list(public_examples(data, "shift_new_wiki"))
    assert spans.counts() == {
        "qamr": FEW["SHORT"],
        **dict.fromkeys(("shift_new_wiki", "shift_amazon_reviews", "qed_dev"), len(wiki)),
        "squad20_half_a": 12,
        "own": 1,
    }
    assert [len(s.examples) for s in (judging, asking, settling)] == [51, 27, 26]
    _assert_mixed(judging.examples, JUDGED, [e for e in spans.examples if e.set == "own"])
    _assert_mixed(asking.examples, ASKED, [e for e in spans.examples if e.set == "own"])
    _assert_mixed(settling.examples, SETTLED, list(examples.own_examples(data)))


def _assert_mixed(mixed: Sequence[Example], mixture: Mixture, own: Sequence[Example]) -> None:
    assert sum(e.set == "cuad_a" for e in mixed) == mixture.contracts
    assert sum(e.set == "medquad" for e in mixed) == mixture.medical
    assert [mixed.count(e) for e in own] == [mixture.own] * len(own)
    unanswered = [e for e in mixed if not e.answerable and e.set not in {"cuad_a", "medquad", "own", "squad20_half_a"}]
    assert len(unanswered) >= mixture.lookalikes


def test_stages_are_cut_to_their_lengths(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is the beginning of its mixture."""
    whole = stages(data)
    for name, count in (("SPANS", 11), ("JUDGING", 5), ("ASKING", 6), ("SETTLING", 4)):
        monkeypatch.setattr(recipe, name, count)
    spans, judging, asking, settling = stages(data)
    assert spans.examples == whole[0].examples[:11]
    assert judging.examples == whole[1].examples[:5]
    assert asking.examples == whole[2].examples[:6]
    assert settling.examples == whole[3].examples[:4]


def test_no_example_is_of_a_development_article(data: Path) -> None:
    """What figures are measured on is never learned."""
    topics = {example.topic.replace(" ", "_") for stage in stages(data) for example in stage.examples}
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
