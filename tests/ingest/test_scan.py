"""A folder is scanned without ever leaving it."""

import os
import socket
from pathlib import Path

import pytest

from ingest.report import Problem
from ingest.scan import Scan
from tests.ingest.texts import write


def scan(root: Path, most: int = 100, left_out: Path = Path("/nowhere")) -> tuple[list[str], dict[str, str]]:
    """Scan a root: the files found, and the problems, relative to it."""
    found = Scan(most, left_out)
    found.add(root)
    names = [os.path.relpath(source, root) for source in found.files]
    return names, {os.path.relpath(problem.source, root): problem.reason for problem in found.reported()}


def test_files_are_found_in_every_folder_but_hidden_ones(tmp_path: Path) -> None:
    """Hidden files and folders are passed over in silence."""
    for name in ("b.txt", "a/c.txt", ".git/config", "a/.hidden", "a/d/e.txt"):
        write(tmp_path / name, "words")
    names, problems = scan(tmp_path)
    assert sorted(names) == ["a/c.txt", "a/d/e.txt", "b.txt"]
    assert problems == {}


def test_a_file_that_was_named_is_found_though_it_is_hidden(tmp_path: Path) -> None:
    """A person's word counts."""
    assert scan(write(tmp_path / ".notes", "words")) == (["."], {})


def test_check_29_links_out_of_the_folder_are_skipped_and_reported(tmp_path: Path) -> None:
    """To a file, to a folder, to one whose name starts like this one's, to nothing, and in a circle."""
    root, outside = tmp_path / "notes", tmp_path / "notes-secret"
    write(root / "a.txt", "words")
    write(outside / "s.txt", "words")
    (root / "file.txt").symlink_to(outside / "s.txt")
    (root / "folder").symlink_to(outside)
    (root / "up").symlink_to("..")
    (root / "dangling").symlink_to("nothing")
    (root / "circle").symlink_to("circle")
    (root / "inside.txt").symlink_to("a.txt")
    (root / "here").symlink_to(".")
    names, problems = scan(root)
    assert names == ["a.txt"]
    assert problems == {
        "circle": "circle is a link that leads nowhere, so it was skipped.",
        "dangling": "dangling is a link that leads nowhere, so it was skipped.",
        "file.txt": "file.txt is a link out of the folder, so it was skipped.",
        "folder": "folder is a link out of the folder, so it was skipped.",
        "up": "up is a link out of the folder, so it was skipped.",
    }


def test_links_to_what_is_passed_over_are_reported(tmp_path: Path) -> None:
    """A hidden file, one in a hidden folder, and the library: none of them is found under a name of its own."""
    root = tmp_path / ".notes"
    for name in (".hidden.txt", ".trash/a.txt", "library/b.txt", "c.txt"):
        write(root / name, "words")
    for number, target in enumerate((".hidden.txt", ".trash/a.txt", "library", "library/b.txt", "c.txt")):
        (root / f"link{number}").symlink_to(target)
    assert scan(root, left_out=root / "library") == (
        ["c.txt"],
        {f"link{n}": f"link{n} is a link to what is hidden or left out, so it was skipped." for n in range(4)},
    )


def test_a_folder_that_was_named_may_be_a_link(tmp_path: Path) -> None:
    """What is below it is found under the name that was given."""
    write(tmp_path / "real" / "a.txt", "words")
    (tmp_path / "link").symlink_to("real")
    assert scan(tmp_path / "link") == (["a.txt"], {})


def test_what_cannot_be_a_document_is_reported(tmp_path: Path) -> None:
    """A file that is too large, a name that is no text, a socket."""
    write(tmp_path / "large.txt", "x" * 101)
    write(Path(os.fsdecode(bytes(tmp_path) + b"/\xff.txt")), "words")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        names, problems = scan(tmp_path)
    assert names == []
    assert sorted(problems) == ["\\udcff.txt", "large.txt", "socket"]
    assert problems["large.txt"] == "large.txt is larger than 100 bytes, the most that is read."
    assert problems["socket"] == "socket is not a regular file."


def test_the_library_itself_is_left_out(tmp_path: Path) -> None:
    """Though it lies in the folder that is scanned."""
    write(tmp_path / "library" / "library.sqlite", "x")
    assert scan(tmp_path, left_out=tmp_path / "library") == ([], {})


def test_a_folder_that_cannot_be_listed_is_reported_and_remembered_as_unseen(tmp_path: Path) -> None:
    """Nothing was learned of what lies in it, so nothing of it may be taken for deleted."""
    found = Scan(100, Path("/nowhere"))
    assert found._folder(tmp_path / "gone", tmp_path) == []
    assert found.unseen == [tmp_path / "gone"]
    assert found.reported() == (Problem(str(tmp_path / "gone"), "gone cannot be read: No such file or directory."),)


def test_a_file_that_vanishes_while_its_folder_is_listed_is_reported(tmp_path: Path) -> None:
    """Between the listing and the stat."""
    file = write(tmp_path / "a.txt", "words")
    with os.scandir(tmp_path) as listing:
        (entry,) = listing
    file.unlink()
    found = Scan(100, Path("/nowhere"))
    assert not found._entry(entry, tmp_path)
    assert [problem.reason for problem in found.reported()] == ["a.txt cannot be read: No such file or directory."]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list everything")
def test_a_locked_folder_is_reported(tmp_path: Path) -> None:  # pragma: no cover - not for root
    """The permission is the reason."""
    (tmp_path / "locked").mkdir(mode=0)
    assert "Permission denied" in scan(tmp_path)[1]["locked"]
