"""A library, put together in one place: the store, the encoder, search and answers."""

import threading
from collections.abc import Callable
from typing import Self

from retriever.answering import Answerer, checked
from retriever.encoder import Encoder
from retriever.models import ignore, load_encoder
from retriever.projections import Projections
from retriever.reader import Reader
from retriever.records import Answer, NoAnswer, Span, Verification
from retriever.search import Searcher, SearchResult
from retriever.sentence_reader import SentenceReader
from retriever.settings import Settings
from retriever.store import Store
from retriever.trained_reader import load_reader
from retriever.verifying import verify


class Library:
    """One person's documents, to be asked. Safe to use from many threads; models are loaded when first needed."""

    def __init__(self, settings: Settings, store: Store, load: Callable[[], Encoder]) -> None:
        """Use `Library.open`."""
        self.settings = settings
        self.store = store
        self._load = load
        self._projections = Projections(store.home)
        self._loading = threading.RLock()
        self._encoder: Encoder | None = None
        self._searcher: Searcher | None = None
        self._answerer: Answerer | None = None

    @classmethod
    def open(cls, settings: Settings, *, encoder: Encoder | None = None, tell: Callable[[str], None] = ignore) -> Self:
        """Open the library in `settings.home`, with the encoder that the settings name unless one is given.

        `tell` is given a sentence before work that takes long.

        Raises:
            LibraryError: the library cannot be opened; the sentence says what to do.

        """
        return cls(settings, Store.open(settings.home), lambda: encoder or load_encoder(settings, tell))

    def __enter__(self) -> Self:
        """Close when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store and remove working copies."""
        self.close()

    def close(self) -> None:
        """Close the store and remove this process's working copies of the indexes."""
        self._projections.close()
        self.store.close()

    @property
    def encoder(self) -> Encoder:
        """The encoder of questions and chunks.

        Raises:
            ModelError: its files are missing or foreign.

        """
        with self._loading:
            if self._encoder is None:
                self._encoder = self._load()
            return self._encoder

    @property
    def searcher(self) -> Searcher:
        """Search over the newest generation."""
        with self._loading:
            if self._searcher is None:
                self._searcher = Searcher(self.store, self.encoder, self._projections)
            return self._searcher

    @property
    def answerer(self) -> Answerer:
        """Answers over the newest generation.

        Raises:
            ModelError: a model's files are missing or foreign.

        """
        with self._loading:
            if self._answerer is None:
                self._answerer = Answerer(
                    self.searcher,
                    self._reader(),
                    passages=self.settings.passages,
                    max_question_characters=self.settings.max_question_characters,
                )
            return self._answerer

    def _reader(self) -> Reader:
        if self.settings.reader == "sentences":
            return SentenceReader(self.encoder)
        return load_reader(threads=self.settings.threads)

    def ask(self, question: str) -> Answer | NoAnswer:
        """Answer one question.

        Raises:
            InvalidQuestion: it is blank or too long.
            LibraryMismatch: the library was indexed with another model.

        """
        return self.answerer.ask(question)

    def search(self, question: str, k: int = 10) -> SearchResult:
        """Find the `k` chunks nearest to a question.

        Raises:
            InvalidQuestion: it is blank or too long.
            LibraryMismatch: the library was indexed with another model.

        """
        return self.searcher.search(checked(question, self.settings.max_question_characters), k)

    def verify(self, document_id: str, version: str, span: Span, quote: str) -> Verification:
        """Check a citation against the newest generation."""
        with self.store.snapshot() as snapshot:
            return verify(snapshot, document_id, version, span, quote)

    def save_projections(self) -> None:
        """Publish the indexes of the newest generation unless they are; needs no model. To be called after each run.

        Raises:
            LibraryLocked: another process is writing.
            LibraryError: the disk does not take the indexes.

        """
        with self.store.writing():
            self.store.flush()
            self._projections.publish(self.store)
