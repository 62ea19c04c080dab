"""Whether the int8 network that serves says what the float32 network says that was trained."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from retriever.trained_reader import TrainedReader
from retriever.windows import Window
from training.examples import Example
from training.measuring import figures, read
from training.network import Network


class TorchNetwork:
    """A network in torch, run as the one that serves is."""

    def __init__(self, network: Network) -> None:
        """Use a network in float32."""
        self._network = network.float().eval()

    def run(self, windows: Sequence[Window]) -> list[tuple[NDArray[np.float32], float]]:
        """Score windows, one by one."""
        done = []
        for window in windows:
            ids, types = torch.tensor([window.ids]), torch.tensor([window.types])
            with torch.inference_mode():
                tokens, answers = self._network(ids, types, torch.ones_like(ids))
            done.append((tokens[0].numpy(), float(answers[0])))
        return done


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two networks agree: the share of questions with the same best words, and the F1 of each."""

    questions: int
    same: float
    f1: float
    reference_f1: float


def agreement(reader: TrainedReader, reference: TrainedReader, examples: Sequence[Example]) -> Agreement:
    """Read every example with both."""
    ours, theirs = read(reader, examples), read(reference, examples)
    same = [a.words == b.words for a, b in zip(ours, theirs, strict=True)]
    return Agreement(len(examples), float(np.mean(same)), figures(ours).f1, figures(theirs).f1)
