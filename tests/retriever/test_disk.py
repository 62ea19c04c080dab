"""Folders that appear whole or not at all, and are recognised when they are not what was written."""

import json
import os
from pathlib import Path

import pytest

from retriever import disk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Publish a folder of one file, and of one in a folder below."""
    publish(tmp_path / "parent" / "folder")
    return tmp_path / "parent" / "folder"


def publish(folder: Path) -> None:
    """Publish two files."""

    def fill(target: Path) -> None:
        (target / "below").mkdir()
        (target / "below" / "deep").write_bytes(b"deep")
        (target / "flat").write_bytes(b"")

    disk.publish(folder, {"about": "this"}, fill)


def test_a_published_folder_is_whole_and_says_what_it_is(folder: Path) -> None:
    """The manifest holds what it was given and a hash for every file, and nothing unfinished stays behind."""
    manifest = disk.read_manifest(folder)
    assert manifest is not None
    assert (manifest["about"], set(manifest["files"])) == ("this", {"below/deep", "flat"})
    assert disk.intact(folder, manifest)
    assert [path.name for path in folder.parent.iterdir()] == ["folder"]


def test_a_folder_that_cannot_be_filled_never_appears(tmp_path: Path) -> None:
    """An error while it is filled leaves nothing behind."""

    def fill(target: Path) -> None:
        (target / "flat").write_bytes(b"half")
        (target / "missing").read_bytes()

    with pytest.raises(FileNotFoundError):
        disk.publish(tmp_path / "folder", {}, fill)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"files": {}, "seal": "0"}'])
def test_what_is_no_manifest_is_not_taken_for_one(folder: Path, content: bytes) -> None:
    """Other content in the manifest's place makes the folder none that was published."""
    (folder / disk.MANIFEST).write_bytes(content)
    assert disk.read_manifest(folder) is None


def test_a_flipped_bit_in_any_byte_of_a_manifest_is_noticed(folder: Path) -> None:
    """The seal covers all that a manifest says: a flip changes nothing that it says, or makes it none."""
    file = folder / disk.MANIFEST
    original, written = disk.read_manifest(folder), file.read_bytes()
    for place in range(len(written)):
        data = bytearray(written)
        data[place] ^= 1 << place % 8
        file.write_bytes(data)
        assert (found := disk.read_manifest(folder)) is None or found == original


def test_a_changed_or_missing_file_is_noticed(folder: Path) -> None:
    """A folder is intact with every file as it was, and not otherwise."""
    manifest = disk.read_manifest(folder)
    assert manifest is not None
    (folder / "flat").write_bytes(b"more")
    assert not disk.intact(folder, manifest)
    (folder / "flat").unlink()
    assert not disk.intact(folder, manifest)


def test_a_removed_folder_lost_its_manifest_first(folder: Path) -> None:
    """Removing takes everything, and may be done twice."""
    disk.remove(folder)
    disk.remove(folder)
    assert not folder.exists()


def test_linked_files_cannot_be_taken_away(folder: Path, tmp_path: Path) -> None:
    """A linked folder stays whole when the published one goes, and costs no second copy."""
    inode = (folder / "below" / "deep").stat().st_ino
    disk.link(folder, tmp_path / "own")
    disk.remove(folder)
    assert (tmp_path / "own" / "below" / "deep").stat().st_ino == inode
    assert (tmp_path / "own" / "below" / "deep").read_bytes() == b"deep"


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="needs a second file system")  # noqa: S108 - that one
def test_files_of_another_file_system_are_copied(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where there can be no links, files are copied."""
    elsewhere = Path("/dev/shm") / tmp_path_factory.mktemp("own").name  # noqa: S108
    disk.link(folder, elsewhere)
    manifest = json.loads((elsewhere / disk.MANIFEST).read_text())
    assert disk.intact(elsewhere, manifest)
    disk.remove(elsewhere)


def test_what_a_crash_left_half_made_is_removed(folder: Path) -> None:
    """Unfinished folders go, and the published ones stay."""
    (folder.parent / ".unfinished-00").mkdir()
    disk.remove_unfinished(folder.parent)
    assert [path.name for path in folder.parent.iterdir()] == ["folder"]
