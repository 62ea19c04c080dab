"""Programs that die, each in a process of its own: `python -m tests.retriever.crashing PROGRAM HOME`.

`steps` saves the indexes and prints what that did to the disk; `saves` does so again and again in copies of the
library, and is killed one step later each time; `writes` commits documents and is killed at random moments.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from retriever.library import Library
from retriever.settings import Settings
from tests.library import write
from tests.toys import ToyEncoder

KILLS = 20
COUNTER = "/counter"
EVENTS = frozenset({"os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate"})


class Steps:
    """Counts what this process does to the disk below a folder, in order, and may kill it before the n-th step."""

    def __init__(self, folder: Path, fatal: int | None = None) -> None:
        """Watch from now on, until the process ends."""
        self.taken: list[tuple[str, str]] = []
        self._folder = folder
        self._fatal = fatal
        self._fsync: Callable[[int], None] = os.fsync
        os.fsync = self._audited_fsync  # type: ignore[assignment] # takes descriptors only; the original is not audited
        sys.addaudithook(self._audit)

    def _audit(self, event: str, details: tuple[object, ...]) -> None:
        if event == "open" and isinstance(details[2], int) and details[2] & (os.O_WRONLY | os.O_RDWR):
            self._step("write", Path(str(details[0])))
        elif event in EVENTS:
            paths = [Path(os.fsdecode(part)) for part in details if isinstance(part, str | bytes | os.PathLike)]
            descriptor = details[-1]
            below = _opened(descriptor) if isinstance(descriptor, int) and descriptor > 0 else Path()
            self._step(event.removeprefix("os."), below / paths[-1])

    _audit.__cantrace__ = True  # type: ignore[attr-defined] # hooks are hidden from coverage otherwise

    def _audited_fsync(self, descriptor: int) -> None:
        self._step("fsync", _opened(descriptor))
        self._fsync(descriptor)

    def _step(self, name: str, path: Path) -> None:
        if path.is_relative_to(self._folder):
            if len(self.taken) + 1 == self._fatal:
                os.kill(os.getpid(), signal.SIGKILL)  # pragma: no cover - nothing is told after this
            self.taken.append((name, str(path.relative_to(self._folder))))


def text(kill: int, n: int) -> str:
    """Write a document that says which one it is."""
    return f"Document {n} of run {kill} speaks of apples.\nIts second line speaks of pears."


def counted(n: int) -> str:
    """Write the document that is edited all the time."""
    return f"The counter of apples stands at {n}."


def _opened(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}").readlink()


def _open(home: Path) -> Library:
    return Library.open(Settings(home=home, reader="sentences"), encoder=ToyEncoder())


def _save(home: Path, fatal: int | None = None) -> list[tuple[str, str]]:
    with _open(home) as library:
        steps = Steps(home / "index", fatal)
        library.save_projections()
        return list(steps.taken)


def steps(home: Path) -> None:
    """Save the indexes of a library, and print what that did to the disk."""
    print(json.dumps(_save(home)))  # noqa: T201 - read by a test


def saves(home: Path) -> None:
    """Save and die, one step later each time and each in a copy, until a save outlives all its steps."""
    fatal = 0
    while True:
        fatal += 1
        copy = Path(shutil.copytree(home, home.with_name(f"died-{fatal}")))
        child = os.fork()
        if not child:  # pragma: no cover - the branch of a process that is killed
            _save(copy, fatal)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            assert os.waitstatus_to_exitcode(status) == 0
            return


def writes(home: Path) -> None:
    """Start a writer and kill it, again and again; it prints what the library has acknowledged."""
    chance = random.Random(9)  # noqa: S311 - nothing secret
    for kill in range(KILLS):
        child = os.fork()
        if not child:  # pragma: no cover - the branch of a process that is killed
            _write_until_killed(home, kill)
        time.sleep(chance.uniform(0.1, 0.5))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _write_until_killed(home: Path, kill: int) -> None:  # pragma: no cover - the process is killed in it
    with _open(home) as library:
        for n in count():
            write(library.store, library.encoder, {f"/{kill}/{n}": text(kill, n), COUNTER: counted(1000 * kill + n)})
            os.write(1, f"{kill} {n}\n".encode())
            if n % 5 == 4:
                library.save_projections()  # after the other four, the saved indexes are behind the store


if __name__ == "__main__":
    {"steps": steps, "saves": saves, "writes": writes}[sys.argv[1]](Path(sys.argv[2]))
