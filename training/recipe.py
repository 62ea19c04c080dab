"""What is learned from, in which order: the mixtures of examples, drawn with a seed."""

import hashlib
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from retriever.records import Span
from training.examples import SQUAD, Example, own_parts, public_examples
from training.joining import joined
from training.nearmisses import edited, lookalikes, rivalled

SEED = 20
SHORT = 8_000  # of the questions about single sentences, in the first stage
NEIGHBOURS = 3  # the most sentences that a single sentence is set among
JOINED = 0.5  # of the passages, set beside another of their topic where one fits, from the second stage on
SPANS = 24_000  # examples of the first stage
PUBLIC = ("shift_new_wiki", "shift_amazon_reviews", "qed_dev")
FIRST_ROUND = "b41"
ROUNDS = {
    "first": "b01",
    "sixth": "f01",
    "twelfth": "l01",
    "fourteenth": "n01",
    "sixteenth": "p01",
    "seventeenth": "q01",
    "eighteenth": "r01",
}
"""Batches of our own questions: the first round ends before the one, and a part begins at each of the others, by the
round that it begins with. The first part begins with the first batch."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """How many of each kind of example go together: counts, but for `squad` and `own`, which come so many times.

    `public` are answered questions of public sets, `squad` SQuAD's, `own` the parts of `ROUNDS` of our own;
    `lookalikes` and `edited`, near misses made of answered ones; `contracts` and `medical`, questions about those;
    `short`, questions about single sentences set among others. `rivals` is the share of the answered ones that are read
    with a lookalike beside their own passage.
    """

    public: int
    squad: float
    own: Mapping[str, float]
    lookalikes: int
    edited: int
    contracts: int = 0
    medical: int = 0
    short: int = 0
    rivals: float = 0.0


LEARNED = Mixture(
    public=8_000,
    squad=2.5,
    own={"first": 0.5, "sixth": 1, "twelfth": 1, "fourteenth": 0.3, "sixteenth": 1},
    lookalikes=7_000,
    edited=6_000,
    contracts=500,
    medical=500,
    short=1_000,
    rivals=0.3,
)
SETTLED = Mixture(
    public=3_000,
    squad=1.5,
    own={
        "first": 0.05,
        "sixth": 0.3,
        "twelfth": 0.4,
        "fourteenth": 0.3,
        "sixteenth": 0.6,
        "seventeenth": 1,
        "eighteenth": 1,
    },
    lookalikes=500,
    edited=1_500,
    short=500,
    rivals=0.3,
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How the loop learns: the rate rises for `warmup` steps to `peak`, and falls through the last stage to zero.

    Layers that start from nothing learn `heads` times as fast. A batch holds `tokens`, padding included.
    """

    peak: float = 1e-4
    heads: float = 5.0
    warmup: int = 150
    betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: float = 0.01
    clip: float = 1.0
    tokens: int = 5_200


SCHEDULE = Schedule()
REVISION = 3  # one more whenever loss, packing, grouping or wording change, so that no old run is gone on with


@dataclass(frozen=True, slots=True)
class Stage:
    """Examples that are learned together, once, in an order of their own."""

    name: str
    examples: tuple[Example, ...]

    def counts(self) -> dict[str, int]:
        """Count the examples of each set."""
        return dict(Counter(example.set for example in self.examples))


def stages(data: Path) -> tuple[Stage, ...]:
    """Mix: where answers stand, whether there is one, and what people ask of documents."""
    public = {name: list(public_examples(data, name)) for name in (SQUAD, *PUBLIC)}
    own = dict(zip(ROUNDS, own_parts(data, list(ROUNDS.values())[1:]), strict=True))
    spans = [
        *_short(data, SHORT, _rng(SEED)),
        *(e for name in (*PUBLIC, SQUAD) for e in public[name]),
        *own_parts(data, [FIRST_ROUND])[0],
    ]
    mixed = (("learning", LEARNED), ("settling", SETTLED))
    return (
        Stage("spans", _shuffled("spans", spans)[:SPANS]),
        *(
            Stage(name, _shuffled(name, _mixed(mixture, data, public, own, _rng(SEED + n))))
            for n, (name, mixture) in enumerate(mixed, 1)
        ),
    )


def fingerprint(recipe: Sequence[Stage]) -> str:
    """Hash all that decides what is learned: the examples in their order, and how they are learned from."""
    digest = hashlib.sha256(repr((SEED, SCHEDULE, REVISION)).encode())
    for stage in recipe:
        for example in stage.examples:
            digest.update(repr((stage.name, example)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _short(data: Path, count: int, rng: random.Random) -> list[Example]:
    return _among_others(rng.sample(list(public_examples(data, "qamr")), count), rng) if count else []


def _mixed(
    mixture: Mixture,
    data: Path,
    public: Mapping[str, list[Example]],
    own: Mapping[str, list[Example]],
    rng: random.Random,
) -> list[Example]:
    """Mix examples of public sets, of SQuAD and of our own with others, and with near misses made of them.

    What a mixture does not ask for has no part in it, so that a new round of questions changes no stage without it.
    """
    lists = [[e for name in PUBLIC for e in public[name]], public[SQUAD], *(own[name] for name in mixture.own)]
    some, squad, *parts = _beside_others(lists, rng)
    answered = [*some, *squad, *(e for part in parts for e in part)]
    examples = [
        *rng.sample(some, mixture.public),
        *_times(mixture.squad, squad, rng),
        *(e for share, part in zip(mixture.own.values(), parts, strict=True) for e in _times(share, part, rng)),
        *rng.sample(list(public_examples(data, "cuad_a")), mixture.contracts),
        *rng.sample(list(public_examples(data, "medquad")), mixture.medical),
        *rng.sample(list(lookalikes(answered)), mixture.lookalikes),
        *rng.sample(list(edited(answered, rng)), mixture.edited),
        *_short(data, mixture.short, rng),
    ]
    return list(rivalled(examples, mixture.rivals, rng))


def _beside_others(asked: Sequence[list[Example]], rng: random.Random) -> list[list[Example]]:
    """Join passages, each with any of its topic in all these lists."""
    every = iter(list(joined([e for examples in asked for e in examples], JOINED, rng)))
    return [list(islice(every, len(examples))) for examples in asked]


def _times(times: float, examples: list[Example], rng: random.Random) -> list[Example]:
    """Repeat examples; of a fraction, draw so many."""
    whole = int(times)
    return [*(examples * whole), *rng.sample(examples, round((times - whole) * len(examples)))]


def _among_others(examples: Sequence[Example], rng: random.Random) -> list[Example]:
    """Set single sentences among sentences on other subjects."""
    placed = []
    for example in examples:
        others = [rng.choice(examples).text for _ in range(rng.randint(0, NEIGHBOURS))]
        at = rng.randint(0, len(others))
        before = "".join(f"{text} " for text in others[:at])
        shift = len(before)
        placed.append(
            replace(
                example,
                text=" ".join([*others[:at], example.text, *others[at:]]),
                answers=tuple(Span(a.start + shift, a.end + shift) for a in example.answers),
                evidence=(Span(shift, shift + len(example.text)),),
            )
        )
    return placed


def _shuffled(name: str, examples: list[Example]) -> tuple[Example, ...]:
    _rng(f"{SEED}/{name}").shuffle(examples)
    return tuple(examples)


def _rng(seed: int | str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a choice, not a secret
