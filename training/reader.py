"""Make the reader: `python -m training.reader DATA` trains, exports, calibrates, measures, and writes the model card.

It goes on where it was interrupted: checkpoints lie in `--work`. What it makes lies in `--out`, by default the folder
that the reader is served from.
"""

import argparse
import json
import shutil
import sys
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from tokenizers import Tokenizer
from transformers.utils import logging

from evaluation.metrics import auroc, calibration_error, reliability
from ingest.report import Progress as Counted
from retriever import disk
from retriever.models import WEIGHTS_SHA256, weights_folder
from retriever.settings import Settings, load_settings
from retriever.trained_reader import DESCRIBED, FEATURES, FOLDER, Calibration, OnnxNetwork, TrainedReader
from retriever.windows import Packer
from training.agreeing import Agreement, TorchNetwork, agreement
from training.calibrating import Asked, collect, cross_fitted, fit, set_of, unseen
from training.card import card
from training.documents import WRITTEN, data_folder
from training.examples import SQUAD, own_examples, public_examples
from training.exporting import export
from training.loop import Progress, Trainer
from training.measuring import Figures, figures, read
from training.network import Network
from training.recipe import SEED, fingerprint, stages

WORK = Path(__file__).parent.parent / ".footnote" / "training"
COMPARED = 500  # questions on which int8 is compared with float32
TOLD = 500  # files and questions between two words on them


@dataclass(frozen=True, slots=True)
class Asking:
    """How well questions are answered over the calibration library, by calibrations fitted without their texts.

    `right_first` and `quoted_first` are shares of the questions whose answer is found: the first sentence holds it, and
    what is quoted of the first has words of it. `auroc` and `answerability_error` are of the answerability,
    `calibration_error` is of the confidence.
    """

    questions: int
    right_first: float
    quoted_first: float
    auroc: float
    calibration_error: float
    answerability_error: float


def main(arguments: Sequence[str]) -> None:
    """Make the reader."""
    parser = argparse.ArgumentParser(prog="python -m training.reader", description="Make the reader.")
    parser.add_argument("data", type=data_folder, help="the data folder")
    parser.add_argument("--work", type=Path, default=WORK, help="where checkpoints are kept")
    parser.add_argument("--out", type=Path, default=FOLDER, help="where the reader is written")
    given = parser.parse_args(arguments)
    warnings.simplefilter("ignore")  # of the exporter and the loader, about themselves
    logging.set_verbosity_error()  # type: ignore[no-untyped-call] # theirs
    given.work.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    network, about = trained(given.data, given.work, console)
    finish(network, about, given.data, given.out, settings=load_settings(), console=console)


def trained(data: Path, work: Path, console: Console) -> tuple[Network, dict[str, Any]]:
    """Train, or take what was trained: the network, and what the manifest says of its making."""
    console.print("Reading the examples.")
    recipe = stages(data)
    mark = fingerprint(recipe)
    torch.manual_seed(SEED)
    trainer = Trainer(Network(weights_folder()), packer(weights_folder() / "tokenizer.json"), recipe)
    checkpoint = work / f"{mark[:12]}.safetensors"
    if checkpoint.exists():
        trainer.resume(checkpoint)
        console.print(f"Going on from step {trainer.step:,}.")

    def tell(progress: Progress) -> None:
        left = (1 - progress.share) / progress.share * progress.step / progress.rate / 60
        console.print(
            f"{progress.stage}, step {progress.step:,}, {progress.share:.1%} of the examples: "
            f"loss {progress.loss:.3f}, {progress.rate:.2f} steps/s, about {left:.0f} min left"
        )

    trainer.train(checkpoint, tell)
    network = Network(weights_folder())
    network.load_state_dict(trainer.weights())
    counts = {stage.name: stage.counts() for stage in recipe}
    return network, {"recipe": mark, "seed": SEED, "steps": trainer.step, "examples": counts, "start": WEIGHTS_SHA256}


def finish(
    network: Network, about: dict[str, Any], data: Path, out: Path, *, settings: Settings, console: Console
) -> None:
    """Write the reader's folder beside its place, and put it there when it is whole."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".unfinished-") as unfinished:
        made, before = Path(unfinished) / "made", Path(unfinished) / "before"
        made.mkdir()
        _make(network, about, data, made, settings=settings, console=console)
        if out.exists():
            out.rename(before)
        made.rename(out)
    console.print(f"The reader lies in {out}.")


def _make(
    network: Network, about: dict[str, Any], data: Path, out: Path, *, settings: Settings, console: Console
) -> None:
    """Export, calibrate, measure, and write the manifest and the card."""
    console.print("Exporting to int8 ONNX.")
    export(network, out / "reader.onnx")
    shutil.copyfile(weights_folder() / "tokenizer.json", out / "tokenizer.json")
    reader = _reader(OnnxNetwork(out / "reader.onnx"), out)
    console.print("Calibrating.")
    asked = collect(reader, data, settings, lambda p: _say(console, p))
    calibration = fit(asked)
    console.print("Measuring.")
    development = {
        "squad": list(public_examples(data, SQUAD, development=True)),
        "own": list(own_examples(data, development=True)),
    }
    compared = [e for e in development["squad"] if e.answerable][:COMPARED]
    reads = {
        **{name: read(reader, examples) for name, examples in development.items()},
        "squad, titled": read(reader, development["squad"], titled=True),
    }
    reads["own, unseen"] = [r for r in reads["own"] if unseen(r.example)]
    reads["own, written"] = [r for r in reads["own"] if set_of(r.example) == WRITTEN]
    measured = {
        "reading": {name: figures(some) for name, some in reads.items()},
        "asking": asking(asked),
        "agreement": agreement(reader, _reader(TorchNetwork(network), out), compared),
    }
    manifest = {
        "files": {name: disk.sha256(out / name) for name in ("reader.onnx", "tokenizer.json")},
        "calibration": {
            "ranking": np.round(calibration.ranking, 4).tolist(),
            "confidence": np.round(calibration.confidence, 4).tolist(),
            "answerability": np.round(calibration.answerability, 4).tolist(),
            "threshold": calibration.threshold,
        },
        "training": about,
        "development": _plain(measured),
    }
    (out / "reader.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    (out / "README.md").write_text(card(manifest), "utf-8")


def asking(asked: Sequence[Asked]) -> Asking:
    """Measure over the calibration library."""
    judgements = cross_fitted(asked)
    right = np.array([a.right[j.order[0]] for a, j in zip(asked, judgements, strict=True)])
    quoted = np.array([a.quoted[j.order[0]] for a, j in zip(asked, judgements, strict=True)])
    answerable = np.array([a.right.any() for a in asked])
    confidence = np.array([j.confidence for j in judgements])
    likely = np.array([j.answerability for j in judgements])
    return Asking(
        questions=len(asked),
        right_first=float(right[answerable].mean()),
        quoted_first=float(quoted[answerable].mean()),
        auroc=auroc(likely[answerable], likely[~answerable]),
        calibration_error=calibration_error(reliability(confidence, quoted)),
        answerability_error=calibration_error(reliability(likely, answerable)),
    )


def packer(tokenizer: Path) -> Packer:
    """Pack with a tokenizer."""
    return Packer(Tokenizer.from_file(str(tokenizer)))


def _reader(network: OnnxNetwork | TorchNetwork, folder: Path) -> TrainedReader:
    """Make a reader that is not calibrated yet."""
    flat = Calibration(np.zeros(FEATURES), np.zeros(DESCRIBED), np.zeros(DESCRIBED), 0.0)
    return TrainedReader(network, packer(folder / "tokenizer.json"), flat)


def _say(console: Console, progress: Counted) -> None:
    if progress.done and progress.done % TOLD == 0:
        console.print(f"{progress.message}: {progress.done:,} of {progress.total:,}")


def _plain(measured: dict[str, Any]) -> dict[str, Any]:
    """Turn records into numbers with four digits."""
    flat: dict[str, Any] = {}
    for name, value in measured.items():
        flat[name] = _plain(value) if isinstance(value, dict) else _plain_record(value)
    return flat


def _plain_record(record: Figures | Asking | Agreement) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(record).items()}


if __name__ == "__main__":
    main(sys.argv[1:])
