"""What others wrote is shown, and does nothing."""

import string
import unicodedata
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from cli.console import clean
from ui import markup


class Reader(HTMLParser):
    """Collects the text of an HTML fragment, and the tags and attributes in it."""

    def __init__(self) -> None:
        """Start with nothing read."""
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data


def read(fragment: str) -> Reader:
    """Read a fragment."""
    reader = Reader()
    reader.feed(fragment)
    reader.close()
    return reader


@given(st.text(st.characters(codec=None)))
def test_an_element_holds_its_text_and_no_other_tag(text: str) -> None:
    """Whatever a text holds, a parser finds one element with that text, and on one line."""
    fragment = markup.element("p", "note", text, tooltip=text + "!")
    reader = read(fragment)
    assert reader.text == markup.displayable(text)
    assert reader.tags == [("p", [("class", "note"), ("dir", "auto"), ("title", markup.displayable(text) + "!")])]
    assert "\n" not in fragment


@given(st.text(st.characters(codec=None)))
def test_what_is_displayable_can_be_sent_and_counts_the_same_characters(text: str) -> None:
    """Signs stand in one for one, and no lone surrogate, control character, override or isolate is left."""
    shown = markup.displayable(text)
    shown.encode()
    assert len(shown) == len(text)
    left = {unicodedata.category(character) for character in shown if character not in "\t\n\r"}
    assert not left & {"Cc", "Cs"}
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def test_letters_that_nobody_sees_are_marked() -> None:
    """A reader sees that something stands in the quote, in the chat and on the command line."""
    text = "5\U000e0041\U000e0042 euros\u2067 or 6."
    assert markup.displayable(text) == clean(text) == "5�� euros� or 6."


@given(st.text(st.characters(codec=None)))
def test_what_is_spoken_means_nothing_in_markdown(text: str) -> None:
    """Words are left, with one space between two of them, and no sign that Markdown or HTML could read."""
    words = markup.spoken(text)
    assert words == " ".join(words.split())
    assert not set(words) & set(string.punctuation)
    words.encode()


def test_notices_are_announced_as_one() -> None:
    """Around messages stands one element of the role that assistive technology reads out."""
    assert read(markup.notices([("error", "No <b>"), ("good", "Yes")])).tags == [
        ("div", [("role", "status")]),
        ("div", [("class", "notice error"), ("dir", "auto")]),
        ("div", [("class", "notice good"), ("dir", "auto")]),
    ]
