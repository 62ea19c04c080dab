"""`footnote verify`."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from tests.cli.conftest import Run

OPENING = "When does the reading room open?"


@pytest.fixture
def outcome(run: Run) -> Any:  # noqa: ANN401 - JSON
    """Ask, and give what `--json` printed."""
    return json.loads(run("ask", OPENING, "--json").stdout)


def test_a_whole_answer_is_verified(run: Run, outcome: Any, tmp_path: Path) -> None:  # noqa: ANN401 - JSON
    """What `ask --json` printed can be given as a file: every citation is checked, and holds."""
    (tmp_path / "answer.json").write_text(json.dumps(outcome), encoding="utf-8")
    result = run("verify", str(tmp_path / "answer.json"))
    assert result.exit_code == 0
    assert result.stdout.count("✓ holds") == len(outcome["citations"])


def test_one_citation_is_verified_from_stdin(run: Run, outcome: Any) -> None:  # noqa: ANN401 - JSON
    """One citation on stdin is checked, and `--json` prints the API's shape for each."""
    result = run("verify", "-", "--json", given=json.dumps(outcome["citations"][0]))
    assert result.exit_code == 0
    printed = json.loads(result.stdout)
    assert printed["holds"]
    assert [v["status"] for v in printed["verifications"]] == ["holds"]


def test_one_citation_is_verified_from_options(run: Run, outcome: Any) -> None:  # noqa: ANN401 - JSON
    """A citation can be given as options."""
    c = outcome["citations"][0]
    place = ["--document", c["document_id"], "--version", c["version"], "--start", str(c["start"]), "--end"]
    assert run("verify", *place, str(c["end"]), "--quote", c["quote"]).exit_code == 0


def test_words_that_were_never_there_do_not_hold(run: Run, outcome: Any) -> None:  # noqa: ANN401 - JSON
    """One citation that does not hold among others that do ends the command with 8, and is named."""
    forged = {**outcome["citations"][0], "quote": "The reading room never opens."}
    result = run("verify", "-", given=json.dumps([outcome["citations"][0], forged]))
    assert result.exit_code == 8
    assert "✓ holds" in result.stdout
    assert "✗ not found" in result.stdout
    assert "The reading room never opens." in result.stdout


def test_an_edited_document_is_noticed(changeable: Path) -> None:
    """After an edit above it and a re-index, a citation has moved; the command ends with 8 and says so."""

    def run(*arguments: str, given: str = "") -> Result:
        return CliRunner().invoke(app, ["--home", str(changeable / "home"), *arguments], input=given)

    before = run("ask", OPENING, "--json").stdout
    hours = changeable / "documents" / "hours.md"
    hours.write_text("Welcome to all.\n\n" + hours.read_text(encoding="utf-8"), encoding="utf-8")
    assert "1 changed" in run("index").stdout
    result = run("verify", "-", given=before)
    assert (result.exit_code, result.stdout.split()[:2]) == (8, ["→", "moved"])


def test_a_citation_of_an_earlier_version_does_not_hold(changeable: Path) -> None:
    """Words that stand at their place after an edit are told as such, and the command ends with 8."""

    def run(*arguments: str, given: str = "") -> Result:
        return CliRunner().invoke(app, ["--home", str(changeable / "home"), *arguments], input=given)

    before = json.loads(run("ask", OPENING, "--json").stdout)["citations"][0]
    hours = changeable / "documents" / "hours.md"
    hours.write_text(f"{hours.read_text(encoding='utf-8')}\nWelcome to all.\n", encoding="utf-8")
    assert "1 changed" in run("index").stdout
    result = run("verify", "-", given=json.dumps(before))
    assert (result.exit_code, result.stdout.split()[:3]) == (8, ["!", "other", "version"])


@pytest.mark.parametrize(
    ("arguments", "given", "says"),
    [
        ([], "", "Give a file"),
        (["-", "--quote", "x"], "", "Give a file"),
        (["-"], "not json", "holds no JSON"),
        (["nosuch.json"], "", "cannot be read"),
        (["-"], '{"answered": true, "citations": []}', "no citation"),
        (["-"], '[{"document_id": "x"}]', "version"),
        (["-"], '{"document_id": "x", "version": "y", "quote": "z", "start": 9, "end": 1}', "runs forward"),
    ],
)
def test_what_is_no_citation_is_a_usage_error(run: Run, arguments: list[str], given: str, says: str) -> None:
    """Whatever cannot be read as a citation ends with 2 and says what is missing."""
    result = run("verify", *arguments, given=given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in " ".join(result.stderr.replace("│", " ").split())
