"""A library of a few real files, and two ways to run the command: in this process, and in one of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app

HOURS = """# Opening hours

## Visiting

The reading room opens at nine. It closes at five on weekdays.

## Holidays

The library stays closed on public holidays. Returns go into the box beside the door.
"""
NOTES = "Ann planted seven apple trees in the garden. The oldest tree bears fruit in September.\n"

Run = Callable[..., Result]
Start = Callable[..., "subprocess.CompletedProcess[str]"]


def make_library(folder: Path) -> Path:
    """Write `documents/` into a folder, and index them into `home/` beside it, with the real encoder."""
    (folder / "documents").mkdir()
    (folder / "documents" / "hours.md").write_text(HOURS, encoding="utf-8")
    (folder / "documents" / "notes.txt").write_text(NOTES, encoding="utf-8")
    result = CliRunner().invoke(app, ["--home", str(folder / "home"), "index", str(folder / "documents")])
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a library that no test may change."""
    return make_library(tmp_path_factory.mktemp("indexed"))


@pytest.fixture
def run(indexed: Path) -> Run:
    """Run a command in this process, over the library that must not be changed."""

    def invoke(*arguments: str, given: str = "") -> Result:
        return CliRunner().invoke(app, ["--home", str(indexed / "home"), *arguments], input=given)

    return invoke


@pytest.fixture
def changeable(tmp_path: Path) -> Path:
    """Make a library that the test may change."""
    return make_library(tmp_path)


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Run a command as a process of its own, from an empty folder."""

    def start(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            cwd=tmp_path,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    return start
