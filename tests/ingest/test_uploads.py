"""Files that come over the network become documents under names that can do no harm."""

import pytest

from ingest.pipeline import Report, Upload, add_upload, upload_name
from tests.ingest.conftest import Place, problems


def test_uploads_become_documents_under_harmless_names(place: Place) -> None:
    """Folders in a name are dropped, the same name replaces, the same bytes change nothing."""
    assert add_upload(place.library, [Upload("../../a.txt", b"Ann came.")]) == Report(added=1, encoded_chunks=1)
    assert add_upload(place.library, [Upload("a.txt", b"Ann came.")]) == Report(unchanged=1)
    assert add_upload(place.library, [Upload("C:\\a.txt", b"Bob left.")]) == Report(changed=1, encoded_chunks=1)
    with place.library.store.snapshot() as snapshot:
        assert [info.source for info in snapshot.documents()] == ["upload:a.txt"]


def test_uploads_that_cannot_be_read_are_reported(place: Place) -> None:
    """One of them does not stop the others."""
    report = add_upload(
        place.library,
        [Upload("a.txt", b"\0"), Upload("b.txt", b"x" * 10_001), Upload("c.txt", b"Cid stayed.")],
    )
    assert report.added == 1
    assert [problem.source for problem in report.problems] == ["upload:a.txt", "upload:b.txt"]


def test_an_upload_that_cannot_be_read_replaces_nothing(place: Place) -> None:
    """Though another comes with it that can be, the words of before stay."""
    add_upload(place.library, [Upload("a.txt", b"Ann came.")])
    report = add_upload(place.library, [Upload("a.txt", b" "), Upload("b.txt", b"Bob left.")])
    assert (report.added, report.deleted) == (1, 0)
    assert problems(report) == ["a.txt holds no text. What the library held of it was kept."]
    with place.library.store.snapshot() as snapshot:
        assert {snapshot.text(info.id) for info in snapshot.documents()} == {"Ann came.", "Bob left."}


def test_uploads_are_not_taken_for_deleted_files(place: Place) -> None:
    """No folder holds them."""
    add_upload(place.library, [Upload("a.txt", b"Ann came.")])
    assert place.index() == Report()
    assert len(place.sources()) == 1


def test_of_uploads_of_one_name_the_last_is_taken_and_the_others_are_reported(place: Place) -> None:
    """Nothing that somebody sent is lost in silence; one that is refused replaces none."""
    report = add_upload(
        place.library,
        [Upload("one/a.txt", b"Ann came."), Upload("two/a.txt", b"Bob left."), Upload("a.txt", b"x" * 10_001)],
    )
    assert report.added == 1
    assert problems(report) == [
        "a.txt was left out: another file of that name in the same upload replaced it.",
        "a.txt is larger than 10,000 bytes, the most that is read.",
    ]
    with place.library.store.snapshot() as snapshot:
        assert [snapshot.text(info.id) for info in snapshot.documents()] == ["Bob left."]


def test_an_upload_leaves_no_vector_of_the_words_that_it_replaces(place: Place) -> None:
    """What nobody can find any more is not kept in any form."""
    for text in (b"Ann came.", b"Bob left."):
        add_upload(place.library, [Upload("a.txt", text)])
    assert place.vectors() == 1


@pytest.mark.parametrize(
    ("name", "harmless"),
    [
        ("/", "unnamed"),
        ("\\", "unnamed"),
        ("/.", "unnamed"),
        ("..", "unnamed"),
        ("a" * 300 + ".txt", "a" * 196 + ".txt"),
        ("Dr. " + "a" * 300, "Dr. " + "a" * 196),
        ("a" * 300, "a" * 200),
    ],
)
def test_a_long_name_keeps_its_extension_and_an_empty_one_gets_a_word(name: str, harmless: str) -> None:
    """The extension tells the reader to use; what follows a full stop within a sentence is none."""
    assert upload_name(name) == harmless
    extension = ".txt" if name.endswith(".txt") else ""
    assert upload_name(name, 20) == harmless[: 20 - len(extension)] + extension
