"""The `footnote` command: its global options, its commands, and how every one of them ends."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.text import Text
from typer.core import TyperGroup

from cli import asking, documents, evaluating, indexing, serving, verifying
from cli.console import clean, stderr
from cli.doctor import doctor
from cli.exits import ExitCode, code_of
from cli.session import Session
from cli.up import up
from retriever.errors import FootnoteError

if TYPE_CHECKING:
    import io

EXIT_CODES = "\n".join(("Exit codes:", *(f"{code.value:>3}  {code.meaning}" for code in ExitCode)))


class Commands(TyperGroup):
    """The commands, and what a person sees when one of them cannot do as asked: one sentence and an exit code."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override] # Typer hands its own context to its own groups
        """Run the command; turn an error of the tree into its sentence on stderr and its exit code."""
        try:
            return super().invoke(ctx)
        except FootnoteError as error:
            _say(str(error))
            raise typer.Exit(code_of(error)) from error
        except OSError as error:
            _say(f"The system refused: {error.strerror or error}{f' ({error.filename})' if error.filename else ''}.")
            raise typer.Exit(ExitCode.SYSTEM) from error
        except KeyboardInterrupt:
            stderr().print("\nStopped.", style="yellow")
            raise typer.Exit(ExitCode.INTERRUPTED) from None


def _say(sentence: str) -> None:
    stderr().print(Text(f"footnote: {clean(sentence)}", style="red"), soft_wrap=True)


app = typer.Typer(
    name="footnote",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it with the flag
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - costs 50 ms, and only this option needs it

        typer.echo(f"footnote {version('footnote')}")
        raise typer.Exit


@app.callback()
def footnote(
    context: typer.Context,
    *,
    home: Annotated[
        Path | None, typer.Option(help="The folder that holds the library (also FOOTNOTE_HOME).", show_default=False)
    ] = None,
    _: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Ask your own documents, and get answers in their own words, with a footnote for each."""
    context.obj = Session(home)


app.command("index")(indexing.index)
app.command("ask")(asking.ask)
app.command("search")(asking.search)
app.add_typer(documents.app, name="documents")
app.command("verify")(verifying.verify)
app.command("eval")(evaluating.evaluate)
app.command("serve")(serving.serve)
app.command("ui")(serving.ui)
app.command("up")(up)
app.command("doctor")(doctor)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):  # a narrow code page prints a question mark rather than fail
        cast("io.TextIOWrapper", stream).reconfigure(errors="replace")
    app()
