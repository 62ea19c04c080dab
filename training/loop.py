"""The training loop: resumes where it stopped, on a CPU or on CUDA."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from retriever.windows import Packer
from training.batches import Batch, batches
from training.examples import Example
from training.network import Network, pool_dropout
from training.recipe import SCHEDULE, SEED, Stage

EVERY = 50  # steps between checkpoints


@dataclass(frozen=True, slots=True)
class Progress:
    """How far training is: `share` of all examples, the mean `loss` since the last report, `rate` in steps a second."""

    stage: str
    step: int
    share: float
    loss: float
    rate: float


def loss_of(tokens: Tensor, answers: Tensor, batch: Batch) -> Tensor:
    """Add what is lost on spans, on evidence, on the choice of a sentence and on whether there is an answer.

    Where several spans or sentences are right, their probabilities add up (maximum marginal likelihood). A sentence is
    chosen by the mean log-odds that its tokens are evidence, against the others of all windows of the question and
    against none, which stands at 0: so sentences are weighed as they are when a question is asked.
    """
    allowed = batch.passage.clone()
    allowed[:, 0] = True
    span = torch.zeros(())
    for scores, right in ((tokens[..., 0], batch.starts), (tokens[..., 1], batch.ends)):
        log = scores.masked_fill(~allowed, -1e4).log_softmax(-1)
        per_window = -log.masked_fill(~right, -1e4).logsumexp(-1)
        span = span + (per_window * batch.pointed).sum() / batch.pointed.sum().clamp(min=1) / 2
    each = functional.binary_cross_entropy_with_logits(tokens[..., 2], batch.evidence, reduction="none")
    evidence = ((each * batch.passage).sum(-1) / batch.passage.sum(-1)).mean()
    chosen = _chosen(tokens[..., 2], batch)
    return span + evidence + chosen + functional.binary_cross_entropy_with_logits(answers, batch.answered)


def _chosen(evidence: Tensor, batch: Batch) -> Tensor:
    """Give what is lost on the choice of a sentence, from the log-odds of evidence, float32 `(n, t)`."""
    shape = int(batch.questions.max()) + 1, int(batch.sentences.max()) + 1
    places = (batch.questions[:, None] * shape[1] + batch.sentences).flatten()

    def summed(of_tokens: Tensor) -> Tensor:
        sums = evidence.new_zeros(shape[0] * shape[1])
        return sums.scatter_add(0, places, of_tokens.to(evidence.dtype).flatten()).view(shape)

    sizes = summed(batch.passage)
    means = summed(evidence * batch.passage) / sizes.clamp(min=1)
    right, there = summed(batch.evidence) > 0, sizes > 0
    right[:, 0] = ~right.any(-1)
    there[:, 0] = True  # none
    log = means.masked_fill(~there, -1e4).log_softmax(-1)
    return -log.masked_fill(~right, -1e4).logsumexp(-1).mean()


class Trainer:
    """Trains a network through stages, one batch a step."""

    def __init__(self, network: Network, packer: Packer, stages: Sequence[Stage], *, seed: int = SEED) -> None:
        """Prepare to train `network`, in place."""
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.network = network.to(self.device)
        self._packer, self._stages, self._seed = packer, stages, seed
        self.step = 0
        self._seen = 0  # examples
        torch.manual_seed(seed)
        # The network runs in bfloat16; the optimiser moves float32 copies of its weights.
        self._masters = [p.detach().float().clone() for p in self.network.parameters()]
        self._means = [torch.zeros_like(m) for m in self._masters]
        self._averaged = 0
        self.network.bfloat16()
        on_cpu = self.device.type == "cpu"
        self._dropout = torch.Generator().manual_seed(seed) if on_cpu else torch.cuda.default_generators[0]
        if on_cpu:  # pragma: no branch - tests run without a GPU
            pool_dropout(self.network, self._dropout, torch.bfloat16)
        heads = [n.split(".")[0] != "transformer" for n, _ in self.network.named_parameters()]
        groups = [
            {"params": [m for m, h in zip(self._masters, heads, strict=True) if h is head], "times": times}
            for head, times in ((False, 1.0), (True, SCHEDULE.heads))
        ]
        self._optimiser = torch.optim.AdamW(
            groups, lr=SCHEDULE.peak, betas=SCHEDULE.betas, weight_decay=SCHEDULE.weight_decay, fused=True
        )

    def train(self, checkpoint: Path, tell: Callable[[Progress], None]) -> None:
        """Train to the end, and write `checkpoint` from time to time.

        What is made is the mean of the weights along the last stage: it reads better than those of any step.
        """
        losses: list[float] = []
        begun = time.perf_counter()
        for stage, batch in islice(self._batches(), self.step, None):
            losses.append(self._learn(batch))
            self.step += 1
            if self.step % EVERY == 0:
                if stage == self._stages[-1].name:
                    self._average()
                self.save(checkpoint)
                rate = len(losses) / (time.perf_counter() - begun)
                tell(Progress(stage, self.step, self._share_seen(), sum(losses) / len(losses), rate))
                losses, begun = [], time.perf_counter()
        self.save(checkpoint)

    def weights(self) -> dict[str, Tensor]:
        """Give the weights in float32, averaged where the last stage has been reached."""
        names = [name for name, _ in self.network.named_parameters()]
        weights = self._means if self._averaged else self._masters
        return dict(zip(names, (w.cpu() for w in weights), strict=True))

    def save(self, file: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        tensors = {
            "step": torch.tensor(self.step),
            "averaged": torch.tensor(self._averaged),
            "dropout": self._dropout.get_state(),
        }
        for i, (master, mean) in enumerate(zip(self._masters, self._means, strict=True)):
            tensors[f"{i}.master"], tensors[f"{i}.mean"] = master, mean
            tensors |= {f"{i}.{name}": value for name, value in self._optimiser.state[master].items()}
        save_file(tensors, file.with_suffix(".new"))
        file.with_suffix(".new").replace(file)

    def resume(self, file: Path) -> None:
        """Go on from a checkpoint of the same recipe."""
        tensors = load_file(file)
        self.step, self._averaged = int(tensors["step"]), int(tensors["averaged"])
        self._dropout.set_state(tensors["dropout"])
        with torch.no_grad():
            for i, master in enumerate(self._masters):
                names = ("step", "exp_avg", "exp_avg_sq")
                kept = {name: tensors[key] for name in names if (key := f"{i}.{name}") in tensors}
                self._optimiser.state[master] = {name: value.to(self.device) for name, value in kept.items()}
                master.copy_(tensors[f"{i}.master"])
                self._means[i].copy_(tensors[f"{i}.mean"])
        self._publish()

    def _batches(self) -> Iterator[tuple[str, Batch]]:
        """Give all batches from the first on; the same ones each time."""
        self._seen = 0
        for stage in self._stages:
            rng = random.Random(f"{self._seed}/{stage.name}")  # noqa: S311 - a choice, not a secret
            for batch in batches(self._counted(stage), self._packer, rng):
                yield stage.name, batch

    def _counted(self, stage: Stage) -> Iterator[Example]:
        for example in stage.examples:
            self._seen += 1
            yield example

    def _share_seen(self) -> float:
        return self._seen / sum(len(stage.examples) for stage in self._stages)

    def _learn(self, batch: Batch) -> float:
        self.network.train()
        for group in self._optimiser.param_groups:
            group["lr"] = SCHEDULE.peak * group["times"] * self._share()
        batch = Batch(*(getattr(batch, name).to(self.device) for name in Batch.__dataclass_fields__))
        tokens, answers = self.network(batch.ids, batch.types, batch.mask)
        loss = loss_of(tokens, answers, batch)
        loss.backward()  # type: ignore[no-untyped-call] # torch's
        parameters = list(self.network.parameters())
        for master, parameter in zip(self._masters, parameters, strict=True):
            master.grad = None if parameter.grad is None else parameter.grad.float()
            parameter.grad = None
        torch.nn.utils.clip_grad_norm_(self._masters, SCHEDULE.clip)
        self._optimiser.step()
        self._publish()
        return float(loss.detach())

    def _average(self) -> None:
        self._averaged += 1
        for mean, master in zip(self._means, self._masters, strict=True):
            mean.lerp_(master, 1 / self._averaged)

    def _publish(self) -> None:
        with torch.no_grad():
            for master, parameter in zip(self._masters, self.network.parameters(), strict=True):
                parameter.copy_(master)

    def _share(self) -> float:
        """Give the rate as a share of its peak: up, level through the first stages, and straight down in the last."""
        last = len(self._stages[-1].examples) / sum(len(stage.examples) for stage in self._stages)
        return min(1.0, (self.step + 1) / SCHEDULE.warmup, (1 - self._share_seen()) / last)
