"""The chat under test: over a real service with a toy encoder, in process and in a real Chromium."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.toys import ToyEncoder
from tests.ui.browsing import CHROMIUM, DRIVER, Chat, chromium
from tests.ui.serving import PAGE, PATIENCE_SECONDS, running, service

OpenPage = Callable[[str], AppTest]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    """Serve an empty library; a client that knows its address."""
    with service(tmp_path / "library", ToyEncoder()) as client:
        yield client


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """Open the page, in this process, for the API at an address."""

    def opened(address: str) -> AppTest:
        monkeypatch.setattr(sys, "argv", [str(PAGE), "--api", address])
        return AppTest.from_file(PAGE, default_timeout=PATIENCE_SECONDS).run()

    yield opened
    st.cache_resource.clear()  # another test may find another service at the same address


@pytest.fixture
def page(api: httpx.Client, open_page: OpenPage) -> AppTest:
    """Open the page over an empty library."""
    return open_page(str(api.base_url))


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, str]]:
    """Run a service and a chat over it, for the whole session: starting Streamlit takes seconds."""
    with running(tmp_path_factory.mktemp("chat"), ToyEncoder()) as pair:
        yield pair


@pytest.fixture(scope="session")
def chat(pair: tuple[httpx.Client, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    """Open a browser on that chat; each test loads the page anew."""
    if not (CHROMIUM and DRIVER):  # pragma: no cover - the machine of the suite has them
        pytest.skip("needs Chromium and its driver: install the packages chromium and chromium-driver")
    api, address = pair
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield Chat(driver, address, api)
