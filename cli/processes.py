"""Child processes that live and die together, and the ports that they listen on."""

import errno
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from urllib.parse import urlsplit

from retriever.errors import ServiceError

CHAT_HOST = "127.0.0.1"  # where `ui.launch` listens; importing it costs a second
PATIENCE_SECONDS = 180.0  # a busy machine takes long to start two processes that import so much
GRACE_SECONDS = 10.0
PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Service:
    """One child: its name for a person, its `footnote` command, its address, and the path that says that it is well."""

    name: str
    command: tuple[str, ...]
    address: str
    health: str

    def answers(self) -> bool:
        """Ask for its health, once."""
        import http.client  # noqa: PLC0415 - costs 30 ms, and every command imports this module

        url = urlsplit(self.address)
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=2)
        try:
            connection.request("GET", self.health)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class Running:
    """Services that were started together."""

    def __init__(self, children: "Mapping[Service, subprocess.Popen[bytes]]") -> None:
        """Use `together`."""
        self._children = children

    def wait_until_all_answer(self) -> None:
        """Wait for the health of every service.

        Raises:
            ServiceError: one of them ended, or does not answer in `PATIENCE_SECONDS`; the sentence names it.

        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        for service in self._children:
            while not service.answers():
                self._refuse_the_dead()
                if time.monotonic() > deadline:
                    msg = f"The {service.name} did not answer at {service.address} in {PATIENCE_SECONDS:.0f} s."
                    raise ServiceError(msg)
                time.sleep(PAUSE_SECONDS)

    def wait_until_one_ends(self) -> None:
        """Wait for the end of one service.

        Raises:
            ServiceError: one of them ended; the sentence names it.

        """
        while True:
            self._refuse_the_dead()
            time.sleep(PAUSE_SECONDS)

    def stop(self) -> None:
        """End every service and wait for it; one that takes longer than `GRACE_SECONDS` is killed."""
        for child in self._children.values():
            child.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        try:
            for child in self._children.values():
                with suppress(subprocess.TimeoutExpired):
                    child.wait(max(deadline - time.monotonic(), 0))
        finally:  # a second Ctrl-C leaves nothing behind either
            for child in self._children.values():
                child.kill()
                child.wait()

    def _refuse_the_dead(self) -> None:
        for service, child in self._children.items():
            if child.poll() is not None:
                how = f"exit code {child.returncode}" if child.returncode >= 0 else f"signal {-child.returncode}"
                msg = f"The {service.name} stopped by itself ({how}), so everything was stopped."
                raise ServiceError(msg)


@contextmanager
def together(services: Sequence[Service]) -> Iterator[Running]:
    """Run services as child processes for the length of a block.

    Each has a session of its own, so that Ctrl-C reaches this process alone, which ends the children in turn.
    """
    children: dict[Service, subprocess.Popen[bytes]] = {}
    running = Running(children)
    try:
        for service in services:
            children[service] = subprocess.Popen(  # noqa: S603 - our own command line
                [sys.executable, "-P", "-m", "cli", *service.command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        yield running
    finally:
        running.stop()


@contextmanager
def until_stopped() -> Iterator[None]:
    """Run a block until Ctrl-C, SIGTERM or the end of the terminal; each ends it in order, and is no error.

    A signal that is ignored already, as `nohup` does with the end of the terminal, stays so.
    """

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    heeded = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in heeded}
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def address(host: str, port: int) -> str:
    """Write the address of a server.

    >>> address("127.0.0.1", 8501), address("::1", 8808)
    ('http://127.0.0.1:8501', 'http://[::1]:8808')
    """
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def free_port(host: str, port: int, flag: str) -> int:
    """Make sure that a port is free, or find one where `port` is 0.

    Raises:
        ServiceError: the port is taken; the sentence names it and the flag that chooses another.

    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as a server does: a port at rest is free
        try:
            probe.bind((host, port))
        except OSError as error:
            why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            msg = f"Port {port} of {host} {why}; choose another with {flag}."
            raise ServiceError(msg) from error
        chosen: int = probe.getsockname()[1]
        return chosen
