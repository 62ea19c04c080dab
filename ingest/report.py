"""What an indexing run tells: how far it is, and what it did."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: `done` of `total` files, and what it is doing."""

    done: int
    total: int
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A file or folder that could not be indexed, and the sentence that says why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did, in documents; and in chunks, how many were encoded and how many vectors were there already."""

    added: int = 0
    changed: int = 0
    renamed: int = 0
    deleted: int = 0
    unchanged: int = 0
    encoded_chunks: int = 0
    reused_chunks: int = 0
    problems: tuple[Problem, ...] = ()


Tell: TypeAlias = Callable[[Progress], None]


def ignore(_: Progress) -> None:
    """Take no notice of progress."""
