"""A program that dies: `python -m tests.retriever.crashing HOME` saves the indexes once for every step of a save.

Each time in a copy of the library, and each time it is killed one step later: before a file is opened for writing,
before an fsync, a rename, a new folder, or a removal. The copies stay for whoever looks at them.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

from retriever.library import Library
from retriever.settings import Settings
from tests.toys import ToyEncoder

STEPS = frozenset({"os.fsync", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate"})


class Steps:
    """Counts what a process does to the disk, in order, and may kill the process before the n-th."""

    def __init__(self, folder: Path, fatal: int | None = None) -> None:
        """Watch this process; only what happens below `folder` counts."""
        self.taken: list[tuple[str, str]] = []
        self._folder = str(folder)
        self._fatal = fatal
        self._watching = True
        sys.addaudithook(self._audit)
        self._fsync: Callable[[int], None] = os.fsync
        os.fsync = self._audited_fsync

    def stop(self) -> None:
        """Watch no longer; a hook cannot be taken away."""
        self._watching = False
        os.fsync = self._fsync

    def _audit(self, event: str, details: tuple[object, ...]) -> None:
        if event in STEPS:
            self._step(event, *(part for part in details if isinstance(part, str | os.PathLike)))
        elif event == "open" and isinstance(details[2], int) and details[2] & (os.O_WRONLY | os.O_RDWR):
            self._step("write", details[0])

    def _audited_fsync(self, descriptor: int) -> None:
        self._step("os.fsync", Path(f"/proc/self/fd/{descriptor}").readlink())  # fsync raises no event of its own
        self._fsync(descriptor)

    def _step(self, name: str, *paths: object) -> None:
        if not self._watching or not any(str(path).startswith(self._folder) for path in paths):
            return
        if len(self.taken) + 1 == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        self.taken.append((name, str(paths[-1])))


def save(home: Path, fatal: int | None = None) -> list[tuple[str, str]]:
    """Save the indexes of a library, and die at a step of it, or tell the steps."""
    with Library.open(Settings(home=home), encoder=ToyEncoder()) as library:
        assert library.searcher is not None
        steps = Steps(home / "index", fatal)
        library.save_projections()
        steps.stop()
    return steps.taken


def main(home: Path) -> None:
    """Save and die, one step later each time, until a save outlives all its steps; print how many there were."""
    for fatal in count(1):
        copy = Path(shutil.copytree(home, home.with_name(f"died-{fatal}")))
        child = os.fork()
        if not child:
            save(copy, fatal)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            print(fatal - 1, os.waitstatus_to_exitcode(status))  # noqa: T201 - read by the test
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
