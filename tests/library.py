"""Libraries for tests, written without files: a text becomes a document, and each of its lines a chunk."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence

from retriever.encoder import Encoder
from retriever.records import Chunk, Document, Span
from retriever.store import Store

_LINE = re.compile(r"[^\n]*\S[^\n]*")
_SENTENCE = re.compile(r"\S(?:.*?[.!?](?=\s)|.*\S|)", re.DOTALL)


def document(source: str, text: str) -> Document:
    """Make the document that a reader of plain text would make."""
    content_hash = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Document(source, source.rpartition("/")[2], "text/plain", text, content_hash, "test/1")


def chunks(text: str, heading_path: tuple[str, ...] = ()) -> tuple[Chunk, ...]:
    r"""Cut a text into lines, and each line into sentences that end behind a full stop and the like.

    >>> [chunk.text for chunk in chunks("One. Two!  \n\n Three")]
    ['One. Two!', 'Three']
    >>> [span.of("One. Two! ") for span in chunks("One. Two! ")[0].sentences]
    ['One.', 'Two!']
    """
    made = []
    for line in _LINE.finditer(text):
        sentences = tuple(_sentences(text, line.start(), line.end()))
        span = Span(sentences[0].start, sentences[-1].end)
        made.append(Chunk(span, span.of(text), sentences, heading_path))
    return tuple(made)


def write(store: Store, encoder: Encoder, texts: Mapping[str, str], *, remove: Sequence[str] = ()) -> dict[str, str]:
    """Put a document for each source, and remove others, in one commit; each source's id."""
    with store.transaction() as writer, store.snapshot() as before:
        writer.stamp(encoder.identity)
        for source in remove:
            found = before.document_by_source(source)
            assert found is not None
            writer.remove(found.id)
        ids = {}
        for source, text in texts.items():
            cut = chunks(text)
            distinct = {chunk.vector_key: chunk.embedded_text for chunk in cut}
            vectors = dict(zip(distinct, encoder.encode(list(distinct.values())), strict=True))
            ids[source] = writer.put(document(source, text), cut, vectors)
        writer.sweep()
    return ids


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    for found in _SENTENCE.finditer(text, start, end):
        yield Span(found.start(), found.end())
