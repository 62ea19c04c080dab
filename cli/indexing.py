"""`footnote index`: bring the library up to date with files and folders."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.text import Text

from cli.console import one_line, print_block, print_json, stderr, stdout
from cli.exits import ExitCode
from cli.footnotes import count
from cli.session import AsJson, Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.pipeline import Progress, Report


def index(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Files and folders; none for all that were indexed before."),
    ] = None,
    *,
    re_encode: Annotated[
        bool, typer.Option("--re-encode", help="First encode every passage again, with the model of the settings.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Index files and folders: only what is new or has changed is read and encoded.

    What vanished from a folder is removed from the library. The exit code is 7 if some files could not be indexed.
    """
    from ingest import pipeline  # noqa: PLC0415 - costs 0.3 s, and `--help` indexes nothing

    started = time.monotonic()
    with context.ensure_object(Session).library() as library, progress_bars(stderr()) as show:
        if re_encode:
            from ingest.reencoding import reencode  # noqa: PLC0415 - seldom asked for

            reencode(library, show)
        report = pipeline.index(library, paths or [], show)
    if as_json:
        from api.schemas import IndexReport  # noqa: PLC0415 - only JSON needs it

        print_json(IndexReport.model_validate(asdict(report)).model_dump(mode="json"))
    else:
        _print_report(stdout(), report, time.monotonic() - started)
    if report.problems:
        raise typer.Exit(ExitCode.INCOMPLETE)


class Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Say the rate, once it is known."""
        return Text(f"{task.speed:.1f}/s" if task.speed else "", style="dim")


@contextmanager
def progress_bars(console: Console, first: str = "Looking for changes") -> "Iterator[Callable[[Progress], None]]":
    """Show how far a run is while a block runs, `first` what it begins with; nothing where there is no terminal."""
    description = TextColumn("{task.description}", markup=False)
    columns = (description, BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Bars(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        bar = bars.add_task(first, total=None)

        def show(progress: "Progress") -> None:
            bars.update(bar, description=one_line(progress.message), completed=progress.done, total=progress.total)

        yield show


def _print_report(console: Console, report: "Report", seconds: float) -> None:
    names = ("added", "changed", "renamed", "deleted", "unchanged")
    files = ", ".join(f"{getattr(report, name):,} {name}" for name in names)
    print_block(console, Text(f"{files} in {seconds:.1f} s", style="bold"))
    print_block(
        console,
        Text(f"{count(report.encoded_chunks, 'passage')} encoded, {report.reused_chunks:,} reused", style="dim"),
    )
    for problem in report.problems:
        print_block(
            console, Text.assemble(("✗ ", "red"), (one_line(problem.source), "bold"), f": {one_line(problem.reason)}")
        )
