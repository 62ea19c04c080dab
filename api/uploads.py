"""What a client sends as files: bounded, and under a name that can only ever be a label."""

import itertools
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from fastapi import UploadFile

from ingest.pipeline import Upload, upload_name
from ingest.readers.registry import read_document
from retriever.errors import FileTooLarge, UnsupportedFile

LONGEST_NAME = 120
LONGEST_LOOKED_AT = 1_000


def received(files: Sequence[UploadFile], max_file_bytes: int) -> list[Upload]:
    """Take what was sent into memory, each file under a label of its own.

    Raises:
        FileTooLarge: a file is larger than is read; nothing is taken.
        UnsupportedFile: no reader understands any of them, whatever they are called; the sentence is of the first.

    """
    named = list(zip(labels([file.filename for file in files]), files, strict=True))
    for name, file in named:
        if (file.size or 0) > max_file_bytes:
            msg = f"{name} is larger than {max_file_bytes} bytes; FOOTNOTE_MAX_FILE_BYTES sets what is read."
            raise FileTooLarge(msg)
    uploads = [Upload(name=name, data=file.file.read()) for name, file in named]
    refusals = _refusals(uploads)
    first = next(refusals)
    if first and all(refusals):
        raise first
    return uploads


def _refusals(uploads: Sequence[Upload]) -> Iterator[UnsupportedFile | None]:
    """Read each file as the job will; lazily, so that the first that can be read is the last that is tried."""
    for upload in uploads:
        try:
            read_document(upload.data, f"upload:{upload.name}")
        except UnsupportedFile as error:
            yield error
        else:
            yield None


def labels(names: Sequence[str | None]) -> list[str]:
    """Label several files, so that no two of one upload are taken for versions of the same.

    >>> labels(["a/notes.md", "b/notes.md", None])
    ['notes.md', 'notes (2).md', 'unnamed']
    """
    taken: dict[str, None] = {}
    for name in map(label, names):
        stem, dot, extension = name.rpartition(".") if "." in name else (name, "", "")
        numbered = (f"{stem} ({count}){dot}{extension}" for count in itertools.count(2))
        taken[next(each for each in itertools.chain([name], numbered) if each not in taken)] = None
    return list(taken)


def label(name: str | None) -> str:
    r"""Reduce a file name that a client chose to a label: its last part, decoded, printable, of bounded length.

    Nothing is ever written under it; a path in it would still mislead the person who reads it.

    >>> label("../../etc/passwd"), label("C:\\docs\\plan.txt"), label("%2e%2e%2fkey.txt"), label("\x00/")
    ('passwd', 'plan.txt', 'key.txt', 'unnamed')
    """
    text = (name or "")[-LONGEST_LOOKED_AT:]
    while (tidier := upload_name(unquote(text).strip("/\\"), LONGEST_NAME)) != text:  # this may uncover more
        text = tidier
    return text
