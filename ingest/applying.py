"""Carries a plan out: reads, cuts and encodes documents in batches, and commits each on its own.

The order keeps what the library shows true at every moment: documents whose files are gone leave first, in one commit
with the new stats; then each file is committed as it stands now, a renamed one with its new name. An interruption
leaves what was committed, and the next run does the rest. Vectors that no passage uses any more leave when the
run ends, so that words which move from file to file are not encoded again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ingest.chunking import chunk
from ingest.files import Content, Stat, os_reason, read_file
from ingest.planning import GONE, KEPT, Plan
from ingest.readers.registry import read_document
from ingest.report import Problem, Progress, Report, Tell
from retriever.encoder import Encoder
from retriever.errors import RequestError
from retriever.library import Library
from retriever.records import Chunk, Document

Vectors = Mapping[bytes, NDArray[np.float32]]

_ENOUGH_TEXTS = 64
_ENOUGH_CHARACTERS = 8 * 2**20
_MOST_TEXTS = 512
"""Texts given to the encoder at once: one document may have thousands, and a run should stop soon when told to."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is to become a document: a file, or bytes that are here already.

    `renamed` is the id of the document whose file it was under another name; only if `follow` may the file be a link.
    """

    name: str
    content: Content | None = None
    renamed: str | None = None
    follow: bool = False


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A document that is read and waits for its vectors; `held` is its id if only its name or its stat is new."""

    source: Source
    document: Document
    stat: Stat
    chunks: tuple[Chunk, ...] = ()
    held: str | None = None


@dataclass(slots=True)
class _Batch:
    """Documents whose missing texts go to the encoder together."""

    prepared: list[_Prepared] = field(default_factory=list)
    missing: dict[bytes, str] = field(default_factory=dict)
    characters: int = 0

    @property
    def full(self) -> bool:
        return len(self.missing) >= _ENOUGH_TEXTS or self.characters >= _ENOUGH_CHARACTERS


class Run:
    """One run on one library, by its one writer: `library.store.writing()` is held around it."""

    def __init__(self, library: Library, tell: Tell) -> None:
        """Start a run that tells `tell` how far it is."""
        self._library = library
        self._store = library.store
        self._tell = tell
        self._counts: Counter[str] = Counter()
        self._problems: list[Problem] = []
        self._done, self._total = 0, 0
        self._stamped = False
        with self._store.snapshot() as snapshot:
            self._records = snapshot.files()

    @property
    def report(self) -> Report:
        """What was done so far."""
        return Report(**self._counts, problems=tuple(sorted(self._problems, key=lambda problem: problem.source)))

    def plan(self, plan: Plan) -> None:
        """Do what a plan says.

        Raises:
            LibraryMismatch: the library holds vectors of another model.
            ModelError: there are documents to encode and no model.

        """
        known = {record.document_id for record in self._records.values()}
        with self._store.transaction() as writer:
            for document_id in known.intersection(plan.removals):
                writer.remove(document_id)
                self._counts["deleted"] += 1
            for document_id, stat in plan.touches:
                writer.touch(document_id, size=stat.size, mtime_ns=stat.mtime_ns)
            for root in plan.old_roots:
                writer.remove_root(root)
            for root in plan.new_roots:
                writer.add_root(root)
        self._counts["unchanged"] += plan.unchanged
        self._problems += plan.problems
        moved = [Source(name, renamed=old, follow=name in plan.named) for name, old in plan.renames if old in known]
        self.sources([*moved, *(Source(name, follow=name in plan.named) for name in plan.reads)])

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Report sources that were not looked into."""
        self._problems += problems

    def sources(self, sources: Sequence[Source]) -> None:
        """Add or replace the documents of some sources. Raises what `plan` raises."""
        self._total = len(sources)
        try:
            for batch in self._batches(sources):
                vectors = self._encoded(batch.missing)
                self._counts["reused_chunks"] += sum(len(each.chunks) for each in batch.prepared) - len(vectors)
                for prepared in batch.prepared:
                    self._commit(prepared, vectors)
                    self._step("Indexing")
        finally:  # what was removed leaves no vector, however the run ends
            with self._store.transaction() as writer:
                writer.sweep()

    def _batches(self, sources: Sequence[Source]) -> Iterator[_Batch]:
        batch = _Batch()
        for source in sources:
            self._tell(Progress(self._done, self._total, "Reading"))
            prepared = self._prepared(source)
            if prepared is None:
                self._step("Reading")
                continue
            batch.prepared.append(prepared)
            batch.characters += len(prepared.document.text)
            batch.missing |= self._missing(prepared.chunks)
            if batch.full:
                yield batch
                batch = _Batch()
        yield batch

    def _prepared(self, source: Source) -> _Prepared | None:
        """Read and cut one source; `None` for one that cannot be, which is then reported."""
        try:
            content = source.content or self._read(source)
            document = read_document(content.data, source.name)
        except OSError as error:
            gone = isinstance(error, FileNotFoundError | NotADirectoryError)
            self._fail(source, os_reason(source.name, error), keep=not gone)
            return None
        except RequestError as error:
            self._fail(source, str(error), keep=source.content is not None)
            return None
        document_id = self._id(source)
        if document_id is not None and self._holds(document_id, document):
            return _Prepared(source, document, content.stat, held=document_id)
        encoder = self._stamped_encoder()
        most = min(self._library.settings.chunk_tokens, encoder.max_tokens)
        return _Prepared(source, document, content.stat, chunk(document, encoder.count_tokens, most))

    def _stamped_encoder(self) -> Encoder:
        """Give the encoder once the library says that its vectors are of that model; not before one is needed."""
        encoder = self._library.encoder
        if not self._stamped:
            with self._store.transaction() as writer:
                writer.stamp(encoder.identity)
            self._stamped = True
        return encoder

    def _read(self, source: Source) -> Content:
        return read_file(source.name, self._library.settings.max_file_bytes, follow=source.follow)

    def _holds(self, document_id: str, document: Document) -> bool:
        """Tell whether the library holds exactly this document, but for its source."""
        with self._store.snapshot() as snapshot:
            held = snapshot.document(document_id)
        return (held.version, held.title) == (document.version, document.title)

    def _id(self, source: Source) -> str | None:
        record = self._records.get(source.name)
        return source.renamed or (record.document_id if record else None)

    def _fail(self, source: Source, reason: str, *, keep: bool) -> None:
        """Report a source; its document leaves unless its words may still be there, on a disk that fails today.

        What was sent and cannot be read replaces nothing.
        """
        document_id = self._id(source)
        if document_id is not None and keep:
            reason = f"{reason} {KEPT}"
        elif document_id is not None:
            reason = f"{reason} {GONE}"
            self._counts["deleted"] += 1
            with self._store.transaction() as writer:
                writer.remove(document_id)
        self._problems.append(Problem(source.name, reason))

    def _missing(self, chunks: Sequence[Chunk]) -> dict[bytes, str]:
        texts = {chunk.vector_key: chunk.embedded_text for chunk in chunks}
        with self._store.snapshot() as snapshot:
            known = snapshot.known_vectors(texts)
        return {key: text for key, text in texts.items() if key not in known}

    def _encoded(self, texts: Mapping[bytes, str]) -> Vectors:
        keys = list(texts)
        vectors: dict[bytes, NDArray[np.float32]] = {}
        for first in range(0, len(keys), _MOST_TEXTS):
            self._tell(Progress(self._done, self._total, "Encoding"))
            some = keys[first : first + _MOST_TEXTS]
            vectors |= zip(some, self._library.encoder.encode([texts[key] for key in some]), strict=True)
        self._counts["encoded_chunks"] += len(keys)
        return vectors

    def _commit(self, prepared: _Prepared, vectors: Vectors) -> None:
        source, stat, chunks = prepared.source, prepared.stat, prepared.chunks
        with self._store.transaction() as writer:
            if source.renamed:
                writer.rename(source.renamed, source.name, size=stat.size, mtime_ns=stat.mtime_ns)
            if prepared.held is None:
                writer.put(prepared.document, chunks, vectors, size=stat.size, mtime_ns=stat.mtime_ns)
            else:
                writer.touch(prepared.held, size=stat.size, mtime_ns=stat.mtime_ns)
        if source.renamed:
            self._counts["renamed"] += 1
        elif prepared.held is not None:
            self._counts["unchanged"] += 1
        else:
            self._counts["added" if self._id(source) is None else "changed"] += 1

    def _step(self, message: str) -> None:
        self._done += 1
        self._tell(Progress(self._done, self._total, message))
