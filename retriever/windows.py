"""Question and passage become what the reader's network takes: windows of token ids, with a place for each token.

Training and serving pack with this module, so that the network never meets what it was not trained on.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retriever.records import Span

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

MAX_TOKENS = 320
QUESTION_TOKENS = 64
HEADING_TOKENS = 24
OVERLAP_TOKENS = 96  # of two windows of a passage: every answer that is not longer stands whole in one of them

_JOINER = "\u200d"
_SURROGATE = re.compile("[\ud800-\udfff]")  # no tokenizer takes it


@dataclass(frozen=True, slots=True)
class Window:
    """One input of the network: `[CLS] question [SEP] headings [SEP] passage [SEP]`, without headings one part less.

    `ids` and `types` are of one length; `types` is 0 up to the first `[SEP]` and 1 behind it. The tokens of the passage
    begin at `first`, and `places` holds the span of each in the passage, widened to the whole word that it is of.
    """

    ids: tuple[int, ...]
    types: tuple[int, ...]
    first: int
    places: tuple[Span, ...]


class Packer:
    """Packs a question and a passage into windows."""

    def __init__(self, tokenizer: "Tokenizer") -> None:
        """Use the tokenizer of the network."""
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._tokenizer.encode_special_tokens = True  # a text that says "[SEP]" sets no mark
        self._cls, self._sep = (int(tokenizer.token_to_id(mark) or 0) for mark in ("[CLS]", "[SEP]"))

    def pack(self, question: str, headings: Sequence[str], passage: str) -> list[Window]:
        """Pack into as few windows as hold the passage; none if it has no words.

        Of a question beyond its budget the end is kept, for there it is asked, and of headings the innermost.
        """
        encoding = self._encode(passage)
        places = _words(passage, encoding)
        if not places:
            return []
        head, asked = self._head(question, headings)
        room = MAX_TOKENS - len(head) - 1
        windows = []
        for start in range(0, max(1, len(places) - OVERLAP_TOKENS), room - OVERLAP_TOKENS):
            ids = (*head, *encoding.ids[start : start + room], self._sep)
            types = (0,) * asked + (1,) * (len(ids) - asked)
            windows.append(Window(ids, types, len(head), tuple(places[start : start + room])))
        return windows

    def fits(self, question: str, headings: Sequence[str], parts: Sequence[str]) -> bool:
        """Tell whether a passage of these parts, with space between them, fits one window."""
        head, _ = self._head(question, headings)
        return len(head) + sum(len(self._encode(part).ids) for part in parts) < MAX_TOKENS

    def _head(self, question: str, headings: Sequence[str]) -> tuple[list[int], int]:
        """Give what stands before the passage, and how many tokens of it are the question with its marks."""
        head = [self._cls, *self._encode(question).ids[-QUESTION_TOKENS:], self._sep]
        asked = len(head)
        if outer := self._encode(" > ".join(headings)).ids[-HEADING_TOKENS:]:
            head += [*outer, self._sep]
        return head, asked

    def _encode(self, text: str) -> "Encoding":
        # One for one, so that places count in the passage itself: two lone surrogates are not read as a pair.
        return self._tokenizer.encode(_SURROGATE.sub("\ufffd", text), add_special_tokens=False)


def _words(text: str, encoding: "Encoding") -> list[Span]:
    """Give the place of each token, as the whole word: a quote never starts or ends within a word."""
    first: dict[int | None, int] = {}
    last: dict[int | None, int] = {}
    for word, (start, end) in zip(encoding.word_ids, encoding.offsets, strict=True):
        first[word] = min(start, first.get(word, start))
        last[word] = max(end, last.get(word, end))
    spans = {word: _whole(text, start, last[word]) for word, start in first.items()}
    return [spans[word] for word in encoding.word_ids]


def _whole(text: str, start: int, end: int) -> Span:
    """Widen a place to whole characters, with the marks that belong to them and what is joined behind."""
    while start and _trails(text[start]) and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace() and (_trails(text[end]) or text[end - 1] == _JOINER):
        end += 1
    return Span(start, end)


def _trails(character: str) -> bool:
    """Tell whether a character belongs to the one before it: an accent, a vowel sign, a joiner, an emoji's variant."""
    return character == _JOINER or unicodedata.category(character).startswith("M")
