"""Readers to compare with, put to work over a library."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.scoring import Ask
from retriever.answering import Answerer
from retriever.encoder import Encoder
from retriever.library import Library
from retriever.reader import Reader
from retriever.records import Evidence, Hit, Reading
from retriever.sentence_reader import SentenceReader
from retriever.trained_reader import load_reader


class SimilarityReader:
    """The baseline: the sentences by their cosine to the question, and nothing else."""

    threshold = 0.0

    def __init__(self, encoder: Encoder) -> None:
        """Compare with vectors of `encoder`."""
        self._encoder = encoder
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """Order all sentences of the passages by similarity."""
        sentences = [(hit, span) for hit in hits for span in hit.chunk.sentences]
        texts = [hit.chunk.text[s.start - hit.chunk.span.start : s.end - hit.chunk.span.start] for hit, s in sentences]
        for text in texts:
            if text not in self._vectors:
                self._vectors[text] = self._encoder.encode([text])[0]
        cosines = np.stack([self._vectors[text] for text in texts]) @ self._encoder.encode([question])[0]
        evidence = tuple(
            Evidence(sentences[i][0], sentences[i][1], sentences[i][1], max(0.0, float(cosines[i])))
            for i in np.argsort(-cosines, kind="stable")
        )
        return Reading(evidence, evidence[0].score, evidence[0].score)


def answerer(library: Library, reader: Reader) -> Answerer:
    """Answer over a library with another reader than its own."""
    return Answerer(
        library.searcher,
        reader,
        passages=library.settings.passages,
        max_question_characters=library.settings.max_question_characters,
    )


def readers(library: Library) -> dict[str, Ask]:
    """Name the readers to compare, the best one last."""
    return {
        "similarity alone": answerer(library, SimilarityReader(library.encoder)).ask,
        "sentence reader": answerer(library, SentenceReader(library.encoder)).ask,
        "trained reader": answerer(library, load_reader(threads=library.settings.threads)).ask,
    }
