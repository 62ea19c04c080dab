"""Question and passage are packed into windows whose places are whole words of the passage."""

import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from retriever.records import Span
from retriever.windows import HEADING_TOKENS, MAX_TOKENS, OVERLAP_TOKENS, QUESTION_TOKENS, Packer, Window

PIECES = (
    "mill",
    "é",
    "e\u0301",
    "\u0301",
    "\u0903",
    "中",
    "か",
    "ह",
    "\u093f",
    "م",
    "\u064f",
    "한",
    ",",
    ".",
    " ",
    "\n",
)
JOINED = ("👨", "\u200d", "\ufe0f", "🏽", "🇫", "🇷", "1", "\u20e3", "\ud83d", "\ude00", "\x00", "\u0130", "ﬁ", "[SEP]")


@pytest.fixture(scope="module")
def tokenizer(weights: Path) -> Tokenizer:
    """Load the tokenizer of the default model."""
    return Tokenizer.from_file(str(weights / "tokenizer.json"))


@pytest.fixture(scope="module")
def packer(tokenizer: Tokenizer) -> Packer:
    """Pack with that tokenizer."""
    return Packer(tokenizer)


def places(packer: Packer, text: str) -> list[str]:
    """Give what each token of a short passage is of, one after the other, without repetitions."""
    (window,) = packer.pack("Who?", [], text)
    return [place.of(text) for place in dict.fromkeys(window.places)]


def shown(tokenizer: Tokenizer, window: Window) -> str:
    """Give a window as the network sees it."""
    return str(tokenizer.decode(list(window.ids), skip_special_tokens=False))


def test_a_window_holds_question_headings_and_passage(packer: Packer, tokenizer: Tokenizer) -> None:
    """Each between its marks; types change behind the question, and every token of the passage has a place."""
    (window,) = packer.pack("Who built it?", ["Mills", "Old"], "Ada built the mill.")
    assert shown(tokenizer, window) == "[CLS] who built it? [SEP] mills > old [SEP] ada built the mill. [SEP]"
    asked = window.ids.index(102) + 1
    assert window.types == (0,) * asked + (1,) * (len(window.ids) - asked)
    assert tokenizer.decode(list(window.ids[window.first : window.first + len(window.places)])) == "ada built the mill."
    assert [place.of("Ada built the mill.") for place in window.places] == ["Ada", "built", "the", "mill", "."]


def test_without_headings_there_is_one_part_less(packer: Packer, tokenizer: Tokenizer) -> None:
    """Headings that hold no words count as none."""
    for headings in ([], [""], [" "]):
        (window,) = packer.pack("Who?", headings, "Ada.")
        assert shown(tokenizer, window) == "[CLS] who? [SEP] ada. [SEP]"


@pytest.mark.parametrize("passage", ["", " \n\t", "\x00\x01", "\u200d", "\ud800"])
def test_a_passage_without_words_has_no_window(packer: Packer, passage: str) -> None:
    """Where the network would see nothing, it is not asked."""
    assert packer.pack("Who?", ["Heading"], passage) == []


def test_of_a_long_question_the_end_is_kept(packer: Packer, tokenizer: Tokenizer) -> None:
    """A question beyond its budget loses its beginning, for at the end it is asked."""
    (window,) = packer.pack("Well, " * 200 + "who built the mill?", [], "Ada.")
    assert window.ids.index(102) == 1 + QUESTION_TOKENS
    assert shown(tokenizer, window).endswith("well, who built the mill? [SEP] ada. [SEP]")


def test_of_many_headings_the_innermost_are_kept(packer: Packer, tokenizer: Tokenizer) -> None:
    """Headings beyond their budget lose the outermost."""
    (window,) = packer.pack("Who?", [*("Outer" for _ in range(50)), "Inner"], "Ada.")
    assert shown(tokenizer, window).endswith("outer > inner [SEP] ada. [SEP]")
    assert window.first == 4 + HEADING_TOKENS + 1


def test_a_question_without_words_is_packed(packer: Packer, tokenizer: Tokenizer) -> None:
    """A question of marks that the tokenizer drops leaves its part empty."""
    (window,) = packer.pack("\x00", [], "Ada.")
    assert shown(tokenizer, window) == "[CLS] [SEP] ada. [SEP]"


@pytest.mark.parametrize("words", [1, 100, 310, 313, 314, 315, 330, 532, 533, 1_000])
def test_windows_cover_a_long_passage(packer: Packer, words: int) -> None:
    """No window is too long, every token is in one, and neighbours share as many as an answer may have."""
    passage = "mill " * words
    windows = packer.pack("Who built it?", [], passage)
    assert all(len(window.ids) == len(window.types) <= MAX_TOKENS for window in windows)
    assert all(len(window.places) == len(window.ids) - window.first - 1 for window in windows)
    assert {place.start for window in windows for place in window.places} == set(range(0, 5 * words, 5))
    for one, next_ in pairwise(windows):
        assert len(one.ids) == MAX_TOKENS
        assert one.places[-OVERLAP_TOKENS:] == next_.places[:OVERLAP_TOKENS]
        assert len(next_.places) > OVERLAP_TOKENS


@given(start=st.integers(0, 899), length=st.integers(1, OVERLAP_TOKENS))
@settings(max_examples=30)
def test_each_answer_stands_whole_in_a_window(packer: Packer, start: int, length: int) -> None:
    """Whatever its place, an answer that is not longer than the overlap is not cut by every border."""
    answer = Span(5 * start, min(5 * (start + length), 4_500) - 1)
    windows = packer.pack("Who built it?", ["Mills"], "mill " * 900)
    assert any(Span(w.places[0].start, w.places[-1].end).covers(answer) for w in windows)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Cafés, unbelievably", ["Cafés", ",", "unbelievably"]),
        ("cafe\u0301s cafe\u0301", ["cafe\u0301s", "cafe\u0301"]),
        (
            "👨\u200d👩\u200d👧 x 👍🏽 ❤\ufe0f 1\ufe0f\u20e3",
            ["👨\u200d👩\u200d👧", "x", "👍🏽", "❤\ufe0f", "1\ufe0f\u20e3"],
        ),
        ("東京は日本の首都です", ["東", "京", "は", "日", "本", "の", "首", "都", "です"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("مُحَمَّد كتب", ["مُحَمَّد", "كتب"]),
        ("한국어 말", ["한국어", "말"]),
        ("x\u200d y\u200d", ["x\u200d", "y\u200d"]),
        ("中\u0903x", ["中\u0903", "中\u0903x"]),
        ("one \u0903two", ["one", "\u0903two"]),
        ("\ud83d\ude00 one \ud800two", ["one", "two"]),
    ],
)
def test_places_are_whole_words_of_any_script(packer: Packer, text: str, words: list[str]) -> None:
    """Accents, joined emoji and vowel signs belong to what they follow; lone surrogates shift nothing."""
    assert places(packer, text) == words


@given(text=st.text() | st.text(st.characters()) | st.lists(st.sampled_from((*PIECES, *JOINED))).map("".join))
@example("a\u200d,\u200d中\u0903\u0301b")
@settings(max_examples=300)
def test_places_are_spans_of_whole_characters(packer: Packer, text: str) -> None:
    """Places are in the text, in order, and not empty; none begins or ends between a character and its marks."""
    for window in packer.pack("Who?", [], text):
        for one, next_ in pairwise(window.places):
            assert one.start <= next_.start
            assert one.end <= next_.end
        for place in window.places:
            assert place.start < place.end <= len(text)
            assert place.of(text).strip() == place.of(text)
            assert not any(parted(text, border) for border in (place.start, place.end))
            assert text[place.end - 1] != "\u200d" or not text[place.end : place.end + 1].strip()


@given(text=st.lists(st.sampled_from((*PIECES, *JOINED)), max_size=40).map("".join))
def test_tokens_line_up_with_places(packer: Packer, tokenizer: Tokenizer, text: str) -> None:
    """The place of each token covers the characters that the tokenizer made it from."""
    spelled = "".join("\ufffd" if unicodedata.category(c) == "Cs" else c for c in text)
    offsets = tokenizer.encode(spelled, add_special_tokens=False).offsets
    found = [place for window in packer.pack("Who?", [], text) for place in window.places]
    assert [place.covers(Span(*offset)) for place, offset in zip(found, offsets, strict=True)] == [True] * len(found)


def parted(text: str, border: int) -> bool:
    """Tell whether a border parts a character from a mark that follows it."""
    if not 0 < border < len(text) or text[border - 1].isspace():
        return False
    return text[border] == "\u200d" or unicodedata.category(text[border]).startswith("M")


def test_a_text_sets_no_mark(tokenizer: Tokenizer, packer: Packer) -> None:
    """The tokenizer's own marks, written in a question, a heading or a passage, are words like others."""
    (window,) = packer.pack("What does [SEP] do?", ["[CLS]"], "A [SEP] parts [MASK] texts.")
    marks = {int(tokenizer.token_to_id(mark) or 0): mark for mark in ("[CLS]", "[SEP]", "[MASK]")}
    assert [marks[i] for i in window.ids if i in marks] == ["[CLS]", "[SEP]", "[SEP]", "[SEP]"]
