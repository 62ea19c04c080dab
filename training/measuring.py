"""How well a reader reads: development questions, each with the one passage that it was asked about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from evaluation.metrics import auroc, best_f1, exact_match, token_f1
from evaluation.passages import hit_of
from retriever.records import Span
from retriever.trained_reader import ANSWERS, Candidate, TrainedReader
from training.examples import Example


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of an example: the best words, whether their sentence is evidence, and how likely an answer is."""

    example: Example
    words: Span
    right_sentence: bool
    answers: float

    @property
    def text(self) -> str:
        """The words."""
        return self.words.of(self.example.text)

    @property
    def golds(self) -> list[str]:
        """The right answers."""
        return [answer.of(self.example.text) for answer in self.example.answers]


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares in 0..1, as SQuAD 2.0 defines them.

    `f1`, `exact` and `evidence` are of the words that the network points at, whether they or their sentence are quoted
    when a question is asked, over the questions that the passage answers; of parts of one answer the best counts.
    `all_f1` is over all at the best threshold.
    `auroc` is the probability that an answered question is given more than one that is not.
    """

    questions: int
    answered: int
    f1: float
    exact: float
    evidence: float
    all_f1: float
    auroc: float


def read(reader: TrainedReader, examples: Iterable[Example], *, titled: bool = False) -> list[Read]:
    """Read the passage of each example; `titled`, under the title of its document, as below any heading."""
    done = []
    for example in examples:
        candidates = reader.candidates(example.question, [hit_of(example.text, example.heading if titled else "")])
        best = max(candidates, key=lambda c: float(c.features[2]))
        right = any(best.sentence.overlaps(e) for e in example.evidence)
        done.append(Read(example, best.words, right, _answers(candidates)))
    return done


def figures(reads: Sequence[Read]) -> Figures:
    """Put together what was read; there must be both kinds of questions."""
    answered = [r for r in reads if r.example.answerable]
    f1 = [token_f1(r.text, r.golds) if r.example.answerable else 0.0 for r in reads]
    scores = [r.answers for r in reads]
    answerable = [r.example.answerable for r in reads]
    return Figures(
        questions=len(reads),
        answered=len(answered),
        f1=fmean(token_f1(r.text, r.golds) for r in answered),
        exact=fmean(exact_match(r.text, r.golds) for r in answered),
        evidence=fmean(r.right_sentence for r in answered),
        all_f1=best_f1(f1, scores, answerable)[0],
        auroc=auroc([r.answers for r in answered], [r.answers for r in reads if not r.example.answerable]),
    )


def _answers(candidates: Sequence[Candidate]) -> float:
    """Say how likely the passage answers, by what the network says of its windows."""
    return float(max(candidate.features[ANSWERS] for candidate in candidates))
