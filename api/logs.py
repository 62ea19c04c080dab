"""Logs that hold no question, no document text, no path of a person's and no secret."""

import logging
import traceback
from pathlib import PurePath
from types import TracebackType

LOG = logging.getLogger("footnote.api")
LOGGERS = ("footnote", "uvicorn", "asyncio")
PLACES = 8

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def describe(error: BaseException) -> str:
    """Name an exception and the last lines it passed, without its message, which may quote what it failed on.

    >>> describe(ValueError("a secret"))
    'ValueError'
    """
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{'/'.join(PurePath(frame.filename).parts[-2:])}:{frame.lineno}" for frame in frames[-PLACES:]]
    cause = error.__cause__ or error.__context__
    because = f" because of {describe(cause)}" if cause else ""
    return " > ".join([*places, type(error).__name__]) + because


class PrivateFormatter(logging.Formatter):
    """Writes one line per record, with exceptions as `describe` names them."""

    def __init__(self) -> None:
        """Fix the form of a line."""
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the name is the standard library's
        """Describe an exception without its message."""
        return "" if ei[1] is None else describe(ei[1])


def log_config(level: str) -> dict[str, object]:
    """Configure the loggers of Footnote and of uvicorn: one handler, on stderr, that keeps secrets."""
    ours = {name: {"handlers": ["stderr"], "level": level.upper(), "propagate": False} for name in LOGGERS}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"private": {"()": "api.logs.PrivateFormatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "private"}},
        # uvicorn's own line per request would hold the question of every search.
        "loggers": {**ours, "uvicorn.access": {"level": "CRITICAL"}},
    }
