"""Keeps a library in step with files: plan (what changed), then apply (one transaction per document)."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from ingest.applying import Run, Source
from ingest.files import UNPROVEN, Content, too_large
from ingest.planning import UPLOAD, Plan, absolute, is_covered, is_under, make_plan
from ingest.readers.base import file_name
from ingest.report import Problem, Progress, Report, Tell, ignore
from ingest.scan import printable
from retriever.errors import InvalidPath
from retriever.library import Library

__all__ = [
    "Plan",
    "Problem",
    "Progress",
    "Report",
    "Upload",
    "add_upload",
    "apply",
    "forget",
    "index",
    "plan",
    "remove",
]

_LONGEST_NAME = 200
_LONGEST_EXTENSION = 20  # what follows the last full stop of a longer name may be a sentence


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came over the network, with the name that its sender gave it."""

    name: str
    data: bytes


def plan(library: Library, paths: Sequence[Path]) -> Plan:
    """Find out what has changed under `paths`, or under all that was indexed before if there are none.

    A file whose size and time are those remembered is not opened. Nothing is written.

    Raises:
        InvalidPath: there is nothing at one of the paths.

    """
    return make_plan(library, paths)


def apply(library: Library, plan: Plan, progress: Tell = ignore) -> Report:
    """Do what a plan says, one commit per document. `progress` is told of every file, and before encoding.

    A file that cannot be indexed is a problem in the report and stops nothing; what the library held of it leaves if
    its words are no longer there to be quoted, and stays if the disk would not give them now. When interrupted, the
    library holds what was committed.

    Raises:
        LibraryLocked: another process is writing.
        LibraryMismatch: the library holds vectors of another model.
        ModelError: there are documents to encode, and the model cannot be loaded.

    """
    with library.store.writing():
        run = Run(library, progress)
        run.plan(plan)
        return run.report


def index(library: Library, paths: Sequence[Path], progress: Tell = ignore) -> Report:
    """Bring the library up to date with the files under `paths`, or under all that was indexed before.

    Raises:
        InvalidPath: there is nothing at one of the paths.
        LibraryLocked: another process is writing.
        LibraryMismatch: the library holds vectors of another model.
        ModelError: there are documents to encode, and the model cannot be loaded.

    """
    with library.store.writing():
        report = apply(library, make_plan(library, paths), progress)
        library.save_projections()
    return report


def add_upload(library: Library, files: Sequence[Upload], progress: Tell = ignore) -> Report:
    """Add files that came over the network, each as `upload:NAME`; one of the same name is replaced.

    Folders in a name are dropped. A file that cannot be indexed is a problem in the report, and so is one that another
    file of the same name replaces.

    Raises:
        LibraryLocked: another process is writing.
        LibraryMismatch: the library holds vectors of another model.
        ModelError: the model cannot be loaded.

    """
    most = library.settings.max_file_bytes
    named: dict[str, bytes] = {}
    refused: list[Problem] = []
    for file in files:
        name = UPLOAD + upload_name(file.name)
        if len(file.data) > most:
            refused.append(Problem(name, str(too_large(name, most))))
            continue
        if name in named:
            reason = f"{file_name(name)} was left out: another file of that name in the same upload replaced it."
            refused.append(Problem(name, reason))
        named[name] = file.data
    with library.store.writing():
        run = Run(library, progress)
        run.sources([Source(name, Content(data, UNPROVEN)) for name, data in named.items()])
        run.refuse(refused)
        library.save_projections()
    return run.report


def remove(library: Library, document_id: str) -> None:
    """Remove one document. Its file stays, so it comes back when a folder that holds it is indexed again.

    Raises:
        LibraryLocked: another process is writing.
        UnknownDocument: the library holds none of that id.

    """
    with library.store.writing():
        with library.store.transaction() as writer:
            writer.remove(document_id)
            writer.sweep()
        library.save_projections()


def forget(library: Library, path: Path) -> int:
    """Look no more into a folder or file that was indexed, and remove the documents that came from it: how many.

    Raises:
        InvalidPath: the library holds nothing of it, or it lies in a folder that is indexed as a whole.
        LibraryLocked: another process is writing.

    """
    forgotten = str(absolute(path))
    with library.store.writing():
        with library.store.snapshot() as snapshot:
            records, roots = snapshot.files(), snapshot.roots()
        around = next((root for root in roots if is_covered(forgotten, {root})), None)
        if around:
            msg = f"{forgotten} lies in {around}, which is indexed as a whole; forget that, or move the file elsewhere."
            raise InvalidPath(msg)
        looked_into = [root for root in roots if is_under(root, forgotten)]
        held = [record.document_id for source, record in records.items() if is_under(source, forgotten)]
        if not looked_into and not held:
            msg = f"The library holds nothing of {forgotten}."
            raise InvalidPath(msg)
        with library.store.transaction() as writer:
            for document_id in held:
                writer.remove(document_id)
            for root in looked_into:
                writer.remove_root(root)
            writer.sweep()
        library.save_projections()
    return len(held)


def upload_name(name: str, most: int = _LONGEST_NAME) -> str:
    r"""Make a sender's name for a file harmless: no folders, nothing invisible, never empty, its extension kept.

    >>> upload_name("../../etc/passwd"), upload_name("C:\\notes\\a.txt"), upload_name("\0")
    ('passwd', 'a.txt', 'unnamed')
    """
    visible = "".join(c for c in printable(file_name(name)) if not unicodedata.category(c).startswith("C"))
    whole = visible.strip(" ./\\")
    extension = suffix if len(suffix := PurePath(whole).suffix) < _LONGEST_EXTENSION else ""
    return whole.removesuffix(extension)[: most - len(extension)] + extension or "unnamed"
