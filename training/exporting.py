"""The trained network as one int8 ONNX file, in the form that serves fastest: one window a run."""

import tempfile
import warnings
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional

from training.network import HIDDEN, Network

HEADS = 12
WIDTH = HIDDEN // HEADS
KEPT = ("/tokens/", "/window/", "/answers/")  # the heads, which are small, stay in float32


class PerToken(nn.Module):
    """A linear layer whose inputs are brought to one size token by token, and its outputs back: the same function.

    int8 has one step for all that is in a run, and a few tokens, the marks above all, reach far beyond the others.
    """

    def __init__(self, linear: nn.Linear) -> None:
        """Take the weights of a layer."""
        super().__init__()
        self.weight = nn.Parameter(linear.weight.detach().t().contiguous())
        self.bias = linear.bias

    def forward(self, x: Tensor) -> Tensor:
        """Multiply: float32 `(t, inputs)` to `(t, outputs)`."""
        size = x.abs().amax(-1, keepdim=True).clamp(min=1e-8)
        return (x / size) @ self.weight * size + self.bias


class Compact(nn.Module):
    """An embedding in int8, each row with a scale of its own."""

    def __init__(self, embedding: nn.Embedding) -> None:
        """Round the weights of an embedding."""
        super().__init__()
        weights = embedding.weight.detach()
        scale = weights.abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
        self.rows = nn.Parameter((weights / scale).round().to(torch.int8), requires_grad=False)
        self.scale = nn.Parameter(scale, requires_grad=False)

    def forward(self, ids: Tensor) -> Tensor:
        """Look up: int64 `(t,)` to float32 `(t, d)`."""
        return self.rows[ids].float() * self.scale[ids]


class Serving(nn.Module):
    """The same function as `Network` of one window, without padding and so without a mask.

    Query, key and value are one matrix, so that int8 quantises their input once, and the scale of attention is in it.
    """

    def __init__(self, network: Network) -> None:
        """Take the weights of a trained network."""
        super().__init__()
        embeddings = network.transformer.embeddings
        self.words = Compact(embeddings.word_embeddings)
        self.types, self.places = embeddings.token_type_embeddings, embeddings.position_embeddings
        self.first = embeddings.LayerNorm
        layers = network.transformer.encoder.layer
        self.joined = nn.ModuleList(PerToken(_joined(layer.attention.self)) for layer in layers)
        self.attended = nn.ModuleList(PerToken(layer.attention.output.dense) for layer in layers)
        self.inner = nn.ModuleList(PerToken(layer.intermediate.dense) for layer in layers)
        self.outer = nn.ModuleList(PerToken(layer.output.dense) for layer in layers)
        self.norms = nn.ModuleList(
            norm for la in layers for norm in (la.attention.output.LayerNorm, la.output.LayerNorm)
        )
        self.tokens, self.window, self.answers = network.tokens, network.window, network.answers

    def forward(self, ids: Tensor, types: Tensor) -> tuple[Tensor, Tensor]:
        """Score one window: int64 `(t,)` twice, to float32 `(t, 3)` and `()`."""
        x = self.first(self.words(ids) + self.types(types) + self.places.weight[: ids.shape[0]])
        for i, joined in enumerate(self.joined):
            query, key, value = joined(x).view(-1, 3, HEADS, WIDTH).permute(1, 2, 0, 3).unbind(0)
            attended = torch.softmax(query @ key.transpose(1, 2), -1) @ value
            x = self.norms[2 * i](self.attended[i](attended.transpose(0, 1).reshape(-1, HIDDEN)) + x)
            x = self.norms[2 * i + 1](self.outer[i](functional.gelu(self.inner[i](x))) + x)
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
        # The quantiser renames what it takes apart, so both names are kept out.
        names = [node.name for node in onnx.load(full).graph.node if node.name.startswith(KEPT)]
        kept = [kept for name in names for kept in (name, f"{name}_MatMul")]
        quantize_dynamic(
            full,
            target,
            op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=kept,
        )
