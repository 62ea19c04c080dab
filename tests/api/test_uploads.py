"""Names that clients choose, reduced to labels."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.uploads import LONGEST_NAME, label, labels


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("hours.txt", "hours.txt"),
        ("Öffnungs zeiten (2).txt", "Öffnungs zeiten (2).txt"),
        ("../../../etc/passwd", "passwd"),
        ("/etc/shadow", "shadow"),
        (r"C:\Users\ann\plan.txt", "plan.txt"),
        (r"\\server\share\plan.txt", "plan.txt"),
        ("%2e%2e%2f%2e%2e%2fkey.txt", "key.txt"),
        ("%252e%252e%252fkey.txt", "key.txt"),
        ("..%5c..%5ckey.txt", "key.txt"),
        ("a\x00b\x1b[31m.txt", "ab[31m.txt"),
        ("gnp.\u202etxt.exe", "gnp.txt.exe"),
        ("line\r\nbreak.txt", "linebreak.txt"),
        ("folder/", "folder"),
        ("..", "unnamed"),
        ("", "unnamed"),
        (None, "unnamed"),
        ("\ud800.txt", "ud800.txt"),
        ("a" * 5_000, "a" * 120),
    ],
)
def test_check_27_a_hostile_name_becomes_a_label(name: str | None, kept: str) -> None:
    """Paths, control characters, encodings and length are gone; what a person would recognise is left."""
    assert label(name) == kept


@given(st.text() | st.text(alphabet="./\\%25cfe0 \x00\u202e", min_size=1))
def test_check_27_every_label_is_one_printable_line(name: str) -> None:
    """Whatever the name: not empty, bounded, no separator, no control character, and stable when labelled again."""
    short = label(name)
    assert 0 < len(short) <= LONGEST_NAME
    assert not set(short) & {"/", "\\"}
    assert not any(unicodedata.category(character).startswith("C") for character in short)
    assert short not in {".", ".."}
    assert label(short) == short


def test_names_that_are_reduced_to_the_same_label_are_numbered() -> None:
    """Two files of one upload are two documents, not two versions of one."""
    assert labels(["a/x.md", "b/x.md", "x (2).md", "x", "y/x"]) == ["x.md", "x (2).md", "x (2) (2).md", "x", "x (2)"]
