"""Examples become batches of tensors: windows of like length, with what the network should say of each token."""

import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from retriever.records import Span
from retriever.windows import Packer, Window
from training.examples import OWN, Example, cut
from training.recipe import SCHEDULE
from training.wording import reworded

STEP = 16  # tokens between the lengths that windows are padded to
WITH_HEADING = 0.5
BARE_WINDOWS = 0.3  # of the windows of an answered passage of a public set that do not hold the answer, kept


@dataclass(frozen=True, slots=True)
class Target:
    """A window, and what is right of it.

    `starts` and `ends` are positions among the passage's tokens, `evidence` a flag for each of these tokens, and
    `sentences` says of each of which sentence it is, counted from 0. An answered window without `starts` says only
    which tokens are evidence.
    """

    window: Window
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    evidence: tuple[bool, ...]
    sentences: tuple[int, ...]

    @property
    def answered(self) -> bool:
        """Whether the window holds what answers."""
        return any(self.evidence)


@dataclass(frozen=True, slots=True)
class Batch:
    """`n` windows padded to `t` tokens.

    `ids`, `types`, `mask`, int64 `(n, t)`; `passage`, bool `(n, t)`, marks the tokens of the passage; `starts` and
    `ends`, bool `(n, t)`, the right ones, position 0 where there is no answer; `evidence`, float32 `(n, t)`;
    `sentences`, int64 `(n, t)`, 0 outside the passage and from 1 in it, counted on through all windows of a question;
    `questions`, int64 `(n,)`, says which question's a window is; `answered` float32 `(n,)`; `pointed`, bool `(n,)`:
    `starts` and `ends` say something.
    """

    ids: Tensor
    types: Tensor
    mask: Tensor
    passage: Tensor
    starts: Tensor
    ends: Tensor
    evidence: Tensor
    sentences: Tensor
    questions: Tensor
    answered: Tensor
    pointed: Tensor


def targets(example: Example, packer: Packer, rng: random.Random) -> Iterator[Target]:
    """Pack an example and its rivals; of answers that are alternatives, one is drawn."""
    headings = [example.heading] if example.heading and rng.random() < WITH_HEADING else []
    answers = example.answers
    if answers and not example.together:
        answers = (rng.choice(answers),)
    question, sentences = reworded(example.question, rng), cut(example.text)
    for window in packer.pack(question, headings, example.text):
        target = _target(window, answers, example.evidence, sentences)
        if target.answered and answers and not target.starts:
            continue  # the answer is cut by the window's border, and stands whole in the next
        bare = example.evidence and not target.answered
        if bare and example.set != OWN and rng.random() >= BARE_WINDOWS:
            continue
        yield target
    for rival in example.rivals:
        for window in packer.pack(question, headings, rival):
            yield _target(window, (), (), cut(rival))


def _target(window: Window, answers: Sequence[Span], evidence: Sequence[Span], sentences: Sequence[Span]) -> Target:
    shown = tuple(any(place.overlaps(e) for e in evidence) for place in window.places)
    whole = Span(window.places[0].start, window.places[-1].end)
    starts, ends = [], []
    for answer in answers:
        held = [i for i, place in enumerate(window.places) if place.overlaps(answer)]
        if held and whole.covers(answer):
            starts.append(held[0])
            ends.append(held[-1])
    ends_of = [sentence.end for sentence in sentences]
    within = tuple(min(bisect_right(ends_of, place.start), len(ends_of) - 1) for place in window.places)
    return Target(window, tuple(starts), tuple(ends), shown, within)


def batches(examples: Iterable[Example], packer: Packer, rng: random.Random) -> Iterator[Batch]:
    """Pack all examples in their order, and give a batch whenever there are windows enough of a length."""
    yield from map(collate, grouped(list(targets(example, packer, rng)) for example in examples))


def grouped(questions: Iterable[Sequence[Target]]) -> Iterator[list[Sequence[Target]]]:
    """Group questions by the length of their longest window, rounded up; a question's windows stay together.

    Of a length every group has the same number of windows, but for what is left over at the end, which has fewer: a
    processor's kernels are compiled anew for every shape, which takes as long as several steps.
    """
    waiting: dict[int, list[Sequence[Target]]] = defaultdict(list)
    for windows in filter(None, questions):
        length = _longest(windows)
        waiting[length].append(windows)
        if full := _filling(waiting[length], SCHEDULE.tokens // length):
            yield [waiting[length][i] for i in full]
            waiting[length] = [some for i, some in enumerate(waiting[length]) if i not in full]
    for length, rest in waiting.items():
        yield from _pieces(rest, SCHEDULE.tokens // length)


def _filling(waiting: Sequence[Sequence[Target]], size: int) -> list[int]:
    """Choose questions, the first before the others, that have `size` windows together; none where that fails."""
    chosen, windows = [], 0
    for i, some in enumerate(waiting):
        if windows + len(some) <= size:
            chosen.append(i)
            windows += len(some)
    return chosen if windows == size else []


def _pieces(questions: Sequence[Sequence[Target]], size: int) -> Iterator[list[Sequence[Target]]]:
    """Cut what is left of a length into groups of at most `size` windows, or of one question that has more."""
    piece: list[Sequence[Target]] = []
    for windows in questions:
        if piece and sum(map(len, piece)) + len(windows) > size:
            yield piece
            piece = []
        piece.append(windows)
    if piece:
        yield piece


def _longest(windows: Sequence[Target]) -> int:
    return padded(max(len(target.window.ids) for target in windows))


def padded(length: int) -> int:
    """Round a length up.

    >>> padded(16), padded(17)
    (16, 32)
    """
    return -(-length // STEP) * STEP


def collate(group: Sequence[Sequence[Target]]) -> Batch:
    """Pad the windows of some questions to one length."""
    asked = [(question, target) for question, windows in enumerate(group) for target in windows]
    shape = len(asked), max(map(_longest, group))
    ids, types, mask, sentences = (torch.zeros(shape, dtype=torch.long) for _ in range(4))
    passage, starts, ends = (torch.zeros(shape, dtype=torch.bool) for _ in range(3))
    evidence = torch.zeros(shape)
    counted = [0] * len(group)  # sentences of each question so far
    for i, (question, target) in enumerate(asked):
        window = target.window
        n, first, last = len(window.ids), window.first, window.first + len(window.places)
        ids[i, :n] = torch.tensor(window.ids)
        types[i, :n] = torch.tensor(window.types)
        mask[i, :n] = 1
        passage[i, first:last] = True
        evidence[i, first:last] = torch.tensor(target.evidence, dtype=torch.float)
        sentences[i, first:last] = torch.tensor(target.sentences) - target.sentences[0] + 1 + counted[question]
        counted[question] += target.sentences[-1] - target.sentences[0] + 1
        none = not target.answered
        starts[i, [0] if none else [first + s for s in target.starts]] = True
        ends[i, [0] if none else [first + e for e in target.ends]] = True
    questions = torch.tensor([question for question, _ in asked])
    answered = torch.tensor([float(target.answered) for _, target in asked])
    pointed = torch.tensor([bool(target.starts) or not target.answered for _, target in asked])
    return Batch(ids, types, mask, passage, starts, ends, evidence, sentences, questions, answered, pointed)
