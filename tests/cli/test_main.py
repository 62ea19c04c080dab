"""The command as a process: how it starts, ends and fails."""

import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cli.exits import ExitCode
from cli.main import Commands, app
from retriever.settings import Settings
from tests.cli.conftest import Start

HEAVY = {"torch", "transformers", "sentence_transformers", "fastapi", "streamlit", "uvicorn", "sklearn", "pandas"}
WATCHED = """
import sys
from cli.main import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


def _imported(*arguments: str) -> set[str]:
    """Run a command in a process of its own, and say which modules it had imported at its end."""
    done = subprocess.run([sys.executable, "-c", WATCHED, *arguments], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_ask_imports_nothing_heavy(indexed: Path) -> None:
    """A question in the terminal imports neither torch nor anything of a service or a page, also with `--json`."""
    question = ["--home", str(indexed / "home"), "ask", "When does the room open?"]
    assert not _imported(*question) & HEAVY
    assert not _imported(*question, "--json") & HEAVY


def test_help_imports_no_library() -> None:
    """`--help` needs no settings, no index and no model."""
    assert not _imported("--help") & (HEAVY | {"pydantic", "numpy", "faiss", "onnxruntime"})


def test_version_names_the_distribution() -> None:
    """`--version` prints the name and the version that is installed."""
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"footnote {version('footnote')}\n")


def test_the_help_lists_every_command_and_code() -> None:
    """Every command and every exit code is in the help."""
    shown = CliRunner().invoke(app, ["--help"]).stdout
    commands = ("index", "ask", "search", "documents", "verify", "serve", "ui", "up", "doctor")
    assert all(f"│ {command} " in shown for command in commands)
    assert all(f"{code.value}  " in shown for code in ExitCode)


def test_the_defaults_in_the_help_are_those_of_the_settings() -> None:
    """The host and the ports that the help names are the ones that are used."""
    shown = CliRunner().invoke(app, ["up", "--help"]).stdout
    for field in ("host", "port", "ui_port"):
        assert f"[default: ({Settings.model_fields[field].default})]" in shown


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion_knows_the_commands(start: Start, shell: str) -> None:
    """The completion of each shell proposes the commands that begin as typed."""
    done = start(
        _FOOTNOTE_COMPLETE=f"complete_{shell}",
        COMP_WORDS="footnote do",
        COMP_CWORD="1",
        _TYPER_COMPLETE_ARGS="footnote do",
        _TYPER_COMPLETE_FISH_ACTION="get-args",
    )
    assert "documents" in done.stdout
    assert "doctor" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "environment", "code"),
    [
        (["nosuch"], {}, 2),
        (["ask"], {}, 2),
        (["search", "x", "-k", "0"], {}, 2),
        (["ask", "x"], {"FOOTNOTE_PORT": "many"}, 2),
        (["index", "/nowhere/at/all"], {}, 3),
        (["documents", "show", "nosuch"], {}, 3),
        (["--home", "library.sqlite/no", "documents"], {}, 4),
        (["ask", "when?"], {"FOOTNOTE_MODELS": "library.sqlite/no"}, 74),
    ],
)
def test_a_mistake_ends_with_its_code_and_no_traceback(
    start: Start, tmp_path: Path, arguments: list[str], environment: dict[str, str], code: int
) -> None:
    """A person's mistake prints a sentence on stderr, nothing on stdout, no traceback, and the documented code."""
    (tmp_path / "library.sqlite").write_text("not a database")
    done = start(*arguments, **{"FOOTNOTE_HOME": str(tmp_path / "home"), **environment})
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_library_is_refused_and_left(start: Start, tmp_path: Path) -> None:
    """A damaged or foreign library file ends with 4 and a sentence, and is not touched."""
    file = tmp_path / "home" / "library.sqlite"
    file.parent.mkdir()
    file.write_text("not a database, however long one looks at it" * 100)
    done = start("--home", str(file.parent), "ask", "When?")
    assert done.returncode == 4
    assert done.stderr.startswith("footnote: ")
    assert str(file) in done.stderr
    assert file.read_text().startswith("not a database")


def test_ctrl_c_ends_in_a_line_and_130(tmp_path: Path) -> None:
    """An interrupted command prints one short line, no traceback, and ends with 130."""
    os.mkfifo(tmp_path / "citation.json")
    child = subprocess.Popen(
        [sys.executable, "-m", "cli", "--home", tmp_path / "home", "verify", tmp_path / "citation.json"],
        stderr=subprocess.PIPE,
        text=True,
    )
    with (tmp_path / "citation.json").open("w"):  # opens when the command has opened its end, and keeps it waiting
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=20)
    assert (child.returncode, errors.split()) == (130, ["Stopped."])


def test_a_reader_that_has_seen_enough_ends_the_command_in_silence(indexed: Path) -> None:
    """When the other end of the pipe is closed, the command ends with 1 and says nothing."""
    for more in ([], ["--json"]):
        ours, theirs = os.pipe()
        os.close(ours)
        command = [sys.executable, "-m", "cli", "--home", str(indexed / "home"), "documents", *more]
        done = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, check=False)
        os.close(theirs)
        assert (done.returncode, done.stderr) == (1, b"")


def test_a_narrow_code_page_is_no_failure(indexed: Path, start: Start) -> None:
    """Where the terminal cannot write a character, a question mark stands in for it."""
    done = start("--home", str(indexed / "home"), "ask", "When does the room open?", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "characters " in done.stdout


def test_a_hostile_document_does_not_steer_the_terminal(tmp_path: Path) -> None:
    """On a real terminal, escape sequences of a document's text, title and file name reach it as harmless marks."""
    hostile = tmp_path / "bees\x1b]0;owned\x07.txt"
    hostile.write_text(
        "Bees\x1b[2J live \x1b[31min the\x9b31m garden [bold]near\u202e the gate[/bold].", encoding="utf-8"
    )
    home = str(tmp_path / "home")
    assert CliRunner().invoke(app, ["--home", home, "index", str(hostile)]).exit_code == 0
    shown = _on_a_terminal(["--home", home, "ask", "Where do bees live?"])
    shown += _on_a_terminal(["--home", home, "documents"])
    assert "near" in shown
    for sequence in ("\x1b]0;", "\x07", "\x1b[2J", "\x1b[31m", "\x9b", "\u202e"):
        assert sequence not in shown


def test_colour_is_for_terminals_that_want_it(indexed: Path) -> None:
    """A terminal gets colour, and none with NO_COLOR; a pipe gets no escape sequence at all."""
    question = ["--home", str(indexed / "home"), "ask", "When does the room open?"]
    assert "\x1b[1;36m" in _on_a_terminal(question)
    assert "36m" not in _on_a_terminal(question, NO_COLOR="1")
    assert "\x1b" not in CliRunner().invoke(app, question).stdout


def _on_a_terminal(arguments: list[str], **environment: str) -> str:
    """Run a command on a pseudo-terminal, and give everything that it was sent."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "cli", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", **environment},
    )
    os.close(theirs)
    parts: list[bytes] = []
    with os.fdopen(ours, "rb", buffering=0) as terminal, suppress(OSError):  # which is how Linux ends a terminal
        parts.extend(iter(lambda: terminal.read(65536), b""))
    assert child.wait(timeout=20) == 0
    return b"".join(parts).decode()


def test_ctrl_c_is_a_short_line_and_130() -> None:
    """Whatever a command is doing, Ctrl-C ends it in a word."""
    application = typer.Typer(cls=Commands, pretty_exceptions_enable=False)

    @application.command()
    def work() -> None:
        raise KeyboardInterrupt

    application.callback()(lambda: None)
    result = CliRunner().invoke(application, ["work"])
    assert result.exit_code == ExitCode.INTERRUPTED
    assert result.stderr.strip() == "Stopped."
