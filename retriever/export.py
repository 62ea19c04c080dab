"""Export a sentence-transformers BERT model to int8 ONNX: `python -m retriever.export WEIGHTS TARGET`.

A program of its own, because it imports torch. What it writes: `model.onnx` (input_ids and attention_mask, int64
`(n, t)`, to vectors, float32 `(n, d)`, mean-pooled and of unit length) and `tokenizer.json`.
"""

import shutil
import sys
import tempfile
import warnings
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModel


class Embedder(torch.nn.Module):
    """The transformer, the mean over tokens, and the scaling to unit length, in one graph."""

    def __init__(self, weights: Path) -> None:
        """Load safetensors from `weights`."""
        super().__init__()
        self.transformer = AutoModel.from_pretrained(weights, attn_implementation="eager", use_safetensors=True).eval()

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Embed: int64 `(n, t)` twice, to float32 `(n, d)`."""
        hidden = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, dim=1)


def export(weights: Path, target: Path) -> None:
    """Write `model.onnx` and `tokenizer.json` into the folder `target`."""
    ids = torch.randint(1000, 2000, (2, 16))
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "float32.onnx"
        torch.onnx.export(
            Embedder(weights),
            (ids, torch.ones_like(ids)),
            str(full),
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={name: {0: "n", 1: "t"} for name in ("input_ids", "attention_mask")} | {"vectors": {0: "n"}},
            dynamo=False,  # the newer exporter needs one more package and is five times slower, for the same graph
            opset_version=17,
        )
        quantize_dynamic(full, target / "model.onnx", per_channel=True, weight_type=QuantType.QInt8)
    shutil.copyfile(weights / "tokenizer.json", target / "tokenizer.json")


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of the exporter, about itself
    export(Path(sys.argv[1]), Path(sys.argv[2]))
