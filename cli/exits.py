"""Exit codes, and the only table from an error to its code."""

from enum import IntEnum
from typing import Self

from retriever.errors import (
    BrokenCitation,
    FootnoteError,
    LibraryError,
    ModelError,
    RequestError,
    ServiceError,
    SettingsError,
)


class ExitCode(IntEnum):
    """How a command ended. Python itself ends with 1 where a failure was not foreseen.

    >>> ExitCode.LIBRARY.value, ExitCode.LIBRARY.meaning
    (4, 'the library on disk cannot be used: locked, damaged, or made with another model')
    """

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Self:
        """Make a code that knows what it means."""
        code = int.__new__(cls, value)
        code._value_ = value
        code.meaning = meaning
        return code

    OK = 0, "done; so too when your documents do not say"
    USAGE = 2, "the command line or a setting cannot be understood"
    REQUEST = 3, "what was asked for cannot be done: no such path, document or file type"
    LIBRARY = 4, "the library on disk cannot be used: locked, damaged, or made with another model"
    MODEL = 5, "the model is missing, or is not the one that was pinned"
    SERVICE = 6, "the API or the chat cannot start, or has stopped"
    INCOMPLETE = 7, "done, but some files could not be indexed"
    CITATION = 8, "a citation does not hold"
    THRESHOLD = 9, "a threshold given to `footnote eval` was missed"
    DEFECT = 70, "a defect of Footnote, please report it"
    SYSTEM = 74, "the system refused: no permission, no room on the disk"
    INTERRUPTED = 130, "stopped by Ctrl-C"


CODES: dict[type[FootnoteError], ExitCode] = {
    FootnoteError: ExitCode.DEFECT,
    RequestError: ExitCode.REQUEST,
    LibraryError: ExitCode.LIBRARY,
    ModelError: ExitCode.MODEL,
    ServiceError: ExitCode.SERVICE,
    SettingsError: ExitCode.USAGE,
    BrokenCitation: ExitCode.DEFECT,
}


def code_of(error: FootnoteError) -> ExitCode:
    """Find the code of an error: its own row, or that of the nearest error above it.

    >>> from retriever.errors import UnknownDocument
    >>> code_of(UnknownDocument("The library holds no document 3f1c.")).name
    'REQUEST'
    """
    return next(CODES[kind] for kind in type(error).__mro__ if kind in CODES)
