"""What is learned from, in which order: the mixtures of examples, drawn with a seed."""

import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from retriever.records import Span
from training.examples import SQUAD, Example, own_examples, public_examples
from training.joining import joined
from training.nearmisses import edited, lookalikes, rivalled

SEED = 20
SHORT = 9_000  # of the questions about single sentences, in the first stage
NEIGHBOURS = 3  # the most sentences that a single sentence is set among
JOINED = 0.5  # of the passages, set beside another of their topic where one fits, from the second stage on
SPANS, JUDGING, ASKING = 29_400, 20_000, 44_400  # examples of each stage
PLAIN, SETTLING, WHOLE = 30_000, 27_000, 60_000
FIRST_ROUND, LATE_ROUNDS, ARTICLE_ROUNDS, WRITTEN_ROUND = "b41", "f01", "l01", "n01"
"""Batches of our own questions: the first round ends before the one, and with each of the others a part begins."""
AFTER = "q01"  # from this batch on they wait for another recipe


@dataclass(frozen=True, slots=True)
class Mixture:
    """How many of each kind of example go together: counts, but for those that come so many `times`.

    `short` are questions about single sentences set among others; `public`, answered ones of public sets; `squad`
    times SQuAD's, `own` times ours of the rounds before the late ones and `late` times those, `articles` times those
    about passages of one article and `written` times those about documents written for training, all of which have
    near misses of their own; `lookalikes` and `edited`, near misses made of answered ones. `rivals` is the share of
    the answered ones that are read with a lookalike beside their own passage.
    """

    short: int
    public: int
    squad: float
    own: float
    late: float
    contracts: int
    medical: int
    lookalikes: int
    edited: int
    articles: float = 0.0
    written: float = 0.0
    rivals: float = 0.0


JUDGED = Mixture(
    short=0, public=19_000, squad=4, own=4, late=0, contracts=1_500, medical=1_000, lookalikes=11_000, edited=9_000
)
ASKED = Mixture(
    short=0, public=8_000, squad=3, own=2, late=0, contracts=500, medical=500, lookalikes=8_000, edited=4_000
)
PLAINLY = Mixture(
    short=4_000, public=9_000, squad=1.5, own=0.3, late=1.6, contracts=0, medical=0, lookalikes=9_000, edited=4_000
)
SETTLED = Mixture(
    short=1_500,
    public=8_000,
    squad=1,
    own=0.3,
    late=1,
    contracts=250,
    medical=250,
    lookalikes=1_000,
    edited=2_000,
    rivals=0.9,
)
WHOLLY = Mixture(
    short=700,
    public=3_500,
    squad=1.5,
    own=0.05,
    late=0.4,
    contracts=0,
    medical=0,
    lookalikes=700,
    edited=1_700,
    articles=0.5,
    written=1.2,
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
LEARNING = 3  # one more whenever the loss, the packing or the wording change, so that no old run is gone on with


@dataclass(frozen=True, slots=True)
class Stage:
    """Examples that are learned together, once, in an order of their own."""

    name: str
    examples: tuple[Example, ...]

    def counts(self) -> dict[str, int]:
        """Count the examples of each set."""
        return dict(Counter(example.set for example in self.examples))


def stages(data: Path) -> tuple[Stage, ...]:
    """Mix: where answers stand, whether there is one, what people ask, in other words, in plain ones, of documents."""
    squad = list(public_examples(data, SQUAD))
    public = [e for name in ("shift_new_wiki", "shift_amazon_reviews", "qed_dev") for e in public_examples(data, name)]
    borders = (FIRST_ROUND, LATE_ROUNDS, ARTICLE_ROUNDS, WRITTEN_ROUND, AFTER)
    first, early, plain, unwritten, own = (list(own_examples(data, before=batch)) for batch in borders)
    after = (plain[len(early) :], unwritten[len(plain) :], own[len(unwritten) :])
    spans = _shuffled("spans", [*_short(data, SHORT, _rng(SEED)), *public, *squad, *first])
    mixed = (
        ("judging", JUDGING, JUDGED, first),
        ("asking", ASKING, ASKED, early),
        ("plain", PLAIN, PLAINLY, early),
        ("settling", SETTLING, SETTLED, early),
        ("whole", WHOLE, WHOLLY, early),
    )
    return (
        Stage("spans", spans[:SPANS]),
        *(
            Stage(name, _shuffled(name, _mixed(mixture, data, (public, squad, ours, *after), _rng(SEED + n)))[:count])
            for n, (name, count, mixture, ours) in enumerate(mixed, 1)
        ),
    )


def fingerprint(recipe: Sequence[Stage]) -> str:
    """Hash all that decides what is learned: the examples in their order, and how they are learned from."""
    digest = hashlib.sha256(repr((SEED, SCHEDULE, LEARNING)).encode())
    for stage in recipe:
        for example in stage.examples:
            digest.update(repr((stage.name, example)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _short(data: Path, count: int, rng: random.Random) -> list[Example]:
    return _among_others(rng.sample(list(public_examples(data, "qamr")), count), rng) if count else []


def _mixed(mixture: Mixture, data: Path, asked: Sequence[list[Example]], rng: random.Random) -> list[Example]:
    """Mix examples of public sets, of SQuAD and of our own with others, and with near misses made of them."""
    public, squad, own, late, articles, written = _beside_others(asked, rng)
    times = ((mixture.late, late), (mixture.articles, articles), (mixture.written, written))
    answered = [*public, *squad, *own, *(e for share, some in times if share for e in some)]
    examples = [
        *rng.sample(public, mixture.public),
        *_times(mixture.squad, squad, rng),
        *_times(mixture.own, own, rng),
        *(e for share, some in times for e in _times(share, some, rng)),
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
