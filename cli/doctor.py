"""`footnote doctor`: is everything as it should be, and what to do where it is not."""

from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.console import one_line, print_json, stderr, stdout
from cli.exits import ExitCode
from cli.session import AsJson, Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.checks import Check


def doctor(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Check this machine, the model, the library and the ports, and say what to do where something is wrong.

    The exit code is that of the first thing that is wrong, else 0.
    """
    from cli.checks import all_checks  # noqa: PLC0415 - imports the library's parts, 0.5 s, which `--help` needs none of

    settings = context.ensure_object(Session).settings()
    with stderr().status("Checking …"):
        checks = list(all_checks(settings))
    wrong = next((check.code for check in checks if check.code), ExitCode.OK)
    if as_json:
        rows = [{"name": c.name, "ok": c.code is ExitCode.OK, "found": c.found, "advice": c.advice} for c in checks]
        print_json({"ok": wrong is ExitCode.OK, "checks": rows})
    else:
        _print_checks(stdout(), checks)
    raise typer.Exit(wrong)


def _print_checks(console: Console, checks: "Sequence[Check]") -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for check in checks:
        mark, style = ("✗", "red") if check.code else ("!", "yellow") if check.advice else ("✓", "green")
        words = Text(one_line(check.found), overflow="fold")
        if check.advice:
            words.append(f"\n{one_line(check.advice)}", style=style)
        table.add_row(Text(mark, style=style), Text(check.name, style="bold"), words)
    console.print(table)
