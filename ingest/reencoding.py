"""Lets a library change its embedding model: every passage is encoded again, and none is read or cut again."""

from itertools import islice

import numpy as np
from numpy.typing import NDArray

from ingest.report import Progress, Tell, ignore
from retriever.library import Library

_AT_ONCE = 256  # passages between two words of progress


def reencode(library: Library, progress: Tell = ignore) -> int:
    """Encode every passage with the model of the settings, in one commit; the number of texts encoded.

    Until the commit, every question is answered from the vectors there were. Passages stay as they were cut, so a model
    that sees fewer tokens than the last one does not see the end of the longest.

    Raises:
        LibraryLocked: another process is writing.
        ModelError: the model cannot be loaded.

    """
    with library.store.writing():
        encoder = library.encoder
        with library.store.snapshot() as snapshot:
            texts = iter(list(snapshot.embedded_texts()))
            total = snapshot.counts().chunks
        vectors: dict[bytes, NDArray[np.float32]] = {}
        while some := list(islice(texts, _AT_ONCE)):
            progress(Progress(len(vectors), total, "Encoding again"))
            encoded = encoder.encode([text for _, text in some])
            vectors.update(zip((key for key, _ in some), encoded, strict=True))
        with library.store.transaction() as writer:
            writer.replace_vectors(encoder.identity, vectors)
        library.save_projections()
    return len(vectors)
