"""The service under test: a library in a temporary folder, a toy encoder, a real uvicorn on a free port."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from retriever.library import Library
from retriever.settings import Settings
from tests.api.serving import serving
from tests.toys import ToyEncoder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a library that is not there yet; files of 100 kB at most are read."""
    return Settings(home=tmp_path / "library", max_file_bytes=100_000)


@pytest.fixture
def library(settings: Settings) -> Iterator[Library]:
    """An empty library."""
    with Library.open(settings, encoder=ToyEncoder()) as library:
        yield library


@pytest.fixture
def client(settings: Settings, library: Library) -> Iterator[httpx.Client]:
    """A client of a service over that library."""
    with serving(create_app(settings, library)) as client:
        yield client


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of one service for a whole module, whose tests do not mind what others left in its library."""
    settings = Settings(home=tmp_path_factory.mktemp("library"), max_file_bytes=100_000)
    with (
        Library.open(settings, encoder=ToyEncoder()) as library,
        serving(create_app(settings, library)) as client,
    ):
        yield client
