"""A folder of documents and the library that follows it."""

import os
from pathlib import Path

import pytest

from ingest.pipeline import Report, index
from retriever.library import Library
from tests.ingest.texts import open_library, write
from tests.toys import ToyEncoder


class Place:
    """A folder of documents and the library that follows it."""

    def __init__(self, tmp_path: Path) -> None:
        """Open an empty library beside an empty folder."""
        self.home = tmp_path / "library"
        self.folder = tmp_path / "notes"
        self.folder.mkdir()
        self.encoder = ToyEncoder()
        self.library: Library = open_library(self.home, self.encoder, max_file_bytes=10_000, chunk_tokens=32)

    def write(self, name: str, content: str | bytes, age_s: float = 100.0) -> Path:
        """Write a file in the folder."""
        return write(self.folder / name, content, age_s=age_s)

    def index(self, *names: str) -> Report:
        """Index some of the folder's files, or all of it the first time, or whatever was indexed before."""
        with self.library.store.snapshot() as snapshot:
            first = not snapshot.roots()
        return index(self.library, [self.folder / name for name in names] or ([self.folder] if first else []))

    def sources(self) -> dict[str, str]:
        """Map each source, relative to the folder, to its text."""
        with self.library.store.snapshot() as snapshot:
            return {os.path.relpath(info.source, self.folder): snapshot.text(info.id) for info in snapshot.documents()}

    def id_of(self, name: str) -> str:
        """Give the id of the document of a file."""
        with self.library.store.snapshot() as snapshot:
            info = snapshot.document_by_source(str(self.folder / name))
        assert info is not None
        return info.id

    def vectors(self) -> int:
        """Count the vectors that the library keeps, used or not."""
        with self.library.store._connected() as connection:
            count: int = connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
        return count


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Give a folder and its library."""
    return Place(tmp_path)


def problems(report: Report) -> list[str]:
    """List the reasons that a report gives."""
    return [problem.reason for problem in report.problems]
