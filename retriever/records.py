"""The plain values that travel between the rooms: frozen, slotted, standard library only.

Offsets count Unicode code points of a document's canonical text and are half-open, so that for every citation

    document.text[citation.span.start : citation.span.end] == citation.quote

They are born once, in the reader of the file, and travel as numbers; they are never found again by searching.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points.

    >>> Span(4, 9).of("The quick fox")
    'quick'
    >>> Span(0, 5).overlaps(Span(4, 9)), Span(0, 4).overlaps(Span(4, 9))
    (True, False)
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        """Refuse a range that runs backwards or starts before the text."""
        if not 0 <= self.start <= self.end:
            msg = f"a span runs forward from zero, not from {self.start} to {self.end}"
            raise ValueError(msg)

    def __len__(self) -> int:
        """Count the code points covered."""
        return self.end - self.start

    def of(self, text: str) -> str:
        """Cut this range out of `text`."""
        return text[self.start : self.end]

    def overlaps(self, other: "Span") -> bool:
        """Tell whether the two ranges share a code point."""
        return self.start < other.end and other.start < self.end

    def covers(self, other: "Span") -> bool:
        """Tell whether `other` lies wholly inside this range."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the canonical text that no sentence crosses: a paragraph, a list item, a heading, a listing.

    `prose` is cut into sentences and `code` into lines; a `heading` has a `level` (1 is the outermost) and names what
    follows it: by its `name` where it has one (its words without markup), else by the words of its span.
    """

    span: Span
    kind: Literal["prose", "heading", "code"] = "prose"
    level: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One version of one source, as its reader understood it.

    `source` is where the bytes came from (an absolute path, or `upload:NAME`), `content_hash` the sha256 of those
    bytes in hex, `reader` the reader's name and version. `blocks` are in order and do not overlap. `pages` holds one
    span per page where the format has pages and is empty where it has none.
    """

    source: str
    title: str
    media_type: str
    text: str
    content_hash: str
    reader: str
    blocks: tuple[Block, ...] = ()
    pages: tuple[Span, ...] = ()

    @property
    def version(self) -> str:
        """Name this text: 16 hex digits that change with the bytes and with the reader that understood them."""
        return hashlib.sha256(f"{self.content_hash}\n{self.reader}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document, the unit that is embedded and found.

    `sentences` tile the words of `span` in order (the white space between two of them belongs to neither), in
    offsets of the document. `heading_path` names the headings above, the outermost first.
    """

    span: Span
    text: str
    sentences: tuple[Span, ...]
    heading_path: tuple[str, ...] = ()

    def words(self, span: Span) -> str:
        """Cut a range of the document that lies in this chunk out of its text.

        >>> Chunk(Span(10, 16), "Twice.", ()).words(Span(10, 15))
        'Twice'
        """
        return self.text[span.start - self.span.start : span.end - self.span.start]

    @property
    def embedded_text(self) -> str:
        r"""The text that is embedded: the passage under its headings.

        >>> Chunk(Span(0, 5), "Twice.", (), ("Manual", "Dose")).embedded_text
        'Manual > Dose\nTwice.'
        """
        return f"{' > '.join(self.heading_path)}\n{self.text}" if self.heading_path else self.text

    @property
    def vector_key(self) -> bytes:
        """Identify the vector of this chunk: equal keys have equal vectors, so no text is encoded twice."""
        return hashlib.sha256(self.embedded_text.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What the library knows of a document, without its text. `id` stays when a file is edited or renamed."""

    id: str
    version: str
    title: str
    source: str
    media_type: str
    characters: int
    chunks: int
    pages: tuple[Span, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """Count pages from 1; `None` where the format has no pages."""
        return next((n for n, page in enumerate(self.pages, 1) if page.start <= offset < page.end), None)


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found, and why: its rank (from 1) in the fused, the dense and the lexical ranking.

    A rank of `None` means that this side did not return the chunk. `score` is the fused score in 0..1, `similarity`
    the cosine to the question.
    """

    document: DocumentInfo
    chunk: Chunk
    score: float
    similarity: float
    rank: int
    dense_rank: int | None = None
    lexical_rank: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span that a reader proposes: the `quote` that an answer would use, and the whole sentences around it.

    Both are in offsets of the hit's document; `score` orders the evidence of one reading, higher is better, 0..1.
    """

    hit: Hit
    quote: Span
    sentence: Span
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of a question and its passages.

    `evidence` is ordered, best first; `confidence` is the probability that the best quote has words of a right answer,
    and `answerability` that the passages answer at all.
    """

    evidence: tuple[Evidence, ...]
    confidence: float
    answerability: float


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a document and where they stand."""

    quote: str
    span: Span


@dataclass(frozen=True, slots=True)
class Citation:
    """An exact place in an exact version of a source. `number` is the footnote, counted from 1."""

    number: int
    document_id: str
    version: str
    title: str
    source: str
    quote: str
    span: Span
    sentence: Quote
    heading_path: tuple[str, ...]
    page: int | None
    score: float
    rank: int
    dense_rank: int | None
    lexical_rank: int | None


@dataclass(frozen=True, slots=True)
class Nearest:
    """A passage that came close, and the one sentence that says why it is not an answer."""

    citation: Citation
    why: str


@dataclass(frozen=True, slots=True)
class Searched:
    """How much was searched."""

    documents: int
    chunks: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in the documents' own words: `text` is the quotes, each followed by its footnote `[n]`.

    `confidence` is the probability that the first quote has words of a right answer, `answerability` that the documents
    answer at all.
    """

    question: str
    text: str
    confidence: float
    answerability: float
    citations: tuple[Citation, ...]
    generation: int
    searched: Searched
    timings_ms: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The documents do not say. An expected outcome, so a value and not an error."""

    question: str
    reason: str
    confidence: float
    answerability: float
    nearest: tuple[Nearest, ...]
    generation: int
    searched: Searched
    timings_ms: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of a citation.

    `holds`: the words stand at that place of the cited version, which is the current one. `other_version`: they stand
    there in the current version, and an earlier one is cited, whose text is not kept. `moved`: they stand elsewhere in
    the current version (`span`, the nearest place). `stale`: the citation's version is an earlier one and its words are
    not in the current one. `not_found`: the library has no such document or version, or not these words in it.
    """

    status: Literal["holds", "other_version", "moved", "stale", "not_found"]
    reason: str
    current_version: str | None = None
    span: Span | None = None
