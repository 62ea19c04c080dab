"""What does not fit is cut so that it does."""

from collections.abc import Sequence

from ingest.fitting import costs, fitting_path, pieces, prefix
from retriever.records import Span
from tests.ingest.texts import count_tokens


def letters(texts: Sequence[str]) -> list[int]:
    """Count a token per code point."""
    return [len(text) for text in texts]


def test_a_token_is_taken_for_at_most_sixteen_code_points() -> None:
    """A "word" of a megabyte is not one token, whatever the tokenizer says."""
    assert costs(["x" * 33, "x y", ""], lambda texts: [1 for _ in texts]) == [3, 1, 1]
    assert costs([], letters) == []


def test_a_long_sentence_is_cut_at_white_space() -> None:
    """The pieces fit, and only white space is between them."""
    text = "one two three four five"
    assert [(span.of(text), cost) for span, cost in pieces(text, Span(4, 23), 2, count_tokens)] == [
        ("two three", 2),
        ("four five", 2),
    ]


def test_a_word_that_is_too_long_on_its_own_is_cut_anywhere() -> None:
    """Parts of a word are glued together again as far as they fit."""
    text = "ab " + "x" * 9
    assert [span.of(text) for span, _ in pieces(text, Span(0, 12), 4, letters)] == ["ab", "x" * 4, "x" * 4, "x"] or [
        span.of(text) for span, _ in pieces(text, Span(0, 12), 4, letters)
    ] == ["ab xx", "xxxx", "xxx"]


def test_a_heading_path_is_shortened_from_the_outside() -> None:
    """The innermost heading says most; it is cut last, and left out if nothing of it fits."""
    path = ("Part one of the book", "Chapter two")
    assert fitting_path(path, 99, count_tokens)[0] == path
    assert fitting_path(path, 3, count_tokens) == (("Chapter two",), 2)
    assert fitting_path(("abcdefgh",), 4, letters) == (("ab…",), 4)
    assert fitting_path(("abcdefgh",), 1, letters) == ((), 0)
    assert fitting_path((), 1, letters) == ((), 0)


def test_the_prefix_is_what_a_chunk_is_embedded_under() -> None:
    """Headings on one line, with a line break behind."""
    assert (prefix(("A", "B")), prefix(())) == ("A > B\n", "")
