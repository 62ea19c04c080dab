"""FAISS and Tantivy, kept at the store's generation: loaded, caught up, rebuilt and saved together."""

import os
import secrets
import shutil
import threading
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from retriever import disk
from retriever.dense import DenseIndex
from retriever.errors import LibraryError
from retriever.lexical import LexicalIndex
from retriever.snapshot import IndexedChunk, Snapshot
from retriever.store import Store

FORMAT = 1
_BATCH = 4096  # chunks that are in memory at once while an index is built
_SMALL = 1000  # chunks: below this a lexical index is built anew rather than left with the words of removed chunks
_STALE_SHARE = 0.1
_STATE = ("generation", "token", "encoder")  # of a manifest: what the indexes stand at


class Projections:
    """The two indexes of one library, at one generation. Whoever uses them holds `lock`.

    What is on disk is a convenience: anything missing, damaged, foreign or of another history is built anew from the
    store and never trusted.
    """

    def __init__(self, home: Path) -> None:
        """Use the folder `index` of the library in `home`."""
        self._published = home / "index"
        self._work = home / "work" / f"{os.getpid()}-{secrets.token_hex(4)}"
        self._cleanup = weakref.finalize(self, shutil.rmtree, self._work, ignore_errors=True)
        self._state: dict[str, Any] = {}
        self._checked = False
        self.lock = threading.Lock()
        self.dense: DenseIndex | None = None
        self.lexical: LexicalIndex | None = None

    def close(self) -> None:
        """Remove this process's working copies."""
        self._cleanup()

    def newest(self, store: Store, stack: ExitStack) -> Snapshot:
        """Bring both indexes to the newest generation, and give its snapshot, which stays open as long as `stack`."""
        self.load()  # before the snapshot is taken, so that what is loaded is never newer than it
        snapshot = stack.enter_context(store.snapshot())
        self.follow(snapshot)
        if not self._checked:
            self.check(snapshot)
            self._checked = True
        return snapshot

    def publish(self, store: Store) -> None:
        """Save the indexes of the newest generation unless that was done; only the writer of the library may call this.

        Raises:
            LibraryError: the disk does not take them; what was published before is still there.

        """
        with self.lock, ExitStack() as stack:
            with store.snapshot() as snapshot:
                state = _state_of(snapshot)
            for manifest, folder in self._candidates():
                if {key: manifest.get(key) for key in _STATE} == state and disk.intact(folder, manifest):
                    self._tidy(folder)  # whoever published it may have died before that
                    return
            snapshot = self.newest(store, stack)
            if self.lexical is not None and self.lexical.stale_share > 0 and len(self.lexical) < _SMALL:
                self._rebuild_lexical(snapshot)
            self.save()

    def load(self) -> None:
        """Take up the newest indexes on disk that are whole, if any, unless some were taken up before.

        To be called before the snapshot is taken.
        """
        if self._state:
            return
        for manifest, folder in sorted(self._candidates(), key=lambda c: c[0]["generation"], reverse=True):
            own = self._own_folder()
            with suppress(OSError):  # replaced while we looked, or the disk is full, or Tantivy has a new format
                disk.link(folder, own)
                if disk.intact(own, manifest):
                    self.lexical = LexicalIndex(own / "lexical", manifest["removed"])
                    self.dense = DenseIndex.load(own / "dense")
                    self._state = {key: manifest[key] for key in _STATE}
                    return
            shutil.rmtree(own, ignore_errors=True)

    def follow(self, snapshot: Snapshot) -> None:
        """Bring both indexes to the generation of the snapshot."""
        encoder, state = snapshot.encoder(), _state_of(snapshot)
        if state == self._state:
            return
        known, self._state = self._state, {}  # what fails midway is not to be continued
        if not (_continues(known, snapshot) and self._catch_up(snapshot, known["generation"])):
            self._rebuild(snapshot, encoder.dimension if encoder else 1)
        self._state = state

    def check(self, snapshot: Snapshot) -> None:
        """Compare the chunk ids held with the store's, and rebuild where they differ."""
        encoder = snapshot.encoder()
        if encoder and not self._agrees(snapshot):
            self._rebuild(snapshot, encoder.dimension)

    def save(self) -> None:
        """Publish both indexes, then remove what they replace. Only the writer of the library may call this.

        Raises:
            LibraryError: the disk does not take them; what was published before is still there.

        """
        dense, lexical = self.dense, self.lexical
        if dense is None or lexical is None:
            return
        if lexical.folder is None:
            msg = f"The indexes could not be saved in {self._published}: the disk is full. No document is lost by that."
            raise LibraryError(msg)
        newest = self._published / f"{self._state['generation']:012}-{secrets.token_hex(4)}"

        def fill(folder: Path) -> None:
            (folder / "dense").mkdir()
            dense.save(folder / "dense")
            (folder / "lexical").mkdir()
            lexical.save(folder / "lexical")

        try:
            self._published.mkdir(mode=0o700, exist_ok=True)  # its words are those of files that only you may read
            disk.publish(newest, {"format": FORMAT, "removed": lexical.removed, **self._state}, fill)
        except OSError as error:
            msg = f"The indexes in {self._published} could not be saved ({error}); no document is lost by that."
            raise LibraryError(msg) from error
        self._tidy(newest)

    def _tidy(self, kept: Path) -> None:
        for folder in self._folders():
            if folder != kept:
                disk.remove(folder)
        disk.remove_unfinished(self._published)
        _remove_orphans(self._work.parent)

    def _candidates(self) -> list[tuple[dict[str, Any], Path]]:
        return [(m, f) for f in self._folders() if (m := disk.read_manifest(f)) and m.get("format") == FORMAT]

    def _folders(self) -> list[Path]:
        return [f for f in self._published.glob("*") if f.is_dir() and not f.name.startswith(".")]

    def _own_folder(self) -> Path:
        with suppress(OSError):  # whoever uses the folder will notice
            self._work.mkdir(parents=True, exist_ok=True)
        return self._work / secrets.token_hex(4)

    def _agrees(self, snapshot: Snapshot) -> bool:
        assert self.dense is not None  # noqa: S101 - follow() came first
        assert self.lexical is not None  # noqa: S101
        ids = snapshot.chunk_ids()
        return len(self.lexical) == len(ids) and np.array_equal(self.dense.ids(), ids)

    def _catch_up(self, snapshot: Snapshot, known: int) -> bool:
        if self.dense is None or self.lexical is None or self.lexical.folder is None:
            return False
        removed = snapshot.removed_since(known)
        try:
            self.dense.apply((), removed)
            self.lexical.apply((), removed)
            for chunks in _batches(snapshot, known):
                self.dense.apply(chunks, ())
                self.lexical.apply(chunks, ())
        except OSError:  # the disk is full
            return False
        if self.lexical.stale_share > _STALE_SHARE:
            self._rebuild_lexical(snapshot)
        return len(self.dense) == len(self.lexical) == snapshot.counts().chunks

    def _rebuild(self, snapshot: Snapshot, dimension: int) -> None:
        self.dense = DenseIndex.empty(dimension)
        for chunks in _batches(snapshot, -1):
            self.dense.apply(chunks, ())
        self._rebuild_lexical(snapshot)

    def _rebuild_lexical(self, snapshot: Snapshot) -> None:
        if self.lexical is not None and self.lexical.folder is not None:
            shutil.rmtree(self.lexical.folder, ignore_errors=True)
        own = self._own_folder()
        try:
            own.mkdir(mode=0o700)
            self.lexical = _filled(LexicalIndex(own), snapshot)
        except OSError:  # the disk is full: memory does as well, until the next generation
            shutil.rmtree(own, ignore_errors=True)
            self.lexical = _filled(LexicalIndex(None), snapshot)


def _state_of(snapshot: Snapshot) -> dict[str, Any]:
    encoder = snapshot.encoder()
    token = snapshot.token(snapshot.generation)
    return dict(zip(_STATE, (snapshot.generation, token, asdict(encoder) if encoder else None), strict=True))


def _filled(index: LexicalIndex, snapshot: Snapshot) -> LexicalIndex:
    for chunks in _batches(snapshot, -1):
        index.apply(chunks, ())
    return index


def _continues(state: dict[str, Any], snapshot: Snapshot) -> bool:
    """Tell whether the snapshot's history holds the commit that indexes stand at, and the same model."""
    if not state or state["token"] != snapshot.token(state["generation"]):
        return False
    encoder = snapshot.encoder()
    return encoder is not None and state["encoder"] == asdict(encoder)


def _batches(snapshot: Snapshot, generation: int) -> Iterator[list[IndexedChunk]]:
    chunks = snapshot.added_since(generation)
    while batch := list(islice(chunks, _BATCH)):
        yield batch


def _remove_orphans(work: Path) -> None:
    """Remove the working copies of processes that are gone."""
    for folder in work.glob("*-*"):
        with suppress(PermissionError):  # alive, and of another user
            try:
                os.kill(int(folder.name.partition("-")[0]), 0)
            except ProcessLookupError:
                shutil.rmtree(folder, ignore_errors=True)
