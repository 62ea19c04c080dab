"""Words and figures for the person: pure functions from the API's shapes to plain text."""

import math

from api.schemas import CitationOut, IndexReport, JobOut, SearchedOut

SEPARATOR = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
STATES = {
    "holds": "Verified",
    "other_version": "In another version",
    "moved": "Moved",
    "stale": "Out of date",
    "not_found": "Not found",
}


def count(number: int, noun: str) -> str:
    """Count things.

    >>> count(1, "document"), count(1200, "passage")
    ('1 document', '1,200 passages')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def searched(amount: SearchedOut) -> str:
    """Say how much was searched.

    >>> searched(SearchedOut(documents=1, chunks=4))
    'Searched 4 passages in 1 document'
    """
    return f"Searched {count(amount.chunks, 'passage')} in {count(amount.documents, 'document')}"


def percent(share: float) -> str:
    """Round a share to whole percents, and never to a certainty that it is not.

    >>> percent(0.834), percent(0.999), percent(0.001), percent(0.0)
    ('83 %', 'over 99 %', 'under 1 %', '0 %')
    """
    if 0 < share < 0.01:  # noqa: PLR2004 - one percent
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{share * 100:.0f} %"  # noqa: PLR2004 - ninety-nine percent


def whereabouts(citation: CitationOut) -> str:
    """Name the place within the document: headings, page, code points."""
    parts = [SEPARATOR.join(citation.heading_path)] if citation.heading_path else []
    if citation.page is not None:
        parts.append(f"page {citation.page}")
    return " · ".join([*parts, characters(citation.start, citation.end)])


def characters(start: int, end: int) -> str:
    """Name a half-open range.

    >>> characters(1204, 1260)
    'characters 1,204 to 1,260'
    """
    return f"characters {start:,} to {end:,}"


def found_by(citation: CitationOut) -> str:
    """Say how the passage was found."""
    ranks = (("meaning", citation.dense_rank), ("words", citation.lexical_rank))
    ways = [f"by {way}, rank {rank}" for way, rank in ranks if rank is not None]
    return ", and ".join(ways) or "beside another passage"


def short_source(source: str) -> str:
    """Shorten a source to what tells it apart in a narrow list.

    >>> short_source("/home/ann/documents/hours.txt"), short_source("upload:notes.md")
    ('hours.txt', 'notes.md, uploaded')
    """
    name = source.removeprefix("upload:")
    short = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] or name
    return short if name == source else f"{short}, uploaded"


def duration(seconds: float) -> str:
    """Round a time for a person who waits.

    >>> duration(0.4), duration(8.3), duration(95), duration(7300)
    ('1 s', '9 s', '2 min', '2 h 2 min')
    """
    whole = math.ceil(seconds)
    if whole < 60:  # noqa: PLR2004 - a minute
        return f"{max(whole, 1)} s"
    minutes = -(-whole // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"  # noqa: PLR2004 - an hour


def progress(job: JobOut) -> str:
    """Say how far a job is, how fast it goes and how long it has left."""
    what = job.message or ("Waiting" if job.state == "queued" else "Working")
    if not job.total:
        return what
    parts = [what, f"{job.done:,} of {job.total:,}"]
    if job.done and job.seconds > 0:
        rate = job.done / job.seconds
        parts += [f"{rate:,.1f} a second", f"about {duration((job.total - job.done) / rate)} left"]
    return " · ".join(parts)


def report(result: IndexReport) -> str:
    """Sum up what a run did; where nothing but problems came of it, they speak for themselves.

    >>> report(IndexReport(added=2, deleted=1, unchanged=40))
    '2 added, 1 deleted, 40 unchanged.'
    >>> report(IndexReport())
    'Nothing to do.'
    """
    amounts = {name: getattr(result, name) for name in ("added", "changed", "renamed", "deleted", "unchanged")}
    parts = [f"{number:,} {name}" for name, number in amounts.items() if number]
    if parts:
        return f"{', '.join(parts)}."
    return "" if result.problems else "Nothing to do."


def removal(source: str) -> str:
    """Say what removing a document does, and what it does not.

    >>> removal("upload:a.txt")
    'It leaves the library and every later answer.'
    >>> removal("/home/ann/a.txt").partition(". ")[2]
    'The file is not touched, so it comes back when its folder is indexed again.'
    """
    leaves = "It leaves the library and every later answer."
    if source.startswith("upload:"):
        return leaves
    return f"{leaves} The file is not touched, so it comes back when its folder is indexed again."
