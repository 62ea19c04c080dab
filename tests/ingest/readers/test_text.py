"""Plain text: paragraphs, items, listings and underlined headings."""

import pytest

from ingest.readers.text import TextReader
from retriever.records import Block


def blocks(text: str) -> list[tuple[str, int, str]]:
    """Read a text and list its blocks: kind, level, words."""
    parsed = TextReader().read(text.encode(), "a.txt")
    return [(block.kind, block.level, block.span.of(parsed.text)) for block in parsed.blocks]


def title(text: str) -> str:
    """Read a text and give its title."""
    return TextReader().read(text.encode(), "a.txt").title


def test_blank_lines_separate_paragraphs() -> None:
    """A wrapped paragraph is one block, with any line break."""
    assert blocks("one\r\ntwo\r\n \r\nthree") == [("prose", 0, "one\r\ntwo"), ("prose", 0, "three")]


def test_a_line_longer_than_anybody_wraps_is_a_paragraph() -> None:
    """Text with one line a paragraph needs no blank lines."""
    long = "word " * 30
    assert blocks(f"{long}\n{long}\nend") == [("prose", 0, long.strip())] * 2 + [("prose", 0, "end")]


def test_list_items_are_blocks() -> None:
    """A bullet, a number or a letter starts a block of its own."""
    text = "Bring:\n- bread\n  and butter\n* milk\n2. eggs\n(c) salt"
    assert [words for _, _, words in blocks(text)] == [
        "Bring:", "- bread\n  and butter", "* milk", "2. eggs", "(c) salt",
    ]  # fmt: skip


def test_underlined_headings_take_their_levels_from_their_order() -> None:
    """As in reStructuredText: a style means what it meant first; a line above the title is another style."""
    text = "====\nBook\n====\n\nPart\n====\ntext\n\nSection\n-------\n\nPart two\n========\n"
    assert blocks(text) == [
        ("heading", 1, "Book"),
        ("heading", 2, "Part"),
        ("prose", 0, "text"),
        ("heading", 3, "Section"),
        ("heading", 2, "Part two"),
    ]


@pytest.mark.parametrize("text", ["A long title\n---", "one\ntwo\n--", " indented\n=========", "===\n===", "=====\nx"])
def test_what_is_not_underlined_is_no_heading(text: str) -> None:
    """An underline is at least as long as its title, which starts its line and has words."""
    assert all(kind != "heading" for kind, _, _ in blocks(text))


def test_indented_text_after_two_colons_is_a_listing() -> None:
    """The listing lasts as long as its paragraphs are indented."""
    text = "Like this::\n\n    x = 1\n\n    y = 2\n\nand so on\n\n    quoted"
    assert [kind for kind, _, _ in blocks(text)] == ["prose", "code", "code", "prose", "prose"]


def test_a_table_is_a_listing() -> None:
    """A row is quoted whole."""
    assert blocks("+---+---+\n| a | b |\n+---+---+")[0][0] == "code"
    assert blocks("===== =====\na     b\n===== =====")[0][0] == "code"


def test_a_head_of_fields_is_a_listing_and_names_the_document() -> None:
    """The first lines of an enhancement proposal or a mail are fields, not sentences."""
    text = "PEP: 8\nTitle: Style Guide\nAuthor: Ann,\n        Bob\n\nIntroduction\n============\n\nText."
    assert blocks(text)[0][0] == "code"
    assert title(text) == "Style Guide"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Words.\n\nThe  Title\n==========\n", "The Title"),
        ("Opening hours\n\nNine to five.", "Opening hours"),
        ("Opening hours are nine to five.", ""),
        ("word " * 20, ""),
    ],
)
def test_a_text_is_named_by_its_heading_or_a_short_first_line(text: str, expected: str) -> None:
    """A sentence is no title."""
    assert title(text) == expected


def test_a_field_called_title_counts_only_in_the_head() -> None:
    """A head without a title leaves the naming to the headings."""
    assert title("Author: Ann\nDate: today\n\nNotes\n=====\n\nTitle: no") == "Notes"


def test_blocks_are_plain_records() -> None:
    """Kind and level have their defaults."""
    assert isinstance(TextReader().read(b"x", "a").blocks[0], Block)
