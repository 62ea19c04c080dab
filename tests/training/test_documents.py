"""Documents come from the sets as they stand, without the articles that figures are measured on."""

import argparse
from collections import Counter
from pathlib import Path

import pytest

from tests.training.making import pack, row
from training.documents import Document, data_folder, read_documents


def test_a_corpus_is_read_without_the_development_articles(tmp_path: Path) -> None:
    """Titles are compared with blanks as with underscores."""
    rows = [row("a", "Text.", "Tin"), row("b", "No.", "Scottish Parliament"), row("c", "No.", "Imperialism")]
    data = pack(tmp_path, {}, {"shift_new_wiki": rows})
    assert list(read_documents(data, "shift_new_wiki")) == [Document("shift_new_wiki", "a", "Tin", "Text.")]


def test_files_of_the_archive_are_read(tmp_path: Path) -> None:
    """Of the files of a set those in reStructuredText are its documents, with the bytes' own line ends."""
    files = {
        "peps/PROVENANCE.json": "[]",
        "peps/raw/peps/pep-0001.rst": "PEP: 1\r\nTitle: First\n\nWords.",
        "py_devguide/raw/index.rst": "Guide\n=====\n",
        "peps/raw/peps/notes.txt": "No.",
    }
    data = pack(tmp_path, files, {})
    assert list(read_documents(data, "peps")) == [
        Document("peps", "peps/pep-0001.rst", "First", "PEP: 1\r\nTitle: First\n\nWords.")
    ]
    assert [document.title for document in read_documents(data, "py_devguide")] == ["Guide"]


def test_written_documents_come_with_the_code(tmp_path: Path) -> None:
    """They need no data folder; ids and texts are their own, and titles but for paragraphs (rounds p and r)."""
    written = list(read_documents(tmp_path, "written"))
    assert len({d.doc_id for d in written}) == len({d.text for d in written}) == len(written) > 0
    titles = Counter(d.title for d in written)
    assert all(d.doc_id[0] in "pr" for d in written if titles[d.title] > 1)
    assert {d.set for d in written} == {"written"}


def test_a_folder_without_sets_is_refused(tmp_path: Path) -> None:
    """The data folder is told by its sets."""
    with pytest.raises(argparse.ArgumentTypeError, match="is not the data folder"):
        data_folder(str(tmp_path))
    (tmp_path / "sets").mkdir()
    assert data_folder(str(tmp_path)) == tmp_path
