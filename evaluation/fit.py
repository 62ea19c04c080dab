"""Fit the weights of the sentence reader: `python -m evaluation.fit FOLDER`.

FOLDER holds `squad20_half_a` and `nq_open_dev` as `corpus.jsonl.gz` and `questions.jsonl.gz`. Four paragraphs of an
article stand for a document, so that, as in a document about one thing, its words are all over it. Articles named in
DEVELOPMENT are not fitted on. Questions on unrelated subjects, with the same passages, teach what is no answer.
"""

import gzip
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from evaluation.fitting import fit_logistic, fit_ranking
from ingest.chunking import chunk
from ingest.readers.registry import read_document
from retriever.encoder import Encoder
from retriever.models import load_encoder
from retriever.records import DocumentInfo, Hit, Span
from retriever.sentence_reader import Features, SentenceReader, candidates_of
from retriever.settings import load_settings

DEVELOPMENT = ("Scottish_Parliament", "Imperialism", "1973_oil_crisis", "French_and_Indian_War")
TOGETHER = 4  # paragraphs
FITTED, TESTED = 1200, 600  # questions; two of three have an answer
UNRELATED = 0.1  # as many again


@dataclass(frozen=True, slots=True)
class Example:
    """A question with the features of its candidates; `right`, float64 `(n,)`, marks those that hold a gold answer."""

    features: Features
    right: NDArray[np.float64]


def main(folder: Path, *, fitted: int = FITTED, tested: int = TESTED) -> None:
    """Fit on so many questions, and print weights and what they reach on these and on others."""
    rng = random.Random(0)  # noqa: S311 - a sample, not a secret
    encoder = load_encoder(load_settings())
    questions = list(read_lines(folder / "squad20_half_a" / "questions.jsonl.gz"))
    rng.shuffle(questions)
    unrelated = [
        {**question, "answers": [], "relevant": rng.choice(questions)["relevant"]}
        for question in read_lines(folder / "nq_open_dev" / "questions.jsonl.gz")
    ]
    rng.shuffle(unrelated)
    held_out = [q for q in questions if q["relevant"][0].startswith(DEVELOPMENT)]
    others = [q for q in questions if not q["relevant"][0].startswith(DEVELOPMENT)]
    passages = group(read_lines(folder / "squad20_half_a" / "corpus.jsonl.gz"), encoder)
    train = list(examples(mixed(others, unrelated[::2], fitted), passages, encoder))
    test = list(examples(mixed(held_out, unrelated[1::2], tested), passages, encoder))
    ranking = fit_ranking([(e.features.ranking, e.right > 0) for e in train if e.right.any()])
    answering = fit_answering(train, ranking)
    print("RANKING", ranking.round(2).tolist(), "ANSWERING", answering.round(2).tolist())  # noqa: T201
    for name, some in {"fitted on": train, "held out": test}.items():
        print(f"{name}: right first {hit_rate(some, ranking, 1):.3f}, in three {hit_rate(some, ranking, 3):.3f}")  # noqa: T201


def mixed(questions: Sequence[dict[str, Any]], unrelated: Sequence[dict[str, Any]], size: int) -> list[dict[str, Any]]:
    """Take two answered questions for one that is not, and some that are about something else."""
    answered = [q for q in questions if q["answers"]]
    others = [q for q in questions if not q["answers"]]
    return [*answered[: 2 * size // 3], *others[: size // 3], *unrelated[: int(UNRELATED * size)]]


def read_lines(file: Path) -> Iterator[dict[str, Any]]:
    """Read gzipped lines of JSON."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def group(corpus: Iterator[dict[str, Any]], encoder: Encoder) -> dict[str, tuple[int, list[Hit]]]:
    """Put paragraphs together, and give for each where it begins and the hits of all."""
    together: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in corpus:
        article, number = row["doc_id"].rsplit("#", 1)
        together.setdefault((article, int(number) // TOGETHER), []).append(row)
    groups = {}
    for rows in together.values():
        text = "\n\n".join(row["text"] for row in rows)
        document = read_document(text.encode(), "group.txt")
        info = DocumentInfo("", document.version, "", "", document.media_type, len(text), 0)
        hits = [
            Hit(info, each, score=1.0, similarity=1.0, rank=rank)
            for rank, each in enumerate(chunk(document, encoder.count_tokens, 200), 1)
        ]
        start = 0
        for row in rows:
            groups[row["doc_id"]] = (start, hits)
            start += len(row["text"]) + 2
    return groups


def examples(
    questions: Sequence[dict[str, Any]], passages: dict[str, tuple[int, list[Hit]]], encoder: Encoder
) -> Iterator[Example]:
    """Describe the candidates of each question."""
    reader = SentenceReader(encoder)
    for question in questions:
        _, hits = passages[question["relevant"][0]]
        candidates = [candidate for hit in hits for candidate in candidates_of(hit)]
        gold = [
            Span(passages[a["doc_id"]][0] + a["start"], passages[a["doc_id"]][0] + a["start"] + len(a["text"]))
            for a in question["answers"]
            if passages[a["doc_id"]][1] is hits
        ]
        right = np.array([any(c.span.overlaps(span) for span in gold) for c in candidates], float)
        yield Example(reader.features(question["question"], candidates), right)


def fit_answering(some: Sequence[Example], ranking: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit the probability that the best candidate is right: weights, and the bias last."""
    rankings = [e.features.ranking @ ranking for e in some]
    best = [int(np.argmax(r)) for r in rankings]
    described = np.array(
        [[*e.features.answering[i], softmax([*r, 0.0])[i], 1.0] for e, i, r in zip(some, best, rankings, strict=True)]
    )
    return fit_logistic(described, [e.right[i] for e, i in zip(some, best, strict=True)], smooth=0.0)


def hit_rate(some: Sequence[Example], ranking: NDArray[np.float64], k: int) -> float:
    """Give the share of answered questions with a right candidate among the best `k`."""
    answered = [e for e in some if e.right.any()]
    return float(np.mean([e.right[np.argsort(-(e.features.ranking @ ranking))[:k]].any() for e in answered]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
