"""A real service and a real chat process, for the length of a block."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx

from api.app import create_app
from cli.processes import free_port
from retriever.encoder import Encoder
from retriever.library import Library
from retriever.settings import Settings
from tests.api.serving import serving

PAGE = Path(__file__).parents[2] / "ui" / "page.py"
PATIENCE_SECONDS = 30.0
T = TypeVar("T")


@contextmanager
def service(home: Path, encoder: Encoder | None = None, port: int = 0) -> Iterator[httpx.Client]:
    """Serve the library in `home`, at first an empty one, with the shipped model unless an encoder is given."""
    settings = Settings(home=home)
    with Library.open(settings, encoder=encoder) as library, serving(create_app(settings, library), port) as client:
        yield client


@contextmanager
def chat_process(api: str) -> Iterator[str]:
    """Run the chat in a process of its own; its address."""
    port = free_port("127.0.0.1", 0, "--port")
    address = f"http://127.0.0.1:{port}"
    started = f"from ui.launch import run; run({api!r}, {port}, {Settings().max_file_bytes})"
    process = subprocess.Popen([sys.executable, "-c", started], cwd=PAGE.parents[1])
    try:
        wait_for(lambda: healthy(address) or process.poll() is not None)
        assert process.poll() is None, "the chat stopped by itself"
        yield address
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


@contextmanager
def running(folder: Path, encoder: Encoder | None = None) -> Iterator[tuple[httpx.Client, str]]:
    """Run the service over an empty library, and the chat over it: a client of the one, the address of the other."""
    with service(folder / "library", encoder) as api, chat_process(str(api.base_url)) as address:
        yield api, address


def healthy(address: str) -> bool:
    """Ask Streamlit for its health, once."""
    try:
        return httpx.get(f"{address}/_stcore/health", trust_env=False).is_success
    except httpx.TransportError:
        return False


def wait_for(look: Callable[[], T | None]) -> T:
    """Look again and again until there is something to see."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (seen := look()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return seen
