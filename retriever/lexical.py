"""The Tantivy index: which chunks hold the question's words (BM25). Derived from the store, and disposable."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import tantivy

from retriever.snapshot import IndexedChunk
from retriever.text import analyzer, content_terms

_WRITER_BYTES = 32 * 2**20
_TOKENIZER = "words"


class LexicalIndex:
    """BM25 over the words of chunks and of the headings above them: lower case, ASCII-folded, English stems.

    It works in a folder of its own, which belongs to this process: a saved index is never written to, and may be
    replaced by another process at any time.
    """

    def __init__(self, folder: Path, removed: int = 0) -> None:
        """Work in `folder`; use `empty` or `load`."""
        self._folder = folder
        self._removed = removed
        self._index = tantivy.Index(_schema(), path=str(folder), reuse=True)
        self._index.register_tokenizer(_TOKENIZER, analyzer())

    @classmethod
    def empty(cls, own: Path) -> Self:
        """Begin an index without chunks in the empty folder `own`."""
        return cls(own)

    @classmethod
    def load(cls, folder: Path, own: Path) -> Self:
        """Continue what `save` wrote to `folder`, in the empty folder `own`.

        By hard links where the file system has them: Tantivy never changes a segment once it is written, so this costs
        next to nothing.
        """
        for file in folder.iterdir():
            _link_or_copy(file, own / file.name)
        return cls(own)

    def save(self, folder: Path) -> None:
        """Write the index into `folder`."""
        for file in sorted(self._folder.iterdir()):
            if not file.name.endswith(".lock"):
                shutil.copyfile(file, folder / file.name)

    def remove(self) -> None:
        """Remove the working folder; the index is of no use after that."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def __len__(self) -> int:
        """Count the chunks held."""
        return self._index.searcher().num_docs

    @property
    def stale_share(self) -> float:
        """The share of removed chunks in BM25's counts: Tantivy forgets their words when it merges, not before."""
        return self._removed / max(1, self._removed + len(self))

    def apply(self, added: Sequence[IndexedChunk], removed: Sequence[int]) -> None:
        """Remove, then add."""
        writer = self._index.writer(_WRITER_BYTES, num_threads=1)
        for i in removed:
            writer.delete_documents_by_term("id", i)
        for chunk in added:
            writer.add_document(tantivy.Document.from_dict({"id": chunk.id, "text": chunk.text}, self._index.schema))
        writer.commit()
        writer.wait_merging_threads()
        self._removed += len(removed)
        self._index.reload()

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


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name=_TOKENIZER, index_option="freq")
    return builder.build()


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)
