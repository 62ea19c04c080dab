"""The Tantivy index: which chunks hold the question's words (BM25). Derived from the store, and disposable."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import tantivy

from retriever.snapshot import IndexedChunk
from retriever.text import analyzer, content_terms, spelled

_WRITER_BYTES = 32 * 2**20
_TOKENIZER = "words"


class LexicalIndex:
    """BM25 over the words of chunks and of the headings above them: lower case, ASCII-folded, English stems.

    It works in a folder of its own, which belongs to this process: a saved index is never written to, and may be
    replaced by another process at any time.
    """

    def __init__(self, folder: Path | None, removed: int = 0) -> None:
        """Work in `folder`, empty or a copy of what `save` wrote when it had `removed` as many chunks; or in memory.

        The copy may be hard links: Tantivy never changes a file once it is written.

        Raises:
            OSError: the disk does not take it.

        """
        self.folder = folder
        self.removed = removed
        with _translated():
            self._index = tantivy.Index(_schema(), path=str(folder) if folder else None, reuse=True)
        self._index.register_tokenizer(_TOKENIZER, analyzer())

    def save(self, folder: Path) -> None:
        """Write the index into `folder`, unless it works in memory."""
        for file in sorted(self.folder.iterdir()) if self.folder else ():
            if not file.name.endswith(".lock"):
                shutil.copyfile(file, folder / file.name)

    def __len__(self) -> int:
        """Count the chunks held."""
        return self._index.searcher().num_docs

    @property
    def stale_share(self) -> float:
        """The share of removed chunks in BM25's counts: Tantivy forgets their words when it merges, not before."""
        return self.removed / max(1, self.removed + len(self))

    def apply(self, added: Sequence[IndexedChunk], removed: Sequence[int]) -> None:
        """Remove, then add.

        Raises:
            OSError: the disk does not take it.

        """
        with _translated():
            writer = self._index.writer(_WRITER_BYTES, num_threads=1)
            for i in removed:
                writer.delete_documents_by_term("id", i)
            for chunk in added:
                fields = {"id": chunk.id, "text": spelled(chunk.text)}
                writer.add_document(tantivy.Document.from_dict(fields, self._index.schema))
            writer.commit()
            writer.wait_merging_threads()
            self._index.reload()
        self.removed += len(removed)

    def search(self, words: str, k: int) -> list[tuple[int, float]]:
        """Find the `k` chunks that BM25 scores best for any of the words: ids and scores, the best first."""
        tokens = sorted(content_terms(words))
        if not tokens:
            return []
        terms = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._index.schema, "text", t, "freq")) for t in tokens
        ]
        searcher = self._index.searcher()
        found = searcher.search(tantivy.Query.boolean_query(terms), k, count=False).hits
        ids = searcher.fast_field_values("id", [address for _, address in found])
        return [(int(i), float(score)) for i, (score, _) in zip(ids, found, strict=True) if i is not None]


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ValueError as error:  # Tantivy's only error
        raise OSError(str(error)) from error


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", indexed=True, fast=True)  # signed: terms of other numbers cannot be deleted by
    builder.add_text_field("text", tokenizer_name=_TOKENIZER, index_option="freq")
    return builder.build()
