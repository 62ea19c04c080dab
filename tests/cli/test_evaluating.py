"""`footnote eval`."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

QUESTIONS: list[dict[str, object]] = [
    {"id": "open", "question": "When does the reading room open?", "quotes": ["opens at nine"], "answers": ["nine"]},
    {"id": "box", "question": "Where do returns go?", "quotes": ["into the box"], "document": "hours.md"},
    {"id": "trees", "question": "How many apple trees did Ann plant?", "quotes": ["seven"], "document": "notes.txt"},
    {"id": "cup", "question": "Who won the football world cup in 1998?", "quotes": None},
]
LOST: dict[str, object] = {"id": "lost", "question": "When does it close?", "quotes": ["closes at midnight"]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of questions about the library, one of which it does not answer."""
    return _write(tmp_path, QUESTIONS)


def _write(folder: Path, rows: list[dict[str, object]]) -> Path:
    file = folder / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return file


def test_the_table_has_every_figure(run: Run, file: Path) -> None:
    """How many were asked, then each figure with what it means; nothing on stderr."""
    result = run("eval", str(file))
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("4 questions: 3 answerable, 1 not\n")
    for name in ("right first", "quoted first", "answered anyway", "calibration error", "nDCG@10", "95th percentile"):
        assert f" {name} " in result.stdout
    assert result.stderr == ""


def test_json_is_one_document_with_a_version(run: Run, file: Path) -> None:
    """`--json` prints the figures and what became of every question, and nothing else."""
    made = json.loads(run("eval", str(file), "--json").stdout)
    assert made["version"] == 3
    assert made["answers"]["right_first"] == 1.0
    assert [row["verdict"] for row in made["outcomes"]] == [*["right at 1"] * 3, "refused, rightly"]


def test_the_page_is_written_where_it_was_asked_for(run: Run, file: Path, tmp_path: Path) -> None:
    """`--html` writes the page and says so on stderr; a folder that is not there is found out before anything runs."""
    result = run("eval", str(file), "--html", str(tmp_path / "report.html"))
    assert "Every question stands in " in result.stderr
    assert "How many apple trees did Ann plant?" in (tmp_path / "report.html").read_text("utf-8")
    refused = run("eval", str(file), "--html", str(tmp_path / "nowhere" / "report.html"))
    assert refused.exit_code == 2
    assert "nowhere" in "".join(character for character in refused.stderr if character.isalnum())  # lines are broken


def test_a_missed_threshold_ends_with_9_and_a_sentence(run: Run, file: Path) -> None:
    """Each threshold that is missed is named; those that are kept are not."""
    kept = run("eval", str(file), "--min-right-first", "0.9", "--max-answered-anyway", "0", "--max-refused", "0")
    assert kept.exit_code == 0, kept.output
    missed = run("eval", str(file), "--min-right-in-three", "1", "--max-calibration-error", "0", "--min-auroc", "1")
    assert missed.exit_code == 9
    assert missed.stderr.startswith("footnote: --max-calibration-error is missed: calibration error is 0.")
    assert missed.stderr.count("is missed") == 1


def test_a_question_whose_gold_is_not_in_the_library_is_named(run: Run, tmp_path: Path) -> None:
    """It is not scored, and a line on stderr says which; of many the first ten are named."""
    result = run("eval", str(_write(tmp_path, [*QUESTIONS, LOST])))
    assert result.stdout.startswith("4 questions")
    assert "Gold not in the library: 1 question not scored" in result.stderr
    assert "lost." in result.stderr
    many = run("eval", str(_write(tmp_path, [*QUESTIONS, *({**LOST, "id": f"lost{n}"} for n in range(12))])))
    assert "lost9 and 2 more." in many.stderr


def test_a_limit_spreads_the_questions(run: Run, file: Path) -> None:
    """`--limit` asks so many, from the whole of the file."""
    assert run("eval", str(file), "--limit", "2").stdout.startswith("2 questions: 2 answerable, 0 not\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "holds no question"), ("{\n", "questions.jsonl, line 1: expected"), (None, "cannot be read: No such file")],
)
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(
    run: Run, tmp_path: Path, text: str | None, said: str
) -> None:
    """Empty files, bad lines and missing files end with 3."""
    if text is not None:
        (tmp_path / "questions.jsonl").write_text(text, encoding="utf-8")
    result = run("eval", str(tmp_path / "questions.jsonl"))
    assert (result.exit_code, result.stdout) == (3, "")
    assert said in result.stderr


def test_an_empty_library_is_refused_in_a_sentence(run: Run, file: Path, tmp_path: Path) -> None:
    """Where nothing was indexed the sentence says how to."""
    result = run("--home", str(tmp_path / "empty"), "eval", str(file))
    assert result.exit_code == 3
    assert "footnote index PATH" in result.stderr
