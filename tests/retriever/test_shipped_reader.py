"""The reader that is shipped: what it finds, which of its files are refused, and that its card is true of them."""

import json
import shutil
from pathlib import Path

import pytest

from retriever.errors import ModelError
from retriever.trained_reader import FOLDER, TrainedReader, checked, load_reader
from tests.retriever.test_trained_reader import FILLER, hit


@pytest.fixture(scope="module")
def reader() -> TrainedReader:
    """Load it."""
    return load_reader()


def best(reader: TrainedReader, question: str, text: str) -> tuple[str, str]:
    """Read one passage: the quote and the sentence of the best evidence."""
    evidence = reader.read(question, [hit(text)]).evidence[0]
    return evidence.quote.of(text), evidence.sentence.of(text)


def test_the_words_that_answer_are_found(reader: TrainedReader) -> None:
    """The quote is the words that answer, the sentence the whole one around them."""
    text = "The mill stood by the river. It was built in 1820 by Ada Reeve. It burned down later."
    assert best(reader, "When was the mill built?", text) == ("1820", "It was built in 1820 by Ada Reeve.")
    assert best(reader, "Who built the mill?", text)[0] == "Ada Reeve"


def test_what_is_not_there_is_less_likely(reader: TrainedReader) -> None:
    """A passage that does not answer is given less answerability than one that does."""
    answered = reader.read("When was the mill built?", [hit("The mill was built in 1820 by Ada Reeve.")])
    silent = reader.read("When was the mill built?", [hit("Bread is made of flour, water and salt.")])
    assert silent.answerability < reader.threshold < answered.answerability


@pytest.mark.parametrize("before", [0, 10, 17, 19, 22, 40])
def test_a_passage_longer_than_the_window_is_read_to_its_end(reader: TrainedReader, before: int) -> None:
    """The answer is found wherever it stands, also across the border of two windows."""
    text = FILLER * before + "The mill was built in 1820 by Ada Reeve. " + FILLER * (40 - before)
    sentence = "The mill was built in 1820 by Ada Reeve."
    assert best(reader, "In which year was the mill built?", text) == ("1820", sentence)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("when was the mill built?", "1820"),
        ("who built the mill?", "Ada Reeve"),
        ("when did the mill burn down?", "1911"),
    ],
)
def test_what_is_asked_at_the_end_of_a_long_question_is_answered(
    reader: TrainedReader, asked: str, answer: str
) -> None:
    """The end of a question beyond its budget is kept, and it decides."""
    before = (
        "I have read the letters, the maps, the parish books, the tax lists, the wills and the newspapers of our "
        "valley, asked my neighbours, the priest, the miller's grandson and two historians, walked along the river on "
        "both sides, measured the walls, photographed every stone, and still nobody could tell me the one thing that I "
        "would like to know: "
    )
    assert best(reader, before + asked, "The mill was built in 1820 by Ada Reeve. It burned down in 1911.")[0] == answer


def test_the_shipped_files_are_those_that_the_card_names() -> None:
    """The hashes of the manifest are those of the files, and stand in the model card; the network is small."""
    manifest = checked(FOLDER)
    card = (FOLDER / "README.md").read_text("utf-8")
    assert all(digest in card for digest in manifest["files"].values())
    assert (FOLDER / "reader.onnx").stat().st_size < 30_000_000


@pytest.mark.parametrize("name", ["reader.onnx", "tokenizer.json"])
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    """One flipped bit, and the reader is not loaded."""
    copied = Path(shutil.copytree(FOLDER, tmp_path / "reader"))
    data = bytearray((copied / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copied / name).write_bytes(data)
    with pytest.raises(ModelError, match=f"{name} is damaged, or not the one that belongs here"):
        load_reader(copied)


@pytest.mark.parametrize(
    ("calibration", "why"),
    [
        (None, "holds no calibration"),
        ({"ranking": [1.0], "confidence": [1.0], "answerability": [1.0], "threshold": 0.5}, "is of another release"),
        ({"ranking": ["one"], "confidence": [1.0], "answerability": [1.0], "threshold": 0.5}, "holds no calibration"),
    ],
)
def test_a_manifest_without_a_calibration_that_fits_is_refused(tmp_path: Path, calibration: object, why: str) -> None:
    """Before any question is asked, and in a sentence."""
    folder = tmp_path / "weights"
    shutil.copytree(FOLDER, folder)
    about = json.loads((folder / "reader.json").read_text("utf-8"))
    (folder / "reader.json").write_text(json.dumps({**about, "calibration": calibration}))
    with pytest.raises(ModelError, match=why):
        load_reader(folder)
