"""What fits into the encoder's window: the cost of a text, and how to cut a sentence or a heading that is too long."""

import re
from collections.abc import Callable, Iterator, Sequence

from retriever.records import Span

CountTokens = Callable[[Sequence[str]], list[int]]

CHARACTERS_PER_TOKEN = 16
"""A token is taken for at most so many code points: some tokenizers call a "word" of a megabyte one unknown token."""

_WORD = re.compile(r"\S+")


def costs(texts: Sequence[str], count_tokens: CountTokens) -> list[int]:
    """Measure texts in tokens, in one call of `count_tokens`; never less than one per 16 code points."""
    counts = count_tokens(texts) if texts else []
    return [max(count, -(-len(text) // CHARACTERS_PER_TOKEN)) for text, count in zip(texts, counts, strict=True)]


def pieces(text: str, span: Span, room: int, count_tokens: CountTokens) -> Iterator[tuple[Span, int]]:
    """Cut a sentence that costs more than `room` into pieces that do not, each with its cost.

    The cuts are at white space, and within a word only if it is too long on its own.
    """
    atoms = list(_atoms(text, span, room, count_tokens))
    start, end, spent = span.start, span.start, 0
    for atom, cost in atoms:
        if spent and spent + cost > room:
            yield Span(start, end), spent
            spent = 0
        if not spent:
            start = atom.start
        end = atom.end
        spent += cost
    yield Span(start, end), spent


def _atoms(text: str, span: Span, room: int, count_tokens: CountTokens) -> Iterator[tuple[Span, int]]:
    """Give the words of a sentence; those that cost too much on their own, in parts.

    A part has a quarter of `room` in code points, for no code point is known to take more than four tokens.
    """
    words = [Span(*found.span()) for found in _WORD.finditer(text, span.start, span.end)]
    for word, cost in zip(words, costs([word.of(text) for word in words], count_tokens), strict=True):
        if cost <= room:
            yield word, cost
            continue
        size = max(1, room // 4)
        parts = [Span(at, min(at + size, word.end)) for at in range(word.start, word.end, size)]
        yield from zip(parts, costs([part.of(text) for part in parts], count_tokens), strict=True)


def prefix(path: tuple[str, ...]) -> str:
    r"""Give what stands before a chunk's own words when it is embedded.

    >>> prefix(("Manual", "Dose")), prefix(())
    ('Manual > Dose\n', '')
    """
    return f"{' > '.join(path)}\n" if path else ""


def fitting_path(path: tuple[str, ...], room: int, count_tokens: CountTokens) -> tuple[tuple[str, ...], int]:
    """Shorten a heading path until its prefix costs at most `room` tokens; give it with that cost.

    The outermost headings go first; the last one is cut, and left out only if a single code point is too much.

    >>> fitting_path(("A manual", "Dose"), 3, lambda texts: [len(text.split()) for text in texts])
    (('Dose',), 1)
    """
    while path:
        (cost,) = costs([prefix(path)], count_tokens)
        if cost <= room:
            return path, cost
        if len(path) > 1:
            path = path[1:]
        else:
            words = path[0].rstrip("…")
            path = (words[: len(words) // 2].rstrip() + "…",) if len(words) > 1 else ()
    return (), 0
