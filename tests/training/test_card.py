"""The card says what the manifest says."""

from typing import Any

from training.card import LICENCES, card

READING = {"questions": 1371, "answered": 700, "f1": 0.7123, "exact": 0.6234, "evidence": 0.8345, "all_f1": 0.6456}
MANIFEST: dict[str, Any] = {
    "files": {"reader.onnx": "a1" * 32, "tokenizer.json": "b2" * 32},
    "calibration": {"ranking": [0.1], "confidence": [0.2], "answerability": [-1.0], "threshold": 0.37},
    "training": {
        "recipe": "c3d4" * 16,
        "seed": 20,
        "steps": 4321,
        "examples": {"spans": {"qamr": 9001, "own": 3011}, "judging": {"own": 6022, "cuad_a": 601}},
        "start": "e5f6" * 16,
    },
    "development": {
        "reading": {
            "squad": {**READING, "auroc": 0.7567},
            "squad, titled": {**READING, "f1": 0.7234, "auroc": 0.7678},
            "own": {**READING, "questions": 402, "f1": 0.5678, "auroc": 0.8678},
            "own, unseen": {**READING, "questions": 203, "auroc": 0.8432},
            "own, written": {**READING, "questions": 104, "auroc": 0.8321},
        },
        "asking": {
            "questions": 2021,
            "right_first": 0.6789,
            "quoted_first": 0.6123,
            "auroc": 0.8901,
            "calibration_error": 0.0234,
            "answerability_error": 0.0345,
        },
        "agreement": {"questions": 500, "same": 0.9124, "f1": 0.7011, "reference_f1": 0.7022},
    },
}


def test_the_card_tells_how_weights_came_about_otherwise() -> None:
    """Only where they were not made by the recipe alone."""
    training = {**MANIFEST["training"], "history": "They were trained twice. " * 20}
    told = card({**MANIFEST, "training": training})
    assert " ".join(told.split()).count("They were trained twice.") == 20
    assert "trained twice" not in card(MANIFEST)


def test_every_figure_of_the_manifest_is_on_the_card() -> None:
    """Hashes, the threshold, counts, and figures in the digits that mean something."""
    text = card(MANIFEST)
    for figure in ("a1" * 32, "b2" * 32, "0.37", "c3d4" * 4, "e5f6" * 4, "seed 20", "4,321 steps"):
        assert figure in text
    for figure in (
        "| squad",
        "1,371 | 71.2 | 62.3 | 83.5 | 64.6 | 0.757 |",
        "1,371 | 72.3 |",
        "402 | 56.8 | 62.3 |",
        "203 | 71.2 | 62.3 |",
        "104 | 71.2 | 62.3 |",
        "0.868",
    ):
        assert figure in text.replace("SQuAD 2.0, four articles", "squad")
    for figure in (
        "2,021 questions",
        "67.9%",
        "61.2%",
        "answerability 0.890",
        "confidence 0.023",
        "answerability 0.035",
        "500 questions",
        "91.2%",
        "70.1",
        "70.2",
    ):
        assert figure in text.replace("\n", " ")


def test_every_set_has_its_licence_and_its_counts() -> None:
    """A set that a stage does not use counts 0."""
    rows = {line.split(" | ")[0]: line for line in card(MANIFEST).splitlines() if line.startswith("| ")}
    for name, licence in LICENCES.values():
        assert licence in rows[f"| {name}"]
    assert rows[f"| {LICENCES['qamr'][0]}"].endswith("| 9,001 | 0 |")
    assert rows[f"| {LICENCES['own'][0]}"].endswith("| 3,011 | 6,022 |")


def test_tables_are_whole() -> None:
    """Every row of a table has as many cells as its head."""
    for table in card(MANIFEST).split("\n\n"):
        cells = {line.count("|") for line in table.splitlines() if line.startswith("|")}
        assert len(cells) <= 1


def test_lines_are_not_too_long() -> None:
    """But for rows of tables, the card reads as the project's other documents do."""
    assert all(len(line) <= 120 for line in card(MANIFEST).splitlines() if not line.startswith("|"))
