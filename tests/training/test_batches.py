"""Examples become windows with what is right of each token, and windows become batches."""

from dataclasses import replace

import pytest
import torch

from retriever.records import Span
from retriever.windows import Packer, Window
from tests.training.learning import FACTS, drawing, example, memorable, told
from training import batches as module
from training import wording
from training.batches import Target, batches, collate, grouped, padded, targets
from training.examples import OWN, Example
from training.recipe import Schedule

MILL = told(*FACTS[0])


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave all questions as they are."""
    for share in ("SLIPPED", "BARE", "REQUESTED"):
        monkeypatch.setattr(wording, share, 0.0)


def packed(of: Example, packer: Packer, seed: int = 0) -> list[Target]:
    """Pack an example."""
    return list(targets(of, packer, drawing(seed)))


def pointed(target: Target, text: str) -> list[str]:
    """Give the words that a target points at."""
    places = target.window.places
    return [text[places[s].start : places[e].end] for s, e in zip(target.starts, target.ends, strict=True)]


def test_a_target_points_at_the_answer_and_shows_the_evidence(packer: Packer) -> None:
    """Starts and ends are the first and the last token of the answer; evidence is every token of its sentence."""
    (target,) = packed(example(MILL, "Who built the mill?", "Ada Reeve"), packer)
    assert pointed(target, MILL) == ["Ada Reeve"]
    places = target.window.places
    shown = [place.of(MILL) for place, flag in zip(places, target.evidence, strict=True) if flag]
    assert (shown[0], shown[-1], shown.count(".")) == ("The", ".", 1)
    assert target.answered


def test_every_token_is_of_a_sentence(packer: Packer) -> None:
    """They are counted from 0; in a batch from 1, on through a question's windows; 0 is what is not of the passage."""
    text = f"{MILL} It burned. It was built again. " * 12
    group = packed(example(text, "Who built the mill?"), packer)
    assert len(group) > 1
    for target in group:
        sentences = [place.start for place, other in zip(target.window.places, target.sentences, strict=True) if other]
        assert sentences == sorted(sentences)
    stops = [i for i, place in enumerate(group[0].window.places) if place.of(text) == "."]
    assert [group[0].sentences[i] for i in stops[:4]] == [0, 1, 2, 3]
    assert group[1].sentences[0] > 0
    batch = collate([group, group[:1]])
    assert (batch.sentences > 0).equal(batch.passage)
    firsts, lasts = ([int(edge(row[row > 0])) for row in batch.sentences] for edge in (torch.min, torch.max))
    assert firsts == [1, *(last + 1 for last in lasts[:-2]), 1]
    assert batch.questions.tolist() == [0] * len(group) + [1]


def test_questions_are_worded_anew(packer: Packer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A passage is asked as others would ask."""
    of = example(MILL, "Who built the mill?", "Ada Reeve")
    monkeypatch.setattr(wording, "BARE", 1.0)
    (bare,), mark = packed(of, packer), packer.pack("?", [], MILL)[0].ids[1]
    assert mark not in bare.window.ids[: bare.window.first]
    assert pointed(bare, MILL) == ["Ada Reeve"]


def test_an_answer_inside_a_word_is_the_whole_word(packer: Packer) -> None:
    """Whole words are pointed at, whatever part of them was marked."""
    (target,) = packed(example(MILL, "Who?", "eev"), packer)
    assert pointed(target, MILL) == ["Reeve"]


def test_of_alternatives_one_is_drawn(packer: Packer) -> None:
    """Each has its turn; evidence is shown for all."""
    of = example(MILL, "Who built the mill?", "Ada Reeve", "Ely")
    drawn = {tuple(pointed(packed(of, packer, seed)[0], MILL)) for seed in range(20)}
    assert drawn == {("Ada Reeve",), ("Ely",)}


def test_parts_of_an_answer_are_all_pointed_at(packer: Packer) -> None:
    """What answers together is right together."""
    of = replace(example(MILL, "When and by whom?", "1820", "Ada Reeve"), together=True)
    (target,) = packed(of, packer)
    assert pointed(target, MILL) == ["1820", "Ada Reeve"]


def test_an_unanswered_example_points_at_nothing(packer: Packer) -> None:
    """No evidence, no starts."""
    (target,) = packed(example(MILL, "Who bought the mill?"), packer)
    assert (target.starts, target.ends, target.answered, any(target.evidence)) == ((), (), False, False)


def test_evidence_without_answers_is_not_pointed_at(packer: Packer) -> None:
    """A paragraph that answers is evidence, and no span of it is right."""
    of = replace(example(MILL, "What of the mill?", "Ada"), answers=())
    (target,) = packed(of, packer)
    assert target.answered
    assert target.starts == ()
    batch = collate([[target]])
    assert not batch.starts.any()
    assert not batch.ends.any()
    assert (batch.pointed.tolist(), batch.answered.tolist()) == ([False], [1.0])


def test_a_window_that_cuts_the_answer_is_left_out(packer: Packer) -> None:
    """The answer stands whole in the next window, and only there it is pointed at."""
    text = f"{'The mill stood. ' * 77}Ada Reeve {'and others ' * 10}built it. {'It burned. ' * 60}"
    answer = text[text.index("Ada Reeve") : text.index(" built it")]
    whole = packer.pack("Who?", [], text)
    assert sum(w.places[-1].end > text.index("Ada Reeve") >= w.places[0].start for w in whole) == 2
    found = [target for target in packed(example(text, "Who?", answer), packer) if target.answered]
    assert [pointed(target, text) for target in found] == [[answer]]


def test_few_windows_that_do_not_hold_the_answer_are_kept(packer: Packer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an answered passage they are drawn, of an unanswered all stay."""
    text = f"{'The mill stood. ' * 400}It was built by Ada Reeve."
    of, windows = example(text, "Who?", "Ada Reeve"), packer.pack("Who?", [], text)
    assert len(packed(replace(of, answers=(), evidence=()), packer)) == len(windows)
    for share, kept in ((1.0, len(windows)), (0.0, 1)):
        monkeypatch.setattr(module, "BARE_WINDOWS", share)
        assert len(packed(of, packer)) == kept
        assert len(packed(replace(of, set=OWN), packer)) == len(windows), "of our own all stay"


def test_headings_stand_before_some(packer: Packer) -> None:
    """Half of the examples that have a heading are given it."""
    of = replace(example(MILL, "Who?"), heading="Mills")
    firsts = [packed(of, packer, seed)[0].window.first for seed in range(200)]
    assert len(set(firsts)) == 2
    assert 70 < firsts.count(min(firsts)) < 130


def test_a_batch_marks_what_is_right(packer: Packer) -> None:
    """Ids, types and mask are padded; what is right of the passage's tokens stands at their positions."""
    answered, bare = example(MILL, "Who built the mill?", "Ada Reeve"), example("It burned.", "Why?")
    group = [*packed(answered, packer), *packed(bare, packer)]
    batch = collate([[target] for target in group])
    t = padded(len(group[0].window.ids))
    assert {tuple(tensor.shape) for tensor in (batch.ids, batch.types, batch.mask, batch.passage)} == {(2, t)}
    assert {tuple(tensor.shape) for tensor in (batch.starts, batch.ends, batch.evidence)} == {(2, t)}
    assert batch.answered.tolist() == [1.0, 0.0]
    assert batch.pointed.tolist() == [True, True]
    for i, target in enumerate(group):
        window = target.window
        n, first = len(window.ids), window.first
        assert tuple(batch.ids[i, :n].tolist()) == window.ids
        assert tuple(batch.types[i, :n].tolist()) == window.types
        assert batch.mask[i].tolist() == [1] * n + [0] * (t - n)
        assert batch.passage[i].nonzero().flatten().tolist() == list(range(first, first + len(window.places)))
        assert batch.evidence[i, first : first + len(window.places)].bool().tolist() == list(target.evidence)
        assert batch.evidence[i].sum() == sum(target.evidence)
    assert batch.starts[0].nonzero().tolist() == [[group[0].window.first + group[0].starts[0]]]
    assert batch.ends[0].nonzero().tolist() == [[group[0].window.first + group[0].ends[0]]]
    assert batch.starts[1].nonzero().tolist() == batch.ends[1].nonzero().tolist() == [[0]]


def target_of(length: int) -> Target:
    """Make a target of so many tokens."""
    return Target(Window((7,) * length, (0,) * length, length - 2, (Span(0, 1),)), (0,), (0,), (True,), (0,))


def test_windows_of_like_length_are_grouped(small: Schedule) -> None:
    """All groups of a length have one size but the last; none is lost, and each is as large as the budget lets it."""
    lengths = [drawing(i).randint(5, 60) for i in range(200)]
    groups = list(grouped([target_of(length)] for length in lengths))
    assert sorted(len(t.window.ids) for group in groups for (t,) in group) == sorted(lengths)
    sizes: dict[int, list[int]] = {}
    for group in groups:
        (length,) = {padded(len(target.window.ids)) for (target,) in group}
        sizes.setdefault(length, []).append(len(group))
    assert set(sizes) == {16, 32, 48, 64}
    for length, counts in sizes.items():
        assert set(counts[:-1]) == {small.tokens // length}
        assert 0 < counts[-1] <= small.tokens // length


def test_windows_of_a_question_stay_together(small: Schedule) -> None:
    """As long as the longest of them; groups of a length still have one number of windows, and the last no more."""
    questions = [[target_of(20)] * drawing(i).randint(1, 3) for i in range(100)]
    groups = list(grouped([*questions, []]))
    assert sorted(map(len, (q for group in groups for q in group))) == sorted(map(len, questions))
    windows, full = [sum(map(len, group)) for group in groups], small.tokens // 32
    assert max(windows) == full
    assert set(windows[:-2]) == {full}
    (mixed,) = grouped([[target_of(9), target_of(60)]])
    assert collate(mixed).ids.shape == (2, 64)


def test_what_is_left_over_is_learned_in_groups_that_fit(small: Schedule) -> None:
    """Where questions of two windows never fill an odd number, those that wait are many; each of their groups fits."""
    full = small.tokens // 32
    questions = [[target_of(20)] * windows for windows in (3, *[2] * full)]
    groups = list(grouped(questions))
    assert len(groups) > 1
    assert max(sum(map(len, group)) for group in groups) <= full
    assert sorted(map(len, (q for group in groups for q in group))) == sorted(map(len, questions))


def test_a_rival_is_read_beside(packer: Packer) -> None:
    """It has a window of its own, of the same question, in which nothing is right."""
    of = replace(example(MILL, "Who built the mill?", "Ada Reeve"), rivals=(told(*FACTS[1]),))
    own, rival = packed(of, packer)
    assert (own.answered, rival.answered, rival.starts, any(rival.evidence)) == (True, False, (), False)
    assert own.window.ids[: own.window.first] == rival.window.ids[: rival.window.first]
    assert rival.sentences[-1] == 2


@pytest.mark.usefixtures("small")
def test_the_same_seed_makes_the_same_batches(packer: Packer) -> None:
    """Order and content follow from the examples and the seed."""
    one, same, other = (list(batches(memorable(), packer, drawing(seed))) for seed in (1, 1, 2))
    assert len(one) == len(same) == len(other)
    assert all(torch.equal(a.ids, b.ids) and torch.equal(a.starts, b.starts) for a, b in zip(one, same, strict=True))
    assert sum(len(batch.ids) for batch in one) == len(memorable())
