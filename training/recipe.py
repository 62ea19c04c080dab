"""What is learned from, in which order: the mixtures of examples, drawn with a seed."""

import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from retriever.records import Span
from training.examples import SQUAD, Example, own_examples, public_examples
from training.nearmisses import edited, lookalikes

SEED = 20
SHORT = 9_000  # of the questions about single sentences
NEIGHBOURS = 3  # the most sentences that a single sentence is set among
SPANS, JUDGING, ASKING, SETTLING = 29_400, 20_000, 70_000, 38_000  # examples of each stage
FIRST_ROUND, LAST_ROUND = "b41", "f01"  # the batches of our own questions before which the early stages stop


@dataclass(frozen=True, slots=True)
class Mixture:
    """How many answered public questions, contracts, medical pages and near misses made of others go together.

    The questions with near misses of their own, SQuAD's and ours, come `squad` and `own` times.
    """

    public: int
    squad: int
    own: int
    contracts: int
    medical: int
    lookalikes: int
    edited: int


JUDGED = Mixture(public=19_000, squad=4, own=4, contracts=1_500, medical=1_000, lookalikes=11_000, edited=9_000)
ASKED = Mixture(public=8_000, squad=3, own=2, contracts=500, medical=500, lookalikes=8_000, edited=4_000)
SETTLED = Mixture(public=4_000, squad=1, own=1, contracts=250, medical=250, lookalikes=3_500, edited=1_500)


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


@dataclass(frozen=True, slots=True)
class Stage:
    """Examples that are learned together, once, in an order of their own."""

    name: str
    examples: tuple[Example, ...]

    def counts(self) -> dict[str, int]:
        """Count the examples of each set."""
        return dict(Counter(example.set for example in self.examples))


def stages(data: Path) -> tuple[Stage, ...]:
    """Mix: where answers stand, then whether there is one, then what people ask, and at last in all their ways."""
    squad = list(public_examples(data, SQUAD))
    public = [e for name in ("shift_new_wiki", "shift_amazon_reviews", "qed_dev") for e in public_examples(data, name)]
    first, most, own = (list(own_examples(data, before=batch)) for batch in (FIRST_ROUND, LAST_ROUND, None))
    spans = _shuffled("spans", [*_short(data, _rng(SEED)), *public, *squad, *first])
    judging = _shuffled("judging", _mixed(JUDGED, data, (public, squad, first), _rng(SEED + 1)))
    asking = _shuffled("asking", _mixed(ASKED, data, (public, squad, most), _rng(SEED + 2)))
    settling = _shuffled("settling", _mixed(SETTLED, data, (public, squad, own), _rng(SEED + 3)))
    return (
        Stage("spans", spans[:SPANS]),
        Stage("judging", judging[:JUDGING]),
        Stage("asking", asking[:ASKING]),
        Stage("settling", settling[:SETTLING]),
    )


def fingerprint(recipe: Sequence[Stage]) -> str:
    """Hash all that decides what is learned: the examples in their order, and how they are learned from."""
    digest = hashlib.sha256(repr((SEED, SCHEDULE)).encode())
    for stage in recipe:
        for example in stage.examples:
            digest.update(repr((stage.name, example)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _short(data: Path, rng: random.Random) -> list[Example]:
    return _among_others(rng.sample(list(public_examples(data, "qamr")), SHORT), rng)


def _mixed(mixture: Mixture, data: Path, asked: Sequence[list[Example]], rng: random.Random) -> list[Example]:
    """Mix examples of public sets, of SQuAD and of our own with others, and with near misses made of them."""
    public, squad, own = asked
    answered = [*public, *squad, *own]
    return [
        *rng.sample(public, mixture.public),
        *(squad * mixture.squad),
        *(own * mixture.own),
        *rng.sample(list(public_examples(data, "cuad_a")), mixture.contracts),
        *rng.sample(list(public_examples(data, "medquad")), mixture.medical),
        *rng.sample(list(lookalikes(answered)), mixture.lookalikes),
        *rng.sample(list(edited(answered, rng)), mixture.edited),
    ]


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
