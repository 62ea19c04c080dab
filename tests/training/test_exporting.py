"""What serves is the function that was trained."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from retriever.trained_reader import OnnxNetwork
from retriever.windows import Packer, Window
from tests.training.learning import FACTS, told
from training.agreeing import TorchNetwork
from training.exporting import Compact, PerToken, Serving, export
from training.network import Network


@pytest.fixture(scope="module")
def network(tiny: Path) -> Network:
    """Make a network whose heads say something."""
    torch.manual_seed(0)
    network = Network(tiny).eval()
    for layer in (network.tokens, network.answers):
        torch.nn.init.normal_(layer.weight, std=0.2)
    return network


@pytest.fixture(scope="module")
def windows(packer: Packer) -> list[Window]:
    """Pack windows of several lengths."""
    text = " ".join(told(*fact) for fact in FACTS)
    return [window for end in (20, 100, 400, 800) for window in packer.pack("Who?", ["Sights"], text[:end])]


def scores(serving: Serving, window: Window) -> tuple[NDArray[np.float32], float]:
    """Score one window."""
    with torch.inference_mode():
        tokens, answers = serving(torch.tensor(window.ids), torch.tensor(window.types))
    return tokens.numpy(), float(answers)


def test_serving_is_the_network_of_one_window(network: Network, windows: list[Window]) -> None:
    """Without a mask, and with query, key and value in one matrix: the same scores, but for what words are rounded."""
    rounded = copy.deepcopy(network)
    words = rounded.transformer.embeddings.word_embeddings
    words.weight.data = Compact(words)(torch.arange(words.num_embeddings))
    serving = Serving(network).eval()
    for window, (tokens, answers) in zip(windows, TorchNetwork(rounded).run(windows), strict=True):
        served = scores(serving, window)
        np.testing.assert_allclose(served[0], tokens, atol=1e-4)
        assert served[1] == pytest.approx(answers, abs=1e-4)


def test_layers_that_scale_each_token_are_the_same_function() -> None:
    """However far a token reaches beyond the others."""
    linear = torch.nn.Linear(4, 3)
    x = torch.tensor([[100.0, -1.0, 2.0, 0.1], [0.01, 0.02, -0.01, 0.0]])
    torch.testing.assert_close(PerToken(linear)(x), linear(x), atol=1e-4, rtol=1e-4)


def test_inputs_that_reach_far_are_multiplied_apart() -> None:
    """Those that the normalisation before makes largest, by weight or by bias; the function stays the same."""
    linear, norm = torch.nn.Linear(40, 3), torch.nn.LayerNorm(40)
    with torch.no_grad():
        norm.weight[:8] = -9
        norm.bias[32:] = 8
        x = norm(torch.randn(5, 40, generator=torch.Generator().manual_seed(0)))
    layer = PerToken(linear, norm)
    assert layer.apart is not None
    assert set(layer.apart.inputs.tolist()) == {*range(8), *range(32, 40)}
    assert not layer.weight[layer.apart.inputs].any()
    torch.testing.assert_close(layer(x), linear(x), atol=1e-4, rtol=1e-4)


def test_a_compact_embedding_is_off_by_half_a_step_at_most() -> None:
    """Each row has its own step; a row of nothing stays nothing."""
    embedding = torch.nn.Embedding(5, 8)
    with torch.no_grad():
        embedding.weight[1] *= 100
        embedding.weight[2] = 0
    step = embedding.weight.detach().abs().amax(1, keepdim=True) / 127
    assert bool(((Compact(embedding)(torch.arange(5)) - embedding.weight).abs() <= step / 2 + 1e-6).all())


def test_the_exported_network_says_nearly_the_same(network: Network, windows: list[Window], tmp_path: Path) -> None:
    """Int8 takes windows of any length, gives three numbers for each token and one for the window, and is small."""
    export(network, tmp_path / "reader.onnx")
    assert [file.name for file in tmp_path.iterdir()] == ["reader.onnx"]
    full = sum(parameter.numel() for parameter in network.parameters()) * 4
    assert (tmp_path / "reader.onnx").stat().st_size < full / 2
    ours, theirs = OnnxNetwork(tmp_path / "reader.onnx").run(windows), TorchNetwork(network).run(windows)
    for window, (tokens, answers), (reference, expected) in zip(windows, ours, theirs, strict=True):
        assert tokens.shape == reference.shape == (len(window.ids), 3)
        assert tokens.dtype == reference.dtype == np.float32
        assert np.corrcoef(tokens.ravel(), reference.ravel())[0, 1] > 0.98
        assert answers == pytest.approx(expected, abs=0.3)


def test_the_export_is_the_same_each_time(network: Network, tmp_path: Path) -> None:
    """The hash of a network's file follows from its weights."""
    for name in ("one.onnx", "other.onnx"):
        export(network, tmp_path / name)
    assert (tmp_path / "one.onnx").read_bytes() == (tmp_path / "other.onnx").read_bytes()
