"""The library follows its files: added, edited, renamed, deleted, and nothing encoded twice."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.pipeline import Progress, Report, apply, forget, index, plan, remove
from ingest.planning import is_under
from ingest.readers.registry import TEXT
from retriever.errors import InvalidPath, LibraryMismatch, UnknownDocument
from tests.ingest.conftest import Place, problems
from tests.ingest.texts import open_library, write
from tests.toys import ToyEncoder


def test_files_become_documents(place: Place) -> None:
    """Every file that can be read is added, and its chunks are encoded once."""
    place.write("a.txt", "Ann came.")
    place.write("b/c.md", "# Head\n\nBob left.")
    place.write("b/copy.txt", "Ann came.")
    assert place.index() == Report(added=3, encoded_chunks=2, reused_chunks=1)
    assert place.sources() == {"a.txt": "Ann came.", "b/c.md": "# Head\n\nBob left.", "b/copy.txt": "Ann came."}


def test_an_unchanged_folder_costs_a_stat_each(place: Place) -> None:
    """Nothing is opened, encoded or written: the files cannot even be read, and the generation stays."""
    file = place.write("a.txt", "Ann came.")
    place.index()
    with place.library.store.snapshot() as snapshot:
        before = snapshot.generation
    stat = file.stat()
    file.write_bytes(b"Ann went.")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert place.index() == Report(unchanged=1)
    assert place.encoder.encoded == ["Ann came."]
    with place.library.store.snapshot() as snapshot:
        assert snapshot.generation == before


def test_a_file_indexed_right_after_it_was_written_is_read_again(place: Place) -> None:
    """Its time proves nothing: an edit of the same length within the clock's tick is still found."""
    file = place.write("a.txt", "Ann came.", age_s=0)
    place.index()
    stat = file.stat()
    file.write_bytes(b"Ann went.")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert place.index() == Report(changed=1, encoded_chunks=1)


def test_new_times_of_the_same_bytes_are_remembered(place: Place) -> None:
    """A touched file is read once, and after that only its stat."""
    place.write("a.txt", "Ann came.")
    place.index()
    file = place.write("a.txt", "Ann came.", age_s=50)
    assert place.index() == Report(unchanged=1)
    with place.library.store.snapshot() as snapshot:
        assert snapshot.files()[str(file)].mtime_ns == file.stat().st_mtime_ns


def test_a_deleted_file_leaves(place: Place) -> None:
    """Its document is removed when its folder is scanned."""
    place.write("a.txt", "Ann came.")
    file = place.write("b.txt", "Bob left.")
    place.index()
    file.unlink()
    assert place.index() == Report(deleted=1, unchanged=1)
    assert list(place.sources()) == ["a.txt"]


def test_a_renamed_file_keeps_its_document(place: Place) -> None:
    """Nothing is encoded, and the id stays; its title follows the new name."""
    file = place.write("a.txt", "Ann came.")
    place.index()
    before = place.id_of("a.txt")
    file.rename(place.folder / "z.txt")
    assert place.index() == Report(renamed=1, reused_chunks=1)
    assert place.id_of("z.txt") == before
    with place.library.store.snapshot() as snapshot:
        assert snapshot.document(before).title == "z"
    assert len(place.encoder.encoded) == 1


def test_a_renamed_file_with_a_title_of_its_own_is_only_renamed(place: Place) -> None:
    """Text, title and chunks are as they were."""
    place.write("a.md", "# Visits\n\nAnn came.").rename(place.folder / "b.md")
    place.index()
    (place.folder / "b.md").rename(place.folder / "c.md")
    assert place.index() == Report(renamed=1)
    assert place.sources() == {"c.md": "# Visits\n\nAnn came."}


def test_copies_that_are_renamed_together_are_told_apart(place: Place) -> None:
    """Two files of the same bytes are two documents, before and after."""
    for name in ("a.txt", "b.txt"):
        place.write(name, "Ann came.")
    place.index()
    ids = [place.id_of("a.txt"), place.id_of("b.txt")]
    for old, new in (("a.txt", "c.txt"), ("b.txt", "d.txt")):
        (place.folder / old).rename(place.folder / new)
    place.write("e.txt", "Ann came.")
    assert place.index() == Report(renamed=2, added=1, reused_chunks=3)
    assert [place.id_of("c.txt"), place.id_of("d.txt")] == ids


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\0", "is a PNG image"),
        (b"\0", "binary data"),
        (b" ", "no text"),
        (b"x" * 10_001, "larger than 10,000 bytes"),
    ],
)
def test_check_13_a_file_that_can_no_longer_be_read_leaves(place: Place, content: bytes, reason: str) -> None:
    """Its earlier words stand nowhere any more, so they are not quoted; the report says so."""
    place.write("a.txt", "Ann came.")
    place.write("b.txt", "Bob left.")
    place.index()
    place.write("a.txt", content, age_s=50)
    report = place.index()
    (told,) = problems(report)
    assert reason in told
    assert told.endswith("What the library held of it was removed.")
    assert (report.deleted, list(place.sources())) == (1, ["b.txt"])
    assert problems(place.index())[0].endswith(reason) or reason in problems(place.index())[0]


def test_files_that_cannot_be_indexed_stop_nothing(place: Place) -> None:
    """They are reported, even a file that was named; the encoder is not needed for them."""
    place.write("a.txt", b"\x89PNG\r\n\x1a\n\0")
    assert problems(place.index("a.txt")) == ["a.txt is a PNG image, and Footnote reads plain text, Markdown and HTML."]
    place.write("b.txt", "Bob left.")
    report = index(place.library, [place.folder])
    assert (report.added, len(report.problems)) == (1, 1)
    with place.library.store.snapshot() as snapshot:
        assert snapshot.roots() == [str(place.folder)]


def test_check_29_a_link_out_of_the_folder_is_not_indexed(place: Place, tmp_path: Path) -> None:
    """It is skipped and reported; named itself, it is followed."""
    write(tmp_path / "secret.txt", "Secret words.")
    (place.folder / "a.txt").symlink_to(tmp_path / "secret.txt")
    assert problems(place.index()) == ["a.txt is a link out of the folder, so it was skipped."]
    assert place.sources() == {}
    assert place.index("a.txt").added == 1


def test_a_place_with_nothing_there_is_refused(place: Place) -> None:
    """The sentence names it."""
    with pytest.raises(InvalidPath, match=r"^There is nothing at .*nowhere\.$"):
        index(place.library, [Path("nowhere")])


def test_a_folder_that_is_not_there_keeps_its_documents(place: Place) -> None:
    """A drive that is not plugged in is no reason to forget what is on it."""
    place.write("a.txt", "Ann came.")
    place.index()
    place.folder.rename(place.folder.with_name("away"))
    assert problems(place.index()) == [f"{place.folder} is not there; its 1 documents were kept."]
    assert list(place.sources()) == ["a.txt"]


def test_a_file_that_was_named_and_is_deleted_leaves_and_is_forgotten(place: Place) -> None:
    """Its folder is there, so it was deleted and not unplugged; without the folder nobody can tell."""
    place.write("a.txt", "Ann came.")
    place.write("sub/b.txt", "Bob left.")
    index(place.library, [place.folder / "a.txt", place.folder / "sub/b.txt"])
    (place.folder / "a.txt").unlink()
    shutil.rmtree(place.folder / "sub")
    report = place.index()
    assert (report.deleted, len(report.problems)) == (1, 1)
    with place.library.store.snapshot() as snapshot:
        assert snapshot.roots() == [str(place.folder / "sub/b.txt")]


def test_a_folder_within_a_remembered_one_is_not_remembered_again(place: Place) -> None:
    """Only the outermost folders are, whichever came first."""
    place.write("a.txt", "Ann came.")
    place.write("sub/b.txt", "Bob left.")
    place.write("sub2/c.txt", "Cid stayed.")
    place.index("sub")
    index(place.library, [place.folder, place.folder / "sub"])
    assert place.index("sub2") == Report(unchanged=1)
    with place.library.store.snapshot() as snapshot:
        assert snapshot.roots() == [str(place.folder)]


def test_documents_of_other_folders_are_left_alone(place: Place) -> None:
    """Only what lies under the scanned folders can have vanished."""
    place.write("one/a.txt", "Ann came.").rename(place.folder / "one/b.txt")
    place.write("onetwo/c.txt", "Cid stayed.")
    place.index()
    shutil.rmtree(place.folder / "onetwo")
    assert place.index("one") == Report(unchanged=1)
    assert not is_under(str(place.folder / "onetwo"), str(place.folder / "one"))


def test_a_newer_reader_reads_everything_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an earlier version of a reader understood is understood anew, though the file has not changed."""
    place.write("a.txt", "Ann came.")
    place.index()
    monkeypatch.setattr(type(TEXT), "name", "text/2")
    assert place.index() == Report(changed=1, reused_chunks=1)
    assert place.index() == Report(unchanged=1)


def test_a_file_that_changes_between_plan_and_apply_is_taken_as_it_is(place: Place) -> None:
    """What is committed is what was read: changed back, it is unchanged; gone, it is a problem."""
    place.write("a.txt", "Ann came.")
    place.write("b.txt", "Bob left.")
    place.index()
    place.write("a.txt", "Ann went.", age_s=50)
    gone = place.write("b.txt", "Bob is back.", age_s=50)
    made = plan(place.library, [])
    place.write("a.txt", "Ann came.", age_s=40)
    gone.unlink()
    report = apply(place.library, made)
    assert (report.unchanged, report.changed, report.deleted) == (1, 0, 1)
    assert problems(report) == [
        "b.txt cannot be read: No such file or directory. What the library held of it was removed."
    ]


def test_a_file_that_is_there_and_cannot_be_opened_keeps_its_document(place: Place) -> None:
    """A disk that fails today is no reason to forget; here, the file turns into a link to itself."""
    file = place.write("a.txt", "Ann came.")
    place.index()
    place.write("a.txt", "Ann went.", age_s=50)
    made = plan(place.library, [])
    file.unlink()
    file.symlink_to(file)
    report = apply(place.library, made)
    assert report.deleted == 0
    assert problems(report)[0].endswith("What the library held of it was kept.")
    assert place.sources() == {"a.txt": "Ann came."}


def test_thousands_of_files_may_be_named(place: Place) -> None:
    """Each is a root of its own, and none is compared with every other."""
    paths = [place.write(f"{n}.txt", f"Number {n} came.") for n in range(5_000)]
    before = time.process_time()
    made = plan(place.library, paths)
    assert time.process_time() - before < 5
    assert len(made.reads) == len(made.new_roots) == len(paths)


def test_a_file_that_vanishes_while_a_plan_is_made_is_left_to_apply(place: Place) -> None:
    """A file that can be found and not read is planned to be read, and reported then."""
    place.write("a.txt", "Ann came.")
    place.index()
    (place.folder / "a.txt").unlink()
    place.write("new.txt", b"\x89PNG\r\n\x1a\n\0")
    report = place.index()
    assert (report.deleted, len(report.problems)) == (1, 1)


def test_a_plan_that_another_run_has_overtaken_does_no_harm(place: Place) -> None:
    """Documents that are gone already are not removed twice, nor renamed."""
    place.write("a.txt", "Ann came.")
    file = place.write("b.txt", "Bob left.")
    place.index()
    (place.folder / "a.txt").unlink()
    file.rename(place.folder / "c.txt")
    made = plan(place.library, [])
    for name in ("a.txt", "b.txt"):
        remove(place.library, place.id_of(name))
    assert apply(place.library, made) == Report()


def test_progress_is_told_from_the_first_file_to_the_last(place: Place) -> None:
    """It never runs backwards, and ends at the total."""
    for number in range(3):
        place.write(f"{number}.txt", f"Number {number} came.")
    place.write("p.txt", b"\0")
    told: list[Progress] = []
    index(place.library, [place.folder], told.append)
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)
    assert (told[0], told[-1]) == (Progress(0, 4, "Reading"), Progress(4, 4, "Indexing"))
    assert {progress.message for progress in told} == {"Reading", "Encoding", "Indexing"}


def test_an_interruption_leaves_what_was_committed(place: Place) -> None:
    """The library is consistent, and the next run does the rest."""
    for number in range(3):
        place.write(f"{number}.txt", f"Number {number} came.")

    def interrupt(progress: Progress) -> None:
        if progress == Progress(2, 3, "Indexing"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index(place.library, [place.folder], interrupt)
    assert list(place.sources()) == ["0.txt", "1.txt"]
    assert place.vectors() == 2
    assert place.library.store.check() == []
    assert place.index() == Report(added=1, unchanged=2, encoded_chunks=1)


def test_check_6_another_model_is_refused_before_anything_is_read(place: Place) -> None:
    """The library keeps the vectors that it has."""
    place.write("a.txt", "Ann came.")
    place.index()
    place.write("b.txt", "Bob left.")
    other = ToyEncoder("other")
    with open_library(place.home, other) as library, pytest.raises(LibraryMismatch, match="toy"):
        index(library, [])
    assert other.encoded == []


def test_a_document_is_removed_by_its_id(place: Place) -> None:
    """It is gone at once; its file brings it back with the next run."""
    place.write("a.txt", "Ann came.")
    place.index()
    remove(place.library, place.id_of("a.txt"))
    assert place.sources() == {}
    assert place.vectors() == 0
    with pytest.raises(UnknownDocument):
        remove(place.library, "0" * 16)
    assert place.index().added == 1


def test_a_forgotten_folder_is_looked_into_no_more(place: Place) -> None:
    """Its documents are gone, and the next run does not bring them back; nor does it miss a folder that was deleted."""
    place.write("old/a.txt", "Ann came.")
    place.write("new/b.txt", "Bob left.")
    index(place.library, [place.folder / "old", place.folder / "new"])
    shutil.rmtree(place.folder / "old")
    assert index(place.library, []).problems
    assert forget(place.library, place.folder / "old") == 1
    assert list(place.sources()) == ["new/b.txt"]
    assert index(place.library, []) == Report(unchanged=1)


def test_all_below_a_forgotten_folder_is_forgotten(place: Place) -> None:
    """A file and a folder that were named apart are forgotten with the one above them."""
    place.write("a/one.txt", "Ann came.")
    place.write("b.txt", "Bob left.")
    index(place.library, [place.folder / "a", place.folder / "b.txt"])
    assert forget(place.library, place.folder) == 2
    assert place.sources() == {}
    assert index(place.library, []) == Report()


@pytest.mark.parametrize(("name", "why"), [("a.txt", "lies in"), ("../elsewhere", "holds nothing of")])
def test_only_what_was_named_can_be_forgotten(place: Place, name: str, why: str) -> None:
    """A file of a folder that is indexed would come back, and is refused, as is what was never indexed."""
    place.write("a.txt", "Ann came.")
    place.index()
    with pytest.raises(InvalidPath, match=why):
        forget(place.library, place.folder / name)
    assert len(place.sources()) == 1


def test_a_hidden_folder_that_was_named_is_forgotten_by_itself(place: Place) -> None:
    """The folder around it never comes to it, so it is no part of that."""
    place.write("a.txt", "Ann came.")
    place.write(".private/b.txt", "Bob left.")
    place.index()
    place.index(".private")
    assert forget(place.library, place.folder / ".private") == 1
    assert index(place.library, []) == Report(unchanged=1)


def test_what_is_indexed_is_found(place: Place) -> None:
    """The search indexes are published with the run."""
    place.write("a.txt", "The heron eats fish.")
    place.index()
    assert place.library.search("heron").hits[0].chunk.text == "The heron eats fish."


def test_importing_the_pipeline_imports_no_segmenter() -> None:
    """What only reads the library does not pay for it."""
    script = "import ingest.pipeline, sys; print({'nupunkt', 'charset_normalizer', 'torch'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_reports_are_values() -> None:
    """Two runs that did the same report the same."""
    assert replace(Report(), added=1) == Report(added=1)
