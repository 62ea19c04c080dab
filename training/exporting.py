"""The trained network as one int8 ONNX file, in the form that serves fastest: one window a run."""

import tempfile
import warnings
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional

from training.network import HIDDEN, Network

HEADS = 12
WIDTH = HIDDEN // HEADS


class Serving(nn.Module):
    """The same function as `Network` of one window, without padding and so without a mask.

    Query, key and value are one matrix, so that int8 quantises their input once, and the scale of attention is in it.
    """

    def __init__(self, network: Network) -> None:
        """Take the weights of a trained network."""
        super().__init__()
        self.embeddings = network.transformer.embeddings
        self.layers = network.transformer.encoder.layer
        self.joined = nn.ModuleList(_joined(layer.attention.self) for layer in self.layers)
        self.tokens, self.window, self.answers = network.tokens, network.window, network.answers

    def forward(self, ids: Tensor, types: Tensor) -> tuple[Tensor, Tensor]:
        """Score one window: int64 `(t,)` twice, to float32 `(t, 3)` and `()`."""
        x = self.embeddings(input_ids=ids[None], token_type_ids=types[None])[0]
        for layer, joined in zip(self.layers, self.joined, strict=True):
            query, key, value = joined(x).view(-1, 3, HEADS, WIDTH).permute(1, 2, 0, 3).unbind(0)
            attended = torch.softmax(query @ key.transpose(1, 2), -1) @ value
            dense = layer.attention.output
            x = dense.LayerNorm(dense.dense(attended.transpose(0, 1).reshape(-1, HIDDEN)) + x)
            inner = functional.gelu(layer.intermediate.dense(x))
            x = layer.output.LayerNorm(layer.output.dense(inner) + x)
        return self.tokens(x), self.answers(torch.tanh(self.window(x[0]))).squeeze(-1)


def _joined(attention: nn.Module) -> nn.Linear:
    scale = WIDTH**-0.5
    parts = [attention.get_submodule(name) for name in ("query", "key", "value")]
    joined = nn.Linear(HIDDEN, 3 * HIDDEN)
    with torch.no_grad():
        for i, part in enumerate(parts):
            assert isinstance(part, nn.Linear)  # noqa: S101 - for the type checker
            rows = slice(i * HIDDEN, (i + 1) * HIDDEN)
            joined.weight[rows] = part.weight * (scale if i == 0 else 1)
            joined.bias[rows] = part.bias * (scale if i == 0 else 1)
    return joined


def export(network: Network, target: Path) -> None:
    """Write a network, float32, as int8 ONNX: `ids` and `types`, int64 `(t,)`, to `tokens` and `answers`."""
    serving = Serving(network.float().cpu().eval()).eval()
    ids = torch.randint(1000, 2000, (16,), generator=torch.Generator().manual_seed(0))
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter, about itself
        full = Path(folder) / "float32.onnx"
        torch.onnx.export(
            serving,
            (ids, torch.zeros_like(ids)),
            str(full),
            input_names=["ids", "types"],
            output_names=["tokens", "answers"],
            dynamic_axes={name: {0: "t"} for name in ("ids", "types", "tokens")},
            dynamo=False,  # as in `retriever.export`
            opset_version=17,
        )
        quantize_dynamic(full, target, per_channel=True, weight_type=QuantType.QInt8)
