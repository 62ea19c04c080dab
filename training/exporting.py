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
APART = 16  # of the inputs of a layer, those that reach farthest, which are multiplied in float32
KEPT = ("/tokens/", "/window/", "/answers/")  # the heads, which are small, stay in float32


class PerToken(nn.Module):
    """A linear layer whose inputs are brought to one size token by token, and its outputs back: the same function.

    int8 has one step for all that is in a run, and a few tokens, the marks above all, reach far beyond the others. So
    do a few inputs in every token: where a normalisation comes before, those that it makes largest are taken apart,
    and the step of the others becomes half as wide (Dettmers et al., "LLM.int8()", 2022; here they are told from the
    weights of the normalisation, so that no text is needed).
    """

    def __init__(self, linear: nn.Linear, before: nn.LayerNorm | None = None) -> None:
        """Take the weights of a layer, and of the normalisation before it."""
        super().__init__()
        weight = linear.weight.detach().t().clone()
        self.bias = linear.bias
        self.apart = _Apart(weight, before) if before else None
        if self.apart:
            weight[self.apart.inputs] = 0
        self.weight = nn.Parameter(weight.contiguous())

    def forward(self, x: Tensor) -> Tensor:
        """Multiply: float32 `(t, inputs)` to `(t, outputs)`."""
        rest = x * self.apart.others if self.apart else x
        size = rest.abs().amax(-1, keepdim=True).clamp(min=1e-8)
        multiplied = (rest / size) @ self.weight * size + self.bias
        return multiplied + self.apart(x) if self.apart else multiplied


class _Apart(nn.Module):
    """The share of the inputs that reach farthest in what a layer gives."""

    def __init__(self, weight: Tensor, before: nn.LayerNorm) -> None:
        super().__init__()
        reach = before.weight.detach() ** 2 + before.bias.detach() ** 2
        inputs = reach.argsort(descending=True, stable=True)[:APART]
        self.inputs = nn.Parameter(inputs, requires_grad=False)
        self.weight = nn.Parameter(weight[inputs])
        self.others = nn.Parameter(torch.ones(len(weight)).index_fill(0, inputs, 0), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return x.index_select(-1, self.inputs) @ self.weight


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
        norms = [norm for la in layers for norm in (la.attention.output.LayerNorm, la.output.LayerNorm)]
        before = [self.first, *norms[1:-1:2]]
        self.joined = nn.ModuleList(
            PerToken(_joined(la.attention.self), b) for la, b in zip(layers, before, strict=True)
        )
        self.attended = nn.ModuleList(PerToken(layer.attention.output.dense) for layer in layers)
        self.inner = nn.ModuleList(PerToken(la.intermediate.dense, b) for la, b in zip(layers, norms[::2], strict=True))
        self.outer = nn.ModuleList(PerToken(layer.output.dense) for layer in layers)
        self.norms = nn.ModuleList(norms)
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
        nodes = onnx.load(full).graph.node
        names = [node.name for node in nodes if node.name.startswith(KEPT) or "/apart/" in node.name]
        kept = [kept for name in names for kept in (name, f"{name}_MatMul")]
        quantize_dynamic(
            full,
            target,
            op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=kept,
        )
