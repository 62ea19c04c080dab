"""What the first bytes of a file say that it is, where it is not plain text."""

_SIGNATURES = (
    (b"%PDF-", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"{\\rtf", "a Rich Text document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"\x7fELF", "an ELF program"),
    (b"\xca\xfe\xba\xbe", "a compiled program"),
    (b"\xcf\xfa\xed\xfe", "a Mach-O program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"ID3", "an MP3 recording"),
    (b"OggS", "an Ogg recording"),
    (b"fLaC", "a FLAC recording"),
    (b"\x1aE\xdf\xa3", "a Matroska recording"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_INSIDE_ZIP = (
    (b"word/", "a Word document"),
    (b"xl/", "an Excel workbook"),
    (b"ppt/", "a PowerPoint presentation"),
    (b"application/epub+zip", "an EPUB book"),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file"),
)
_HEAD = 4_096


def recognise(data: bytes) -> str | None:
    r"""Say what kind of file the bytes are, with its article; `None` for what may be text.

    >>> recognise(b"\x89PNG\r\n\x1a\n..."), recognise(b"Plain words.")
    ('a PNG image', None)
    """
    for signature, kind in _SIGNATURES:
        if data.startswith(signature) and (b"\0" in data[:_HEAD] or not signature.isalnum()):
            return kind
    if data.startswith(_ZIP):
        head = data[:_HEAD]
        return next((kind for mark, kind in _INSIDE_ZIP if mark in head), "a ZIP archive")
    if data[4:8] == b"ftyp" and b"\0" in data[:4]:  # a length before it; words have none
        return "a video or an HEIF image"
    if data.startswith(b"RIFF") and data[8:12] in {b"WEBP", b"WAVE", b"AVI "}:
        return "a RIFF image or recording"
    return None
