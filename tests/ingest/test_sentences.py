"""Blocks are cut into sentences that leave out nothing but white space, in linear time."""

import time

import pytest
from hypothesis import given

from ingest.sentences import sentences
from retriever.records import Block, Span
from tests.ingest.texts import texts

MEGABYTES_5 = 5 * 2**20


def cut(text: str, kind: str = "prose") -> list[str]:
    """Cut a whole text as one block."""
    return [span.of(text) for span in sentences(text, Block(Span(0, len(text)), kind))]  # type: ignore[arg-type] # a kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Who met J. R. Smith. They left at 5 p.m. on Friday! Why? ", 3),
        ("no mark at the end", 1),
        ("See https://example.org/" + "a/" * 100 + "b.html for more. It helps.", 2),
        ("Really????????? Yes.", 2),
        ("Wait" + "." * 50 + " Then go.", 2),
        ("第一句。第二句！「第三句？」第四", 4),  # noqa: RUF001 - these marks are meant
        ("यह एक वाक्य है। यह दूसरा है।", 2),
        ("A. " * 40, 1),
        (" \n ", 0),
    ],
)
def test_prose_is_cut_at_the_ends_of_sentences(text: str, expected: int) -> None:
    """Abbreviations end no sentence, marks of other scripts do."""
    assert len(cut(text)) == expected


def test_listings_are_cut_into_lines_and_headings_are_whole() -> None:
    """Blank lines are left out."""
    assert cut("a. b.\n\n  c\n", "code") == ["a. b.", "c"]
    assert cut("Who? Me. ", "heading") == ["Who? Me."]


def test_a_sentence_over_the_edge_of_a_window_is_not_cut() -> None:
    """The segmenter sees a long paragraph in windows; a sentence that starts in one and ends in the next is whole."""
    one = "This sentence number one has quite a few words in it. "
    assert set(cut(one * 2_000)) == {one.strip()}


@given(texts)
def test_nothing_but_white_space_is_left_out(text: str) -> None:
    """Sentences are in order, do not overlap, have no white space around them, and tile the words."""
    end = 0
    for span in sentences(text, Block(Span(0, len(text)))):
        assert not text[end : span.start].strip()
        assert span.of(text).strip() == span.of(text) != ""
        end = span.end
    assert not text[end:].strip()


@pytest.mark.parametrize(
    "piece",
    ["a", "a.", "(", "word ", ".", "?", "? ", "a. ", "." + "\n", '.")', ". . . ", "-"],
)
def test_check_23_five_megabytes_of_anything_are_cut_in_two_seconds(piece: str) -> None:
    """Text that nobody writes costs no more than in proportion to its length. Processor time, not the clock's."""
    text = piece * (MEGABYTES_5 // len(piece))
    start = time.process_time()
    spans = list(sentences(text, Block(Span(0, len(text)))))
    assert time.process_time() - start < 2
    assert sum(len(span.of(text).replace(" ", "").replace("\n", "")) for span in spans) == len(
        text.replace(" ", "").replace("\n", "")
    )


@pytest.mark.parametrize("piece", ["?" * 99 + " ", "x" * 98 + ". ", "abcde. "])
def test_check_23_what_may_be_sentences_costs_no_more_than_sentences(piece: str) -> None:
    """Where each mark may end a sentence the time goes into deciding: still in proportion to the number of marks."""
    text = piece * (2**20 // len(piece))
    start = time.process_time()
    assert len(list(sentences(text, Block(Span(0, len(text)))))) >= 1
    assert time.process_time() - start < 10


def test_check_23_five_megabytes_of_blank_lines_are_cut_in_two_seconds() -> None:
    """White space is passed over at once."""
    text = "a" + "\n" * MEGABYTES_5 + "b"
    start = time.process_time()
    assert len(cut(text)) == 1
    assert time.process_time() - start < 2


def test_a_sentence_longer_than_a_window_is_cut_at_white_space() -> None:
    """A window without any end of a sentence is one piece of a sentence, and the next goes on from there."""
    cuts = cut("word " * 5_000 + "end. Then more.")
    assert [len(each) <= 16_384 for each in cuts] == [True] * 3
    assert cuts[-1] == "Then more."
