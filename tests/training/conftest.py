"""A transformer that is small enough to be trained within a test, with a vocabulary of frequent words."""

import json
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from retriever.models import weights_folder
from retriever.windows import Packer
from training import batches, loop, network, recipe
from training.recipe import Schedule

VOCABULARY = 5_000  # of the real tokenizer: all single characters, and the most frequent words


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write weights of one layer, drawn at random, and a tokenizer."""
    folder = tmp_path_factory.mktemp("tiny")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=VOCABULARY, hidden_size=384, num_hidden_layers=1, num_attention_heads=12, intermediate_size=64
        )
        BertModel(config).save_pretrained(folder)
    parts = json.loads((weights_folder() / "tokenizer.json").read_text("utf-8"))
    vocabulary = parts["model"]["vocab"]
    parts["model"]["vocab"] = {piece: number for piece, number in vocabulary.items() if number < VOCABULARY}
    (folder / "tokenizer.json").write_text(json.dumps(parts), "utf-8")
    return folder


@pytest.fixture(scope="session")
def packer(tiny: Path) -> Packer:
    """Pack with that tokenizer."""
    return Packer(Tokenizer.from_file(str(tiny / "tokenizer.json")))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Schedule:
    """Make batches, the warming up and the pool of dropout small."""
    schedule = Schedule(peak=1e-3, warmup=4, tokens=512)
    for module in (batches, loop, recipe):
        monkeypatch.setattr(module, "SCHEDULE", schedule)
    monkeypatch.setattr(network, "_POOL", 1 << 20)
    return schedule
