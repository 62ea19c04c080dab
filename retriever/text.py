"""Words of a text, as the lexical index and the reader see them."""

import re
from functools import cache

import tantivy

_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")

# Words that shape a question and say little of what it is about.
_FUNCTION_WORDS = (
    "a about after all also am an and any are as at be because been before being both but by can could did do "
    "does doing done during each for from get give given had has have having he her here him his how i if in "
    "into is it its just many may me might more most much must my no nor not of on one or other our out over "
    "own shall she should so some such than that the their them then there these they this those through to "
    "tell under until up upon very was we were what when where whether which while who whom whose why will "
    "with within without would you your"
)


def spelled(text: str) -> str:
    """Give a text as it is to be analysed: initials without their dots, and nothing that is not Unicode.

    >>> spelled("the U.S. economy")
    'the US economy'
    """
    joined = _INITIALS.sub(lambda found: found[0].replace(".", ""), text)
    return joined.encode("utf-8", "replace").decode()


@cache
def analyzer() -> tantivy.TextAnalyzer:
    """Lower case, ASCII-folded, English stems; words of more than 64 bytes are left out."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(64))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def terms(text: str) -> list[str]:
    """Split a text into index terms, in order.

    >>> terms("Cafés opened in 1999")
    ['cafe', 'open', 'in', '1999']
    """
    return analyzer().analyze(spelled(text))


@cache
def function_terms() -> frozenset[str]:
    """Give the terms that carry no topic."""
    return frozenset(terms(_FUNCTION_WORDS))


def content_terms(text: str) -> frozenset[str]:
    """Give the distinct terms that carry the topic; all of them where a text has no others.

    >>> sorted(content_terms("Who opened the café?"))
    ['cafe', 'open']
    """
    every = frozenset(terms(text))
    return every - function_terms() or every
