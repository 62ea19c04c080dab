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


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("UTF-16", "utf-8"), ("iso-8859-1", "cp1252"), ("us-ascii", "cp1252"), ("iso-8859-9", "cp1254"),
        ("windows-1251", "cp1251"), ("iso-8859-15", "iso8859-15"), ("gb2312", "gb18030"), ("shift_jis", "cp932"),
    ],
)  # fmt: skip
def test_a_declared_charset_means_what_it_means_to_a_browser(declared: str, encoding: str) -> None:
    """The label stands for another encoding than its name says, or goes by another name in Python."""
    words = "Привет" if encoding in {"cp1251", "gb18030", "cp932"} else "“8 €”" if encoding[0] == "c" else "8 €"
    assert decode(words.encode(encoding), "a.html", declared) == words


@pytest.mark.parametrize("declared", ["unicode_escape", "raw_unicode_escape", "utf_7", "idna", "punycode", "rot13"])
def test_a_codec_that_is_no_encoding_of_the_web_is_not_used(declared: str) -> None:
    """A page cannot make lone surrogates, or other words than it holds, by what it declares."""
    assert decode(rb"\ud800 +2AA- words", "a.html", declared) == r"\ud800 +2AA- words"


def test_a_byte_that_windows_1252_lacks_does_not_lose_the_page() -> None:
    """What does not fit the declaration is decoded by the look of it."""
    words = "Привет мир, как дела сегодня? Это текст на русском языке. Эхо. " * 5
    data = words.encode("cp1251") + b"\x90"
    assert decode(data, "a.html", "iso-8859-1").startswith("Привет мир")


@pytest.mark.parametrize("declared", ["utf-8", "no-such-charset"])
def test_a_wrong_declaration_is_ignored(declared: str) -> None:
    """A charset that does not fit the bytes, or that nobody knows, is passed over."""
    words = "Le café était fermé, à côté de l'école. Où est passée la clé ? Ça dépend de l'été. " * 5
    assert decode(words.encode("cp1252"), "a.html", declared) == words


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
