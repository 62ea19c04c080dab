"""The FAISS index: which chunks mean something like the question. Derived from the store, and disposable."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from retriever.snapshot import IndexedChunk

FILE_NAME = "dense.faiss"


class DenseIndex:
    """Exact inner products over unit vectors, by chunk id.

    Flat, because it is exact and was fast enough at the sizes measured (`make bench`); in float16, as the store holds
    the vectors, which loses nothing and halves memory and time (16 to 8 ms over 44,000 vectors of 384).
    """

    def __init__(self, index: faiss.IndexIDMap2) -> None:
        """Wrap a FAISS index; use `empty` or `load`."""
        self._index = index

    @classmethod
    def empty(cls, dimension: int) -> Self:
        """Make an index without vectors."""
        flat = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        return cls(faiss.IndexIDMap2(flat))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. The caller has checked the file's hash: FAISS alone can load a damaged one.

        Raises:
            OSError: this release of FAISS does not read what another one wrote.

        """
        try:
            index: Any = faiss.read_index(str(folder / FILE_NAME))  # it says Index, and returns what was written
        except RuntimeError as error:
            raise OSError(str(error)) from error
        return cls(index)

    def save(self, folder: Path) -> None:
        """Write the index into `folder`.

        Raises:
            OSError: the disk does not take it. FAISS's own writer would leave a torn file and say nothing.

        """
        with (folder / FILE_NAME).open("wb") as stream:
            faiss.write_index(self._index, faiss.PyCallbackIOWriter(stream.write))  # type: ignore[attr-defined] # not in its stubs

    def apply(self, added: Sequence[IndexedChunk], removed: Sequence[int]) -> None:
        """Remove, then add."""
        if removed:
            self._index.remove_ids(faiss.IDSelectorBatch(np.array(removed, np.int64)))
        if added:
            vectors = np.stack([chunk.vector for chunk in added])
            self._index.add_with_ids(vectors, np.array([chunk.id for chunk in added], np.int64))

    def __len__(self) -> int:
        """Count the chunks held."""
        return int(self._index.ntotal)

    def ids(self) -> NDArray[np.int64]:
        """List the ids held: int64 `(n,)`, ascending."""
        return np.sort(faiss.vector_to_array(self._index.id_map))

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """Find the `k` nearest to float32 `(d,)`: chunk ids and cosines, the best first; fewer when fewer are held."""
        scores, ids = self._index.search(vector[None, :], max(1, min(k, len(self))))
        # FAISS fills up with the id -1 where it has no more.
        return [(int(i), float(score)) for i, score in zip(ids[0], scores[0], strict=True) if i >= 0]

    def similarities(self, vector: NDArray[np.float32], ids: Sequence[int]) -> list[float]:
        """Give the cosines of chunks that are held to float32 `(d,)`."""
        return [float(self._index.reconstruct(i) @ vector) for i in ids]
