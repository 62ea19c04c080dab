"""The whole way: data to examples, weights, int8 file, calibration, figures and card; and again from where it was."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from evaluation.passages import hit_of
from retriever.trained_reader import load_reader
from tests.training.learning import FACTS, learnable, memorable, told, write_own
from training import calibrating, examples, loop, reader, recipe
from training.questions import read_questions
from training.reader import main
from training.recipe import SEED, Mixture, Stage, fingerprint

MIXTURE = Mixture(public=20, squad=1, own={"first": 1}, lookalikes=5, edited=5, contracts=2, medical=2, short=1)
FEW: dict[str, Mixture | int | dict[str, str]] = {
    "SHORT": 12,
    "SPANS": 70,
    "ROUNDS": {"first": "a01-1"},
    "LEARNED": MIXTURE,
    "SETTLED": MIXTURE,
}


@pytest.fixture
def given(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the arguments for a small data folder, with a small transformer and few examples."""
    for name, count in FEW.items():
        monkeypatch.setattr(recipe, name, count)
    monkeypatch.setattr(loop, "EVERY", 5)
    monkeypatch.setattr(reader, "TOLD", 10)
    monkeypatch.setattr(reader, "WRITTEN", "qed_dev")
    monkeypatch.setattr(calibrating, "UNRELATED", 12)
    monkeypatch.setattr(calibrating, "UNSEEN", ("qed_dev",))
    for development in (False, True):
        write_own(tmp_path / "questions", development=development)
    monkeypatch.setattr(examples, "read_questions", partial(read_questions, tmp_path / "questions"))
    monkeypatch.setattr(reader, "weights_folder", lambda: tiny)
    data = learnable(tmp_path / "data")
    return [str(data), "--work", str(tmp_path / "work"), "--out", str(tmp_path / "out")]


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """Give what was said since the last time, with lines joined that the terminal broke."""
    return " ".join(capsys.readouterr().err.split())


@pytest.mark.usefixtures("small", "encoder")
def test_a_reader_is_made_and_made_again(given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is written can be loaded and reads; a second run goes on from the end and writes the same."""
    main(given)
    out = tmp_path / "out"
    told_first = said(capsys)
    assert "Going on" not in told_first
    assert "spans, step 5," in told_first
    assert "min left" in told_first
    assert "Asking: 20 of 26" in told_first
    assert {file.name for file in out.iterdir()} == {"README.md", "reader.json", "reader.onnx", "tokenizer.json"}
    manifest = json.loads((out / "reader.json").read_text("utf-8"))
    (checkpoint,) = (tmp_path / "work").iterdir()
    assert checkpoint.stem == manifest["training"]["recipe"][:12]
    assert manifest["training"]["seed"] == SEED
    counts = {name: sum(of.values()) for name, of in manifest["training"]["examples"].items()}
    assert counts == {"spans": FEW["SPANS"], "learning": 49, "settling": 49}
    assert manifest["development"]["reading"]["squad"]["questions"] == 2 * len(FACTS)
    assert manifest["development"]["asking"]["questions"] == 2 * len(FACTS) + 2 + 12
    assert 0 < manifest["development"]["agreement"]["same"] <= 1
    assert manifest["files"]["reader.onnx"] in (out / "README.md").read_text("utf-8")
    evidence = load_reader(out).read("Who built the mill?", [hit_of(told(*FACTS[0]))]).evidence
    assert len(evidence) == 3

    written = {file.name: file.read_bytes() for file in out.iterdir()}
    main(given)
    assert f"Going on from step {manifest['training']['steps']:,}." in said(capsys)
    assert {file.name: file.read_bytes() for file in out.iterdir()} == written


class Interrupting(Console):
    """A terminal at which someone interrupts as soon as there is progress."""

    def print(self, *objects: object, **how: Any) -> None:  # noqa: ANN401 - the library's signature
        """Print, or be interrupted."""
        super().print(*objects, **how)
        if "step 5," in str(objects[0]):
            raise KeyboardInterrupt


@pytest.mark.usefixtures("small")
def test_training_goes_on_where_it_was_interrupted(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Interrupted behind a checkpoint, the second run takes the remaining steps and ends with the same weights."""
    data, work = Path(given[0]), tmp_path / "work"
    console = Console(stderr=True)
    work.mkdir()
    whole, about = reader.trained(data, work, console)
    (checkpoint,) = work.iterdir()
    checkpoint.unlink()

    with pytest.raises(KeyboardInterrupt):
        reader.trained(data, work, Interrupting(stderr=True))
    capsys.readouterr()
    resumed, again = reader.trained(data, work, console)
    assert "Going on from step 5." in said(capsys)
    assert again == about
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))


def test_another_recipe_has_another_checkpoint() -> None:
    """What was learned from other examples is never gone on from."""
    one, other = (fingerprint([Stage("spans", memorable()[:n])]) for n in (5, 6))
    assert one[:12] != other[:12]
