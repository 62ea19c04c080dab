"""Whether a citation that was made earlier still holds."""

from retriever.errors import UnknownDocument
from retriever.records import Span, Verification
from retriever.snapshot import Snapshot


def verify(snapshot: Snapshot, document_id: str, version: str, span: Span, quote: str) -> Verification:
    """Check `text[span] == quote` against the current version of a document, and say what became of a citation."""
    try:
        document = snapshot.document(document_id)
    except UnknownDocument as error:
        return Verification("not_found", str(error))
    current = document.version
    if version != current and version not in snapshot.earlier_versions(document_id):
        return Verification("not_found", f"The library knows no version {version} of this document.", current)
    text = snapshot.text(document_id)
    if quote and span.of(text) == quote:
        return _standing(version, current, span)
    nearest = _nearest(text, quote, span.start) if quote else None
    if nearest is not None:
        return Verification("moved", _moved(nearest.start - span.start), current, nearest)
    if version != current:
        return Verification("stale", "The document has changed since, and these words are not in it now.", current)
    return Verification("not_found", "These words do not stand in the document.", current)


def _standing(version: str, current: str, span: Span) -> Verification:
    if version == current:
        return Verification("holds", "The words stand at this place in the version that it names.", current, span)
    # The texts of earlier versions are not kept.
    reason = "The words stand at this place in the current version, which is not the one that is cited."
    return Verification("other_version", reason, current, span)


def _moved(characters: int) -> str:
    if not characters:
        return "The words begin at this place, and do not end where the citation ends."
    distance = f"{abs(characters):,} character{'s' if abs(characters) > 1 else ''}"
    return f"The words stand {distance} further {'on' if characters > 0 else 'up'} in the current version."


def _nearest(text: str, quote: str, start: int) -> Span | None:
    """Find the occurrence of `quote` that begins nearest to `start`."""
    before = text.rfind(quote, 0, start + len(quote))
    after = text.find(quote, start)
    found = [i for i in (before, after) if i >= 0]
    if not found:
        return None
    nearest = min(found, key=lambda i: abs(i - start))
    return Span(nearest, nearest + len(quote))
