"""Which files of a reader are loaded, and which are refused by name."""

import json
from pathlib import Path

import pytest

from evaluation.passages import hit_of
from retriever import disk
from retriever.errors import ModelError
from retriever.trained_reader import DESCRIBED, FEATURES, checked, load_reader
from training.exporting import export
from training.network import Network


@pytest.fixture
def shipped(tiny: Path, tmp_path: Path) -> Path:
    """Write a reader that was not trained, with its manifest."""
    export(Network(tiny), tmp_path / "reader.onnx")
    (tmp_path / "tokenizer.json").write_bytes((tiny / "tokenizer.json").read_bytes())
    seal(tmp_path)
    return tmp_path


def seal(folder: Path) -> None:
    """Write the manifest of what is there."""
    fitted = {"confidence": [0.1] * DESCRIBED, "answerability": [0.1] * DESCRIBED, "threshold": 0.4}
    calibration = {"ranking": [0.2] * FEATURES, **fitted}
    files = {name: disk.sha256(folder / name) for name in ("reader.onnx", "tokenizer.json")}
    (folder / "reader.json").write_text(json.dumps({"files": files, "calibration": calibration}))


def test_a_reader_whose_files_are_right_is_loaded(shipped: Path) -> None:
    """The threshold is the manifest's, and passages are read."""
    reader = load_reader(shipped, threads=1)
    assert reader.threshold == 0.4
    assert len(reader.read("Who?", [hit_of("It is old. Ada built it.")]).evidence) == 2
    assert set(checked(shipped)["files"]) == {"reader.onnx", "tokenizer.json"}


@pytest.mark.parametrize("name", ["reader.onnx", "tokenizer.json"])
def test_a_damaged_file_is_refused_by_name(shipped: Path, name: str) -> None:
    """One flipped bit, and the reader is not loaded."""
    data = bytearray((shipped / name).read_bytes())
    data[len(data) // 2] ^= 1
    (shipped / name).write_bytes(data)
    with pytest.raises(ModelError, match=f"{name} is damaged, or not the one that belongs here"):
        load_reader(shipped)


def test_a_missing_file_is_named(shipped: Path) -> None:
    """A file that is not there is named."""
    (shipped / "reader.onnx").unlink()
    with pytest.raises(ModelError, match=r"reader\.onnx is missing"):
        load_reader(shipped)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": {}}', '{"files": 3}', "\xff"])
def test_a_manifest_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    """A manifest that is none is named."""
    (tmp_path / "reader.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ModelError, match=r"manifest .*reader\.json cannot be read"):
        load_reader(tmp_path)


def test_a_foreign_network_is_refused_though_its_hash_is_right(shipped: Path) -> None:
    """A file that is no network is named, whatever the manifest says of it."""
    (shipped / "reader.onnx").write_bytes(b"not a network")
    seal(shipped)
    with pytest.raises(ModelError, match=r"reader\.onnx is no network that can be loaded"):
        load_reader(shipped)
