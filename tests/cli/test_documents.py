"""`footnote documents`."""

from pathlib import Path

from typer.testing import CliRunner

from api.schemas import DocumentList, DocumentOut
from cli.main import app
from tests.cli.conftest import NOTES, Run


def _list(run: Run) -> DocumentList:
    return DocumentList.model_validate_json(run("documents", "--json").stdout)


def test_the_list_names_every_document(run: Run) -> None:
    """A line per document, with its id, source and size."""
    result = run("documents")
    assert result.exit_code == 0
    for document in _list(run).documents:
        line = next(line for line in result.stdout.splitlines() if document.id in line)
        assert document.source in line
        assert f"{document.characters:,}" in line


def test_an_empty_list_says_how_to_fill_it(tmp_path: Path) -> None:
    """A library without documents names the command that indexes."""
    result = CliRunner().invoke(app, ["--home", str(tmp_path), "documents"])
    assert "footnote index PATH" in result.stdout


def test_a_document_is_shown_with_its_text(run: Run) -> None:
    """`show` prints the title, the source and the whole text."""
    notes = next(document for document in _list(run).documents if document.source.endswith("notes.txt"))
    shown = run("documents", "show", notes.id).stdout
    assert notes.source in shown
    assert NOTES.strip() in shown
    assert DocumentOut.model_validate_json(run("documents", "show", notes.id, "--json").stdout).text == NOTES


def test_an_unknown_id_is_refused_in_a_sentence(run: Run) -> None:
    """An id that the library does not hold ends with 3 and a sentence that repeats it."""
    for command in ("show", "remove"):
        result = run("documents", command, "nosuchid")
        assert (result.exit_code, result.stdout) == (3, "")
        assert "nosuchid" in result.stderr


def test_a_removed_document_is_gone(changeable: Path) -> None:
    """`remove` says what it removed, and neither the list nor an answer holds it afterwards."""

    def run(*arguments: str) -> str:
        return CliRunner().invoke(app, ["--home", str(changeable / "home"), *arguments]).stdout

    before = DocumentList.model_validate_json(run("documents", "--json")).documents
    notes = next(document for document in before if document.source.endswith("notes.txt"))
    assert notes.source in run("documents", "remove", notes.id)
    assert notes.id not in run("documents")
    assert notes.id not in run("search", "apple trees", "--json")


def test_a_backup_answers_in_place_of_the_library(run: Run, tmp_path: Path) -> None:
    """The copy, under the library's name in another folder, holds the same; a file that is there is not replaced."""
    home = tmp_path / "home"
    home.mkdir()
    copy = home / "library.sqlite"
    assert str(copy) in run("documents", "backup", str(copy)).stdout
    assert copy.stat().st_mode & 0o077 == 0
    listed = CliRunner().invoke(app, ["--home", str(home), "documents", "--json"]).stdout
    assert DocumentList.model_validate_json(listed).documents == _list(run).documents
    before = copy.read_bytes()
    refused = run("documents", "backup", str(copy))
    assert refused.exit_code != 0
    assert "No copy can be written" in refused.stderr
    assert copy.read_bytes() == before


def test_a_restored_copy_brings_back_what_was_removed(changeable: Path) -> None:
    """`restore` says how much the copy holds, which answers at once, by indexes that are saved."""

    def run(*arguments: str) -> str:
        return CliRunner().invoke(app, ["--home", str(changeable / "home"), *arguments]).stdout

    copy = str(changeable / "copy.sqlite")
    run("documents", "backup", copy)
    run("documents", "forget", str(changeable / "documents"))
    assert f"{copy}: 2 documents." in run("documents", "restore", copy)
    assert "FAISS and Tantivy agree with the library" in run("doctor")
    assert "seven apple trees" in run("search", "apple trees", "--json")


def test_a_forgotten_folder_stays_gone(changeable: Path) -> None:
    """`forget` says how many documents went with it, and indexing everything again does not bring them back."""

    def run(*arguments: str) -> str:
        return CliRunner().invoke(app, ["--home", str(changeable / "home"), *arguments]).stdout

    documents = DocumentList.model_validate_json(run("documents", "--json")).documents
    folder = Path(documents[0].source).parent
    assert f"removed {len(documents)} document" in run("documents", "forget", str(folder))
    run("index")
    assert "The library is empty" in run("documents")
