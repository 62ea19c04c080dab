"""Training learns, loses what it should, and goes on where it stopped as if it had not."""

import math
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from retriever.windows import Packer
from tests.training.learning import memorable
from training import loop
from training.batches import Batch
from training.loop import Progress, Trainer, loss_of
from training.network import Network
from training.recipe import Schedule, Stage


def batch_of(starts: Sequence[Sequence[int]], ends: Sequence[Sequence[int]], *, evidence: Sequence[float]) -> Batch:
    """Make a batch of windows of four tokens: the mark at 0, a question's token, and two of the passage.

    Each of these two is a sentence.
    """
    n = len(starts)
    first, last = (torch.zeros(n, 4, dtype=torch.bool) for _ in range(2))
    for flags, positions in ((first, starts), (last, ends)):
        for i, places in enumerate(positions):
            flags[i, list(places)] = True
    passage = torch.tensor([[False, False, True, True]] * n)
    answered = torch.tensor([0.0 if 0 in places else 1.0 for places in starts])
    whole = torch.zeros(n, 4, dtype=torch.long)
    shown = torch.tensor([[0.0, 0.0, *evidence]] * n)
    pointed = torch.tensor([bool(places) for places in starts])
    sentences = torch.tensor([[0, 0, 1, 2]] * n)
    return Batch(whole, whole, whole + 1, passage, first, last, shown, sentences, torch.arange(n), answered, pointed)


def scores(starts: Sequence[float], ends: Sequence[float], evidence: Sequence[float]) -> Tensor:
    """Put the scores of one window together: `(1, 4, 3)`."""
    return torch.tensor([starts, ends, evidence]).T[None]


def test_the_loss_is_what_it_is_by_hand() -> None:
    """Half the cross-entropy of start and end, that of evidence, of the sentence and of the answer.

    The question counts nowhere.
    """
    tokens = scores([1.0, 50.0, 2.0, 3.0], [0.5, 50.0, 0.0, 1.0], [9.0, 9.0, 2.0, -1.0])
    loss = loss_of(tokens, torch.tensor([0.3]), batch_of([[2]], [[3]], evidence=[1, 0]))
    start = math.log(math.exp(1) + math.exp(2) + math.exp(3)) - 2
    end = math.log(math.exp(0.5) + math.exp(0) + math.exp(1)) - 1
    evidence = (math.log(1 + math.exp(-2)) + math.log(1 + math.exp(-1))) / 2
    sentence = math.log(math.exp(0) + math.exp(2) + math.exp(-1)) - 2
    answer = math.log(1 + math.exp(-0.3))
    assert float(loss) == pytest.approx((start + end) / 2 + evidence + sentence + answer, abs=1e-5)


def test_a_sentence_is_chosen_by_the_mean_of_its_tokens() -> None:
    """Sentences of two tokens and of one, against none at 0; where both are right, their probabilities add up."""
    batch = replace(batch_of([[]], [[]], evidence=[1, 0]), pointed=torch.tensor([False]))
    longer = replace(
        batch,
        passage=torch.tensor([[False, True, True, True]]),
        sentences=torch.tensor([[0, 1, 1, 2]]),
        evidence=torch.tensor([[0.0, 1.0, 1.0, 0.0]]),
    )
    evidence = torch.tensor([[7.0, 3.0, 1.0, -1.0]])
    total = math.exp(2) + math.exp(-1) + math.exp(0)
    assert float(loop._chosen(evidence, longer)) == pytest.approx(math.log(total) - 2, abs=1e-5)
    both = replace(longer, evidence=torch.tensor([[0.0, 1.0, 1.0, 1.0]]))
    assert float(loop._chosen(evidence, both)) == pytest.approx(
        math.log(total) - math.log(math.exp(2) + math.exp(-1)), abs=1e-5
    )
    none = replace(longer, evidence=torch.zeros(1, 4), answered=torch.tensor([0.0]))
    assert float(loop._chosen(evidence, none)) == pytest.approx(math.log(total), abs=1e-5)


def test_sentences_of_all_windows_of_a_question_are_weighed() -> None:
    """None is right only where no window answers, and the mean is over questions."""
    two = batch_of([[2], [0]], [[2], [0]], evidence=[1, 0])
    other = torch.tensor([[0, 0, 1, 2], [0, 0, 3, 4]])
    shown = torch.tensor([[0.0, 0.0, 1.0, 0.0], [0.0] * 4])
    one = replace(two, questions=torch.tensor([0, 0]), sentences=other, evidence=shown)
    evidence = torch.tensor([[7.0, 7.0, 2.0, -1.0], [7.0, 7.0, 3.0, 0.5]])
    total = sum(map(math.exp, (0, 2, -1, 3, 0.5)))
    assert float(loop._chosen(evidence, one)) == pytest.approx(math.log(total) - 2, abs=1e-5)
    apart = replace(two, evidence=shown)
    lost = math.log(sum(map(math.exp, (0, 2, -1)))) - 2, math.log(sum(map(math.exp, (0, 3, 0.5))))
    assert float(loop._chosen(evidence, apart)) == pytest.approx(sum(lost) / 2, abs=1e-5)


def test_where_nothing_answers_the_first_position_is_right() -> None:
    """Position 0 stands for no answer."""
    surely = scores([50.0, 0.0, 0.0, 0.0], [50.0, 0.0, 0.0, 0.0], [0.0, 0.0, -50.0, -50.0])
    loss = loss_of(surely, torch.tensor([-50.0]), batch_of([[0]], [[0]], evidence=[0, 0]))
    assert float(loss) == pytest.approx(0, abs=1e-6)


def test_probabilities_of_several_right_spans_add_up() -> None:
    """With both tokens right, only what stands at position 0 is lost."""
    tokens = scores([0.0] * 4, [0.0] * 4, [0.0] * 4)
    rest = 2 * math.log(2) + math.log(3)
    one, both = (
        float(loss_of(tokens, torch.zeros(1), batch_of([right], [right], evidence=[1, 0]))) - rest
        for right in ([2], [2, 3])
    )
    assert one == pytest.approx(math.log(3), abs=1e-5)
    assert both == pytest.approx(math.log(3 / 2), abs=1e-5)


def test_windows_that_are_not_pointed_at_lose_nothing_on_spans() -> None:
    """Their starts and ends are not moved, and the others count as if they were alone."""
    alone = scores([1.0, 0.0, 2.0, 3.0], [1.0, 0.0, 2.0, 3.0], [0.0] * 4)
    tokens = torch.cat([alone, alone]).requires_grad_()
    loss = loss_of(tokens, torch.zeros(2), batch_of([[2], []], [[2], []], evidence=[1, 0]))
    loss.backward()  # type: ignore[no-untyped-call] # torch's
    assert tokens.grad is not None
    assert not tokens.grad[1, :, :2].any()
    assert tokens.grad[1, 2:, 2].all()
    assert float(loss.detach()) == pytest.approx(
        float(loss_of(alone, torch.zeros(1), batch_of([[2]], [[2]], evidence=[1, 0]))), abs=1e-5
    )


def test_a_batch_without_spans_has_a_loss() -> None:
    """Evidence and the answer are learned all the same."""
    loss = loss_of(torch.zeros(1, 4, 3), torch.zeros(1), batch_of([[]], [[]], evidence=[1, 1]))
    assert float(loss) == pytest.approx(2 * float(functional.softplus(torch.tensor(0.0))) + math.log(3 / 2))


def two_stages() -> list[Stage]:
    """Make two stages; one example is but evidence."""
    examples = memorable() * 2
    return [Stage("one", (replace(examples[0], answers=()), *examples[1:])), Stage("two", examples[::-1])]


def trainer(tiny: Path, packer: Packer, of: Sequence[Stage]) -> Trainer:
    """Prepare to train the small transformer."""
    torch.manual_seed(1)
    return Trainer(Network(tiny), packer, of)


@pytest.mark.usefixtures("small")
def test_what_is_trained_again_and_again_is_learned(
    tiny: Path, packer: Packer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loss falls, and the windows are told by it; the checkpoint of the end is written."""
    monkeypatch.setattr(loop, "EVERY", 10)
    told: list[Progress] = []
    trained = trainer(tiny, packer, [Stage("one", memorable() * 14), Stage("two", memorable() * 7)])
    trained.train(tmp_path / "checkpoint.pt", told.append)
    assert [progress.step for progress in told] == list(range(10, trained.step + 1, 10))
    assert told[-1].loss < 0.8 * told[0].loss
    assert [progress.share for progress in told] == sorted({progress.share for progress in told})
    assert {progress.stage for progress in told} == {"one", "two"}
    assert all(progress.rate > 0 for progress in told)
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.pt"]


@pytest.mark.usefixtures("small")
def test_the_weights_are_the_mean_along_the_last_stage(
    tiny: Path, packer: Packer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it they are those of the step."""
    monkeypatch.setattr(loop, "EVERY", 1)
    kept: dict[str, list[list[Tensor]]] = {"one": [], "two": []}
    trained = trainer(tiny, packer, two_stages())

    def keep(progress: Progress) -> None:
        kept[progress.stage].append([master.clone() for master in trained._masters])
        if progress.stage == "one":
            assert all(map(torch.equal, trained.weights().values(), trained._masters))

    trained.train(tmp_path / "checkpoint.pt", keep)
    assert len(kept["two"]) > 1
    means = [torch.stack(of).mean(0) for of in zip(*kept["two"], strict=True)]
    for mean, weights in zip(means, trained.weights().values(), strict=True):
        assert torch.allclose(mean, weights, atol=1e-6)


@pytest.mark.usefixtures("small")
def test_a_resumed_training_ends_as_an_uninterrupted_one(
    tiny: Path, packer: Packer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a checkpoint inside a stage, of its last batch, and of the end: the same weights, bit for bit."""
    monkeypatch.setattr(loop, "EVERY", 1)
    stage_of: dict[int, str] = {}
    checkpoint = tmp_path / "checkpoint.pt"

    def keep(progress: Progress) -> None:
        stage_of[progress.step] = progress.stage
        shutil.copyfile(checkpoint, tmp_path / f"{progress.step}.pt")

    whole = trainer(tiny, packer, two_stages())
    whole.train(checkpoint, keep)
    border = max(step for step, stage in stage_of.items() if stage == "one")
    assert 1 < border < whole.step - 1
    for step in (2, border, whole.step - 1, whole.step):
        torch.manual_seed(9)  # what the heads start from no longer matters
        resumed = Trainer(Network(tiny), packer, two_stages())
        resumed.resume(tmp_path / f"{step}.pt")
        assert resumed.step == step
        resumed.train(tmp_path / "again.pt", lambda _: None)
        assert resumed.step == whole.step
        for name, weights in whole.weights().items():
            assert torch.equal(resumed.weights()[name], weights), (step, name)


def test_the_rate_rises_stays_and_falls_to_nothing(
    tiny: Path, packer: Packer, small: Schedule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It warms up in the first stage and falls through the last; heads learn faster by a factor."""
    monkeypatch.setattr(loop, "EVERY", 1)
    trained = trainer(tiny, packer, [Stage("one", memorable() * 5), Stage("two", memorable() * 5)])
    rates: list[tuple[float, float]] = []
    stage: list[str] = []

    def note(progress: Progress) -> None:
        rates.append(tuple(group["lr"] for group in trained._optimiser.param_groups))
        stage.append(progress.stage)

    trained.train(tmp_path / "checkpoint.pt", note)
    slow = [rate for rate, _ in rates]
    assert slow[: small.warmup] == pytest.approx([small.peak * (i + 1) / small.warmup for i in range(small.warmup)])
    border = stage.index("two")
    assert slow[small.warmup : border] == [small.peak] * (border - small.warmup)
    assert slow[border:] == sorted(slow[border:], reverse=True)
    assert slow[-1] == pytest.approx(0)
    assert all(fast == pytest.approx(small.heads * rate) for rate, fast in rates)


@pytest.mark.usefixtures("small")
def test_weights_are_those_of_the_network_in_float32(tiny: Path, packer: Packer) -> None:
    """A fresh trainer gives the weights that it was given, under the names that a network loads, all of them."""
    torch.manual_seed(3)
    network = Network(tiny)
    before = {name: weights.clone() for name, weights in network.state_dict().items()}
    weights = Trainer(network, packer, two_stages()).weights()
    assert all(torch.equal(weights[name], before[name]) for name in weights)
    Network(tiny).load_state_dict(weights)
