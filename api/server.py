"""Run the service on this machine: one address, one line when it is ready, a clean end."""

import errno
import ipaddress
import socket
import sys
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.logs import log_config
from retriever.errors import ServiceError
from retriever.library import Library
from retriever.settings import Settings

GRACE_SECONDS = 5


def announce(where: str) -> None:
    """Say on stderr that the service is ready."""
    sys.stderr.write(f"Footnote answers at {where}; Ctrl-C stops it.\n")
    sys.stderr.flush()


def run(settings: Settings, ready: Callable[[str], None] = announce) -> None:
    """Serve until a signal ends it; `ready` is called with the address as soon as questions are taken.

    Requests under way get five seconds to end, and a running job stops between two documents.

    Raises:
        ServiceError: the host is not this machine's own, or the port is in use.
        LibraryError: the library cannot be opened.
        KeyboardInterrupt: Ctrl-C was pressed, and everything has ended.

    """
    with listen(settings.host, settings.port) as listener, Library.open(settings) as library:
        LocalServer(create_app(settings, library), listener, ready, settings.log_level).run()


class LocalServer(uvicorn.Server):
    """uvicorn on a listener that is already bound, which says when it is ready."""

    def __init__(self, app: FastAPI, listener: socket.socket, ready: Callable[[str], None], log_level: str) -> None:
        """Configure uvicorn: bounded headers, no WebSockets, no trust in a proxy, logs that keep secrets."""
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",  # it bounds the size of headers
                ws="none",
                lifespan="on",
                log_config=log_config(log_level),
                access_log=False,  # it would hold the question of every search; the guard logs the route instead
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._listener = listener
        self._ready = ready

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve on the listener until a signal or `should_exit` ends it."""
        super().run(sockets or [self._listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._ready(address(self._listener))


def listen(host: str, port: int) -> socket.socket:
    """Take a port of this machine; port 0 takes a free one.

    Raises:
        ServiceError: the host is not a loopback address, or the port is in use.

    >>> with listen("127.0.0.1", 0) as listener:
    ...     address(listener).rpartition(":")[0]
    'http://127.0.0.1'
    """
    name = loopback(host)
    # The protocol is named because asyncio sets TCP_NODELAY only where it is: else a body waits 40 ms behind its head.
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((name, port))
        listener.listen()
    except OSError as error:
        listener.close()
        why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        msg = f"Port {port} of {host} {why}; choose another with --port or FOOTNOTE_PORT."
        raise ServiceError(msg) from error
    return listener


def address(listener: socket.socket) -> str:
    """Write where a listener is found, as a URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def loopback(host: str) -> str:
    """Give the address of a host that is this machine, and this machine alone.

    Raises:
        ServiceError: it is not; the sentence says what to do instead.

    >>> loopback("localhost")
    '127.0.0.1'
    """
    name = "127.0.0.1" if host == "localhost" else host
    try:
        alone = ipaddress.ip_address(name).is_loopback
    except ValueError:  # a name; what it resolves to may change
        alone = False
    if not alone:
        msg = (
            f"The API has no passwords, so it listens to this machine alone and not on {host}; "
            "reach it from elsewhere through an SSH tunnel or a proxy that asks who is there."
        )
        raise ServiceError(msg)
    return name
