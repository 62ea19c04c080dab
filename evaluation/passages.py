"""A text as a search would give it, for readers that are asked about one passage."""

from ingest.sentences import sentences
from retriever.records import Block, Chunk, DocumentInfo, Hit, Span


def hit_of(text: str, heading: str = "", score: float = 1.0, rank: int = 1) -> Hit:
    """Make a hit of a whole text: a document of its own, of one passage.

    >>> [sentence.of("It is old. It leaks.") for sentence in hit_of("It is old. It leaks.").chunk.sentences]
    ['It is old.', 'It leaks.']
    """
    whole = Span(0, len(text))
    chunk = Chunk(whole, text, tuple(sentences(text, Block(whole))), (heading,) if heading else ())
    document = DocumentInfo(f"{rank}", "", "", "", "text/plain", len(text), 1)
    return Hit(document, chunk, score=score, similarity=score, rank=rank)
