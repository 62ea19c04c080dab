"""From what the network says to an order and a probability: fitted on questions asked over a library.

The library holds every passage of SQuAD's half and of the question set's development split, so that each question is
answered among some 1,000 passages: of half of the articles they lie in one document, of the others each is a document
of its own. Asked are the development questions of SQuAD, those of our own whose passages nothing else is learned from,
and questions on other subjects.
"""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.fit import read_lines
from evaluation.fitting import fit_logistic, fit_ranking
from ingest.pipeline import index
from ingest.report import Progress, Tell, ignore
from retriever.hints import wants_sentences
from retriever.library import Library
from retriever.records import Hit, Span
from retriever.settings import Settings
from retriever.text import content_terms
from retriever.trained_reader import Calibration, Judgement, TrainedReader, described_best, judged, quote_of
from training.documents import WRITTEN
from training.examples import OWN, SQUAD, Example, by_topic, own_examples, public_examples
from training.passages import draw

UNRELATED = 250
UNSEEN = ("peps", "py_devguide", "mtrag_fiqa", "pubmedqa", WRITTEN)
"""The sets that only questions of our own are about: of the others, public questions on the passages are learned."""

FOLDS = 5
REFUSED = 0.05  # of the answerable questions whose answer was found
CAREFUL = {False: 0.05, True: 0.3}
"""How much a question of our own counts in the confidence, by whether it asks for whole sentences, against one of
SQuAD's, many of which were written to mislead: it should not promise more than it keeps where it is hardest, and so
says less than is true elsewhere. Of questions for whole sentences SQuAD has few, so of these ours count more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question asked over the library.

    `features`, float32 `(n, FEATURES)`, of the candidates; `right`, bool `(n,)`, those whose sentence holds the answer,
    and `quoted`, bool `(n,)`, those whose quote would have words of it: the confidence is of these; `whole`: it asks
    for whole sentences; `group` keeps questions about one text together when they are split; the confidence `counts` it
    so much.
    """

    features: NDArray[np.float32]
    right: NDArray[np.bool_]
    quoted: NDArray[np.bool_]
    group: str
    whole: bool = False
    counts: float = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage stands: in which file, from which code point on."""

    file: str
    start: int

    def of(self, span: Span) -> Span:
        """Give the place in the file of a span of the passage."""
        return Span(self.start + span.start, self.start + span.end)


def collect(reader: TrainedReader, data: Path, settings: Settings, tell: Tell = ignore) -> list[Asked]:
    """Ask all questions, and describe what the reader finds."""
    own = list(own_examples(data, development=True))
    asked = [*public_examples(data, SQUAD, development=True), *filter(unseen, own)]
    unrelated = [Example("", "", question, "", "") for question in unrelated_questions(data)]
    documents, places = laid_out([*public_examples(data, SQUAD), *own, *asked])
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "documents"
        files.mkdir()
        for name, text in documents.items():
            (files / name).write_bytes(text.encode())
        with Library.open(settings.model_copy(update={"home": Path(folder) / "library"})) as library:
            index(library, [files], tell)
            found = []
            for n, example in enumerate([*asked, *unrelated], 1):
                hits = library.searcher.search(example.question, settings.passages).hits
                found.append(_asked(reader, example, hits, places.get(example.text)))
                tell(Progress(n, len(asked) + len(unrelated), "Asking"))
    return found


def unseen(example: Example) -> bool:
    """Tell whether an example of our own is about a passage that nothing else is learned from."""
    return set_of(example) in UNSEEN


def set_of(example: Example) -> str:
    """Give the set that an example's passage is from, for ours, too."""
    return example.topic.split(":")[0]


def laid_out(examples: Iterable[Example]) -> tuple[dict[str, str], dict[str, Place]]:
    """Lay the passages of examples out in documents: the text of each file, and where each passage stands.

    A passage that stands within another stands there. Half of the documents begin with their title as a heading.
    """
    documents: dict[str, str] = {}
    places: dict[str, Place] = {}
    for topic, group in by_topic(examples).items():
        whole = draw(topic) % 2 == 0
        title = group[0].heading if draw("title", topic) % 2 == 0 else ""
        above = f"{title}\n{'=' * len(title)}\n\n" if title else ""
        texts = list(dict.fromkeys(e.text for e in group if e.text not in places))
        within = {text: max((t for t in texts if text in t), key=len) for text in texts}
        for text in dict.fromkeys(within.values()):
            name = f"{draw(topic, *(() if whole else (text,))):020}.txt"
            before = f"{documents[name]}\n\n" if name in documents else above
            places[text] = Place(name, len(before))
            documents[name] = before + text
        for text, longest in within.items():
            places[text] = Place(places[longest].file, places[longest].start + longest.index(text))
    return documents, places


def unrelated_questions(data: Path) -> list[str]:
    """Take questions on other subjects than the library's, and that are not learned from with an answer."""
    learned = {content_terms(row["question"]) for row in read_lines(data / "sets" / "qed_dev" / "questions.jsonl.gz")}
    rows = read_lines(data / "sets" / "nq_open_dev" / "questions.jsonl.gz")
    return list(islice((row["question"] for row in rows if content_terms(row["question"]) not in learned), UNRELATED))


def fit(asked: Sequence[Asked]) -> Calibration:
    """Fit the order, then how likely the first quote is right, and any sentence is, then the threshold."""
    ranking = fit_ranking([(a.features, a.right) for a in asked if a.right.any()])
    described, quoted = [], []
    for a in asked:
        scores = np.round(a.features @ ranking, 5)
        order = np.argsort(-scores, kind="stable")
        described.append([*described_best(a.features, scores, order, whole=a.whole), 1.0])
        quoted.append(a.quoted[order[0]])
    confidence = fit_logistic(described, quoted, counting=[a.counts for a in asked])
    answerability = fit_logistic(described, [a.right.any() for a in asked])
    unsure = Calibration(ranking, confidence, answerability, threshold=0.0)
    return replace(unsure, threshold=_threshold(asked, unsure))


def cross_fitted(asked: Sequence[Asked]) -> list[Judgement]:
    """Judge each question by a calibration that was fitted without its text."""
    folds = [draw(a.group) % FOLDS for a in asked]
    fitted = [fit([a for a, f in zip(asked, folds, strict=True) if f != fold]) for fold in range(FOLDS)]
    return [judged(a.features, fitted[fold], whole=a.whole) for a, fold in zip(asked, folds, strict=True)]


def _asked(reader: TrainedReader, example: Example, hits: Sequence[Hit], place: Place | None) -> Asked:
    candidates = reader.candidates(example.question, hits)
    golds = [place.of(gold) for gold in example.answers or example.evidence] if place else []
    features, whole = np.stack([c.features for c in candidates]), wants_sentences(example.question)

    there = [place is not None and Path(c.hit.document.source).name == place.file for c in candidates]

    def overlapping(spans: Iterable[Span]) -> NDArray[np.bool_]:
        """Tell which of these, one of each candidate, have words of a gold answer."""
        return np.array([at and any(map(span.overlaps, golds)) for at, span in zip(there, spans, strict=True)], bool)

    right = overlapping(c.sentence for c in candidates)
    quoted = overlapping(quote_of(c, whole=whole) for c in candidates)
    counts = CAREFUL[whole] if example.set == OWN else 1.0
    return Asked(features, right, quoted, example.text or example.question, whole, counts)


def _threshold(asked: Sequence[Asked], calibration: Calibration) -> float:
    """Find the highest threshold, in percents, that refuses at most `REFUSED` of the answerable questions.

    Answerable are those whose answer was among the candidates.
    """
    likely = np.array([judged(a.features, calibration, whole=a.whole).answerability for a in asked if a.right.any()])
    thresholds = np.arange(0.01, 1.0, 0.01)
    few = [(likely < t).mean() <= REFUSED for t in thresholds]
    return round(float(thresholds[max(sum(few) - 1, 0)]), 2)
