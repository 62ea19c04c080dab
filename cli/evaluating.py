"""`footnote eval`: how well are questions about one's own documents answered?"""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.models import OptionInfo

from cli.console import one_line, print_block, print_json, stderr, stdout
from cli.exits import ExitCode
from cli.footnotes import count
from cli.indexing import progress_bars
from cli.session import Session

if TYPE_CHECKING:
    from evaluation.figures import Figure
    from evaluation.questions import Question
    from evaluation.report import Report
    from evaluation.scoring import Scored

MOST_NAMED = 10
READER = "library"


def _bound(about: str) -> OptionInfo:
    """Describe an option that takes a threshold."""
    option: OptionInfo = typer.Option(
        min=0, max=1, help=about, show_default=False, metavar="SHARE", rich_help_panel="Thresholds"
    )
    return option


Questions = Annotated[
    Path,
    typer.Argument(
        help='A line of JSON per question: "question", and "quotes", words of your documents that answer it, or null.'
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(min=1, help="Ask only so many questions, spread evenly over the file.", show_default=False),
]
Html = Annotated[
    Path | None, typer.Option(help="Write a page with the figures, plots and every question.", show_default=False)
]
MinRightFirst = Annotated[float | None, _bound("The least share of answerable questions cited right first.")]
MinRightInThree = Annotated[float | None, _bound("The least share of them cited right in three.")]
MaxRefused = Annotated[float | None, _bound("The greatest share of them refused.")]
MaxAnsweredAnyway = Annotated[float | None, _bound("The greatest share of unanswerable questions answered.")]
MinAuroc = Annotated[float | None, _bound("The least AUROC of answerable against unanswerable questions.")]
MaxCalibrationError = Annotated[float | None, _bound("The greatest calibration error of the confidence.")]


def evaluate(
    context: typer.Context,
    file: Questions,
    *,
    limit: Limit = None,
    html: Html = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    min_right_first: MinRightFirst = None,
    min_right_in_three: MinRightInThree = None,
    max_refused: MaxRefused = None,
    max_answered_anyway: MaxAnsweredAnyway = None,
    min_auroc: MinAuroc = None,
    max_calibration_error: MaxCalibrationError = None,
) -> None:
    """Ask the questions of a file, and tell how many are answered right and how many rightly refused.

    The exit code is 9 if a threshold was given and missed.
    """
    from evaluation.figures import missed  # noqa: PLC0415 - costs 0.3 s, and `--help` evaluates nothing
    from evaluation.report import summarise  # noqa: PLC0415 - likewise

    bounds = {
        "--min-right-first": min_right_first,
        "--min-right-in-three": min_right_in_three,
        "--max-refused": max_refused,
        "--max-answered-anyway": max_answered_anyway,
        "--min-auroc": min_auroc,
        "--max-calibration-error": max_calibration_error,
    }
    if html is not None and not html.parent.is_dir():
        msg = f"There is no folder {html.parent} to write {html.name} into."
        raise typer.BadParameter(msg)
    scored = _score(context.ensure_object(Session), file, limit)
    report = summarise(scored.outcomes[READER], scored.left_out)
    _show(file, report, scored, html=html, as_json=as_json)
    sentences = missed(report, bounds)
    for sentence in sentences:
        stderr().print(Text(f"footnote: {sentence}", style="red"), soft_wrap=True)
    if sentences:
        raise typer.Exit(ExitCode.THRESHOLD)


def _score(session: Session, file: Path, limit: int | None) -> "Scored":
    from evaluation.questions import read_questions, spread  # noqa: PLC0415 - only a run needs it
    from evaluation.scoring import score  # noqa: PLC0415 - likewise

    questions = read_questions(file)
    with session.library() as library, progress_bars(stderr(), "Loading") as show:
        library.answerer  # noqa: B018 - loads the reader, which no question should pay for
        return score(library, spread(questions, limit or len(questions)), {READER: library.ask}, show)


def _show(file: Path, report: "Report", scored: "Scored", *, html: Path | None, as_json: bool) -> None:
    outcomes = scored.outcomes[READER]
    if html is not None:
        from evaluation.page import page  # noqa: PLC0415 - only `--html` needs it

        html.write_text(page(file.name, report, outcomes, scored.left_out), "utf-8")
    if as_json:
        from evaluation.report import as_json as in_json  # noqa: PLC0415 - only `--json` needs it

        print_json(in_json(report, outcomes))
    else:
        from evaluation.figures import figures  # noqa: PLC0415 - only the table needs it

        _print(stdout(), report, figures(report))
    if scored.left_out:
        print_block(stderr(), Text(_left_out(scored.left_out), style="yellow"))
    if html is not None:
        print_block(stderr(), Text(f"Every question stands in {one_line(str(html))}.", style="dim"))


def _print(console: Console, report: "Report", lines: "Sequence[Figure]") -> None:
    counts = report.questions
    total = counts.answerable + counts.unanswerable
    asked = f"{count(total, 'question')}: {counts.answerable:,} answerable, {counts.unanswerable:,} not"
    print_block(console, Text(asked, style="bold"))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for style in ("cyan", "", "bold", "dim"):
        table.add_column(style=style, justify="right" if style == "bold" else "left")
    for group, some in groupby(lines, lambda line: line.group):
        table.add_row("")
        for n, line in enumerate(some):
            table.add_row("" if n else group, line.name, line.value, line.meaning)
    console.print(table)


def _left_out(questions: "Sequence[Question]") -> str:
    """Say which questions were not scored, and why."""
    names = ", ".join(one_line(question.id) for question in questions[:MOST_NAMED])
    more = f" and {len(questions) - MOST_NAMED:,} more" if len(questions) > MOST_NAMED else ""
    return (
        f"Gold not in the library: {count(len(questions), 'question')} not scored, "
        f"because no quote stands in one of its documents: {names}{more}."
    )
