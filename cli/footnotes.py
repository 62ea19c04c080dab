"""How an answer, its footnotes and the passages that came nearest look in a terminal."""

from rich.console import Console
from rich.text import Text

from cli.console import clean, one_line, print_block
from retriever.records import Answer, Citation, NoAnswer, Searched, Span

INDENT = 4
UNSAID = "Your documents do not say"
HOW_TO_FILL = "Fill it with: footnote index PATH"
_IN_WORDS = ((0.9, "very likely right"), (0.7, "likely right"), (0.5, "perhaps right"), (0.0, "unlikely to be right"))


def in_words(confidence: float) -> str:
    """Say a probability in words.

    >>> in_words(0.83), in_words(0.2)
    ('likely right', 'unlikely to be right')
    """
    return next(words for least, words in _IN_WORDS if confidence >= least)


def characters(start: int, end: int) -> str:
    """Name a half-open range of code points."""
    return f"characters {start}\N{EN DASH}{end}"


def place(title: str, heading_path: tuple[str, ...], page: int | None, span: Span) -> str:
    """Name a place in a document.

    >>> place("Hours", ("Visiting",), None, Span(120, 151))
    'Hours › Visiting, characters 120–151'
    """  # noqa: RUF002 - these marks are meant
    where = " › ".join((title, *heading_path))  # noqa: RUF001 - this mark is meant
    return one_line(f"{where}, {f'page {page}, ' if page else ''}{characters(span.start, span.end)}")


def source_line(source: str) -> Text:
    """Say where a document came from."""
    return Text(one_line(source), style="dim")


def in_context(citation: Citation) -> Text:
    """Set the quote, marked, in the sentence around it."""
    sentence, around = citation.sentence.quote, citation.sentence.span
    start, end = citation.span.start - around.start, citation.span.end - around.start
    return Text.assemble(clean(sentence[:start]), (clean(sentence[start:end]), "bold underline"), clean(sentence[end:]))


def print_answer(console: Console, answer: Answer) -> None:
    """Print an answer, then every footnote in the sentence that it comes from."""
    print_block(console, Text(clean(answer.text), style="bold"))
    console.print()
    print_block(console, Text(f"Confidence: {in_words(answer.confidence)} ({answer.confidence:.2f})"))
    for citation in answer.citations:
        console.print()
        print_citation(console, citation)
    console.print()
    _print_effort(console, answer.searched, answer.timings_ms)


def print_no_answer(console: Console, outcome: NoAnswer) -> None:
    """Print that the documents do not say, what came nearest, and why each was not enough."""
    if not outcome.reason.startswith(UNSAID):
        print_block(console, Text(f"{UNSAID}.", style="bold yellow"))
    print_block(console, Text(clean(outcome.reason), style="yellow"))
    if not outcome.searched.documents:
        print_block(console, Text(HOW_TO_FILL))
    if outcome.nearest:
        console.print()
        print_block(console, Text("What came nearest, and why it is not an answer:"))
    for nearest in outcome.nearest:
        console.print()
        print_citation(console, nearest.citation)
        print_block(console, Text(clean(nearest.why), style="yellow"), INDENT)
    console.print()
    _print_effort(console, outcome.searched, outcome.timings_ms)


def print_citation(console: Console, citation: Citation) -> None:
    """Print one footnote: its place, its words and its source."""
    where = place(citation.title, citation.heading_path, citation.page, citation.span)
    print_block(console, Text.assemble((f"[{citation.number}] ", "bold cyan"), (where, "cyan")))
    print_block(console, in_context(citation), INDENT)
    print_block(console, source_line(citation.source), INDENT)


def _print_effort(console: Console, searched: Searched, timings_ms: dict[str, float]) -> None:
    milliseconds = timings_ms.get("total", sum(timings_ms.values()))
    documents, passages = count(searched.documents, "document"), count(searched.chunks, "passage")
    print_block(console, Text(f"Searched {documents}, {passages}, in {milliseconds:.0f} ms.", style="dim"))


def count(number: int, noun: str) -> str:
    """Count things in words.

    >>> count(1, "document"), count(1234, "passage")
    ('1 document', '1,234 passages')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
