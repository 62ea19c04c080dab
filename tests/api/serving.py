"""A real service on a real socket, and what its clients keep doing."""

import io
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import numpy as np
from fastapi import FastAPI
from numpy.typing import NDArray

from api.logs import LOGGERS, PrivateFormatter
from api.server import LocalServer, listen
from tests.toys import ToyEncoder

PATIENCE_SECONDS = 30.0


@contextmanager
def serving(app: FastAPI, port: int = 0) -> Iterator[httpx.Client]:
    """Serve `app` from a thread for the length of a block; the client knows its address."""
    ready = threading.Event()
    where: list[str] = []

    def announce(address: str) -> None:
        where.append(address)
        ready.set()

    with listen("127.0.0.1", port) as listener:
        server = LocalServer(app, listener, announce, "info")
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            assert ready.wait(PATIENCE_SECONDS)
            with httpx.Client(base_url=where[0], timeout=PATIENCE_SECONDS, trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Collect what every logger of the service writes, down to the finest level, as it would stand on stderr."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(PrivateFormatter())
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)


def upload(client: httpx.Client, **files: str) -> dict[str, Any]:
    """Upload texts, `notes="…"` as `notes.txt`, and wait for the job to end."""
    return upload_files(client, [(f"{name}.txt", text.encode()) for name, text in files.items()])


def ended(client: httpx.Client, location: str) -> dict[str, Any]:
    """Follow a job to its end."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    job: dict[str, Any] = client.get(location).json()
    while job["state"] in {"queued", "running"}:
        assert time.monotonic() < deadline, job
        time.sleep(0.01)
        job = client.get(location).json()
    return job


def reindex(client: httpx.Client, *paths: str) -> dict[str, Any]:
    """Index files and folders, and wait for the job to end."""
    accepted = client.post("/reindex", json={"paths": paths})
    assert accepted.status_code == httpx.codes.ACCEPTED, accepted.text
    return ended(client, accepted.headers["location"])


def upload_files(client: httpx.Client, files: list[tuple[str, bytes]]) -> dict[str, Any]:
    """Upload files under names of any kind, and wait for the job to end."""
    accepted = client.post("/documents", files=[("files", file) for file in files])
    assert accepted.status_code == httpx.codes.ACCEPTED, accepted.text
    return ended(client, accepted.headers["location"])


def problem_of(response: httpx.Response, status: int) -> dict[str, Any]:
    """Check that a response is a whole problem of that status, and return it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert set(problem) == {"type", "title", "status", "detail", "instance", "request_id"}
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    assert problem["request_id"] == response.headers["x-request-id"]
    return problem


class GatedEncoder(ToyEncoder):
    """Encodes while its gate is open, and waits while it is closed."""

    def __init__(self) -> None:
        """Open the gate."""
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Wait for the gate."""
        assert self.gate.wait(PATIENCE_SECONDS)
        return super().encode(texts)


class FailingEncoder(ToyEncoder):
    """Fails on a text that names a failure, and tells the whole text in its message, as libraries do."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Fail, or encode."""
        for text in texts:
            if "failure" in text:
                raise ValueError(text)
        return super().encode(texts)
