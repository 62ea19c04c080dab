"""How to fuse the dense and the lexical side: `python -m evaluation.fusion FOLDER [SET ...]`.

FOLDER holds sets as `NAME/corpus.jsonl.gz` and `NAME/questions.jsonl.gz` with relevance judgements. Each set becomes a
library of its own; its questions are searched with every weight of the dense side, and ranked by reciprocal ranks as
the alternative.
"""

import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from evaluation.fit import read_lines
from evaluation.metrics import ndcg
from ingest.pipeline import Upload, add_upload
from retriever.library import Library
from retriever.projections import Projections
from retriever.records import Hit
from retriever.search import Searcher
from retriever.settings import load_settings

SETS = ("squad20_half_a", "cranfield", "cacm", "med", "pubmedqa", "el_dbpedia")
WEIGHTS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
MOST_QUESTIONS = 300
RANK_CONSTANT = 60  # of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009)


def main(folder: Path, names: Sequence[str]) -> None:
    """Print nDCG@10 for each set and weight."""
    table = Table("Set", "n", *(f"{weight:.1f}" for weight in WEIGHTS), "ranks")
    for name in names:
        questions = [q for q in read_lines(folder / name / "questions.jsonl.gz") if relevant(q)]
        random.Random(0).shuffle(questions)  # noqa: S311 - a sample, not a secret
        row = compare(list(read_lines(folder / name / "corpus.jsonl.gz")), questions[:MOST_QUESTIONS])
        table.add_row(name, str(len(questions[:MOST_QUESTIONS])), *(f"{100 * figure:.1f}" for figure in row))
    Console(width=None if sys.stdout.isatty() else 120).print("nDCG@10 by the weight of the dense side", table)


def compare(corpus: Sequence[dict[str, Any]], questions: Sequence[dict[str, Any]]) -> list[float]:
    """Give the mean nDCG@10 with each of WEIGHTS, and with reciprocal ranks."""
    with tempfile.TemporaryDirectory() as home, Library.open(load_settings(home=Path(home))) as library:
        files = [Upload(f"{row['doc_id']}.txt", f"{row['title']}\n\n{row['text']}".encode()) for row in corpus]
        add_upload(library, [file for file in files if file.data.strip()])
        means = []
        for weight in WEIGHTS:
            projections = Projections(library.store.home)
            searcher = Searcher(library.store, library.encoder, projections, dense_weight=weight)
            means.append(_mean([judged(searcher.search(q["question"], 50).hits, q) for q in questions]))
            projections.close()
        by_ranks = [sorted(library.search(q["question"], 50).hits, key=reciprocal_rank) for q in questions]
        means.append(_mean([judged(hits, q) for hits, q in zip(by_ranks, questions, strict=True)]))
    return means


def judged(hits: Sequence[Hit], question: dict[str, Any]) -> float:
    """Give nDCG@10 over documents."""
    gold = relevant(question)
    return ndcg([name in gold for name in ranked(hits)], len(gold))


def relevant(question: dict[str, Any]) -> set[str]:
    """Name the documents that were judged relevant."""
    return {row if isinstance(row, str) else row["doc_id"] for row in question["relevant"]}


def ranked(hits: Sequence[Hit]) -> list[str]:
    """Name the documents of hits, each once, the best first."""
    return list(dict.fromkeys(hit.document.source.removeprefix("upload:").removesuffix(".txt") for hit in hits))


def reciprocal_rank(hit: Hit) -> float:
    """Give the negative sum of reciprocal ranks, to sort by."""
    return -sum(1 / (RANK_CONSTANT + rank) for rank in (hit.dense_rank, hit.lexical_rank) if rank)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or SETS)
