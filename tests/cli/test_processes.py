"""`footnote serve`, `ui` and `up`: processes that start, answer and end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from cli import processes
from cli.checks import check_ports
from cli.main import app
from cli.processes import Service, free_port, together, until_stopped
from retriever.errors import ServiceError
from retriever.settings import Settings
from tests.cli.conftest import Start

ADDRESS = re.compile(r"http://[\w.:\[\]]+")


@contextmanager
def started(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Run a command that serves; it is ended with the block, if not before."""
    with subprocess.Popen(
        [sys.executable, "-m", "cli", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        try:
            yield child
        finally:
            child.terminate()


def _first_address(child: "subprocess.Popen[str]") -> str:
    assert child.stdout is not None
    found = ADDRESS.search(child.stdout.readline())
    assert found, child.communicate()
    return found.group()


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 - our own address
        body: bytes = response.read()
    return body


def _wait_for(url: str) -> bytes:
    while True:  # the test's own time limit ends it
        with suppress(OSError):
            return _get(url)
        time.sleep(0.1)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_serve_says_where_it_answers_and_ends_in_order(indexed: Path, end: signal.Signals) -> None:
    """The API answers at the address that was printed, `doctor` says so, and a signal ends it with 0 and no words."""
    with started("--home", str(indexed / "home"), "serve", "--port", "0") as child:
        address = _first_address(child)
        assert json.loads(_get(f"{address}/readyz"))["documents"] == 2
        api, *_ = check_ports(Settings(port=int(address.rpartition(":")[2])))
        assert api.found == f"the API answers at {address}"
        child.send_signal(end)
        _, errors = child.communicate(timeout=20)
    assert (child.returncode, errors) == (0, "")


def test_ui_says_where_it_answers_and_ends_in_order(tmp_path: Path) -> None:
    """The chat answers at the address that was printed, also without an API, and Ctrl-C ends it with 0."""
    with started("--home", str(tmp_path), "ui", "--port", "0", "--api", "http://127.0.0.1:9") as child:
        address = _first_address(child)
        assert _wait_for(f"{address}/_stcore/health") == b"ok"
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=20)
    assert (child.returncode, "Traceback" in errors) == (0, False)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_up_runs_both_and_leaves_nothing_behind(indexed: Path, end: signal.Signals) -> None:
    """`up` prints both addresses once both answer; a signal ends both, waits for them, and the ports are free again."""
    with started("--home", str(indexed / "home"), "up", "--port", "0", "--ui-port", "0") as child:
        chat, api = _first_address(child), _first_address(child)
        assert b"Streamlit" in _get(chat)
        assert json.loads(_get(f"{api}/readyz"))["documents"] == 2
        family = psutil.Process(child.pid).children(recursive=True)
        assert len(family) >= 2
        child.send_signal(end)
        _, errors = child.communicate(timeout=30)
    assert (child.returncode, errors) == (0, "Both have stopped.\n")
    assert not any(process.is_running() for process in family)
    for address in (chat, api):
        free_port("127.0.0.1", int(address.rpartition(":")[2]), "--port")


def test_up_ends_when_one_of_them_dies(indexed: Path) -> None:
    """When the API is killed the chat is stopped too; a sentence says which one died, and the code is 6."""
    with started("--home", str(indexed / "home"), "up", "--port", "0", "--ui-port", "0") as child:
        _first_address(child)
        family = psutil.Process(child.pid).children(recursive=True)
        next(process for process in family if "serve" in process.cmdline()).kill()
        _, errors = child.communicate(timeout=30)
    assert child.returncode == 6
    assert "footnote: The API stopped by itself (signal 9), so everything was stopped.\n" in errors
    assert not any(process.is_running() for process in family)


def test_up_in_this_process(indexed: Path) -> None:
    """A real SIGTERM ends `up` in order where it runs in the caller's own process."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        ports = one.getsockname()[1], other.getsockname()[1]

    def stop_when_both_answer() -> None:
        _wait_for(f"http://127.0.0.1:{ports[0]}/readyz")
        _wait_for(f"http://127.0.0.1:{ports[1]}/_stcore/health")
        time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    watcher = threading.Thread(target=stop_when_both_answer)
    watcher.start()
    arguments = ["--home", str(indexed / "home"), "up", "--port", str(ports[0]), "--ui-port", str(ports[1])]
    result = CliRunner().invoke(app, arguments)
    watcher.join()
    assert result.exit_code == 0
    assert f"http://127.0.0.1:{ports[1]}" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "flag"),
    [
        (["up", "--ui-port", "0", "--port"], "--port"),
        (["up", "--port", "0", "--ui-port"], "--ui-port"),
        (["serve", "--port"], "--port"),
        (["ui", "--port"], "--port"),
    ],
)
def test_a_port_in_use_is_said_with_its_flag(start: Start, tmp_path: Path, arguments: Sequence[str], flag: str) -> None:
    """A port that another program holds ends with 6 and a sentence that names the port and the flag."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = start("--home", str(tmp_path), *arguments, port)
    assert (done.returncode, done.stdout) == (6, "")
    assert f"Port {port} " in done.stderr
    assert f"choose another with {flag}" in done.stderr


def test_up_refuses_a_host_beyond_this_machine_before_anything_starts(start: Start, tmp_path: Path) -> None:
    """The sentence is the service's own, and the only one."""
    done = start("--home", str(tmp_path / "home"), "up", "--host", "192.168.1.7", "--port", "0", "--ui-port", "0")
    assert (done.returncode, done.stdout) == (6, "")
    assert "listens to this machine alone" in " ".join(done.stderr.split())
    assert "stopped by itself" not in done.stderr


def test_an_address_that_is_not_ours_is_refused() -> None:
    """An address of another machine cannot be listened on, and the sentence says so."""
    with pytest.raises(ServiceError, match=r"Port 80 of 192\.0\.2\.1 cannot be used"):
        free_port("192.0.2.1", 80, "--port")


def test_a_service_that_never_answers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that lives and does not answer is given up after a while, by name, and ended."""
    monkeypatch.setattr(processes, "PATIENCE_SECONDS", 0.0)
    silent = Service("clock", ("verify", "-"), "http://127.0.0.1:9", "/")
    expected = pytest.raises(ServiceError, match=r"The clock did not answer at http://127\.0\.0\.1:9")
    with expected, together([silent]) as running:
        running.wait_until_all_answer()


def test_a_child_that_ends_is_named_with_its_code() -> None:
    """A child that ends by itself is named, with the code that it ended with."""
    broken = Service("clock", ("nosuch",), "http://127.0.0.1:9", "/")
    expected = pytest.raises(ServiceError, match=r"The clock stopped by itself \(exit code 2\)")
    with expected, together([broken]) as running:
        running.wait_until_one_ends()


def test_a_child_that_will_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that is stopped, and so deaf to SIGTERM, is killed after the time of grace."""
    monkeypatch.setattr(processes, "GRACE_SECONDS", 0.2)
    before = {process.pid for process in psutil.Process().children()}
    with together([Service("clock", ("ui", "--port", "0"), "http://127.0.0.1:9", "/")]):
        deaf = next(process for process in psutil.Process().children() if process.pid not in before)
        deaf.suspend()
    assert not deaf.is_running()


def test_handlers_are_given_back() -> None:
    """After a block that signals may stop, the handlers of before are in place."""
    before = signal.getsignal(signal.SIGTERM)
    with until_stopped():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    """What `nohup` started outlives its terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    lived = False
    try:
        with until_stopped():
            os.kill(os.getpid(), signal.SIGHUP)
            lived = True
    finally:
        signal.signal(signal.SIGHUP, before)
    assert lived
