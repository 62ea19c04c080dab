"""What reaches a terminal."""

import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from cli.console import clean, one_line, print_block, print_json, stdout


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=())))
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    """Whatever the text, no control character but tab and newline, no bidi override and no surrogate is left."""
    left = {unicodedata.category(character) for character in clean(text) if character not in "\t\n"}
    assert not left & {"Cc", "Cs"}
    assert not set(clean(text)) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=())))
def test_one_line_is_one_line(text: str) -> None:
    """Whatever the text, what is made for one line has no line break."""
    assert "\n" not in one_line(text)


def test_words_and_emoji_stay_as_they_are() -> None:
    """Text that steers nothing is shown unchanged, joined emoji and scripts from right to left among it."""
    text = "“Ärger” 👩‍👩‍👧 שלום é"
    assert clean(text) == text


def test_a_block_is_indented_and_broken_at_the_width() -> None:
    """Every line carries the indent, fits the console and ends in a word."""
    console = Console(width=24, file=io.StringIO())
    with console.capture() as capture:
        print_block(console, Text("one two three four five six\n\nseven"), indent=4)
    assert capture.get() == "    one two three four\n    five six\n\n    seven\n"


def test_square_brackets_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    """What looks like markup is printed and not obeyed."""
    print_block(stdout(), Text("[bold]not bold[/bold] [1] :smile:"))
    assert capsys.readouterr().out == "[bold]not bold[/bold] [1] :smile:\n"


def test_a_pipe_gets_unbroken_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Where stdout is no terminal, a long line stays one line."""
    print_block(stdout(), Text("word " * 400))
    assert capsys.readouterr().out == ("word " * 400).rstrip() + "\n"


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=())))
def test_json_is_ascii_and_loses_nothing(text: str) -> None:
    """Whatever the text, JSON carries it in ASCII, and reading it gives the same text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", printed := io.StringIO())
        print_json({"quote": text})
    assert printed.getvalue().isascii()
    assert json.loads(printed.getvalue()) == {"quote": text}
