"""What a run could not see, or does not come to, keeps its documents."""

import errno
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ingest.pipeline import Report, index, plan
from retriever.errors import InvalidPath
from tests.ingest.conftest import Place, problems


def test_a_folder_that_cannot_be_listed_keeps_its_documents(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run leaves alone what lies in a folder that it could not see; what is gone leaves."""
    place.write("sub/a.txt", "Ann came.")
    place.write("b.txt", "Bob left.")
    place.index()
    listed = os.scandir

    def refusing(folder: Path) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        if str(folder).endswith("/sub"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        return listed(folder)

    monkeypatch.setattr(os, "scandir", refusing)
    (place.folder / "b.txt").unlink()
    report = place.index()
    assert report.deleted == 1
    assert problems(report) == ["sub cannot be read: Permission denied."]
    assert place.sources() == {"sub/a.txt": "Ann came."}


def test_a_file_that_cannot_be_looked_at_keeps_its_document(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails today is no reason to forget; a file that is gone is."""
    place.write("a.txt", "Ann came.")
    place.index()
    listed = os.scandir

    class Entry:
        def __init__(self, of: os.DirEntry[str], number: int) -> None:
            self.name, self.path, self._number = of.name, of.path, number

        def is_symlink(self) -> bool:
            raise OSError(self._number, os.strerror(self._number), self.path)

    @contextmanager
    def failing(folder: Path) -> Iterator[list[Entry]]:
        with listed(folder) as entries:
            yield [Entry(entry, number) for entry in entries]

    monkeypatch.setattr(os, "scandir", failing)
    number = errno.EIO
    assert plan(place.library, []).removals == ()
    number = errno.ENOENT
    assert plan(place.library, []).removals == (place.id_of("a.txt"),)


def test_what_was_named_and_is_hidden_or_a_link_stays(place: Place, tmp_path: Path) -> None:
    """A folder around it does not see it, so it is looked at by itself, whichever was named first."""
    place.write("a.txt", "Ann came.")
    place.index()
    place.write(".s.txt", "Sid hid.")
    other = tmp_path / "other.txt"
    other.write_text("Cid stayed.")
    (place.folder / "link.txt").symlink_to(other)
    assert place.index(".s.txt", "link.txt").added == 2
    for names in ([], [""], ["a.txt"]):
        report = place.index(*names)
        assert (report.deleted, report.problems) == (0, ())
    assert set(place.sources()) == {"a.txt", ".s.txt", "link.txt"}
    (place.folder / ".s.txt").unlink()
    assert place.index("").deleted == 1
    assert place.index() == Report(unchanged=2)


def test_a_folder_whose_parent_cannot_be_entered_is_reported(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are brought up to date all the same."""
    locked = place.write("locked/in/a.txt", "Ann came.").parent
    place.write("b/b.txt", "Bob left.")
    place.index("locked/in", "b")
    asked = os.stat

    def refusing(path: os.PathLike[str] | str, **how: Any) -> os.stat_result:  # noqa: ANN401 - the system's
        if str(path) == str(locked):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return asked(path, **how)

    monkeypatch.setattr(os, "stat", refusing)
    place.write("b/c.txt", "Cid stayed.")
    report = place.index()
    assert (report.added, report.deleted) == (1, 0)
    assert problems(report) == [f"{locked} cannot be looked at (Permission denied); its 1 documents were kept."]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE])
def test_a_named_file_that_cannot_be_looked_at_is_reported_and_kept(
    place: Place, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """That its folder is there does not prove that it was deleted."""
    file = place.write("a.txt", "Ann came.")
    place.index("a.txt")
    asked = os.stat

    def failing(path: os.PathLike[str] | str, **how: Any) -> os.stat_result:  # noqa: ANN401 - the system's
        if str(path) == str(file):
            raise OSError(number, os.strerror(number), str(path))
        return asked(path, **how)

    monkeypatch.setattr(os, "stat", failing)
    made = plan(place.library, [])
    assert (made.removals, made.old_roots) == ((), ())
    assert [problem.source for problem in made.problems] == [str(file)]


def test_a_folder_whose_name_is_no_text_is_refused(place: Place) -> None:
    """It could not be remembered."""
    named = os.fsdecode(os.fsencode(place.folder) + b"/\xff")
    os.makedirs(named)  # noqa: PTH103 - of a name that is no text
    with pytest.raises(InvalidPath, match="has a name that is not text"):
        index(place.library, [Path(named)])
