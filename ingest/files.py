"""Reading one file from a disk that others write to: what a stat proves, and bytes that are what they seem."""

import os
import stat
import time
from dataclasses import dataclass

from ingest.readers.base import file_name
from ingest.readers.registry import HEAD, refuse_foreign
from retriever.errors import FileTooLarge, UnsupportedFile

RACY_NS = 2_000_000_000
"""A file that was modified so shortly before it was read may change again without a newer stat."""


@dataclass(frozen=True, slots=True)
class Stat:
    """A file's size in bytes and its modification time in nanoseconds; both `None` where they prove nothing."""

    size: int | None
    mtime_ns: int | None


UNPROVEN = Stat(None, None)


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a file, and the stat that stands for them."""

    data: bytes
    stat: Stat


def read_file(path: str, most: int, *, follow: bool) -> Content:
    """Read a regular file of at most `most` bytes; a symbolic link is opened only if `follow`.

    Raises:
        FileTooLarge: it is larger.
        UnsupportedFile: it is no regular file but a folder, a pipe or a device, or of a kind that no reader knows;
            the rest of a large picture is then not read.
        OSError: it cannot be opened or read.

    """
    # Without O_NONBLOCK, opening a pipe waits for somebody to write. Windows has neither flag, nor such pipes.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    flags |= 0 if follow else getattr(os, "O_NOFOLLOW", 0)
    with open(os.open(path, flags), "rb") as file:  # noqa: PTH123 - a descriptor, opened with flags of our own
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            msg = f"{file_name(path)} is not a regular file."
            raise UnsupportedFile(msg)
        started = time.time_ns()
        head = file.read(HEAD)
        refuse_foreign(head, file_name(path))
        data = head + file.read(max(0, most + 1 - len(head)))
        after = os.fstat(file.fileno())
    if len(data) > most:
        raise too_large(path, most)
    racy = started - after.st_mtime_ns < RACY_NS or after.st_size != len(data)
    return Content(data, UNPROVEN if racy else Stat(after.st_size, after.st_mtime_ns))


def too_large(source: str, most: int) -> FileTooLarge:
    """Say that a file exceeds the limit."""
    return FileTooLarge(f"{file_name(source)} is larger than {most:,} bytes, the most that is read.")


def os_reason(source: str, error: OSError) -> str:
    """Say in a sentence why a file or folder could not be read."""
    return f"{file_name(source)} cannot be read: {error.strerror or error}."
