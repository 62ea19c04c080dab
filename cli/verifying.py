"""`footnote verify`: does a citation still stand?"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.console import one_line, print_block, print_json, stdout
from cli.exits import ExitCode
from cli.footnotes import INDENT, characters
from cli.session import AsJson, Session
from retriever.records import Span, Verification

if TYPE_CHECKING:
    from api.schemas import VerifyRequest

_MARKS = {
    "holds": ("✓", "green"),
    "other_version": ("!", "yellow"),
    "moved": ("→", "yellow"),
    "stale": ("✗", "red"),
    "not_found": ("✗", "red"),
}


def verify(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(help="A file with a citation, or with what `footnote ask --json` printed; - is stdin."),
    ] = None,
    *,
    document: Annotated[str | None, typer.Option(help="Without a file: the id of the document.")] = None,
    version: Annotated[str | None, typer.Option(help="Without a file: the version that was quoted.")] = None,
    start: Annotated[int | None, typer.Option(help="Without a file: where the quote starts, in code points.")] = None,
    end: Annotated[int | None, typer.Option(help="Without a file: where the quote ends, in code points.")] = None,
    quote: Annotated[str | None, typer.Option(help="Without a file: the words that were quoted.")] = None,
    as_json: AsJson = False,
) -> None:
    """Verify citations: each holds, stands in another version, has moved, is stale, or was not found.

    The exit code is 8 unless all of them hold.
    """
    given = {"document_id": document, "version": version, "start": start, "end": end, "quote": quote}
    options = {name: value for name, value in given.items() if value is not None}
    if (file is None) == (not options):
        msg = "Give a file (- is stdin), or a citation as --document, --version, --start, --end and --quote."
        raise typer.BadParameter(msg)
    requests = [_request(citation) for citation in ([options] if file is None else _citations(_read(file)))]
    with context.ensure_object(Session).library() as library:
        found = [library.verify(r.document_id, r.version, Span(r.start, r.end), r.quote) for r in requests]
    if as_json:
        _print_json(found)
    else:
        _print(requests, found)
    if any(verification.status != "holds" for verification in found):
        raise typer.Exit(ExitCode.CITATION)


def _read(file: Path) -> object:
    try:
        return json.loads(sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}."
        raise typer.BadParameter(msg) from error
    except ValueError as error:  # not JSON, or not even UTF-8
        msg = f"{'Standard input' if str(file) == '-' else file} holds no JSON."
        raise typer.BadParameter(msg) from error


def _citations(value: object) -> list[object]:
    """Find the citations in one citation, a list of them, or a whole outcome of `footnote ask --json`."""
    match value:
        case {"citations": [*citations]} | {"nearest": [*citations]} | [*citations] if citations:
            return citations
        case {"document_id": _}:
            return [value]
        case _:
            msg = (
                "There is no citation in it: give one citation, a list of them, or what `footnote ask --json` printed."
            )
            raise typer.BadParameter(msg)


def _request(citation: object) -> "VerifyRequest":
    from pydantic import ValidationError  # noqa: PLC0415 - costs 0.3 s with the shapes, and `--help` needs neither

    from api.schemas import VerifyRequest  # noqa: PLC0415

    try:
        request = VerifyRequest.model_validate(citation)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        msg = f"A citation needs document_id, version, quote, start and end: {field}: {first['msg']}."
        raise typer.BadParameter(msg) from error
    if request.end < request.start:
        msg = f"A citation runs forward, not from {request.start} to {request.end}."
        raise typer.BadParameter(msg)
    return request


def _print_json(found: Sequence[Verification]) -> None:
    from api.convert import verify_response  # noqa: PLC0415 - costs 0.1 s, and only JSON needs it

    print_json(
        {
            "holds": all(verification.status == "holds" for verification in found),
            "verifications": [verify_response(verification).model_dump(mode="json") for verification in found],
        }
    )


def _print(requests: "Sequence[VerifyRequest]", found: Sequence[Verification]) -> None:
    console = stdout()
    for request, verification in zip(requests, found, strict=True):
        mark, style = _MARKS[verification.status]
        status = verification.status.replace("_", " ")
        where = f"{request.document_id}, {characters(request.start, request.end)}"
        print_block(console, Text.assemble((f"{mark} {status}", style), f"  {one_line(where)}"))
        print_block(console, Text(one_line(request.quote)), INDENT)
        print_block(console, Text(one_line(verification.reason), style="dim"), INDENT)
