"""One generation of the store, as it is read."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retriever.encoder import ModelIdentity
from retriever.errors import UnknownDocument
from retriever.records import Chunk, DocumentInfo, Searched, Span

_INFO = """
    SELECT d.id, d.version, d.title, d.source, d.media_type, d.characters,
           (SELECT count(*) FROM chunks c WHERE c.document_id = d.id), d.pages
    FROM documents d
"""
_VALUES = 10_000  # values in one statement; SQLite takes 32,766
_CHUNK = 'start, "end", text, sentences, heading_path'


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What the store remembers of the bytes behind a document.

    `size` and `mtime_ns` are `None` where a stat could not prove that nothing changed.
    """

    document_id: str
    content_hash: str
    reader: str
    size: int | None
    mtime_ns: int | None


@dataclass(frozen=True, slots=True)
class IndexedChunk:
    """A chunk as the projections take it: its id, the text that is searched for words, and its vector."""

    id: int
    text: str
    vector: NDArray[np.float32]


class Snapshot:
    """A read transaction: every method answers from the same generation."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read through a connection on which a transaction has begun."""
        self._connection = connection
        self.generation: int
        self.generation, self._encoder = self._one("SELECT generation, encoder FROM state")

    def token(self, generation: int) -> str | None:
        """Name the commit that made a generation; `None` for one that this history does not have."""
        return next((t for (t,) in self._rows("SELECT token FROM commits WHERE generation = ?", (generation,))), None)

    def encoder(self) -> ModelIdentity | None:
        """Name the model that made the vectors; `None` while there are none."""
        return ModelIdentity(**json.loads(self._encoder)) if self._encoder else None

    def counts(self) -> Searched:
        """Count documents and chunks."""
        return Searched(*self._one("SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM chunks)"))

    def documents(self) -> list[DocumentInfo]:
        """List every document, by source."""
        return [_info(row) for row in self._rows(f"{_INFO} ORDER BY d.source")]

    def document(self, document_id: str) -> DocumentInfo:
        """Describe one document.

        Raises:
            UnknownDocument: the library holds none of that id.

        """
        for row in self._rows(f"{_INFO} WHERE d.id = ?", (document_id,)):
            return _info(row)
        raise unknown(document_id)

    def document_by_source(self, source: str) -> DocumentInfo | None:
        """Describe the document of that source."""
        return next((_info(row) for row in self._rows(f"{_INFO} WHERE d.source = ?", (source,))), None)

    def text(self, document_id: str) -> str:
        """Give a document's canonical text, which every offset counts in.

        Raises:
            UnknownDocument: the library holds none of that id.

        """
        for (text,) in self._rows("SELECT text FROM texts WHERE document_id = ?", (document_id,)):
            return unpack_text(text)
        raise unknown(document_id)

    def chunks(self, document_id: str) -> list[Chunk]:
        """List the chunks of a document in order."""
        rows = self._rows(f"SELECT {_CHUNK} FROM chunks WHERE document_id = ? ORDER BY start", (document_id,))
        return [_chunk(row) for row in rows]

    def located_chunks(self, ids: Sequence[int]) -> dict[int, tuple[DocumentInfo, Chunk]]:
        """Find chunks by id, each with its document; an id that this generation does not hold is left out."""
        rows = list(self._rows(f"SELECT id, document_id, {_CHUNK} FROM chunks WHERE {_in('id', ids)}", ids))
        wanted = list({row[1] for row in rows})
        described = self._rows(f"{_INFO} WHERE {_in('d.id', wanted)}", wanted)
        documents = {info.id: info for info in map(_info, described)}
        return {row[0]: (documents[row[1]], _chunk(row[2:])) for row in rows}

    def owners(self, ids: Sequence[int]) -> dict[int, str]:
        """Map chunks that this generation holds to the ids of their documents."""
        owners: dict[int, str] = {}
        for first in range(0, len(ids), _VALUES):
            some = ids[first : first + _VALUES]
            owners.update(self._rows(f"SELECT id, document_id FROM chunks WHERE {_in('id', some)}", some))
        return owners

    def files(self) -> dict[str, FileRecord]:
        """Map each source to what is remembered of its bytes."""
        rows = self._rows("SELECT source, id, content_hash, reader, size, mtime_ns FROM documents")
        return {row[0]: FileRecord(*row[1:]) for row in rows}

    def roots(self) -> list[str]:
        """List the files and folders that were indexed, as absolute paths."""
        return [path for (path,) in self._rows("SELECT path FROM roots ORDER BY path")]

    def earlier_versions(self, document_id: str) -> set[str]:
        """Name the versions that a document had before the current one."""
        rows = self._rows(
            """SELECT v.version FROM versions v JOIN documents d ON d.id = v.document_id
               WHERE d.id = ? AND v.version <> d.version""",
            (document_id,),
        )
        return {version for (version,) in rows}

    def known_vectors(self, keys: Collection[bytes]) -> set[bytes]:
        """Tell which of these texts were encoded already."""
        wanted, known = list(keys), set[bytes]()
        for first in range(0, len(wanted), _VALUES):
            some = wanted[first : first + _VALUES]
            known.update(key for (key,) in self._rows(f"SELECT key FROM vectors WHERE {_in('key', some)}", some))
        return known

    def embedded_texts(self) -> Iterator[tuple[bytes, str]]:
        """Give each distinct text that has a vector, with its key."""
        rows = self._rows(f"SELECT vector_key, {_CHUNK} FROM chunks GROUP BY vector_key")
        return ((row[0], _chunk(row[1:]).embedded_text) for row in rows)

    def chunk_ids(self) -> NDArray[np.int64]:
        """List the ids of all chunks: int64 `(n,)`, ascending."""
        return np.fromiter((i for (i,) in self._rows("SELECT id FROM chunks ORDER BY id")), np.int64)

    def added_since(self, generation: int) -> Iterator[IndexedChunk]:
        """Give the chunks that were added after `generation` and are still there, by id."""
        rows = self._rows(
            """SELECT c.id, c.text, c.heading_path, v.vector FROM chunks c JOIN vectors v ON v.key = c.vector_key
               WHERE c.generation > ? ORDER BY c.id""",
            (generation,),
        )
        for i, text, headings, vector in rows:
            searched = "\n".join([*json.loads(headings), unpack_text(text)])
            yield IndexedChunk(i, searched, np.frombuffer(vector, np.float16).astype(np.float32))

    def removed_since(self, generation: int) -> list[int]:
        """List the ids of chunks that left after `generation`."""
        return [i for (i,) in self._rows("SELECT id FROM removed_chunks WHERE generation > ?", (generation,))]

    def _rows(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._connection.execute(sql, values)

    def _one(self, sql: str) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self._rows(sql).fetchone()
        return row


def unknown(document_id: str) -> UnknownDocument:
    """Say that there is no such document."""
    return UnknownDocument(f"The library holds no document {document_id}.")


def pack_text(text: str) -> bytes:
    """Write text as UTF-8, a lone surrogate included: SQLite's own text type refuses one."""
    return text.encode("utf-8", "surrogatepass")


def unpack_text(data: bytes) -> str:
    """Read what `pack_text` wrote."""
    return data.decode("utf-8", "surrogatepass")


def pack_spans(spans: Sequence[Span]) -> bytes:
    """Write spans as pairs of uint32.

    >>> unpack_spans(pack_spans([Span(0, 5), Span(6, 9)]))
    (Span(start=0, end=5), Span(start=6, end=9))
    """
    return np.array([(span.start, span.end) for span in spans], "<u4").tobytes()


def unpack_spans(data: bytes) -> tuple[Span, ...]:
    """Read what `pack_spans` wrote."""
    return tuple(Span(start, end) for start, end in np.frombuffer(data, "<u4").reshape(-1, 2).tolist())


def _in(column: str, values: Sequence[object]) -> str:
    return f"{column} IN ({','.join('?' * len(values))})"


def _info(row: tuple[Any, ...]) -> DocumentInfo:
    document_id, version, title, source, media_type, characters, chunks, pages = row
    spans = tuple(Span(*page) for page in json.loads(pages))
    return DocumentInfo(document_id, version, title, source, media_type, characters, chunks, spans)


def _chunk(row: Sequence[Any]) -> Chunk:
    start, end, text, sentences, heading_path = row
    return Chunk(Span(start, end), unpack_text(text), unpack_spans(sentences), tuple(json.loads(heading_path)))
