"""Bytes become text without losing a character, or the file is refused."""

import codecs
import re

from retriever.errors import UnsupportedFile

# The longer marks first: the mark of UTF-32 starts with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Files of the last decades; among all that exist, French is taken for Latvian from a Macintosh.
_OLD_ENCODINGS = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874"),
    *("koi8_r", "cp932", "euc_jp", "gb18030", "big5", "cp949"),
]
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MOST_CONTROLS = 0.01


def decode(data: bytes, name: str, declared: str | None = None) -> str:
    r"""Decode a text: by its byte order mark, else as `declared`, else as UTF-8, else by the look of it.

    The mark is taken off; nothing else is changed.

    Raises:
        UnsupportedFile: the bytes are not text.

    >>> decode(b"\xff\xfeh\x00i\x00", "a.txt"), decode("größer".encode("latin-1"), "b.txt", "latin-1")
    ('hi', 'größer')
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _strictly(data[len(mark) :], encoding)
            if text is None:
                msg = f"{name} starts as {encoding[:6].upper()} text but does not go on as such."
                raise UnsupportedFile(msg)
            return _only_text(text, name)
    if b"\0" in data:
        msg = f"{name} is binary data, not text: it holds zero bytes."
        raise UnsupportedFile(msg)
    text = _strictly(data, declared) if declared else None
    if text is None:
        text = _strictly(data, "utf-8")
    return _only_text(_guessed(data, name) if text is None else text, name)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):  # other bytes than promised, or an encoding nobody has heard of
        return None


def _guessed(data: bytes, name: str) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - slow to import, and hardly ever needed

    found = from_bytes(data, cp_isolation=_OLD_ENCODINGS)
    # Of those that make as much sense, the most common one.
    best = min(found, key=lambda match: (match.chaos, -match.coherence, match.encoding != "cp1252"), default=None)
    text = _strictly(data, best.encoding) if best is not None else None
    if text is None:
        msg = f"{name} is not text in any encoding that could be recognised."
        raise UnsupportedFile(msg)
    return text


def _only_text(text: str, name: str) -> str:
    controls = len(_CONTROL.findall(text))
    if controls and (controls > _MOST_CONTROLS * len(text) or "\0" in text):
        msg = f"{name} is binary data, not text: it holds {controls} control characters."
        raise UnsupportedFile(msg)
    if not text or text.isspace():
        msg = f"{name} holds no text."
        raise UnsupportedFile(msg)
    return text
