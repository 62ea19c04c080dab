"""The network gives each token three numbers and the window one, and drops out cheaply."""

from pathlib import Path

import pytest
import torch
from torch import nn

from training import network
from training.network import DROPOUT, HIDDEN, Network, PooledDropout, pool_dropout


@pytest.fixture
def pooled(monkeypatch: pytest.MonkeyPatch) -> PooledDropout:
    """Make a pooled dropout of a quarter."""
    monkeypatch.setattr(network, "_POOL", 1 << 16)
    return PooledDropout(0.25, torch.Generator().manual_seed(0), torch.float32)


def test_scores_are_of_tokens_and_windows(tiny: Path) -> None:
    """Three numbers for each token and one for each window, in float32 whatever the network runs in."""
    ids = torch.randint(1000, 2000, (2, 16))
    for net in (Network(tiny).eval(), Network(tiny).eval().bfloat16()):
        tokens, answers = net(ids, torch.zeros_like(ids), torch.ones_like(ids))
        assert (tokens.shape, answers.shape) == ((2, 16, 3), (2,))
        assert tokens.dtype == answers.dtype == torch.float32


def test_padding_changes_nothing(tiny: Path) -> None:
    """A window scores the same beside a longer one."""
    net = Network(tiny).eval()
    ids = torch.randint(1000, 2000, (1, 16))
    mask = (torch.arange(16) < 10).long()[None]
    alone = net(ids[:, :10], torch.zeros(1, 10).long(), torch.ones(1, 10).long())
    padded = net(ids, torch.zeros_like(ids), mask)
    torch.testing.assert_close(alone[0], padded[0][:, :10], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(alone[1], padded[1], atol=1e-5, rtol=1e-4)


def test_pooled_dropout_does_nothing_outside_training(pooled: PooledDropout) -> None:
    """In evaluation the values pass as they are."""
    x = torch.rand(8, 16)
    assert pooled.eval()(x) is x


def test_pooled_dropout_keeps_the_mean(pooled: PooledDropout) -> None:
    """In training a quarter is zero, the rest is more by as much, and no two masks are the same."""
    x = torch.ones(64, 64)
    first, second = pooled(x), pooled(x)
    assert first.unique().tolist() == pytest.approx([0, 4 / 3])
    assert float(first.mean()) == pytest.approx(1, abs=0.05)
    assert float((first == 0).float().mean()) == pytest.approx(0.25, abs=0.05)
    assert not torch.equal(first, second)


def test_all_dropout_of_a_network_is_pooled(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What drops shares one pool; what never drops stays, and so does the function in evaluation."""
    monkeypatch.setattr(network, "_POOL", 1 << 16)
    net = Network(tiny).eval()
    dropping = [m for m in net.modules() if isinstance(m, nn.Dropout) and m.p]
    assert {m.p for m in dropping} == {DROPOUT}
    ids = torch.randint(1000, 2000, (1, 16))
    before = net(ids, torch.zeros_like(ids), torch.ones_like(ids))
    pool_dropout(net, torch.Generator().manual_seed(0), torch.float32)
    assert not [m for m in net.modules() if isinstance(m, nn.Dropout) and m.p]
    assert len({m for m in net.modules() if isinstance(m, PooledDropout)}) == 1
    after = net.eval()(ids, torch.zeros_like(ids), torch.ones_like(ids))
    assert torch.equal(before[0], after[0])
    assert not torch.equal(net.train()(ids, torch.zeros_like(ids), torch.ones_like(ids))[0], after[0])


def test_the_heads_are_to_be_trained(tiny: Path) -> None:
    """The transformer is what lies in the folder; the heads are drawn anew."""
    one, other = Network(tiny), Network(tiny)
    for name, weights in one.transformer.state_dict().items():
        assert torch.equal(weights, other.transformer.state_dict()[name])
    assert one.tokens.weight.shape == (3, HIDDEN)
    assert not torch.equal(one.tokens.weight, other.tokens.weight)
    assert not one.tokens.bias.any()
