"""A library in a temporary folder, with an encoder that needs no model."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from retriever.library import Library
from retriever.models import weights_folder
from retriever.settings import Settings
from retriever.store import Store
from tests.toys import ToyEncoder


@pytest.fixture(scope="session")
def weights() -> Path:
    """Find the folder of the default model's weights."""
    return weights_folder()


@pytest.fixture
def memory() -> Iterator[Path]:
    """Make a folder in memory where the machine has one: for tests that flush hundreds of files."""
    folder = Path(tempfile.mkdtemp(dir=next((d for d in ("/dev/shm",) if os.access(d, os.W_OK)), None)))  # noqa: S108
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def home(memory: Path) -> Path:
    """Name the folder of a library that is not there yet."""
    return memory / "library"


@pytest.fixture
def toy() -> ToyEncoder:
    """Make an encoder that remembers what it encoded."""
    return ToyEncoder()


@pytest.fixture
def library(home: Path, toy: ToyEncoder) -> Iterator[Library]:
    """Open an empty library."""
    with Library.open(Settings(home=home), encoder=toy) as library:
        yield library


@pytest.fixture
def store(library: Library) -> Store:
    """Give that library's store."""
    return library.store
