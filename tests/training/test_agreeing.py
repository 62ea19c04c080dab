"""Two networks are compared by what they read."""

from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from retriever.trained_reader import TrainedReader
from retriever.windows import Packer
from tests.training.learning import FACTS, example, memorable, told
from tests.training.reading import FLAT, pointing
from training.agreeing import Agreement, TorchNetwork, agreement
from training.measuring import read
from training.network import Network

MILL = told(*FACTS[0])
EXAMPLES = (
    example(MILL, "When was the mill built?", "1820"),
    example(MILL, "Who built the mill?", "Ada Reeve"),
)


def test_two_readers_are_compared(packer: Packer) -> None:
    """How often they read the same, and how well each does."""
    ours, theirs = pointing(packer, "1820"), pointing(packer, "Ada Reeve")
    assert agreement(ours, ours, EXAMPLES) == Agreement(2, same=1.0, f1=0.5, reference_f1=0.5)
    other = agreement(ours, theirs, EXAMPLES[1:2])
    assert asdict(other) == pytest.approx(asdict(Agreement(1, same=0.0, f1=0.0, reference_f1=2 / 3)))


def test_a_network_in_torch_reads_as_one_that_serves(tiny: Path, packer: Packer) -> None:
    """The reader takes it in place of the exported one."""
    torch.manual_seed(0)
    reader = TrainedReader(TorchNetwork(Network(tiny)), packer, FLAT)
    for done in read(reader, memorable()[:3]):
        assert done.text in done.example.text
