"""Every error ends in a documented exit code."""

from collections.abc import Iterator

import api.errors
from cli.exits import CODES, ExitCode, code_of
from cli.main import EXIT_CODES
from retriever.errors import FootnoteError, LibraryLocked, ServiceError


def _tree(kind: type[FootnoteError]) -> Iterator[type[FootnoteError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _tree(below)


def test_every_error_of_the_tree_has_a_code() -> None:
    """Each error, those of other packages among them, ends in a code that says that something failed."""
    assert all(code_of(kind("It failed.")) not in (ExitCode.OK, ExitCode.INTERRUPTED) for kind in _tree(FootnoteError))


def test_every_branch_of_the_tree_has_a_row_of_its_own() -> None:
    """No error below the root falls through to the root's row."""
    assert set(FootnoteError.__subclasses__()) <= set(CODES)


def test_an_error_takes_the_row_of_the_nearest_error_above_it() -> None:
    """A lock is a matter of the library, and overload one of the service."""
    assert code_of(LibraryLocked("Process 7 is writing.")) is ExitCode.LIBRARY
    assert code_of(api.errors.Overloaded("Too much.")) is code_of(ServiceError("Down.")) is ExitCode.SERVICE


def test_every_code_is_documented_in_the_help() -> None:
    """The help lists each code with its meaning."""
    assert all(f"{code.value}  {code.meaning}" in EXIT_CODES for code in ExitCode)
