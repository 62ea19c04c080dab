"""Questions over a library of realistic size, on a small one."""

from pathlib import Path

import pytest

from evaluation import open as open_retrieval
from evaluation.questions import Question
from evaluation.report import summarise
from tests.evaluation.outcomes import outcome
from tests.evaluation.sets import PASSAGES, make_data


def test_the_archive_is_unpacked_into_its_folder_and_nowhere_else(tmp_path: Path) -> None:
    """Only PEPs and tldr pages; no link, no absolute path, nothing above the folder, nothing written twice."""
    data = make_data(tmp_path)
    target = tmp_path / "deep" / "down" / "documents"
    for _ in range(2):
        open_retrieval.unpack(data / "docs.tar.xz", target)
    found = [file for file in (tmp_path / "deep").rglob("*") if not file.is_dir()]
    assert sorted(str(file.relative_to(target)) for file in found) == [
        "peps/raw/peps/pep-0020.rst",
        "tldr_en/raw/pages/common/tar.md",
    ]


def test_a_file_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    """What stays as it is keeps its time, so that the next run reads nothing anew; what differs is put right."""
    data = make_data(tmp_path)
    folder = tmp_path / "passages"
    open_retrieval.write_passages(data, folder)
    kept, changed = sorted(folder.iterdir())[:2]
    before = kept.stat().st_mtime_ns
    changed.write_text("Something else.")
    open_retrieval.write_passages(data, folder)
    assert kept.stat().st_mtime_ns == before
    assert sorted(file.read_text() for file in folder.iterdir()) == sorted(PASSAGES.values())


def test_questions_are_those_of_the_articles_that_nothing_was_trained_on(tmp_path: Path) -> None:
    """Each names the file of its passage, and where in it the answer stands."""
    first, second, third = open_retrieval.read_development(make_data(tmp_path))
    assert first == Question(
        "a", "When did the harbour open?", ("1850",), ("1850",), "Imperialism%230.txt", starts=(22,)
    )
    assert (second.answerable, third.answerable) == (True, False)


def test_the_table_has_a_row_for_each_reader() -> None:
    """Every column is a figure of the report."""
    made = open_retrieval.table({"one": summarise([outcome(0.9)]), "other": summarise([outcome(0.4, (False,))])})
    assert made.row_count == 2
    assert len(made.columns) == 11


def test_a_folder_without_the_documents_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence names it, before anything is written."""
    with pytest.raises(SystemExit):
        open_retrieval.main([str(tmp_path), "--home", str(tmp_path / "home")])
    assert f"{tmp_path} is not the data folder" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "home").exists()


@pytest.mark.slow
def test_the_command_prints_the_table_and_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The documents are written and indexed, the questions asked; the second time from the library that is there."""
    data, home = make_data(tmp_path), tmp_path / "home"
    for _ in range(2):
        written = ["--html", str(tmp_path / "open.html"), "--plot", str(tmp_path / "open.svg")]
        open_retrieval.main([str(data), "--home", str(home), *written])
        printed = capsys.readouterr().out
        assert "3 questions over 5 documents" in printed
        assert "similarity alone" in printed
        assert "2 + 1" in printed
    open_retrieval.main([str(data), "--home", str(home), "--limit", "2"])
    assert "2 questions over 5 documents" in capsys.readouterr().out
    assert "over 5 documents</h1>" in (tmp_path / "open.html").read_text("utf-8")
    assert (tmp_path / "open.svg").read_text("utf-8").startswith("<svg")
