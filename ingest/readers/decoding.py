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
_ISO_LABELS = ("iso-8859-", "iso8859-", "iso_8859-")
# Files of the last decades; among all that exist, French is taken for Latvian from a Macintosh.
_OLD_ENCODINGS = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874"),
    *("koi8_r", "cp932", "euc_jp", "gb18030", "big5", "cp949"),
]
# The labels by which pages declare an encoding, and what browsers take them for: https://encoding.spec.whatwg.org.
# Python knows more names, of codecs that are no encodings of text: these are not for a page to choose.
_WEB_ENCODINGS = {
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8"), "utf-8"),
    # A declaration that could be read as ASCII cannot have been right.
    **dict.fromkeys(("utf-16", "utf-16le", "utf-16be", "unicode", "ucs-2", "iso-10646-ucs-2", "csunicode"), "utf-8"),
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "iso88591", "iso_8859-1", "latin1", "latin-1", "l1"), "cp1252"),
    **dict.fromkeys(("ascii", "us-ascii", "ansi_x3.4-1968", "cp819", "x-cp1252"), "cp1252"),
    **{f"{label}{page}": f"cp{page}" for page in range(1250, 1259) for label in ("windows-", "cp")},
    **{f"{label}{part}": f"iso8859-{part}" for part in (*range(2, 9), 10, 13, 14, 15, 16) for label in _ISO_LABELS},
    **dict.fromkeys(("iso-8859-8-i", "logical"), "iso8859-8"),
    **dict.fromkeys(("iso-8859-9", "iso8859-9", "iso_8859-9", "latin5", "l5"), "cp1254"),
    **dict.fromkeys(("iso-8859-11", "iso8859-11", "tis-620", "windows-874", "dos-874"), "cp874"),
    **dict.fromkeys(("latin2", "l2"), "iso8859-2"),
    **dict.fromkeys(("koi8-r", "koi8", "koi8_r", "koi"), "koi8_r"),
    **dict.fromkeys(("koi8-u", "koi8-ru"), "koi8_u"),
    **dict.fromkeys(("ibm866", "cp866", "866"), "cp866"),
    **dict.fromkeys(("macintosh", "mac", "x-mac-roman"), "mac_roman"),
    **dict.fromkeys(("x-mac-cyrillic", "x-mac-ukrainian"), "mac_cyrillic"),
    **dict.fromkeys(("gbk", "gb2312", "gb_2312", "gb_2312-80", "x-gbk", "chinese", "gb18030"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "cn-big5", "x-x-big5"), "big5hkscs"),
    **dict.fromkeys(("euc-jp", "x-euc-jp"), "euc_jp"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j"), "cp932"),
    "iso-2022-jp": "iso2022_jp",
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "ksc5601", "korean", "windows-949"), "cp949"),
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MOST_CONTROLS = 0.01


def decode(data: bytes, name: str, declared: str | None = None) -> str:
    r"""Decode a text: by its byte order mark, else as `declared`, else as UTF-8, else by the look of it.

    The mark is taken off; nothing else is changed. A declaration means what it means to a browser.

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
    charset = _WEB_ENCODINGS.get(declared.lower()) if declared else None
    text = _strictly(data, charset) if charset else None
    if text is None:
        text = _strictly(data, "utf-8")
    return _only_text(_guessed(data, name) if text is None else text, name)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeError:  # other bytes than promised
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
