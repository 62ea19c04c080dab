"""Finds the files of a folder, without ever leaving it."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from ingest.files import Stat, os_reason, too_large
from ingest.report import Problem


@dataclass(slots=True)
class Scan:
    """What lies under some paths: files by source, problems, and folders of which nothing could be learned."""

    most_bytes: int
    left_out: Path
    files: dict[str, Stat] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    unseen: list[Path] = field(default_factory=list)

    def add(self, root: Path) -> None:
        """Scan a file or folder that somebody named: it may be hidden or a link, what lies below it may not."""
        if not root.is_dir():
            self._file(str(root), root.stat())
            return
        within = Path(os.path.realpath(root))
        waiting = [root]
        while waiting:
            waiting += self._folder(waiting.pop(), within)

    def _folder(self, folder: Path, within: Path) -> list[Path]:
        """Take in the files of one folder, and give the folders in it."""
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            self.problems[printable(str(folder))] = os_reason(str(folder), error)
            self.unseen.append(folder)
            return []
        return [Path(entry.path) for entry in entries if not entry.name.startswith(".") and self._entry(entry, within)]

    def _entry(self, entry: os.DirEntry[str], within: Path) -> bool:
        """Take in a file; tell of a folder that it is one. What is there and cannot be looked at was not seen."""
        try:
            return self._looked_at(entry, within)
        except OSError as error:
            self.problems[printable(entry.path)] = os_reason(entry.path, error)
            if not isinstance(error, FileNotFoundError | NotADirectoryError):
                self.unseen.append(Path(entry.path))
            return False

    def _looked_at(self, entry: os.DirEntry[str], within: Path) -> bool:
        if entry.is_symlink():
            self._link(entry.path, within)
        elif entry.is_dir(follow_symlinks=False):
            return Path(entry.path) != self.left_out
        elif not entry.is_file(follow_symlinks=False):
            self.problems[printable(entry.path)] = f"{printable(entry.name)} is not a regular file."
        else:
            self._file(entry.path, entry.stat(follow_symlinks=False))
        return False

    def _link(self, path: str, within: Path) -> None:
        """Report a link, unless what it leads to is found under a name of its own."""
        name = printable(os.path.basename(path))  # noqa: PTH119 - of a string that may be no text
        try:
            target = Path(os.path.realpath(path, strict=True))
        except OSError:
            self.problems[printable(path)] = f"{name} is a link that leads nowhere, so it was skipped."
            return
        if not target.is_relative_to(within):
            self.problems[printable(path)] = f"{name} is a link out of the folder, so it was skipped."
        elif self._passed_over(target, within):
            self.problems[printable(path)] = f"{name} is a link to what is hidden or left out, so it was skipped."

    def _passed_over(self, target: Path, within: Path) -> bool:
        hidden = any(part.startswith(".") for part in target.relative_to(within).parts)
        return hidden or target.is_relative_to(os.path.realpath(self.left_out))

    def _file(self, path: str, found: os.stat_result) -> None:
        if printable(path) != path:
            self.problems[printable(path)] = f"{printable(path)} has a name that is not text; rename it to index it."
        elif found.st_size > self.most_bytes:
            self.problems[path] = str(too_large(path, self.most_bytes))
        else:
            self.files[path] = Stat(found.st_size, found.st_mtime_ns)

    def reported(self) -> tuple[Problem, ...]:
        """List the problems, by source, but for those of files that were taken because somebody named them."""
        problems = sorted(self.problems.items())
        return tuple(Problem(source, reason) for source, reason in problems if source not in self.files)


def printable(path: str) -> str:
    r"""Give a path as text: bytes of a name that are no text become escapes.

    >>> printable("a\udcff.txt")
    'a\\udcff.txt'
    """
    return path.encode("utf-8", "backslashreplace").decode("utf-8")
