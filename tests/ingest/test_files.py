"""Reading one file from a disk that others write to."""

import os
from pathlib import Path

import pytest

from ingest.files import UNPROVEN, Stat, os_reason, read_file
from retriever.errors import FileTooLarge, UnsupportedFile
from tests.ingest.texts import write


def test_a_file_comes_with_the_stat_that_stands_for_it(tmp_path: Path) -> None:
    """Size and time are remembered, so that the file need not be opened again."""
    file = write(tmp_path / "a.txt", "words")
    content = read_file(str(file), 5, follow=False)
    assert content.data == b"words"
    assert content.stat == Stat(5, file.stat().st_mtime_ns)


@pytest.mark.parametrize("age_s", [0.0, -100.0])
def test_a_file_that_was_just_written_proves_nothing(tmp_path: Path, age_s: float) -> None:
    """It may be written again within the clock's resolution; so may one from the future."""
    assert read_file(str(write(tmp_path / "a.txt", "words", age_s=age_s)), 9, follow=False).stat == UNPROVEN


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    """No more than the limit is read."""
    with pytest.raises(FileTooLarge, match=r"^a\.txt is larger than 4 bytes"):
        read_file(str(write(tmp_path / "a.txt", "words")), 4, follow=False)


def test_a_picture_is_refused_by_its_first_bytes(tmp_path: Path) -> None:
    """However large it is."""
    with pytest.raises(UnsupportedFile, match="is a PNG image"):
        read_file(str(write(tmp_path / "a.txt", b"\x89PNG\r\n\x1a\n\0" + b"\0" * 9_000)), 100, follow=False)


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    """Nobody ever writes to this one."""
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(UnsupportedFile, match="is not a regular file"):
        read_file(str(tmp_path / "a.txt"), 100, follow=False)


def test_check_29_a_link_is_opened_only_if_it_was_named(tmp_path: Path) -> None:
    """A file that became a link after the folder was listed is not followed."""
    write(tmp_path / "secret.txt", "words")
    (tmp_path / "a.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(OSError, match="symbolic links"):
        read_file(str(tmp_path / "a.txt"), 100, follow=False)
    assert read_file(str(tmp_path / "a.txt"), 100, follow=True).data == b"words"


def test_the_reason_names_the_file_and_not_its_folder() -> None:
    """As a person would."""
    assert os_reason("/home/ann/a.txt", PermissionError(13, "Permission denied")) == (
        "a.txt cannot be read: Permission denied."
    )
