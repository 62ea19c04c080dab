"""Markdown: the source stays as it is, and its blocks are found in it."""

import re
import time

import pytest
from hypothesis import given

from ingest.readers.markdown import MarkdownReader
from tests.ingest.texts import texts

READER = MarkdownReader()


def blocks(text: str) -> list[tuple[str, str]]:
    """Read Markdown and list its blocks: kind, and words."""
    parsed = READER.read(text.encode(), "a.md")
    return [(block.kind, block.span.of(parsed.text)) for block in parsed.blocks]


@pytest.mark.parametrize(
    ("source", "level", "words", "name"),
    [
        ("## A *b* `c` ##", 2, "A *b* `c`", "A b c"),
        ("A [link](http://x)\nwrapped\n---", 2, "A [link](http://x)\nwrapped", "A link wrapped"),
        ("# ![alt](x.png) &amp; more", 1, "![alt](x.png) &amp; more", "alt & more"),
        ("# " + "x" * 1500, 1, "x" * 1500, "x" * 119 + "…"),
    ],
)
def test_a_heading_keeps_its_markup_in_the_text_and_loses_it_in_its_name(
    source: str, level: int, words: str, name: str
) -> None:
    """The span covers the title without its hashes; the name is what a reader of the page would see."""
    parsed = READER.read(f"{source}\n\ntext".encode(), "a.md")
    heading = parsed.blocks[0]
    assert (heading.kind, heading.level, heading.name) == ("heading", level, name)
    assert heading.span.of(parsed.text) == words


def test_lists_quotations_and_listings_are_blocks_without_their_marks() -> None:
    """Each item is a block, nested ones too; a listing loses its fence and a table its rule."""
    text = (
        "- one\n  - **two**\n    more\n\n1. three\n\n> four\n> five\n\n```py\nsix\n\nseven\n```\n\n    eight\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n[ref]: http://x\n\n<div>\nnine</div>\n\n<!-- never -->\n\n***\n"
    )
    assert blocks(text) == [
        ("prose", "one"),
        ("prose", "**two**\n    more"),
        ("prose", "three"),
        ("prose", "four\n> five"),
        ("code", "six\n\nseven"),
        ("code", "eight"),
        ("code", "| a | b |"),
        ("code", "| 1 | 2 |"),
        ("prose", "[ref]: http://x"),
        ("code", "<div>\nnine</div>"),
    ]


def test_an_empty_heading_and_an_empty_fence_are_no_blocks() -> None:
    """Nothing of no words is a block."""
    assert blocks("#\n\n```\n```\n\n## ##\n\nx\n\n-\n") == [("prose", "x")]


@pytest.mark.parametrize("before", ["", "- ", "> "])
def test_a_listing_that_the_end_of_the_file_ends_keeps_its_last_line(before: str) -> None:
    """Nobody need close a fence, or end a file with a line break."""
    inside = before.replace("-", " ")
    assert blocks(f"{before}```\n{inside}foo\n{inside}last 740") == [("code", f"foo\n{inside}last 740")]


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<!-- note --> Visible penalty is 740 euros.", ["Visible penalty is 740 euros."]),
        ("<!-- lint --> # Head", ["# Head"]),
        ("<!-- a\n\nb --> c <!-- d -->", ["c"]),
        ("<!--> c", ["c"]),
        ("> <!-- a\n> b --> c", ["c"]),
        ("<script>\nlet a = '<!--'\n\n</script > c", ["c"]),
        ("<style>\np {}\n\n</style>\n<div>c</div>", ["<div>c</div>"]),
        ("<div title='<!--'>c</div>", ["<div title='<!--'>c</div>"]),
        ("<textarea>a <!-- b --></textarea>", ["<textarea>a <!-- b --></textarea>"]),
        ("<details><summary>a</summary>\nb <!-- no --> c\n</details>",
         ["<details><summary>a</summary>\nb", "c\n</details>"]),
        ("<div>a<!-- never closed\nb", ["<div>a"]),
    ],
)  # fmt: skip
def test_of_html_all_is_kept_but_comments_scripts_and_styles(html: str, shown: list[str]) -> None:
    """Whatever else a renderer would show can be quoted, on the line of a comment too."""
    assert blocks(html) == [("code", words) for words in shown]


def test_front_matter_is_a_listing_and_names_the_document() -> None:
    """Its title goes before the first heading."""
    parsed = READER.read(b"---\ntitle: 'Opening hours'\ntags: [a]\n---\n# Hours\n\ntext", "a.md")
    assert (parsed.blocks[0].kind, parsed.title) == ("code", "Opening hours")


@pytest.mark.parametrize("front", ["---\n---\n", "---\ntags: [a]\n...\n", "---\nnever closed\n\n", ""])
def test_without_a_title_in_front_the_first_heading_names_the_document(front: str) -> None:
    """Front matter may be empty, or lack a title, or not be front matter at all."""
    assert READER.read(f"{front}# Hours\n\ntext".encode(), "a.md").title == "Hours"


@pytest.mark.parametrize(
    ("field", "title"),
    [("'Hours\"", "'Hours\""), ('"Hours" ', "Hours"), ("'", "'"), ("Hours", "Hours"), ("", "First"), ('""', "First")],
)
def test_a_title_in_front_loses_its_pair_of_quotation_marks(field: str, title: str) -> None:
    """Marks that are no pair are part of the title; a title of no words names nothing."""
    assert READER.read(f"---\ntitle: {field}\n---\n# First\n".encode(), "a.md").title == title


@pytest.mark.parametrize(("heading", "words"), [("# C#", "C#"), ("# C# \t##", "C#"), ("# a # b", "a # b")])
def test_only_hashes_with_white_space_before_them_close_a_heading(heading: str, words: str) -> None:
    """Others are part of its title."""
    assert blocks(heading) == [("heading", words)]


@pytest.mark.parametrize("text", ["# a{}b", "# a{}# b", "---\ntitle: a{}b\n---\nx", "---\ntitle: 'a{}b\n---\nx"])
def test_check_23_spaces_inside_a_title_cost_no_more_than_in_proportion(text: str) -> None:
    """100,000 spaces between two words are passed over once. Processor time, not the clock's."""
    data = text.format(" " * 100_000).encode()
    start = time.process_time()
    READER.read(data, "a.md")
    assert time.process_time() - start < 1


def test_text_nested_beyond_all_measure_is_kept() -> None:
    """Where the parser gives up, the rest is one block."""
    assert any("deep" in words for _, words in blocks("> " * 200 + "deep"))


@given(texts)
def test_blocks_are_in_order_and_within_the_text(text: str) -> None:
    """Blocks do not overlap, have words, and lie in the source as it was written."""
    if not text.strip():
        return
    parsed = READER.read(text.encode(), "a.md")
    assert parsed.text == text.removeprefix("\ufeff")
    end = 0
    for block in parsed.blocks:
        assert end <= block.span.start < block.span.end <= len(text)
        assert block.span.of(parsed.text).strip() == block.span.of(parsed.text)
        end = block.span.end


@given(texts)
def test_no_word_is_lost(text: str) -> None:
    """What stands outside of the blocks is markup: it holds no letters but those behind the opening of a fence."""
    if not text.strip():
        return
    parsed = READER.read(text.encode(), "a.md")
    rest = list(parsed.text)
    for block in parsed.blocks:
        rest[block.span.start : block.span.end] = " " * len(block.span)
    assert "Ann" not in re.sub(r"(?:`{3,}|~{3,})[^\r\n]*", "", "".join(rest))


@pytest.mark.parametrize(
    "text",
    [
        ">" * 200_000,
        "- " * 100_000,
        "[" * 200_000,
        "# " + "[" * 200_000,
        "*a " * 70_000,
        "<div>" + "<!--" * 100_000,
        "<div " * 100_000,
        "<script>" * 100_000,
    ],
)
def test_pathological_markdown_is_read_in_bounded_time(text: str) -> None:
    """Neither nesting nor open brackets cost more than in proportion to their number."""
    start = time.process_time()
    READER.read(text.encode(), "a.md")
    assert time.process_time() - start < 5
