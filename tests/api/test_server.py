"""Where the service listens, and how it starts and ends."""

import os
import signal
import socket
import threading
from pathlib import Path

import httpx
import pytest

from api.server import address, announce, listen, run
from retriever.errors import ServiceError
from retriever.settings import Settings


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org", "", "::ffff:10.0.0.1"])  # noqa: S104 - refused
def test_check_31_an_address_beyond_this_machine_is_refused(host: str, tmp_path: Path) -> None:
    """There are no passwords yet, so there is no way to listen to a network; the sentence says what to do instead."""
    with pytest.raises(ServiceError, match=r"through an SSH tunnel or a proxy that asks who is there\.$"):
        run(Settings(home=tmp_path, host=host))
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_named_with_its_setting() -> None:
    """The person learns which port it is and how to choose another."""
    with listen("localhost", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServiceError, match=rf"^Port {port} of 127.0.0.1 is in use; .* FOOTNOTE_PORT\.$"):
            listen("127.0.0.1", port)


def test_an_address_that_this_machine_lacks_is_told_apart() -> None:
    """It is not in use, and not to be had either."""
    with pytest.raises(ServiceError, match=r"^Port 0 of ::1%nowhere cannot be used \("):
        listen("::1%nowhere", 0)


def test_an_ipv6_address_is_written_in_brackets() -> None:
    """A browser takes it in no other way."""
    with listen("::1", 0) as listener:
        assert address(listener) == f"http://[::1]:{listener.getsockname()[1]}"


def test_it_says_when_it_is_ready_and_ends_with_a_signal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The address is announced once questions are taken; Ctrl-C ends it cleanly and is passed on."""
    seen: list[int] = []

    def ready(where: str) -> None:
        announce(where)
        threading.Thread(target=visit, args=[where]).start()

    def visit(where: str) -> None:
        seen.append(httpx.get(f"{where}/readyz", trust_env=False).status_code)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run(Settings(home=tmp_path, port=0), ready)
    assert seen == [httpx.codes.OK]
    assert capsys.readouterr().err.startswith("Footnote answers at http://127.0.0.1:")


def test_a_body_does_not_wait_behind_its_head() -> None:
    """Connections are made without Nagle's delay: asyncio turns it off where the listener names its protocol."""
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
