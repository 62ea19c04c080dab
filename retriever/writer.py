"""One write transaction on the store."""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from retriever.encoder import ModelIdentity
from retriever.errors import LibraryMismatch
from retriever.records import Chunk, Document
from retriever.snapshot import pack_spans, pack_text, unknown


class Writer:
    """What may be done within a transaction. All of it becomes visible at once, as one new generation."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Write through a connection on which a write transaction has begun."""
        self._connection = connection
        self._generation: int = connection.execute("SELECT generation FROM state").fetchone()[0] + 1
        self._changed = False

    def put(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Mapping[bytes, NDArray[np.float32]],
        *,
        size: int | None = None,
        mtime_ns: int | None = None,
    ) -> str:
        """Add the document of that source, or replace the one there is, and return its id.

        `vectors` maps the `vector_key` of each chunk that the library has not encoded before to float32 `(d,)`; keys of
        other chunks are ignored.

        Raises:
            sqlite3.IntegrityError: the vector of a chunk is neither given nor known.

        """
        document_id = self._id_of(document.source) or self._new_id(document.source)
        self._remove_chunks(document_id)
        self._connection.execute(
            """INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT (id) DO UPDATE SET version = excluded.version, title = excluded.title,
                   media_type = excluded.media_type, content_hash = excluded.content_hash, reader = excluded.reader,
                   pages = excluded.pages, characters = excluded.characters, size = excluded.size,
                   mtime_ns = excluded.mtime_ns""",
            (
                document_id,
                document.source,
                document.version,
                document.title,
                document.media_type,
                document.content_hash,
                document.reader,
                json.dumps([(page.start, page.end) for page in document.pages]),
                len(document.text),
                size,
                mtime_ns,
            ),
        )
        self._connection.execute("REPLACE INTO texts VALUES (?, ?)", (document_id, pack_text(document.text)))
        self._connection.execute("INSERT OR IGNORE INTO versions VALUES (?, ?)", (document_id, document.version))
        self._add_chunks(document_id, chunks, vectors)
        self._changed = True
        return document_id

    def rename(self, document_id: str, source: str, *, size: int | None = None, mtime_ns: int | None = None) -> None:
        """Let a document come from another source; its id, its text and its chunks stay."""
        self._must_exist(document_id)
        self._connection.execute(
            "UPDATE documents SET source = ?, size = ?, mtime_ns = ? WHERE id = ?",
            (source, size, mtime_ns, document_id),
        )
        self._changed = True

    def touch(self, document_id: str, *, size: int | None, mtime_ns: int | None) -> None:
        """Remember a new stat of the same bytes; no new generation."""
        self._connection.execute(
            "UPDATE documents SET size = ?, mtime_ns = ? WHERE id = ?", (size, mtime_ns, document_id)
        )

    def remove(self, document_id: str) -> None:
        """Remove a document, its text and its chunks. Their vectors stay until `sweep`.

        Raises:
            UnknownDocument: the library holds none of that id.

        """
        self._must_exist(document_id)
        self._remove_chunks(document_id)
        self._connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
        self._changed = True

    def sweep(self) -> None:
        """Remove every vector that no chunk uses; no new generation.

        Not done by each commit, because the words of a document that leaves may come back in the next one.
        """
        # From the two indexes alone, which is twice as fast as to go through the vectors themselves.
        self._connection.execute(
            "DELETE FROM vectors WHERE key IN (SELECT key FROM vectors EXCEPT SELECT vector_key FROM chunks)"
        )

    def add_root(self, path: str) -> None:
        """Remember that this file or folder was indexed."""
        self._connection.execute("INSERT OR IGNORE INTO roots VALUES (?)", (path,))

    def remove_root(self, path: str) -> None:
        """Forget a file or folder."""
        self._connection.execute("DELETE FROM roots WHERE path = ?", (path,))

    def stamp(self, identity: ModelIdentity) -> None:
        """Say which model makes the vectors of this library; an empty library may change its model.

        Raises:
            LibraryMismatch: the library holds vectors of another model.

        """
        stamped, used = self._connection.execute("SELECT encoder, EXISTS (SELECT 1 FROM chunks) FROM state").fetchone()
        known = ModelIdentity(**json.loads(stamped)) if stamped else None
        if known == identity:
            return
        if known and used:
            raise mismatch(known, identity)
        self.sweep()  # a vector of the other model must not be taken for one of this
        self._connection.execute("UPDATE state SET encoder = ?", (json.dumps(asdict(identity)),))

    def replace_vectors(self, identity: ModelIdentity, vectors: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Re-encode: set every vector that a chunk uses, and name the model that made them."""
        self.sweep()
        self._connection.executemany(
            "UPDATE vectors SET vector = ? WHERE key = ?", ((_pack(vector), key) for key, vector in vectors.items())
        )
        self._connection.execute("UPDATE state SET encoder = ?", (json.dumps(asdict(identity)),))
        self._changed = True

    def finish(self) -> None:
        """Move the generation, if anything that can be asked about has changed."""
        if self._changed:
            self._connection.execute("UPDATE state SET generation = ?", (self._generation,))
            self._connection.execute("INSERT INTO commits VALUES (?, ?)", (self._generation, secrets.token_hex(8)))

    def _id_of(self, source: str) -> str | None:
        row = self._connection.execute("SELECT id FROM documents WHERE source = ?", (source,)).fetchone()
        return row[0] if row else None

    def _new_id(self, source: str) -> str:
        # From the source, so that a library made anew gives the same ids. A renamed document keeps the id that its
        # first source gave it, so that id may be taken when another file appears there.
        for attempt in range(self._connection.execute("SELECT count(*) FROM documents").fetchone()[0] + 1):
            name = source.encode("utf-8", "surrogatepass") + (b"\0%d" % attempt if attempt else b"")
            document_id = hashlib.sha256(name).hexdigest()[:16]
            if not self._exists(document_id):
                return document_id
        raise AssertionError  # pragma: no cover - n documents cannot take n + 1 ids

    def _exists(self, document_id: str) -> bool:
        row = self._connection.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone()
        return row is not None

    def _must_exist(self, document_id: str) -> None:
        if not self._exists(document_id):
            raise unknown(document_id)

    def _add_chunks(
        self, document_id: str, chunks: Sequence[Chunk], vectors: Mapping[bytes, NDArray[np.float32]]
    ) -> None:
        new = {chunk.vector_key for chunk in chunks} & vectors.keys()
        self._connection.executemany(
            "INSERT OR IGNORE INTO vectors VALUES (?, ?)", ((key, _pack(vectors[key])) for key in new)
        )
        self._connection.executemany(
            """INSERT INTO chunks (document_id, start, "end", text, heading_path, sentences, vector_key, generation)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                (
                    document_id,
                    chunk.span.start,
                    chunk.span.end,
                    pack_text(chunk.text),
                    json.dumps(chunk.heading_path),
                    pack_spans(chunk.sentences),
                    chunk.vector_key,
                    self._generation,
                )
                for chunk in chunks
            ),
        )

    def _remove_chunks(self, document_id: str) -> None:
        self._connection.execute(
            "INSERT INTO removed_chunks SELECT id, ? FROM chunks WHERE document_id = ?", (self._generation, document_id)
        )
        self._connection.execute("DELETE FROM chunks WHERE document_id = ?", (document_id,))


def mismatch(stamped: ModelIdentity, wanted: ModelIdentity) -> LibraryMismatch:
    """Say that a library's vectors were made by another model, and what to do."""
    return LibraryMismatch(
        f"This library was indexed with the model {stamped.name} ({stamped.runtime}, {stamped.weights[:8]}), not with "
        f"{wanted.name} ({wanted.runtime}, {wanted.weights[:8]}): set FOOTNOTE_MODEL={stamped.name}, or re-encode it "
        "with `footnote index --re-encode`."
    )


def _pack(vector: NDArray[np.float32]) -> bytes:
    return vector.astype(np.float16).tobytes()
