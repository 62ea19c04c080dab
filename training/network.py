"""The reader's network in torch: the encoder's transformer with three numbers for each token and one for the window."""

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModel

HIDDEN = 384
DROPOUT = 0.1
_POOL = 1 << 24


class Network(nn.Module):
    """Token ids to scores.

    From int64 `(n, t)` ids, types and mask come `tokens`, float32 `(n, t, 3)`: how well the answer starts and ends at
    each token, position 0 standing for no answer, and the log-odds that the token is of the evidence; and `answers`,
    float32 `(n,)`: the log-odds that the passage answers.
    """

    def __init__(self, weights: Path, *, attention: str = "eager") -> None:
        """Start from the safetensors in the folder `weights`, with heads that are still to be trained.

        On a CPU torch's fused attention spends half of a training step in its backward pass where heads are as small
        as 32; plain attention (`eager`) is the faster one to train there.
        """
        super().__init__()
        self.transformer = AutoModel.from_pretrained(
            weights,
            attn_implementation=attention,
            add_pooling_layer=False,
            attention_probs_dropout_prob=0.0,
            use_safetensors=True,
        )
        self.tokens = nn.Linear(HIDDEN, 3)
        self.window = nn.Linear(HIDDEN, HIDDEN)
        self.answers = nn.Linear(HIDDEN, 1)
        for layer in (self.tokens, self.window, self.answers):
            nn.init.normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Score every token and every window."""
        hidden = self.transformer(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        window = torch.tanh(self.window(hidden[:, 0]))
        return self.tokens(hidden).float(), self.answers(window).squeeze(-1).float()


class PooledDropout(nn.Module):
    """Dropout with masks cut at random from one that was drawn once: on a CPU, drawing costs more than the rest."""

    def __init__(self, p: float, generator: torch.Generator, dtype: torch.dtype) -> None:
        """Drop with probability `p`."""
        super().__init__()
        self._generator = generator
        self._pool = ((torch.rand(_POOL, generator=generator) >= p) / (1 - p)).to(dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Drop, in training."""
        if not self.training:
            return x
        start = int(torch.randint(_POOL - x.numel(), (), generator=self._generator))
        return x * self._pool[start : start + x.numel()].view(x.shape)


def pool_dropout(network: nn.Module, generator: torch.Generator, dtype: torch.dtype) -> None:
    """Let all dropout of a network cut its masks from one pool."""
    pooled = PooledDropout(DROPOUT, generator, dtype)
    for module in list(network.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.Dropout) and child.p:
                setattr(module, name, pooled)
