"""One writer at a time, and a name for the one who is writing."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from retriever.errors import LibraryLocked

PATIENCE_SECONDS = 0.5


class WriterLock:
    """The library's single-writer lock, held across processes and threads, re-entrant within one thread.

    The operating system drops it when its holder dies, so a dead writer blocks nobody.
    """

    def __init__(self, home: Path) -> None:
        """Use `writer.lock` in the library's folder; `writer.json` beside it says who holds it."""
        self._lock = FileLock(home / "writer.lock", thread_local=True)
        self._holder = home / "writer.json"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock.

        Raises:
            LibraryLocked: somebody else has held it for half a second; the sentence names them.

        """
        try:
            self._lock.acquire(timeout=PATIENCE_SECONDS)
        except Timeout:
            raise LibraryLocked(self._sentence()) from None
        try:
            if self._lock.lock_counter == 1:
                self._sign()
            yield
        finally:
            self._lock.release()

    def _sign(self) -> None:
        note = {"pid": os.getpid(), "command": Path(sys.argv[0]).name, "since": time.time()}
        with suppress(OSError):  # a full disk, say: the note is a courtesy, and the lock is held without it
            self._holder.write_text(json.dumps(note))

    def _sentence(self) -> str:
        try:
            holder = json.loads(self._holder.read_text())
            since = time.strftime("%H:%M:%S", time.localtime(holder["since"]))
            who = f"process {holder['pid']} ({holder['command']}) since {since}"
        except (OSError, ValueError, KeyError, TypeError):  # it may be torn, or not there yet
            who = "another process"
        return f"The library is being written by {who}; try again when it is done."
