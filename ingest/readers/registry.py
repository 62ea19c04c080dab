"""The one place where readers are listed. The content of a file decides which of them reads it."""

import hashlib
import re
from pathlib import PurePath

from ingest.readers.base import Reader, file_name, one_line
from ingest.readers.html import HtmlReader
from ingest.readers.markdown import MarkdownReader
from ingest.readers.signatures import recognise
from ingest.readers.text import TextReader
from retriever.errors import UnsupportedFile
from retriever.records import Document

TEXT, MARKDOWN, HTML = TextReader(), MarkdownReader(), HtmlReader()
READERS: tuple[Reader, ...] = (TEXT, MARKDOWN, HTML)

HEAD = 4_096
"""The first bytes of a file, which say what it is."""

_HTML = re.compile(
    rb"(?:\s|\xef\xbb\xbf|<\?xml[^>]*>|<!--(?:(?!-->)[\s\S])*-->)*+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE
)


def read_document(data: bytes, source: str) -> Document:
    r"""Understand the bytes of a file.

    Raises:
        UnsupportedFile: no reader understands them; the sentence names the file and what was seen.

    >>> document = read_document(b"# Hours\n\nOpen at nine.", "/home/ann/hours.md")
    >>> document.title, document.reader, [block.span.of(document.text) for block in document.blocks]
    ('Hours', 'markdown/2', ['Hours', 'Open at nine.'])
    """
    name = file_name(source)
    refuse_foreign(data, name)
    reader = _choose(data, name)
    parsed = reader.read(data, name)
    if not parsed.blocks:
        msg = f"{name} holds no text that can be seen."
        raise UnsupportedFile(msg)
    return Document(
        source=source,
        title=parsed.title or one_line(PurePath(name).stem) or name,
        media_type=reader.media_type,
        text=parsed.text,
        content_hash=content_hash(data),
        reader=reader.name,
        blocks=parsed.blocks,
        pages=parsed.pages,
    )


def refuse_foreign(head: bytes, name: str) -> None:
    """Refuse a file whose first bytes say that no reader will understand it.

    Raises:
        UnsupportedFile: it is such a file; the sentence says what it is.

    """
    kind = recognise(head)
    if kind is not None:
        msg = f"{name} is {kind}, and Footnote reads plain text, Markdown and HTML."
        raise UnsupportedFile(msg)


def content_hash(data: bytes) -> str:
    """Name the bytes of a file: their sha256 in hex."""
    return hashlib.sha256(data).hexdigest()


def is_current(reader: str) -> bool:
    """Tell whether that reader, in that version, is one of today's.

    >>> is_current("text/0")
    False
    """
    return any(reader == each.name for each in READERS)


def _choose(data: bytes, name: str) -> Reader:
    if _HTML.match(data[:HEAD]):
        return HTML
    extension = PurePath(name).suffix.lower()
    return next((reader for reader in READERS if extension in reader.extensions), TEXT)
