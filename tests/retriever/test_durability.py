"""What the library survives: crashes at every step, kills at any moment, a full disk, and its own long use."""

import json
import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from retriever.errors import LibraryError
from retriever.library import Library
from retriever.projections import Projections
from retriever.records import Answer, NoAnswer, Span
from retriever.settings import Settings
from retriever.store import FILE_NAME, Store
from tests.disks import full_disk
from tests.library import write
from tests.retriever import crashing
from tests.toys import ToyEncoder

REPOSITORY = Path(__file__).parents[2]
FRAME, HEADER = 24 + 4096, 32  # bytes of SQLite's write-ahead log


def start(program: str, home: Path) -> "subprocess.Popen[str]":
    """Start one of the programs that die."""
    command = [sys.executable, "-m", "tests.retriever.crashing", program, str(home)]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)


def output(program: str, home: Path) -> str:
    """Run one of them to its end."""
    with start(program, home) as process:
        printed, _ = process.communicate()
    assert process.returncode == 0
    return printed


def opened(home: Path) -> Library:
    """Open a library as a new process would."""
    return Library.open(Settings(home=home, reader="sentences"), encoder=ToyEncoder())


def cited(answer: Answer | NoAnswer) -> list[tuple[str, str, str, Span]]:
    """List the quotes of an answer, with the document, version and place of each."""
    citations = answer.citations if isinstance(answer, Answer) else [near.citation for near in answer.nearest]
    return [(c.document_id, c.version, c.quote, c.span) for c in citations]


@pytest.fixture
def changed(home: Path) -> Path:
    """Make a library whose saved indexes are one generation behind."""
    with opened(home) as library:
        write(library.store, library.encoder, {"/a": "The apples are red.", "/b": "The pears are green."})
        library.save_projections()
        write(library.store, library.encoder, {"/a": "The apples are yellow."})
    return home


def test_check_01_a_save_that_dies_at_any_step_leaves_old_or_new_indexes(changed: Path) -> None:
    """Killed before every write, fsync, rename and removal: whole indexes of one generation are there.

    After every fifth of these deaths, a question is answered from the newest commit, and a save cleans up.
    """
    output("saves", changed)
    generations = []
    died = sorted(changed.parent.glob("died-*"), key=lambda path: int(path.name.removeprefix("died-")))
    for home in died:
        found = Projections(home)
        found.load()
        generations.append(found._state["generation"])
        found.close()
    for home in died[::5]:
        with opened(home) as library:
            assert "yellow" in cited(library.ask("What are the apples?"))[0][2]
            library.save_projections()
        assert [path.name[:12] for path in (home / "index").iterdir()] == ["000000000002"], "all else was cleaned away"
    assert len(died) > 20
    assert generations == sorted(generations), "the new indexes stay once they are there"
    assert set(generations) == {1, 2}


def test_check_01_a_commit_that_dies_at_any_write_is_there_or_not(home: Path, tmp_path: Path) -> None:
    """SQLite's log cut behind and within every frame, as a crash would: the old generation or the new one, whole."""
    with Store.open(home) as store:
        write(store, ToyEncoder(), {"/a": "Old.", "/b": "Other."})
    with Store.open(home) as store:
        before = (home / FILE_NAME).read_bytes()
        write(store, ToyEncoder(), {"/a": "New.\nLonger."}, remove=["/b"])
        log = (home / f"{FILE_NAME}-wal").read_bytes()
    after = (home / FILE_NAME).read_bytes()
    ends = range(HEADER, len(log) + 1, FRAME)
    died = [(before, log[:end]) for whole in ends for end in (whole - 9, whole)]
    # A checkpoint copies pages in their order; the log stays until all of them are on the disk.
    died += [(after[:copied] + before[copied:], log) for copied in range(0, len(after) + 1, 4096)]
    found = []
    for n, (data, wal) in enumerate(died):
        (tmp_path / str(n)).mkdir()
        (tmp_path / str(n) / FILE_NAME).write_bytes(data)
        (tmp_path / str(n) / f"{FILE_NAME}-wal").write_bytes(wal)
        with Store.open(tmp_path / str(n)) as store, store.snapshot() as snapshot:
            texts = {d.source: snapshot.text(d.id) for d in snapshot.documents()}
            found.append((snapshot.generation, texts))
            assert store.check() == []
    old, new = (1, {"/a": "Old.", "/b": "Other."}), (2, {"/a": "New.\nLonger."})
    commit = 2 * len(ends) - 1
    assert found == [old] * commit + [new] * (len(died) - commit)


def test_check_02_a_writer_killed_at_random_loses_nothing_that_it_acknowledged(home: Path) -> None:
    """Twenty kills while two threads of this process ask: citations verify, and every acknowledged document is there.

    The readers see new generations as the other process writes them, and the lock of the dead is free.
    """
    with opened(home) as library, start("writes", home) as writer:
        verdicts: set[str] = set()
        generations: list[int] = []
        done = threading.Event()

        def ask() -> None:
            while not done.wait(0.01):
                answer = library.ask("Which document of a run speaks of pears?")
                generations.append(answer.generation)
                verdicts.update(
                    library.verify(document_id, version, span, quote).status
                    for document_id, version, quote, span in cited(answer)
                    if "counter" not in quote  # which is edited between the answer and the verification
                )

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        printed, _ = writer.communicate()
        done.set()
        for thread in threads:
            thread.join()
        acknowledged = [tuple(map(int, line.split())) for line in printed.splitlines()]
        assert (writer.returncode, verdicts) == (0, {"holds"})
        assert len({kill for kill, _ in acknowledged}) > crashing.KILLS // 2
        assert len(set(generations)) > 10
        with library.store.snapshot() as snapshot:
            texts = {d.source: snapshot.text(d.id) for d in snapshot.documents()}
        assert all(texts[f"/{kill}/{n}"] == crashing.text(kill, n) for kill, n in acknowledged)
        kill, n = acknowledged[-1]
        assert texts[crashing.COUNTER] in {crashing.counted(1000 * kill + n + later) for later in (0, 1)}
        assert library.store.check() == []
        write(library.store, library.encoder, {"/after": "All is well."})


def test_check_07_on_a_full_disk_the_previous_generation_serves(changed: Path) -> None:
    """A commit and a save fail with a sentence, and questions are answered; with room again, all goes on."""
    with opened(changed) as library:
        before = cited(library.ask("What are the apples?"))
        with full_disk():
            with pytest.raises(LibraryError, match="cannot be used: disk I/O error"):
                write(library.store, library.encoder, {"/c": "The plums are blue.\n" * 1000})
            with pytest.raises(LibraryError, match=r"ndexes .*could not be saved .*o document is lost"):
                library.save_projections()
            assert cited(library.ask("What are the apples?")) == before
        found = Projections(changed)
        found.load()
        assert found._state["generation"] == 1, "what was published before is still there"
        found.close()
        write(library.store, library.encoder, {"/c": "The plums are blue."})
        assert "plums" in cited(library.ask("What are the plums?"))[0][2]
        library.save_projections()
    assert [path.name[:12] for path in (changed / "index").iterdir()] == ["000000000003"]


def test_check_07_a_library_can_be_opened_and_asked_on_a_full_disk(changed: Path) -> None:
    """Where no index can be written, memory has to do, until there is room for the next generation."""
    with opened(changed) as library:
        with full_disk():
            assert "yellow" in cited(library.ask("What are the apples?"))[0][2]
            with pytest.raises(LibraryError, match="the disk is full"):
                library.save_projections()
        write(library.store, library.encoder, {"/c": "The plums are blue."})
        library.save_projections()
    assert [path.name[:12] for path in (changed / "index").iterdir()] == ["000000000003"]


def test_check_08_a_file_is_on_the_disk_before_its_name_and_the_old_one_goes_last(changed: Path) -> None:
    """In this order: write, fsync of every file and folder, rename, fsync of the folder above, removal of the old."""
    steps = [tuple(step) for step in json.loads(output("steps", changed))]
    (renamed,) = (n for n, (step, _) in enumerate(steps) if step == "rename")
    written = {path for step, path in steps if step == "write"}
    folders = {path for step, path in steps if step == "mkdir"} - {"."}
    flushed = {path for step, path in steps[:renamed] if step == "fsync"}
    assert flushed == written | folders
    for path in written:
        assert steps.index(("write", path)) < steps.index(("fsync", path))
    assert steps[renamed + 1] == ("fsync", ".")
    removals = [n for n, (step, _) in enumerate(steps) if step in {"remove", "rmdir"}]
    assert removals
    assert min(removals) == renamed + 2
    assert steps[renamed + 2][1].endswith("manifest.json"), "what is half removed must not look whole"


def test_check_10_the_store_is_sound_after_a_soak(home: Path) -> None:
    """Two hundred random commits, some broken off, and SQLite finds nothing wrong; no vector is kept in vain."""
    chance = random.Random(10)  # noqa: S311 - nothing secret
    with Store.open(home) as store:
        for n in range(200):
            sources = {f"/{chance.randrange(20)}" for _ in range(3)}
            with store.snapshot() as snapshot:
                held = {d.source for d in snapshot.documents()}
            kept = sorted(sources - held) if n % 2 else sorted(sources)
            gone = sorted(sources & held) if n % 2 else []
            if n % 10 == 9:
                with pytest.raises(AssertionError):  # by the last source, which is not there
                    write(store, ToyEncoder(), {}, remove=[*sorted(held), "/missing"])
            write(store, ToyEncoder(), {s: f"Line {chance.randrange(9)}.\nLine {n}." for s in kept}, remove=gone)
        assert store.check() == []
        with store.snapshot() as snapshot:
            keys = {chunk.vector_key for d in snapshot.documents() for chunk in snapshot.chunks(d.id)}
            assert dict.fromkeys(keys).keys() == {key for key, _ in snapshot.embedded_texts()}
        with store._connected() as connection:
            assert connection.execute("SELECT count(*) FROM vectors").fetchone()[0] == len(keys)


def test_check_11_a_backup_taken_during_writes_restores_and_verifies(home: Path, tmp_path: Path) -> None:
    """Each copy is one whole generation: sound, complete, and every citation of it holds."""
    with opened(home) as library:
        write(library.store, library.encoder, {"/counter": crashing.counted(0)})
        done = threading.Event()

        def keep_writing() -> None:
            n = 0
            while not done.is_set():
                n += 1
                pair = {"/counter": crashing.counted(n), f"/{n}": crashing.text(0, n)}
                write(library.store, library.encoder, pair)

        thread = threading.Thread(target=keep_writing)
        thread.start()
        for n in range(3):
            library.store.backup(tmp_path / f"{n}.sqlite")
        done.set()
        thread.join()
    for n in range(3):
        (tmp_path / f"restored-{n}").mkdir()
        shutil.copyfile(tmp_path / f"{n}.sqlite", tmp_path / f"restored-{n}" / FILE_NAME)
        with opened(tmp_path / f"restored-{n}") as restored:
            assert restored.store.check() == []
            answer = restored.ask("Where does the counter of apples stand?")
            assert cited(answer)
            for document_id, version, quote, span in cited(answer):
                assert restored.verify(document_id, version, span, quote).status == "holds"
            with restored.store.snapshot() as snapshot:
                sources = {d.source for d in snapshot.documents()}
                assert sources == {"/counter", *(f"/{i}" for i in range(1, snapshot.generation))}


@pytest.mark.parametrize("by_hand", [False, True], ids=["as it was left", "after a copy by hand"])
def test_a_copy_is_restored_over_what_a_crash_left(home: Path, tmp_path: Path, *, by_hand: bool) -> None:
    """The log of a writer that died is not replayed into the copy, even where somebody put the copy there by hand."""
    copy, crashed = tmp_path / "copy.sqlite", tmp_path / "crashed"
    with opened(home) as library:
        write(library.store, library.encoder, {"/a": "The apples are red."})
        library.save_projections()
        library.store.backup(copy)
        for n in range(20):
            write(library.store, library.encoder, {"/a": "The apples are yellow.", f"/{n}": crashing.text(0, n)})
        shutil.copytree(home, crashed)  # as a kill leaves it
    if by_hand:
        shutil.copyfile(copy, crashed / FILE_NAME)
    Store.restore(crashed, copy)
    with opened(crashed) as library:
        assert library.store.check() == []
        assert "red" in cited(library.ask("What are the apples?"))[0][2]
    assert [path.name for path in crashed.glob(f"{FILE_NAME}*")] == [FILE_NAME]


def test_who_has_a_library_open_goes_on_with_the_copy(home: Path, tmp_path: Path) -> None:
    """A service that runs needs no restart: its indexes follow back, a snapshot in use stays, and writing goes on."""
    with opened(home) as library:
        write(library.store, library.encoder, {"/a": "The apples are red."})
        library.store.backup(tmp_path / "copy.sqlite")
        write(library.store, library.encoder, {"/a": "The apples are yellow.", "/b": "The pears are green."})
        assert "yellow" in cited(library.ask("What are the apples?"))[0][2]
        with library.store.snapshot() as before:
            Store.restore(home, tmp_path / "copy.sqlite")
            assert before.counts().documents == 2
        assert "red" in cited(library.ask("What are the apples?"))[0][2]
        write(library.store, library.encoder, {"/a": "The apples are brown."})
        assert "brown" in cited(library.ask("What are the apples?"))[0][2]
        assert library.store.check() == []


def test_on_a_full_disk_a_restored_copy_is_there_or_not(changed: Path, tmp_path: Path) -> None:
    """The library is as it was, and the copy is restored when there is room."""
    with opened(changed) as library:
        library.store.backup(tmp_path / "copy.sqlite")
        write(library.store, library.encoder, {"/a": "The apples are green."})
        with full_disk(), pytest.raises(LibraryError):
            Store.restore(changed, tmp_path / "copy.sqlite")
        assert "green" in cited(library.ask("What are the apples?"))[0][2]
        Store.restore(changed, tmp_path / "copy.sqlite")
        assert "yellow" in cited(library.ask("What are the apples?"))[0][2]


def test_a_backup_that_fails_leaves_nothing_in_the_way_of_the_next(changed: Path, tmp_path: Path) -> None:
    """On a full disk no copy is made; with room again, it is made under the same name."""
    with opened(changed) as library:
        with full_disk(), pytest.raises(LibraryError):
            library.store.backup(tmp_path / "copy.sqlite")
        assert not list(tmp_path.glob("copy*"))
        library.store.backup(tmp_path / "copy.sqlite")
    assert (tmp_path / "copy.sqlite").stat().st_size > 0


def test_a_backup_needs_a_place(home: Path, tmp_path: Path) -> None:
    """A file that cannot be made gets a sentence."""
    with Store.open(home) as store, pytest.raises(LibraryError, match=r"No copy can be written to .*No such file"):
        store.backup(tmp_path / "missing" / "copy.sqlite")
