"""The store: one commit is one generation, a snapshot is one generation, and a foreign file is never touched."""

import sqlite3
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retriever.encoder import ModelIdentity
from retriever.errors import LibraryDamaged, LibraryError, LibraryLocked, LibraryMismatch, UnknownDocument
from retriever.library import Library
from retriever.migrations import MIGRATIONS
from retriever.records import Searched, Span
from retriever.settings import load_settings
from retriever.snapshot import FileRecord
from retriever.store import FILE_NAME, Store
from tests.library import chunks, document, write
from tests.toys import ToyEncoder

TEXT = "Ann opened the room. Bob closed it.\nThe room has a stove."


def open_files(folder: Path) -> list[Path]:
    """List the files below a folder that this process has open."""
    opened = (link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink())
    return [file for file in opened if file.is_relative_to(folder)]


def run_sql(file: Path, statement: str) -> None:
    """Change a database as another program would."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(statement)


def write_and_fail(store: Store, document_id: str) -> None:
    """Remove a document, and then rename one that is not there, in one transaction."""
    with store.transaction() as writer:
        writer.remove(document_id)
        writer.rename("0000", "/z")


def test_a_new_library_is_its_owner_s_alone(tmp_path: Path) -> None:
    """It holds the texts of files that others on the machine may not be able to read."""
    Store.open(tmp_path / "library").close()
    assert stat.S_IMODE((tmp_path / "library").stat().st_mode) == 0o700


def test_a_new_library_in_a_folder_of_others_is_its_owner_s_alone(tmp_path: Path) -> None:
    """The folder stays as open as it was; the file is not, nor is the log beside it."""
    tmp_path.chmod(0o755)
    with Store.open(tmp_path) as store, store.transaction():
        modes = {file.name: file.stat().st_mode & 0o077 for file in tmp_path.glob("library.sqlite*")}
    assert len(modes) > 1
    assert not any(modes.values())
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_what_is_put_is_read_back(store: Store, toy: ToyEncoder) -> None:
    """Text, chunks, counts and the description of a document come back as they went in."""
    document_id = write(store, toy, {"/docs/a.txt": TEXT})["/docs/a.txt"]
    with store.snapshot() as snapshot:
        assert snapshot.text(document_id) == TEXT
        assert tuple(snapshot.chunks(document_id)) == chunks(TEXT)
        assert snapshot.counts() == Searched(1, 2)
        assert snapshot.encoder() == toy.identity
        info = snapshot.document(document_id)
        assert (info.title, info.source, info.characters, info.chunks) == ("a.txt", "/docs/a.txt", len(TEXT), 2)
        assert snapshot.documents() == [info] == [snapshot.document_by_source("/docs/a.txt")]
        assert snapshot.document_by_source("/docs/b.txt") is None
        assert dict(snapshot.embedded_texts()) == {chunk.vector_key: chunk.embedded_text for chunk in chunks(TEXT)}


def test_pages_and_headings_are_kept(store: Store, toy: ToyEncoder) -> None:
    """The page map of a document and the heading path of a chunk come back."""
    paged = document("/a", TEXT)
    paged = type(paged)(**{name: getattr(paged, name) for name in paged.__slots__} | {"pages": (Span(0, 9),)})
    titled = chunks(TEXT, ("Manual", "Room"))
    vectors = dict(zip((c.vector_key for c in titled), toy.encode([c.text for c in titled]), strict=True))
    with store.transaction() as writer:
        document_id = writer.put(paged, titled, vectors)
    with store.snapshot() as snapshot:
        assert snapshot.document(document_id).pages == (Span(0, 9),)
        assert [chunk.heading_path for chunk in snapshot.chunks(document_id)] == [("Manual", "Room")] * 2
        assert [chunk.text.split("\n")[0] for chunk in snapshot.added_since(0)] == ["Manual", "Manual"]


def test_a_snapshot_stays_at_its_generation(store: Store, toy: ToyEncoder) -> None:
    """What is written while a snapshot is open is not seen in it, and is seen in the next."""
    write(store, toy, {"/a": "One."})
    with store.snapshot() as snapshot:
        write(store, toy, {"/b": "Two."})
        assert (snapshot.generation, [d.source for d in snapshot.documents()]) == (1, ["/a"])
    with store.snapshot() as snapshot:
        assert (snapshot.generation, [d.source for d in snapshot.documents()]) == (2, ["/a", "/b"])


def test_a_generation_counts_changes_of_what_can_be_asked_about(store: Store, toy: ToyEncoder) -> None:
    """Roots, stamps and stats move no generation; documents do, once per commit."""
    ids = write(store, toy, {"/a": "One.", "/b": "Two."})
    with store.transaction() as writer:
        writer.add_root("/docs")
        writer.add_root("/docs")
        writer.add_root("/more")
        writer.remove_root("/more")
        writer.touch(ids["/a"], size=4, mtime_ns=5)
        writer.stamp(toy.identity)
    with store.snapshot() as snapshot:
        assert (snapshot.generation, snapshot.roots()) == (1, ["/docs"])
        first = document("/a", "One.")
        assert snapshot.files()["/a"] == FileRecord(ids["/a"], first.content_hash, "test/1", 4, 5)
        assert snapshot.files()["/b"].size is None
    with store.transaction() as writer:
        writer.rename(ids["/a"], "/c", size=4, mtime_ns=6)
    with store.snapshot() as snapshot:
        assert (snapshot.generation, snapshot.document(ids["/a"]).source) == (2, "/c")


def test_a_transaction_that_fails_changes_nothing(store: Store, toy: ToyEncoder) -> None:
    """An error inside a transaction takes back all of it, and the store is written to again afterwards."""
    ids = write(store, toy, {"/a": "One."})
    with pytest.raises(UnknownDocument, match="holds no document 0000"):
        write_and_fail(store, ids["/a"])
    with store.snapshot() as snapshot:
        assert (snapshot.generation, snapshot.text(ids["/a"])) == (1, "One.")
    write(store, toy, {"/b": "Two."})


def test_an_edited_document_keeps_its_id_and_remembers_its_versions(store: Store, toy: ToyEncoder) -> None:
    """A new text of the same source is a new version of the same document."""
    first = write(store, toy, {"/a": "One."})
    second = write(store, toy, {"/a": "Two."})
    assert first == second
    with store.snapshot() as snapshot:
        assert snapshot.earlier_versions(first["/a"]) == {document("/a", "One.").version}
        assert snapshot.text(first["/a"]) == "Two."


def test_a_vector_lives_as_long_as_a_chunk_that_uses_it(store: Store, toy: ToyEncoder) -> None:
    """Equal chunks share a vector; once the last one has gone, a sweep takes it along and moves no generation."""
    write(store, toy, {"/a": "Shared words.\nOwn words.", "/b": "Shared words."})
    keys = [chunk.vector_key for chunk in chunks("Shared words.\nOwn words.")]
    for source, left in (("/a", {keys[0]}), ("/b", set())):
        write(store, toy, {}, remove=[source])
        with store.snapshot() as snapshot:
            before = snapshot.generation
        with store.transaction() as writer:
            writer.sweep()
        with store.snapshot() as snapshot:
            assert (snapshot.known_vectors(keys), snapshot.generation) == (left, before)


def test_check_06_a_vector_in_vain_never_meets_another_model(store: Store, toy: ToyEncoder) -> None:
    """What a run that was killed left behind goes when the library changes its model, and is encoded anew."""
    other = ToyEncoder("other")
    key = chunks("One.")[0].vector_key
    document_id = write(store, toy, {"/a": "One."})["/a"]
    with store.transaction() as writer:
        writer.remove(document_id)
    with store.snapshot() as snapshot:
        assert snapshot.known_vectors([key]) == {key}
    with store.transaction() as writer:
        writer.replace_vectors(other.identity, {})
    with store.snapshot() as snapshot:
        assert (snapshot.known_vectors([key]), snapshot.encoder()) == (set(), other.identity)


def test_a_known_vector_need_not_be_given_again(store: Store, toy: ToyEncoder) -> None:
    """A chunk whose words were encoded before is put without a vector; one of new words is refused without."""
    write(store, toy, {"/a": "Shared words."})
    with store.transaction() as writer:
        writer.put(document("/b", "Shared words."), chunks("Shared words."), {})
    with pytest.raises(sqlite3.IntegrityError), store.transaction() as writer:
        writer.put(document("/c", "New words."), chunks("New words."), {})
    with store.snapshot() as snapshot:
        assert snapshot.counts() == Searched(2, 2)


def test_ids_come_from_sources_and_never_clash(store: Store, toy: ToyEncoder) -> None:
    """A file that appears where a renamed one used to be gets an id of its own."""
    first = write(store, toy, {"/a": "One."})["/a"]
    with store.transaction() as writer:
        writer.rename(first, "/b")
    second = write(store, toy, {"/a": "Two."})["/a"]
    assert first != second
    with store.snapshot() as snapshot:
        assert {d.id: d.source for d in snapshot.documents()} == {first: "/b", second: "/a"}


def test_what_is_not_there_is_unknown(store: Store) -> None:
    """An id that the library does not hold has no document, no text and no token."""
    with store.snapshot() as snapshot:
        for ask in (snapshot.document, snapshot.text):
            with pytest.raises(UnknownDocument, match="The library holds no document feed"):
                ask("feed")
        assert snapshot.located_chunks([]) == snapshot.located_chunks([7]) == {}
        assert (snapshot.token(99), snapshot.earlier_versions("feed"), snapshot.chunks("feed")) == (None, set(), [])


def test_vectors_are_kept_as_they_were_to_half_precision(store: Store, toy: ToyEncoder) -> None:
    """A vector comes back with what float16 holds of it, which is enough for a cosine to three digits."""
    write(store, toy, {"/a": "Some words here."})
    with store.snapshot() as snapshot:
        kept = next(snapshot.added_since(0)).vector
    assert kept.dtype == np.float32
    np.testing.assert_allclose(kept @ toy.encode(["Some words here."])[0], 1, atol=1e-3)


def test_check_06_another_model_is_refused_until_the_library_is_empty(store: Store, toy: ToyEncoder) -> None:
    """Vectors of two models never meet: the stamp of a library with vectors stands, that of an empty one may change."""
    other = ToyEncoder("other")
    write(store, toy, {"/a": "One."})
    with pytest.raises(LibraryMismatch, match=r"indexed with the model toy .* not with other .*FOOTNOTE_MODEL=toy"):
        write(store, other, {"/b": "Two."})
    write(store, toy, {}, remove=["/a"])
    write(store, other, {"/b": "Two."})
    with store.snapshot() as snapshot:
        assert snapshot.encoder() == other.identity


def test_a_model_under_another_name_is_the_same(library: Library, toy: ToyEncoder) -> None:
    """Weights that were moved, or are named by another path, go on writing and answering."""
    write(library.store, toy, {"/a": "One."})
    moved = ToyEncoder()
    moved.identity = replace(toy.identity, name="/models/toy")
    write(library.store, moved, {"/b": "Two."})
    with Library.open(library.settings, encoder=moved) as again:
        assert len(again.search("Two").hits) == 2


def test_vectors_can_be_made_anew_with_another_model(store: Store, toy: ToyEncoder) -> None:
    """Replacing every vector moves the generation and names the model that made the new ones."""
    write(store, toy, {"/a": "One."})
    wider = ModelIdentity("wide", "1" * 64, "toy/1", 3)
    with store.snapshot() as snapshot:
        vectors = {key: np.array([0, 0.6, 0.8], np.float32) for key, _ in snapshot.embedded_texts()}
    with store.transaction() as writer:
        writer.replace_vectors(wider, vectors)
    with store.snapshot() as snapshot:
        assert (snapshot.generation, snapshot.encoder()) == (2, wider)
        assert [len(chunk.vector) for chunk in snapshot.added_since(0)] == [3]


def test_check_06_a_library_of_a_newer_release_is_refused(home: Path) -> None:
    """The sentence says which release to use, and the file is left as it was."""
    Store.open(home).close()
    with sqlite3.connect(home / FILE_NAME) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(LibraryMismatch, match="written by a newer release of Footnote; use that one"):
        Store.open(home)
    assert open_files(home) == []


@pytest.mark.parametrize("version", [0, len(MIGRATIONS), len(MIGRATIONS) + 1])
def test_check_06_a_database_of_something_else_is_refused(home: Path, version: int) -> None:
    """Another program's SQLite file is named as such, whatever its version number, and is not written to."""
    home.mkdir()
    with sqlite3.connect(home / FILE_NAME) as connection:
        connection.execute("CREATE TABLE theirs (x)")
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    theirs = (home / FILE_NAME).read_bytes()
    with pytest.raises(LibraryDamaged, match="a database of something else; choose another folder with FOOTNOTE_HOME"):
        Store.open(home)
    assert (home / FILE_NAME).read_bytes() == theirs


def test_a_file_that_is_no_database_is_refused(home: Path) -> None:
    """The sentence says what to do, and every attempt closes what it opened."""
    home.mkdir()
    (home / FILE_NAME).write_text("not a database, and long enough for SQLite to look at its first hundred bytes" * 9)
    with pytest.raises(LibraryDamaged, match=r"is damaged .* `footnote documents restore FILE`, or remove it"):
        Store.open(home)
    assert open_files(home) == []


def test_a_page_that_was_damaged_is_named_when_it_is_read(home: Path, toy: ToyEncoder) -> None:
    """A library whose pages were overwritten opens by its header and says that it is damaged when asked."""
    with Store.open(home) as store:
        write(store, toy, {f"/{i}": f"Text number {i}.\n" * 50 for i in range(20)})
    data = bytearray((home / FILE_NAME).read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    (home / FILE_NAME).write_bytes(data)
    with Store.open(home) as store, pytest.raises(LibraryDamaged, match="is damaged"):
        store.snapshot().__enter__()


@pytest.fixture
def copied(tmp_path: Path, toy: ToyEncoder) -> Path:
    """Copy a library of one document."""
    with Store.open(tmp_path / "elsewhere") as store:
        write(store, toy, {"/kept": "Kept."})
        store.backup(tmp_path / "copy.sqlite")
    return tmp_path / "copy.sqlite"


def sources(store: Store) -> list[str]:
    """List the sources of a library that is sound."""
    assert store.check() == []
    with store.snapshot() as snapshot:
        return [document.source for document in snapshot.documents()]


@pytest.mark.parametrize("intact", [0, 100, 4096], ids=["all of it", "all but its header", "all but a page"])
def test_a_copy_replaces_a_library_however_damaged(home: Path, toy: ToyEncoder, copied: Path, intact: int) -> None:
    """Where nothing of the file can be read any more, too; it is its owner's alone, and has the log that it needs."""
    with Store.open(home) as store:
        write(store, toy, {f"/{i}": f"Text number {i}.\n" * 50 for i in range(20)})
    data = (home / FILE_NAME).read_bytes()
    (home / FILE_NAME).write_bytes(data[:intact] + b"\xa5" * (len(data) - intact))
    Store.restore(home, copied)
    with Store.open(home) as store, store._connected() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert sources(store) == ["/kept"]
    assert (home / FILE_NAME).stat().st_mode & 0o077 == 0


def test_a_copy_makes_a_library_where_there_is_none(home: Path, copied: Path) -> None:
    """A new machine needs no library first; nothing is written beside the copy."""
    Store.restore(home, copied)
    assert list(copied.parent.glob("copy*")) == [copied]
    with Store.open(home) as store:
        assert sources(store) == ["/kept"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda file: file.unlink(), "unable to open database file"),
        (lambda file: file.write_bytes(b""), "it is no copy of a library"),
        (lambda file: file.write_text("no database " * 99), "file is not a database"),
        (lambda file: run_sql(file, "PRAGMA application_id = 7"), "it is no copy of a library"),
        (lambda file: run_sql(file, "PRAGMA user_version = 99"), "a newer release of Footnote wrote it"),
        (lambda file: run_sql(file, "DELETE FROM documents"), "names no row of documents"),
        (lambda file: file.write_bytes(file.read_bytes()[:4096] + b"\xa5" * 9999), "malformed"),
    ],
    ids=["missing", "empty", "no database", "of something else", "newer", "incomplete", "damaged"],
)
def test_what_is_no_sound_copy_is_refused(
    home: Path, toy: ToyEncoder, copied: Path, change: Callable[[Path], object], says: str
) -> None:
    """The sentence says why, and the library is as it was."""
    with Store.open(home) as store:
        write(store, toy, {"/present": "Present."})
    change(copied)
    with pytest.raises(LibraryError, match=f"cannot be restored .*{says}.*; the library is as it was"):
        Store.restore(home, copied)
    with Store.open(home) as store:
        assert sources(store) == ["/present"]


def test_a_copy_does_not_replace_a_database_of_something_else(home: Path, copied: Path) -> None:
    """Another program's file under the library's name stays."""
    home.mkdir()
    run_sql(home / FILE_NAME, "CREATE TABLE theirs (x)")
    theirs = (home / FILE_NAME).read_bytes()
    with pytest.raises(LibraryDamaged, match="a database of something else"):
        Store.restore(home, copied)
    assert (home / FILE_NAME).read_bytes() == theirs


def test_a_copy_waits_for_no_writer(home: Path, copied: Path) -> None:
    """While something is written, nothing is restored, and the sentence says who writes."""
    with Store.open(home) as store, store.writing(), ThreadPoolExecutor(1) as other, pytest.raises(LibraryLocked):
        other.submit(Store.restore, home, copied).result()


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, place: str) -> None:
    """A file where the library's folder should be gets a sentence that names it."""
    (tmp_path / "file").write_text("here")
    with pytest.raises(LibraryError, match=r"No library can be kept in .*file.* choose another folder"):
        Store.open(tmp_path / place)


def test_many_may_make_the_same_library_at_once(home: Path) -> None:
    """Threads that open a library that is not there yet all get it, made once."""
    opened: list[int] = []

    def open_it() -> None:
        with Store.open(home) as store, store.snapshot() as snapshot:
            opened.append(snapshot.generation)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [0] * 6


def test_a_restored_file_without_a_log_gets_one(home: Path) -> None:
    """A copy in another journal mode, as other tools write it, is brought to the one that lets readers never wait."""
    Store.open(home).close()
    with sqlite3.connect(home / FILE_NAME) as connection:
        assert connection.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    connection.close()
    with Store.open(home) as store, store._connected() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_who_waits_in_vain_for_a_library_to_be_made_goes_on_if_it_was(home: Path) -> None:
    """While another thread holds the lock: a library that is made opens, and one that is not is said to be locked."""
    with Store.open(home) as store, store.writing(), ThreadPoolExecutor(1) as other:
        with store._connected() as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
        other.submit(Store.open, home).result().close()
        with store._connected() as connection:
            connection.execute("PRAGMA user_version = 0")
        with pytest.raises(LibraryLocked):
            other.submit(Store.open, home).result()


def test_a_library_that_another_process_made_meanwhile_is_not_made_again(home: Path) -> None:
    """Whoever comes second to an empty file finds the tables there, and leaves them."""
    with Store.open(home) as store, store._connected() as connection:
        store._migrate(connection)
        assert store.check() == []


def test_a_connection_in_use_is_closed_when_its_snapshot_ends(home: Path) -> None:
    """Closing a store leaves an open snapshot readable, and no file open once that has ended."""
    store = Store.open(home)
    with store.snapshot() as snapshot:
        store.close()
        assert snapshot.counts() == Searched(0, 0)
    assert open_files(home) == []


def test_findings_of_the_check_are_told(store: Store) -> None:
    """A row that points nowhere is found and named."""
    with store._connected() as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("INSERT INTO texts VALUES ('gone', x'')")
        connection.execute("PRAGMA foreign_keys = ON")
    assert "row 1 of texts names no row of documents" in store.check()


def test_more_keys_than_one_statement_takes_are_looked_up(store: Store, toy: ToyEncoder) -> None:
    """Forty thousand keys are no problem, though SQLite takes 32,766 values in one statement."""
    write(store, toy, {"/a": "One."})
    key = chunks("One.")[0].vector_key
    with store.snapshot() as snapshot:
        assert snapshot.known_vectors([*(b"%d" % i for i in range(40_000)), key]) == {key}


def test_the_settings_of_these_tests_touch_no_library_of_a_person() -> None:
    """No settings file is read while the tests run."""
    assert load_settings().model_fields_set <= {"home", "models"}
