"""`footnote ask` and `footnote search`."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from cli.console import clean, print_block, print_json, stdout
from cli.footnotes import INDENT, count, place, print_answer, print_no_answer, source_line
from cli.session import AsJson, Session
from retriever.records import Answer, Hit

if TYPE_CHECKING:
    from retriever.search import SearchResult


def ask(
    context: typer.Context,
    question: Annotated[
        list[str], typer.Argument(metavar="QUESTION", help="The question; quotes around it are optional.")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Answer a question in your documents' own words, with a footnote for each quote.

    That the documents do not say is an outcome and no error: the exit code is 0, and `--json` says "answered": false.
    """
    with context.ensure_object(Session).library() as library:
        outcome = library.ask(" ".join(question))
    if as_json:
        from api.convert import ask_response  # noqa: PLC0415 - costs 0.1 s, and only JSON needs it

        print_json(ask_response(outcome).model_dump(mode="json"))
    elif isinstance(outcome, Answer):
        print_answer(stdout(), outcome)
    else:
        print_no_answer(stdout(), outcome)


def search(
    context: typer.Context,
    query: Annotated[
        list[str], typer.Argument(metavar="QUERY", help="Words or a question; quotes around them are optional.")
    ],
    k: Annotated[int, typer.Option("-k", "--k", min=1, max=50, help="The most passages to show.")] = 10,
    *,
    as_json: AsJson = False,
) -> None:
    """Find the passages nearest to a question, without an answer."""
    with context.ensure_object(Session).library() as library:
        result = library.search(" ".join(query), k)
    if as_json:
        from api.convert import search_response  # noqa: PLC0415 - costs 0.1 s, and only JSON needs it

        print_json(search_response(result).model_dump(mode="json"))
    else:
        _print_hits(stdout(), result)


def _print_hits(console: Console, result: "SearchResult") -> None:
    for hit in result.hits:
        _print_hit(console, hit)
        console.print()
    milliseconds = result.timings_ms.get("total", sum(result.timings_ms.values()))
    found = f"{count(len(result.hits), 'passage')} found in {milliseconds:.0f} ms."
    print_block(console, Text(found, style="dim"))


def _print_hit(console: Console, hit: Hit) -> None:
    where = place(
        hit.document.title, hit.chunk.heading_path, hit.document.page_at(hit.chunk.span.start), hit.chunk.span
    )
    print_block(console, Text.assemble((f"{hit.rank:>2}. ", "bold cyan"), (where, "cyan")))
    print_block(console, Text(clean(hit.chunk.text)), INDENT)
    meaning, words = (f"{rank}" if rank else "not among the best" for rank in (hit.dense_rank, hit.lexical_rank))
    print_block(
        console, Text(f"score {hit.score:.2f} · by meaning: {meaning} · by words: {words}", style="dim"), INDENT
    )
    print_block(console, source_line(hit.document.source), INDENT)
