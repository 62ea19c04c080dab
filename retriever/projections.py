"""FAISS and Tantivy, kept at the store's generation: loaded, caught up, rebuilt and saved together."""

import os
import secrets
import shutil
import weakref
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from retriever import disk
from retriever.dense import DenseIndex
from retriever.lexical import LexicalIndex
from retriever.snapshot import IndexedChunk, Snapshot

FORMAT = 1
_BATCH = 4096  # chunks that are in memory at once while an index is built
_SMALL = 5000  # chunks: below this a lexical index is built anew rather than left with the words of removed chunks
_STALE_SHARE = 0.1


class Projections:
    """The two indexes of one library, at one generation. Not thread-safe: `retriever.search` holds a lock.

    What is on disk is a convenience: anything missing, damaged, foreign or of another history is built anew from the
    store and never trusted.
    """

    def __init__(self, home: Path) -> None:
        """Use the folder `index` of the library in `home`."""
        self._published = home / "index"
        self._work = home / "work" / f"{os.getpid()}-{secrets.token_hex(4)}"
        self._cleanup = weakref.finalize(self, shutil.rmtree, self._work, ignore_errors=True)
        self._state: dict[str, Any] = {}
        self.dense: DenseIndex | None = None
        self.lexical: LexicalIndex | None = None

    def close(self) -> None:
        """Remove this process's working copies."""
        self._cleanup()

    def load(self) -> None:
        """Take up the newest indexes on disk that are whole, if any. To be called before the snapshot is taken."""
        candidates = [(m, f) for f in self._folders() if (m := disk.read_manifest(f)) and m.get("format") == FORMAT]
        for manifest, folder in sorted(candidates, key=lambda c: c[0]["generation"], reverse=True):
            try:
                lexical = LexicalIndex.load(folder / "lexical", self._own_folder())
                if not disk.intact(folder, manifest):
                    continue
                self.dense = DenseIndex.load(folder / "dense")
            except OSError:  # replaced by a newer one while we looked
                continue
            self.lexical = lexical
            self._state = {key: manifest[key] for key in ("generation", "token", "encoder")}
            return

    def follow(self, snapshot: Snapshot) -> None:
        """Bring both indexes to the generation of the snapshot."""
        encoder = snapshot.encoder()
        state = {
            "generation": snapshot.generation,
            "token": snapshot.token(snapshot.generation),
            "encoder": asdict(encoder) if encoder else None,
        }
        if state == self._state:
            return
        if not (self._continued_by(snapshot) and self._catch_up(snapshot, self._state["generation"])):
            self._rebuild(snapshot, encoder.dimension if encoder else 1)
        self._state = state

    def check(self, snapshot: Snapshot) -> None:
        """Compare the chunk ids held with the store's, and rebuild where they differ."""
        encoder = snapshot.encoder()
        if encoder and not self._agrees(snapshot):
            self._rebuild(snapshot, encoder.dimension)

    def save(self) -> None:
        """Publish both indexes, then remove what they replace. Only the writer of the library may call this."""
        if self.dense is None or self.lexical is None:
            return
        dense, lexical = self.dense, self.lexical
        newest = self._published / f"{self._state['generation']:012}-{secrets.token_hex(4)}"

        def fill(folder: Path) -> None:
            (folder / "dense").mkdir()
            dense.save(folder / "dense")
            (folder / "lexical").mkdir()
            lexical.save(folder / "lexical")

        disk.publish(newest, {"format": FORMAT, **self._state}, fill)
        for folder in self._folders():
            if folder != newest:
                disk.remove(folder)
        disk.remove_unfinished(self._published)
        _remove_orphans(self._work.parent)

    def _folders(self) -> list[Path]:
        return [f for f in self._published.glob("*") if not f.name.startswith(".")]

    def _own_folder(self) -> Path:
        folder = self._work / secrets.token_hex(4)
        folder.mkdir(parents=True)
        return folder

    def _continued_by(self, snapshot: Snapshot) -> bool:
        """Tell whether the snapshot's history holds the commit that these indexes stand at, and the same model."""
        if not self._state or self._state["token"] != snapshot.token(self._state["generation"]):
            return False
        encoder = snapshot.encoder()
        return encoder is not None and self._state["encoder"] == asdict(encoder)

    def _agrees(self, snapshot: Snapshot) -> bool:
        assert self.dense is not None  # noqa: S101 - follow() came first
        assert self.lexical is not None  # noqa: S101
        ids = snapshot.chunk_ids()
        return len(self.lexical) == len(ids) and np.array_equal(self.dense.ids(), ids)

    def _catch_up(self, snapshot: Snapshot, known: int) -> bool:
        if self.dense is None or self.lexical is None:
            return False
        removed = snapshot.removed_since(known)
        self.dense.apply((), removed)
        self.lexical.apply((), removed)
        for chunks in _batches(snapshot, known):
            self.dense.apply(chunks, ())
            self.lexical.apply(chunks, ())
        if self.lexical.stale_share > (0 if len(self.lexical) < _SMALL else _STALE_SHARE):
            self._rebuild_lexical(snapshot)
        return len(self.dense) == len(self.lexical) == snapshot.counts().chunks

    def _rebuild(self, snapshot: Snapshot, dimension: int) -> None:
        self.dense = DenseIndex.empty(dimension)
        for chunks in _batches(snapshot, -1):
            self.dense.apply(chunks, ())
        self._rebuild_lexical(snapshot)

    def _rebuild_lexical(self, snapshot: Snapshot) -> None:
        if self.lexical is not None:
            self.lexical.remove()
        self.lexical = LexicalIndex.empty(self._own_folder())
        for chunks in _batches(snapshot, -1):
            self.lexical.apply(chunks, ())


def _batches(snapshot: Snapshot, generation: int) -> Iterator[list[IndexedChunk]]:
    chunks = snapshot.added_since(generation)
    while batch := list(islice(chunks, _BATCH)):
        yield batch


def _remove_orphans(work: Path) -> None:
    """Remove the working copies of processes that are gone."""
    for folder in work.glob("*-*"):
        try:
            os.kill(int(folder.name.partition("-")[0]), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except PermissionError:
            pass
