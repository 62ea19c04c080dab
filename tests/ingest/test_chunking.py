"""Documents are cut into chunks: complete, within bounds, and the same again behind an edit."""

import html
import random
from collections.abc import Callable
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.chunking import chunk
from ingest.readers.base import MAX_TITLE
from ingest.readers.registry import read_document
from retriever.records import Chunk, Document
from tests.ingest.texts import count_tokens, texts

MAX_TOKENS = 48


def read(text: str, name: str = "a.md") -> Document:
    """Read a text as that file."""
    return read_document(text.encode(), f"/home/ann/{name}")


def chunks(text: str, name: str = "a.md", most: int = MAX_TOKENS) -> tuple[Chunk, ...]:
    """Cut a text that is read as that file."""
    return chunk(read(text, name), count_tokens, most)


def check_law(document: Document, made: tuple[Chunk, ...]) -> None:
    """Assert that chunks are exact, ordered and within bounds, and that their sentences tile the words."""
    bare, end = set[int](), 0
    for each in made:
        assert each.text == each.span.of(document.text)
        assert count_tokens([each.embedded_text])[0] <= MAX_TOKENS
        assert (each.sentences[0].start, each.sentences[-1].end) == (each.span.start, each.span.end)
        for sentence in each.sentences:
            assert end <= sentence.start < sentence.end
            assert sentence.of(document.text) == sentence.of(document.text).strip()
            end = sentence.end
            bare.update(range(sentence.start, sentence.end))
    named = " ".join(name for each in made for name in each.heading_path)
    for block in document.blocks:
        words = {at for at in range(block.span.start, block.span.end) if not document.text[at].isspace()}
        if block.kind == "heading" and not words <= bare:
            assert not words & bare
            heading = " ".join(block.span.of(document.text).split())
            assert len(heading) <= MAX_TITLE
            assert len(heading) > 20 or (block.name or heading) in named
        else:
            assert words <= bare


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
@given(text=texts)
def test_check_14_from_any_bytes_to_exact_chunks(name: str, text: str) -> None:
    """File bytes in, chunks out: each is the text of its span, and every word stands in exactly one sentence."""
    page = f"<!doctype html><h1>Head</h1><p>{html.escape(text)}</p><pre>{html.escape(text)}</pre>"
    if not text.strip():
        return
    document = read(page if name == "a.html" else f"words {text}", name)
    check_law(document, chunk(document, count_tokens, MAX_TOKENS))


@given(st.lists(st.sampled_from(["# A\n\n", "## B\n\n", "### C\n\n", "Some text here. And more.\n\n"]), min_size=1))
def test_no_heading_is_lost(parts: list[str]) -> None:
    """A heading is named above what stands below it, and is a sentence where nothing does."""
    document = read("".join(parts))
    check_law(document, chunk(document, count_tokens, MAX_TOKENS))


def test_chunks_stand_under_their_headings() -> None:
    """A chunk is of one section; a heading without anything below it is quoted in the section that it ends."""
    text = "Intro.\n\n# A\n\nText a.\n\n## B\n\nText b.\n\n## C\n\n## D\n\n# E *x*\n\n### F\n\nText f."
    assert [(each.heading_path, each.text) for each in chunks(text)] == [
        ((), "Intro."),
        (("A",), "Text a."),
        (("A", "B"), "Text b."),
        (("A",), "C\n\n## D"),
        (("E x", "F"), "Text f."),
    ]


LONG = "Notice that you have " + "long " * 28 + "to pay the penalty, which is EUR 740"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", f"{LONG}\n---\n\nNext."),
        ("a.md", f"## {LONG}\n\nNext."),
        ("a.html", f"<h2>{LONG}</h2>Next."),
        ("a.txt", f"{LONG}\n{'-' * len(LONG)}\nNext."),
    ],
)
def test_a_heading_too_long_for_a_path_is_quoted_too(name: str, text: str) -> None:
    """What is called a heading may be a paragraph with a line below it."""
    document = read(text, name)
    made = chunk(document, count_tokens, MAX_TOKENS)
    check_law(document, made)
    assert document.blocks[0].kind == "heading"
    assert any("EUR 740" in each.text for each in made)
    assert all(each.heading_path for each in made)


def test_a_wide_gap_is_not_bridged() -> None:
    """A chunk is not mostly white space."""
    assert [each.text for each in chunks("one" + "\n" * 2_000 + "two", "a.txt")] == ["one", "two"]


def test_absurd_headings_leave_room_for_text() -> None:
    """Headings take no more than a quarter of a chunk."""
    made = chunks("# " + "long " * 40 + "\n\n## " + "title " * 40 + "\n\n" + "Some words stand here. " * 40)
    assert all(count_tokens([" ".join(each.heading_path)])[0] <= MAX_TOKENS // 4 for each in made)
    assert all(len(each.heading_path) == 1 for each in made)


def test_all_sentences_are_counted_in_one_call() -> None:
    """Counting is batched: once for the sentences and once for each heading path."""
    calls: list[int] = []

    def count(texts: list[str]) -> list[int]:
        calls.append(len(texts))
        return count_tokens(texts)

    chunk(read("# A\n\n" + "One sentence here. " * 90), count, MAX_TOKENS)  # type: ignore[arg-type] # a list is given
    assert calls == [1, 90]


def test_the_last_chunk_is_no_crumb() -> None:
    """What is left over at the end of a section is at least a quarter of a chunk, if the sentences allow."""
    for number in range(17, 200):
        made = chunks("Some four words here. " * number, "a.txt")
        assert count_tokens([made[-1].text])[0] >= MAX_TOKENS // 4 - 5


def test_a_paragraph_ends_a_chunk_where_one_can() -> None:
    """Of the places where a chunk may end, the end of a paragraph comes first."""
    made = chunks(("Six words stand in this sentence. " * 4 + "\n\n") * 30, "a.txt")
    assert all(each.text.count("\n\n") == 0 or each.text.endswith(".") for each in made)
    assert sum("\n\n" not in each.text for each in made) >= len(made) - 1


WORDS = [f"word{number}" for number in range(2_000)]


def sentence(rng: random.Random) -> str:
    """Make a sentence of 5 to 35 words."""
    return " ".join(rng.choices(WORDS, k=rng.randint(5, 35))).capitalize() + "."


def one_paragraph(number: int) -> str:
    """Separate sentences within one paragraph."""
    del number
    return " "


def paragraphs(number: int) -> str:
    """End a paragraph after every fifth sentence of the original."""
    return "\n\n" if number % 5 == 0 else " "


def sections(number: int) -> str:
    """Start a section after every fortieth sentence of the original, and a paragraph after every fifth."""
    return f"\n\n# Part {number}\n\n" if number % 40 == 0 else paragraphs(number)


@pytest.mark.parametrize("layout", [one_paragraph, paragraphs, sections])
@pytest.mark.parametrize("edit", ["change", "insert", "delete"])
def test_an_edit_changes_only_the_chunks_that_it_touches(layout: Callable[[int], str], edit: str) -> None:
    """Of 300 sentences each is changed in turn: half of the time one chunk is new, and never more than eight."""
    rng = random.Random(8)  # noqa: S311 - a reproducible document, no secret
    original = [sentence(rng) + layout(number) for number in range(1, 301)]

    def keys(parts: list[str]) -> set[bytes]:
        return {each.vector_key for each in chunks("".join(parts), "a.md", 200)}

    before, new = keys(original), []
    for at in range(0, 300, 4):
        edited = [sentence(rng) + " "] if edit == "insert" else [sentence(rng) + layout(at + 1)]
        rest = original[at + (edit != "insert") :]
        new.append(len(keys([*original[:at], *([] if edit == "delete" else edited), *rest]) - before))
    assert median(new) <= 1
    assert max(new) <= 8
