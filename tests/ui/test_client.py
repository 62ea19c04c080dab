"""The client: what it understands, and what it says when it does not."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from ui.client import ApiError, Client


@contextmanager
def stranger(status: int, body: bytes) -> Iterator[str]:
    """Serve the same answer to everything, as a service that is not Footnote; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"<html>"), (200, b"{}"), (404, b"nothing here"), (302, b"")],
    ids=["a page", "another shape", "another error", "a redirect"],
)
def test_another_service_is_told_from_the_api(status: int, body: bytes) -> None:
    """Whatever it says, the person reads one sentence that names the address."""
    with (
        stranger(status, body) as address,
        Client(address) as client,
        pytest.raises(ApiError, match=f"{address} is not the API"),
    ):
        client.ready()


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "ftp://127.0.0.1", "http://[", "nonsense"])
def test_an_api_out_of_reach_says_how_to_start_it(address: str) -> None:
    """Nobody listens, or the address is none."""
    with Client(address) as client, pytest.raises(ApiError, match=r"reached. Start it with: footnote serve"):
        client.ready()


def test_an_api_that_does_not_answer_is_not_waited_for_without_end() -> None:
    """A service that takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with Client(address, timeout=httpx.Timeout(0.1)) as client, pytest.raises(ApiError, match="takes too long"):
            client.ready()


def test_a_problem_is_told_in_the_servers_own_sentence(api: httpx.Client) -> None:
    """The detail of a problem reaches the person as it is, and an id with a slash reaches the server whole."""
    for missing in ("deadbeef", "a/b"):
        said = api.get(f"/documents/{missing.replace('/', '%2F')}").json()["detail"]
        with Client(str(api.base_url)) as client, pytest.raises(ApiError) as error:
            client.document(missing)
        assert str(error.value) == said
