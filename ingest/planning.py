"""Finds out what has changed since the library last saw some folders. Reads a file only if its stat proves nothing."""

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path, PurePath

from ingest.files import Content, Stat, read_file
from ingest.readers.registry import content_hash, is_current
from ingest.report import Problem
from ingest.scan import Scan, printable
from retriever.errors import FootnoteError, InvalidPath
from retriever.library import Library
from retriever.snapshot import FileRecord

UPLOAD = "upload:"
GONE = "What the library held of it was removed."
KEPT = "What the library held of it was kept."


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do. A source is an absolute path.

    `reads` are the sources that are new or changed; `renames` pairs a new source with the id of the document whose file
    it was; `touches` pairs a document with the stat that its unchanged bytes have now; `removals` are the documents
    whose files are gone. Of the sources, `named` were named by a person themselves, so they may be links.
    """

    reads: tuple[str, ...] = ()
    renames: tuple[tuple[str, str], ...] = ()
    touches: tuple[tuple[str, Stat], ...] = ()
    removals: tuple[str, ...] = ()
    unchanged: int = 0
    new_roots: tuple[str, ...] = ()
    old_roots: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()


def make_plan(library: Library, paths: Sequence[Path]) -> Plan:
    """Compare the files under `paths`, or under all that was indexed before, with the library. Writes nothing.

    Raises:
        InvalidPath: there is nothing at one of the paths, or its name is not text.

    """
    with library.store.snapshot() as snapshot:
        records = {source: record for source, record in snapshot.files().items() if not source.startswith(UPLOAD)}
        remembered = snapshot.roots()
    named = [absolute(path) for path in paths]
    for path in named:
        if not os.path.exists(path):  # noqa: PTH110 - Path.exists() fails on a name that is too long
            msg = f"There is nothing at {path}."
            raise InvalidPath(msg)
        if printable(str(path)) != str(path):
            msg = f"{printable(str(path))} has a name that is not text; rename it to index it."
            raise InvalidPath(msg)
    settings = library.settings
    planner = _Planner(records, Scan(settings.max_file_bytes, absolute(settings.home)))
    return planner.plan(named or [Path(root) for root in remembered], remembered)


class _Planner:
    def __init__(self, records: dict[str, FileRecord], scan: Scan) -> None:
        self._records = records
        self._scan = scan

    def plan(self, paths: Sequence[Path], remembered: Collection[str]) -> Plan:
        given = set(map(str, paths))
        apart = [Path(root) for root in remembered if _is_below_any(root, given) and not is_covered(root, given)]
        roots = [str(path) for path in dict.fromkeys([*paths, *apart]) if self._look_at(path)]
        vanished = self._vanished(roots)
        for source in vanished.keys() & self._scan.problems.keys():
            self._scan.problems[source] += f" {GONE}"
        named = frozenset(roots) & self._scan.files.keys()
        reads, touches, unchanged = self._sort(named)
        renames = self._renames([source for source in reads if source not in self._records], vanished, named)
        kept = _outermost({*remembered, *roots} - vanished.keys())
        return Plan(
            reads=tuple(source for source in reads if source not in renames),
            renames=tuple(renames.items()),
            touches=tuple(touches),
            removals=tuple(sorted({record.document_id for record in vanished.values()} - set(renames.values()))),
            unchanged=unchanged,
            new_roots=tuple(sorted(kept - set(remembered))),
            old_roots=tuple(sorted(set(remembered) - kept)),
            named=named,
            problems=self._scan.reported(),
        )

    def _look_at(self, path: Path) -> bool:
        """Scan what is there. Of what is not, tell whether it may be taken for deleted."""
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError):
            if str(path) in self._records and os.path.isdir(path.parent):  # noqa: PTH112
                return True  # a single file: its folder is there, so it was deleted
            why = "is not there"
        except OSError as error:  # a disk that fails today is no reason to forget
            why = f"cannot be looked at ({error.strerror})"
        else:
            self._scan.add(path)
            return True
        kept = sum(is_under(source, str(path)) for source in self._records)
        self._scan.problems[str(path)] = f"{path} {why}; its {kept} documents were kept."
        self._scan.unseen.append(path)
        return False

    def _vanished(self, roots: Sequence[str]) -> dict[str, FileRecord]:
        scanned = frozenset(roots)
        unseen = frozenset(map(str, self._scan.unseen))
        return {
            source: record
            for source, record in self._records.items()
            if source not in self._scan.files and _is_under_any(source, scanned) and not _is_under_any(source, unseen)
        }

    def _sort(self, named: Collection[str]) -> tuple[list[str], list[tuple[str, Stat]], int]:
        """Sort the files that were found into those to read, those to touch, and the number of those unchanged."""
        reads: list[str] = []
        touches: list[tuple[str, Stat]] = []
        unchanged = 0
        for source, found in sorted(self._scan.files.items()):
            record = self._records.get(source)
            if record is None or not is_current(record.reader) or record.size not in {None, found.size}:
                reads.append(source)
            elif Stat(record.size, record.mtime_ns) == found:
                unchanged += 1
            elif (content := self._content(source, named)) and content_hash(content.data) == record.content_hash:
                touches.append((record.document_id, content.stat))
                unchanged += 1
            else:
                reads.append(source)
        return reads, touches, unchanged

    def _renames(self, new: Iterable[str], vanished: dict[str, FileRecord], named: Collection[str]) -> dict[str, str]:
        """Match new files with documents whose files are gone, by their bytes."""
        lost: defaultdict[str, list[str]] = defaultdict(list)
        for _, record in sorted(vanished.items(), reverse=True):
            lost[record.content_hash].append(record.document_id)
        renames: dict[str, str] = {}
        for source in new if lost else ():
            content = self._content(source, named)
            if content is not None and (found := lost[content_hash(content.data)]):
                renames[source] = found.pop()
        return renames

    def _content(self, source: str, named: Collection[str]) -> Content | None:
        """Read a file; one that cannot be read is reported when the plan is carried out."""
        try:
            return read_file(source, self._scan.most_bytes, follow=source in named)
        except (OSError, FootnoteError):
            return None


def is_under(source: str, folder: str) -> bool:
    """Tell whether a path is that folder or lies in it, and not in one whose name only starts like it.

    >>> is_under("/notes/a.txt", "/notes"), is_under("/notes2/a.txt", "/notes"), is_under("/a.txt", "/")
    (True, False, True)
    """
    return source == folder or source.startswith(folder.rstrip(os.sep) + os.sep)


def _is_under_any(source: str, folders: AbstractSet[str]) -> bool:
    return source in folders or _is_below_any(source, folders)


def _is_below_any(source: str, folders: AbstractSet[str]) -> bool:
    # Looks up the few parents of a path, because every file that a person named is one of the `folders`.
    return not folders.isdisjoint(map(str, PurePath(source).parents))


def is_covered(path: str, folders: AbstractSet[str]) -> bool:
    """Tell whether a scan of one of the folders comes to what lies in it: it is neither hidden nor behind a link."""
    step = PurePath(path)
    while step != step.parent and not step.name.startswith(".") and not os.path.islink(step):  # noqa: PTH114
        step = step.parent
        if str(step) in folders:
            return True
    return False


def _outermost(paths: AbstractSet[str]) -> set[str]:
    return {path for path in paths if not (_is_below_any(path, paths) and is_covered(path, paths))}


def absolute(path: Path) -> Path:
    """Give a path from the root, without following links."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links, and a source is what was named
