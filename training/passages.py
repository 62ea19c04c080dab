"""Which passages are asked about: `python -m training.passages DATA [--out FILE]`, one JSON object a line.

A passage is a stretch of whole paragraphs, or of whole sentences out of a long one, cut out of its document as it
stands. Everything follows from hashes of what is chosen among, so the same data gives the same passages in the same
mixed order, and consecutive lines make batches that hold something of every set.
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from ingest.sentences import sentences
from retriever.records import Block, Span
from training.documents import PACKED, Document, data_folder, read_documents

FIRST = {
    "peps": 130,
    "py_devguide": 60,
    "cuad_a": 110,
    "medquad": 100,
    "mtrag_fiqa": 110,
    "pubmedqa": 70,
    "shift_amazon_reviews": 60,
    "squad20_half_a": 50,
    "shift_new_wiki": 50,
    "qed_dev": 20,
}
SECOND = {
    "peps": 90,
    "py_devguide": 30,
    "cuad_a": 80,
    "medquad": 60,
    "mtrag_fiqa": 70,
    "pubmedqa": 60,
    "shift_amazon_reviews": 30,
    "squad20_half_a": 120,
    "shift_new_wiki": 120,
    "qed_dev": 60,
}
THIRD = {
    "peps": 60,
    "py_devguide": 10,
    "cuad_a": 60,
    "medquad": 60,
    "mtrag_fiqa": 110,
    "pubmedqa": 60,
    "shift_amazon_reviews": 60,
    "squad20_half_a": 90,
    "shift_new_wiki": 140,
    "qed_dev": 70,
}
SIXTH = {
    "peps": 24,
    "cuad_a": 20,
    "medquad": 16,
    "mtrag_fiqa": 30,
    "pubmedqa": 16,
    "shift_amazon_reviews": 12,
    "shift_new_wiki": 110,
    "qed_dev": 40,
}
ROUNDS = (FIRST, SECOND, SECOND, THIRD, THIRD, SIXTH, SIXTH, SIXTH, SIXTH, SIXTH, SIXTH)
"""How many passages are taken of each set, in each round of writing; a round goes on where the one before ended."""

ARTICLES = (
    {"peps": 20, "medquad": 18, "shift_amazon_reviews": 10, "squad20_half_a": 22, "shift_new_wiki": 90},
    {"peps": 10, "medquad": 20, "shift_amazon_reviews": 10, "squad20_half_a": 20, "shift_new_wiki": 100},
)
"""How many groups of passages of one article are taken of each set, in each of the rounds after these."""

TOGETHER = 4
"""The passages of a group."""

FEWEST, MOST = 60, 220
"""The words of a passage."""

_Item = TypeVar("_Item")
_TARGETS = 120  # a passage grows to between FEWEST and FEWEST + _TARGETS words, so that lengths differ

_PARAGRAPH = re.compile(r"\S[^\n]*(?:\n[^\S\n]*\S[^\n]*)*")
_FULL_STOP = re.compile(r"[.!?]\s?[\"'”’)\]*`]*\Z")
_ENDING = re.compile(r"[.!?:;,]\s?[\"'”’)\]*`]*(?: and| or)?\Z")
_HEADING_LAST = re.compile(r"\s\d+\.[\d.]*\s+(?:[\w-]+\s+){0,5}[\w-]+\.\Z")
_BEGINNING = re.compile(r"\W{0,4}(?:[A-Z0-9]|\(?[a-z0-9]{1,4}[.)])")

# What prose does not hold: rows of fill characters, cells, directives and fields, page footers, form letters.
_JUNK = re.compile(
    r"^\s*[=~^+#\"'`*-]{3,}|\.{4}|_{3}|\S\s*\|\s|^\.\. |^:\w+:|::$|^(?:>>>|\$) |Source: |\* \* \*|@"
    r"|Human Phenotype Ontology|These resources (?:address|from)|Genetic Testing Registry",
    re.MULTILINE,
)
_FEWEST_WORDS = 8
_LETTERS = 0.9  # of the characters that are not space, in prose
_CAPITALS = 0.25  # of the letters


@dataclass(frozen=True, slots=True)
class Passage:
    """A place in a document, and its words: `text` is that of the document from `start` to `end`."""

    passage_id: str
    set: str
    doc_id: str
    start: int
    end: int
    title: str
    text: str


def passage_id(name: str, doc_id: str, start: int) -> str:
    """Name the passage of a set's document that starts there.

    >>> passage_id("peps", "peps/pep-0020.rst", 120)
    'peps:peps/pep-0020.rst:120'
    """
    return f"{name}:{doc_id}:{start}"


def draw(*of: object) -> int:
    """Draw a number that looks random and depends on the arguments alone."""
    return int.from_bytes(hashlib.sha256(":".join(map(str, of)).encode()).digest()[:8])


def is_prose(paragraph: str) -> bool:
    """Tell running text from headings, tables, code, lists of links, and what is in capitals.

    >>> is_prose("The licence ends after five years, unless the parties renew it.")
    True
    >>> is_prose("TERMS AND CONDITIONS"), is_prose("for i in range(10): print(i, i ** 2, end=';'); x[i] += 1;")
    (False, False)
    """
    characters = [character for character in paragraph if not character.isspace()]
    letters = [character for character in characters if character.isalnum() or character in ",.'’"]
    return (
        len(paragraph.split()) >= _FEWEST_WORDS
        and len(letters) >= _LETTERS * len(characters)
        and sum(map(str.isupper, letters)) <= _CAPITALS * len(letters)
        and paragraph.count("://") <= 1
        and not _JUNK.search(paragraph)
        and bool(_ENDING.search(paragraph))
    )


def paragraphs(text: str) -> Iterator[Span]:
    r"""Give what empty lines part, without the space around it.

    >>> [paragraph.of("One\ntwo.\n \n  Three. ") for paragraph in paragraphs("One\ntwo.\n \n  Three. ")]
    ['One\ntwo.', 'Three.']
    """
    for found in _PARAGRAPH.finditer(text):
        yield Span(found.start(), found.start() + len(found[0].rstrip()))


def stretches(document: Document) -> Iterator[list[Span]]:
    """Give the runs of paragraphs of prose with nothing else between them."""
    run: list[Span] = []
    for paragraph in paragraphs(document.text):
        # In reStructuredText an indented paragraph is a listing, a quotation, or the end of a list's item.
        indented = document.set in PACKED and document.text.endswith((" ", "\t"), 0, paragraph.start)
        if not indented and is_prose(paragraph.of(document.text)):
            run.append(paragraph)
        elif run:
            yield run
            run = []
    if run:
        yield run


def units(text: str, run: Iterable[Span]) -> Iterator[Span]:
    """Give what a passage is put together from: the paragraphs, and the sentences of those that are too long."""
    for paragraph in run:
        if len(paragraph.of(text).split()) <= MOST:
            yield paragraph
        else:
            yield from sentences(text, Block(paragraph))


def ends_well(text: str) -> bool:
    """Tell whether a passage ends in a sentence, and not in the heading of what follows.

    >>> ends_well("It ends here."), ends_well("It ends here. 9. Committee. 9.1 Its Role."), ends_well("It ends:")
    (True, False, False)
    """
    return bool(_FULL_STOP.search(text)) and not _HEADING_LAST.search(text)


def grown(text: str, following: Sequence[Span], target: int) -> Span | None:
    """Take units from the first on until there are `target` words, or as near as it gets; None if nothing fits."""
    best = None
    for last in following:
        span = Span(following[0].start, last.end)
        words = len(span.of(text).split())
        if words > MOST:
            break
        if words >= FEWEST and ends_well(span.of(text)) and len(last.of(text).split()) >= _FEWEST_WORDS:
            best = span
            if words >= target:
                break
    return best


def passages(document: Document) -> Iterator[Passage]:
    """Cut passages out of a document that do not overlap, in an order that looks random."""
    taken: list[Span] = []
    runs = [list(units(document.text, run)) for run in stretches(document)]
    beginnings = [run[index:] for run in runs for index in range(len(run))]
    for following in sorted(beginnings, key=lambda run: draw(document.doc_id, run[0].start)):
        start = following[0].start
        span = grown(document.text, following, FEWEST + draw(document.doc_id, start, "words") % _TARGETS)
        if span and _BEGINNING.match(span.of(document.text)) and not any(map(span.overlaps, taken)):
            taken.append(span)
            name = passage_id(document.set, document.doc_id, start)
            yield Passage(name, document.set, document.doc_id, start, span.end, document.title, span.of(document.text))


def read_passages(file: Path) -> list[Passage]:
    """Read the lines that this module writes."""
    return [Passage(**json.loads(line)) for line in file.read_text("utf-8").split("\n") if line]


def select(documents: Iterable[Document], count: int) -> list[Passage]:
    """Choose up to `count` passages with different words: one of each document before any has a second."""
    ordered = sorted(documents, key=lambda document: draw(document.set, document.doc_id))
    different: dict[str, Passage] = {}
    for passage in _in_turn([passages(document) for document in ordered]):
        if len(different) == count:
            break
        different.setdefault(passage.text, passage)
    return list(different.values())


def select_articles(documents: Iterable[Document], count: int) -> list[Passage]:
    """Choose up to `count` groups of passages that follow one another: of each article one before any has a second.

    An article is all that stands under one title. A passage may be that of a round of single ones, too.
    """
    articles: dict[str, list[Passage]] = {}
    for document in documents:
        of_it = sorted(passages(document), key=lambda passage: passage.start)
        articles.setdefault(document.title, []).extend(of_it)
    ordered = sorted(articles.items(), key=lambda article: draw("article", article[0]))
    chosen = list(islice(_in_turn([_together(title, of_it) for title, of_it in ordered]), count))
    return [passage for some in chosen for passage in some]


def _together(title: str, article: Sequence[Passage]) -> Iterator[Sequence[Passage]]:
    firsts = range(0, len(article) - TOGETHER + 1, TOGETHER)
    for first in sorted(firsts, key=lambda first: draw("together", title, first)):
        yield article[first : first + TOGETHER]


def _in_turn(streams: list[Iterator[_Item]]) -> Iterator[_Item]:
    while streams:
        alive = []
        for stream in streams:
            for each in islice(stream, 1):
                alive.append(stream)
                yield each
        streams = alive


def main(arguments: Sequence[str]) -> None:
    """Write the passages of all sets in mixed order; those of an article in theirs."""
    parser = argparse.ArgumentParser(prog="python -m training.passages", description="Choose the passages.")
    parser.add_argument("data", type=data_folder, help="the data folder")
    parser.add_argument(
        "--round", type=int, choices=range(1, len(ROUNDS) + len(ARTICLES) + 1), default=1, help="which round's"
    )
    parser.add_argument("--out", type=Path, help="the file to write instead of standard output")
    options = parser.parse_args(arguments)
    chosen = []
    if options.round > len(ROUNDS):
        quotas, take, size = ARTICLES[: options.round - len(ROUNDS)], select_articles, TOGETHER
    else:
        quotas, take, size = ROUNDS[: options.round], select, 1
    for name, quota in quotas[-1].items():
        before = sum(earlier[name] for earlier in quotas[:-1])
        chosen += take(read_documents(options.data, name), before + quota)[before * size :]
    groups = [chosen[first : first + size] for first in range(0, len(chosen), size)]
    groups.sort(key=lambda group: draw(group[0].passage_id))
    chosen = [passage for group in groups for passage in group]
    lines = "".join(json.dumps(asdict(passage), ensure_ascii=False) + "\n" for passage in chosen)
    if options.out:
        options.out.write_text(lines, "utf-8")
    else:
        sys.stdout.write(lines)


if __name__ == "__main__":
    main(sys.argv[1:])
