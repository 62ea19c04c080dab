"""A citation into a small text, for tests of what shows it."""

from api.schemas import CitationOut, QuoteOut

TEXT = "Visiting us\n\nThe reading room opens at nine on weekdays. It closes at five.\n"
SENTENCE = QuoteOut(quote="The reading room opens at nine on weekdays.", start=13, end=56)


def citation(start: int = 39, end: int = 43, **changes: object) -> CitationOut:
    """Cite code points of `TEXT`; by default one word of its second line."""
    fields: dict[str, object] = {
        "number": 1,
        "document_id": "3f1c9a7b20d4e856",
        "version": "9b2e0c5d7a184f63",
        "title": "Opening hours",
        "source": "/home/ann/documents/hours.txt",
        "quote": TEXT[start:end],
        "start": start,
        "end": end,
        "heading_path": ["Visiting us"],
        "page": None,
        "score": 0.83,
        "sentence": SENTENCE,
        "rank": 1,
        "dense_rank": 1,
        "lexical_rank": 2,
    }
    return CitationOut.model_validate({**fields, **changes})
