"""The commands that decided: fitting the reader's weights, comparing ways to fuse, and measuring speed."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from evaluation import bench, fit, fusion
from retriever.encoder import Encoder

ARTICLES = {
    "Town": ["The mill was built in 1820. A fire destroyed it.", "The bridge was built in 1901. It is made of steel."],
    "Imperialism": ["The harbour opened in 1850. Ships came from the east.", "The school has nine rooms. It is red."],
}
ASKED = [
    ("Town#0", "When was the mill built?", "1820"),
    ("Town#1", "What is the bridge made of?", "steel"),
    ("Town#0", "What destroyed the mill?", "fire"),
    ("Imperialism#0", "When did the harbour open?", "1850"),
    ("Imperialism#1", "How many rooms has the school?", "nine"),
]


def _lines(file: Path, rows: Iterable[dict[str, Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """A folder with two small sets in the form of the large ones."""
    corpus = {f"{name}#{n}": text for name, texts in ARTICLES.items() for n, text in enumerate(texts)}
    questions: list[dict[str, Any]] = [
        {
            "question": question,
            "relevant": [doc_id],
            "answers": [{"doc_id": doc_id, "start": corpus[doc_id].index(gold), "text": gold}],
        }
        for doc_id, question, gold in ASKED
    ]
    questions += [{"question": "Who sings?", "relevant": [doc_id], "answers": []} for doc_id in corpus]
    rows = [{"doc_id": doc_id, "title": doc_id, "text": text} for doc_id, text in corpus.items()]
    _lines(tmp_path / "squad20_half_a" / "corpus.jsonl.gz", rows)
    _lines(tmp_path / "squad20_half_a" / "questions.jsonl.gz", questions)
    nobody = [{"question": f"What is the capital of country {n}?"} for n in range(20)]
    _lines(tmp_path / "nq_open_dev" / "questions.jsonl.gz", nobody)
    return tmp_path


def test_weights_come_out_for_every_feature(sets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints weights in the form that the reader holds, and how often they are right."""
    fit.main(sets, fitted=9, tested=9)
    weights, fitted, held_out = capsys.readouterr().out.splitlines()
    ranking, answering = json.loads(weights.split("RANKING ")[1].split(" ANSWERING")[0]), weights.split("ANSWERING ")[1]
    assert (len(ranking), len(json.loads(answering))) == (5, 5)
    assert fitted == "fitted on: right first 1.000, in three 1.000"
    assert held_out.startswith("held out: right first")


def test_a_mixture_has_two_answered_questions_for_one_that_is_not() -> None:
    """Two thirds answered, one third not, and a tenth about something else."""
    answered = [{"question": f"a{n}", "answers": [1]} for n in range(30)]
    others = [{"question": f"o{n}", "answers": []} for n in range(30)]
    chosen = fit.mixed([*answered, *others], [{"question": "else", "answers": []}] * 9, 30)
    assert [sum(row["question"].startswith(kind) for row in chosen) for kind in ("a", "o", "else")] == [20, 10, 3]


def test_an_example_marks_the_sentence_that_holds_the_gold_answer(sets: Path, encoder: Encoder) -> None:
    """Gold offsets of a paragraph become offsets of the paragraphs put together."""
    questions = list(fit.read_lines(sets / "squad20_half_a" / "questions.jsonl.gz"))
    passages = fit.group(fit.read_lines(sets / "squad20_half_a" / "corpus.jsonl.gz"), encoder)
    examples = list(fit.examples(questions, passages, encoder))
    assert [int(example.right.sum()) for example in examples] == [1, 1, 1, 1, 1, 0, 0, 0, 0]
    assert [list(example.right).index(1) for example in examples[:3]] == [0, 3, 1]


def test_the_fusion_table_has_a_figure_per_weight(sets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each set is a row: nDCG@10 for every weight of the dense side, and for reciprocal ranks."""
    fusion.main(sets, ["squad20_half_a"])
    row = next(line for line in capsys.readouterr().out.splitlines() if "squad20_half_a" in line)
    figures = [float(cell) for cell in row.split("│")[3:-1]]
    assert len(figures) == len(fusion.WEIGHTS) + 1
    assert all(0 < figure <= 100 for figure in figures)
    assert figures[fusion.WEIGHTS.index(0.6)] > 70


@pytest.mark.slow
@pytest.mark.parametrize("large", [False, True])
def test_the_benchmark_prints_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, large: bool
) -> None:
    """Speed and memory on the seeds; over a folder of one's own where one is named."""
    monkeypatch.delenv("FOOTNOTE_BENCH_DOCUMENTS", raising=False)
    if large:
        documents = tmp_path / "documents"
        documents.mkdir()
        (documents / "a.txt").write_text("The reading room opens at nine.")
        monkeypatch.setenv("FOOTNOTE_BENCH_DOCUMENTS", str(documents))
    bench.main(repeats=1, kept=tmp_path / "kept")
    printed = capsys.readouterr().out
    assert "whole process" in printed
    assert ("skipped" in printed) is not large
