"""The content of a file decides which reader reads it."""

import gzip
import hashlib
import io
import sqlite3
import zipfile
from pathlib import Path

import pytest

from ingest.readers.registry import READERS, is_current, read_document
from retriever.errors import UnsupportedFile


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("page.txt", b"<!DOCTYPE html><p>Words", "text/html"),
        ("page.md", b"  <!-- c -->\n<HTML><p>Words", "text/html"),
        ("page", b"\xef\xbb\xbf<?xml version='1.0'?><html><p>Words", "text/html"),
        ("piece.html", b"<p>Words", "text/html"),
        ("notes.md", b"<p align=center>Words", "text/markdown"),
        ("notes.MD", b"Words", "text/markdown"),
        ("notes.rst", b"Words", "text/plain"),
        ("notes", b"# Words", "text/plain"),
    ],
)
def test_check_24_the_content_decides_and_the_extension_breaks_ties(name: str, data: bytes, media_type: str) -> None:
    """A page is a page whatever it is called; the extension tells only Markdown from text."""
    assert read_document(data, f"/home/ann/{name}").media_type == media_type


def zipped(name: str, content: str) -> bytes:
    """Make a ZIP archive of one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
        (b"GIF89a\x01\0\x01\0", "a GIF image"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"\x7fELF\x02\x01\x01\0", "an ELF program"),
        (gzip.compress(b"words", mtime=0), "a gzip archive"),
        (zipped("word/document.xml", "x"), "a Word document"),
        (zipped("mimetype", "application/epub+zip"), "an EPUB book"),
        (zipped("notes.txt", "x"), "a ZIP archive"),
        (b"\0\0\0\x18ftypmp42", "a video"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "a RIFF image or recording"),
        (b"{\\rtf1 words}", "a Rich Text document"),
    ],
)
def test_check_24_what_nobody_can_read_is_refused_whatever_it_is_called(data: bytes, kind: str) -> None:
    """A picture called photo.txt is refused, and the sentence says that it is a picture."""
    with pytest.raises(UnsupportedFile, match=rf"^photo\.txt is {kind}"):
        read_document(data, "/home/ann/photo.txt")


def test_check_24_a_database_is_refused(tmp_path: Path) -> None:
    """A real SQLite file is recognised."""
    with sqlite3.connect(tmp_path / "notes.txt") as connection:
        connection.execute("CREATE TABLE a (b)")
    connection.close()
    with pytest.raises(UnsupportedFile, match="an SQLite database"):
        read_document((tmp_path / "notes.txt").read_bytes(), "notes.txt")


def test_a_text_that_starts_like_a_signature_is_text() -> None:
    """Letters alone prove nothing: "ID3" may start a sentence."""
    assert read_document(b"ID3 is a decision tree.", "/a.txt").media_type == "text/plain"
    assert read_document(b"The ftyp box comes first.", "/a.txt").media_type == "text/plain"


@pytest.mark.parametrize(("name", "data"), [("a.html", b"<p hidden>x</p>"), ("a.md", b"***"), ("a.txt", b"\n")])
def test_a_file_that_shows_nothing_is_refused(name: str, data: bytes) -> None:
    """Nothing visible is a problem, never a silent success."""
    with pytest.raises(UnsupportedFile, match="holds no text"):
        read_document(data, name)


def test_a_document_names_its_bytes_its_reader_and_its_source() -> None:
    """The hash is that of the bytes; a file without a title is called as its name without the extension."""
    document = read_document(b"the words, ", "upload:my_notes.txt")
    assert document.content_hash == hashlib.sha256(b"the words, ").hexdigest()
    assert (document.reader, document.title, document.source) == ("text/1", "my_notes", "upload:my_notes.txt")


def test_readers_have_distinct_names_and_are_current() -> None:
    """Each reader is listed once, with a version."""
    assert len({reader.name for reader in READERS}) == len(READERS)
    assert all(is_current(reader.name) for reader in READERS)
    assert not is_current("text/0")
