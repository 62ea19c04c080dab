"""The quality gate: how well the seed questions are answered, with the real model."""

from collections.abc import Iterator
from typing import Any

import pytest

from evaluation import fit, seeds
from evaluation.scoring import summarise
from retriever.encoder import Encoder
from retriever.library import Library
from retriever.records import Answer
from retriever.settings import load_settings


@pytest.fixture(scope="module")
def seed_library() -> Iterator[Library]:
    """The seed documents, indexed with the real model."""
    with seeds.seed_library(load_settings()) as library:
        yield library


def test_the_seed_questions_are_answered_well_enough(seed_library: Library) -> None:
    """The first citation is right for three of four questions that have an answer, one of three for nine of ten."""
    summary = summarise(seeds.evaluate(seed_library, "questions", seed_library.ask))
    assert summary.right_first >= 0.75
    assert summary.right_in_three >= 0.90


def test_every_citation_of_the_seeds_stands_in_its_source(seed_library: Library) -> None:
    """The law, over every question of both sets: quote and sentence are what stands at their place."""
    with seed_library.store.snapshot() as snapshot:
        texts = {document.id: snapshot.text(document.id) for document in snapshot.documents()}
    for name in seeds.SETS:
        for outcome in seeds.evaluate(seed_library, name, seed_library.ask):
            answer = outcome.answer
            cited = answer.citations if isinstance(answer, Answer) else [near.citation for near in answer.nearest]
            for citation in cited:
                text = texts[citation.document_id]
                assert citation.span.of(text) == citation.quote
                assert citation.sentence.span.of(text) == citation.sentence.quote


def test_what_nobody_wrote_about_is_refused(seed_library: Library) -> None:
    """A question on quite another subject is answered with the word that the documents do not say."""
    for question in ("Who won the football world cup in 1998?", "How do I bake a sourdough loaf?", "What is DNA?"):
        assert not isinstance(seed_library.ask(question), Answer)


def test_the_table_names_both_readers(capsys: pytest.CaptureFixture[str]) -> None:
    """`make eval` prints a row per set and reader, and with -v a line per question with its verdict."""
    seeds.main(["-v"])
    printed = capsys.readouterr().out
    assert printed.count("similarity alone") == 2
    assert printed.count("sentence reader") == 2
    assert "right at 1" in printed
    assert "s001" in printed


def test_the_weights_are_fitted_on_examples(encoder: Encoder) -> None:
    """Weights come out for every feature, and rank the examples that they were fitted on."""
    corpus = [
        {"doc_id": "Town#0", "text": "The mill was built in 1820. A fire destroyed it."},
        {"doc_id": "Town#1", "text": "The bridge was built in 1901. It is made of steel."},
    ]
    questions: list[dict[str, Any]] = [
        {"question": "When was the mill built?", "answers": [_gold(corpus, "1820")], "relevant": ["Town#0"]},
        {"question": "What is the bridge made of?", "answers": [_gold(corpus, "steel")], "relevant": ["Town#1"]},
        {"question": "What destroyed the mill?", "answers": [_gold(corpus, "fire")], "relevant": ["Town#0"]},
        {"question": "Who sings?", "answers": [], "relevant": ["Town#0"]},
    ]
    examples = list(fit.examples(questions, fit.group(iter(corpus), encoder), encoder))
    assert [example.right.sum() for example in examples] == [1, 1, 1, 0]
    assert [q["question"] for q in fit.mixed(questions, questions[3:], 20)] == [q["question"] for q in questions] + [
        "Who sings?"
    ]
    ranking = fit.fit_ranking(examples[:3])
    answering = fit.fit_answering(examples, ranking)
    assert (len(ranking), len(answering)) == (5, 5)
    assert fit.hit_rate(examples, ranking, 1) == 1.0


def _gold(corpus: list[dict[str, str]], quote: str) -> dict[str, object]:
    row = next(row for row in corpus if quote in row["text"])
    return {"doc_id": row["doc_id"], "start": row["text"].index(quote), "text": quote}
