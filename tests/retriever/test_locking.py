"""One writer at a time, whose name is known, and whose death heals."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from retriever.errors import LibraryLocked
from retriever.store import Store

HOLD = """
import sys, time
from pathlib import Path
from retriever.store import Store

with Store.open(Path(sys.argv[1])) as store, store.writing():
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def holder(home: Path) -> Iterator["subprocess.Popen[str]"]:
    """Let another process be the writer until the block ends, or until it is killed."""
    command = [sys.executable, "-c", HOLD, str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_check_09_a_second_writer_is_told_within_a_second_who_holds_the_lock(store: Store, home: Path) -> None:
    """The error names the process, and the store can still be read."""
    with holder(home) as process:
        begun = time.monotonic()
        with pytest.raises(LibraryLocked, match=rf"being written by process {process.pid} \(-c\) since \d\d:\d\d"):
            store.writing().__enter__()
        assert time.monotonic() - begun < 1
        with store.snapshot() as snapshot:
            assert snapshot.generation == 0


def test_check_09_the_lock_of_a_dead_writer_heals(store: Store, home: Path) -> None:
    """A writer that was killed blocks nobody."""
    with holder(home) as process:
        process.kill()
        process.wait()
        with store.writing():
            pass


def test_a_torn_note_costs_a_name_and_not_the_lock(store: Store, home: Path) -> None:
    """Where the holder's note cannot be read, the sentence does without the name."""
    with holder(home):
        for note in (b"[]", b"{", b"{}", b'{"since": "noon"}', b"\xff"):
            (home / "writer.json").write_bytes(note)
            with pytest.raises(LibraryLocked, match="being written by another process; try again"):
                store.writing().__enter__()


def test_the_lock_is_held_without_a_note_where_none_can_be_written(store: Store, home: Path) -> None:
    """The note is a courtesy: that it cannot be written stops nobody from writing."""
    (home / "writer.json").unlink()
    (home / "writer.json").mkdir()
    with store.transaction() as writer:
        writer.add_root("/docs")
    with store.snapshot() as snapshot:
        assert snapshot.roots() == ["/docs"]


def test_the_lock_is_held_again_by_the_same_thread_and_not_by_another(store: Store) -> None:
    """A run holds the lock and opens transactions within; another thread of the process waits in vain."""
    with store.writing(), ThreadPoolExecutor(1) as other:
        with store.transaction():
            pass
        with pytest.raises(LibraryLocked, match="is being written by process"):
            other.submit(store.transaction().__enter__).result()
