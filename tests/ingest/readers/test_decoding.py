"""Bytes become text whole, or are refused."""

import pytest

from ingest.readers.decoding import decode
from retriever.errors import UnsupportedFile


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-8"])
def test_a_text_survives_every_unicode_encoding(encoding: str) -> None:
    """The byte order mark is taken off, and nothing else is changed."""
    assert decode("Grüße 👋\r\n".encode(encoding), "a.txt") == "Grüße 👋\r\n"


def test_a_declared_charset_is_used() -> None:
    """What a page declares goes before UTF-8."""
    assert decode("naïve".encode("latin-1"), "a.html", "latin-1") == "naïve"


@pytest.mark.parametrize("declared", ["ascii", "no-such-charset"])
def test_a_wrong_declaration_is_ignored(declared: str) -> None:
    """A charset that does not fit the bytes, or that nobody knows, is passed over."""
    assert decode("naïve".encode(), "a.html", declared) == "naïve"


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1252", "Le café était fermé, à côté de l'école. Où est passée la clé ? Ça dépend de l'été. "),
        ("cp1252", "El niño comió mañana, ¿qué te parece? "),
        ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy. "),
        ("cp1251", "Привет мир, как дела сегодня? Это текст на русском языке. "),
        ("cp932", "これは日本語のテキストです。今日は天気がいいです。"),
        ("gb18030", "这是一个中文文本。今天天气很好。"),
    ],
)
def test_an_undeclared_old_encoding_is_guessed(encoding: str, words: str) -> None:
    """Text that is no UTF-8 is decoded by the look of it, without losing a character."""
    assert decode((words * 5).encode(encoding), "a.txt") == words * 5


@pytest.mark.parametrize(
    ("data", "saw"),
    [
        (b"\xff\xfeh\x00i\x00\x00\xd8", "UTF-16"),
        (b"words\x00words", "zero bytes"),
        (b"\x01\x02\x03words", "control characters"),
        ("a\0b".encode("utf-16"), "control characters"),
        (b"\x81\xff\x8d\xfe\xff" * 3, "recognised"),
        (b" \r\n\t", "holds no text"),
        (b"", "holds no text"),
    ],
)
def test_what_is_no_text_is_refused_with_what_was_seen(data: bytes, saw: str) -> None:
    """The sentence names the file and says what it holds instead of text."""
    with pytest.raises(UnsupportedFile, match=rf"^notes\.txt .*{saw}"):
        decode(data, "notes.txt")
