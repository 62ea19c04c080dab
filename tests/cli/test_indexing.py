"""`footnote index`."""

import io
import json
from pathlib import Path

from rich.console import Console
from typer.testing import CliRunner, Result

from api.schemas import IndexReport
from cli.indexing import progress_bars
from cli.main import app
from ingest.pipeline import Progress
from tests.disks import full_disk


def _run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), *arguments])


def test_the_summary_says_what_became_of_every_file(changeable: Path) -> None:
    """An edit, an addition and a deletion are each counted, and what is unchanged is encoded no more."""
    documents = changeable / "documents"
    (documents / "new.txt").write_text("Bees live in the garden.", encoding="utf-8")
    (documents / "notes.txt").unlink()
    first = _run(changeable / "home", "index", str(documents))
    assert first.exit_code == 0
    assert first.stdout.startswith("1 added, 0 changed, 0 renamed, 1 deleted, 1 unchanged in ")
    assert "1 passage encoded" in first.stdout
    second = _run(changeable / "home", "index")
    assert second.stdout.startswith("0 added, 0 changed, 0 renamed, 0 deleted, 2 unchanged in ")
    assert "0 passages encoded" in second.stdout


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_indexed(tmp_path: Path) -> None:
    """A file of no known kind is reported with its reason, and the command ends with 7; the others are indexed."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "good.txt").write_text("Bees live in the garden.", encoding="utf-8")
    (tmp_path / "documents" / "bad.txt").write_bytes(bytes(range(256)) * 8)
    result = _run(tmp_path / "home", "index", str(tmp_path / "documents"))
    assert result.exit_code == 7
    assert "1 added" in result.stdout
    assert "bad.txt: " in result.stdout


def test_a_full_disk_is_told_in_a_sentence_and_an_exit_code(changeable: Path) -> None:
    """Nothing is added, what was there stays, and the same command does it when there is room."""
    (changeable / "documents" / "new.txt").write_text("Bees live in the garden.", encoding="utf-8")
    with full_disk():
        result = _run(changeable / "home", "index")
    assert (result.exit_code, result.stdout) == (4, "")
    assert "library.sqlite cannot be used: disk I/O error." in result.stderr
    assert _run(changeable / "home", "index").stdout.startswith("1 added, 0 changed, 0 renamed, 0 deleted, 2 unchanged")


def test_json_has_the_shape_of_the_api(tmp_path: Path) -> None:
    """`--json` prints the report as the API does, and nothing else."""
    (tmp_path / "bees.txt").write_text("Bees live in the garden.", encoding="utf-8")
    result = _run(tmp_path / "home", "index", str(tmp_path / "bees.txt"), "--json")
    assert IndexReport.model_validate_json(result.stdout).added == 1
    assert set(json.loads(result.stdout)) == set(IndexReport.model_fields)


def test_a_path_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path) -> None:
    """Nothing at a path ends with 3 and a sentence that names it."""
    result = _run(tmp_path / "home", "index", str(tmp_path / "nowhere"))
    assert (result.exit_code, result.stdout) == (3, "")
    assert "nowhere" in result.stderr


def test_progress_is_shown_with_done_total_and_what_is_being_done() -> None:
    """On a terminal a bar shows how many files are done of how many, and what is being done."""
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with progress_bars(console) as show:
        show(Progress(0, 4, "Reading"))
        show(Progress(3, 4, "Encoding [1]"))
    shown = console.file.getvalue()  # type: ignore[attr-defined] # a StringIO
    assert "3/4" in shown
    assert "Encoding [1]" in shown


def test_passages_can_be_encoded_again(changeable: Path) -> None:
    """`--re-encode` gives every passage a new vector and leaves the documents as they are."""
    result = _run(changeable / "home", "index", "--re-encode")
    assert result.exit_code == 0
    assert " 2 unchanged in " in result.stdout
