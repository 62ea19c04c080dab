"""The quality gate: how well the seed questions are answered, with the real model."""

from collections.abc import Iterator

import pytest

from evaluation import seeds
from evaluation.baselines import readers
from evaluation.figures import missed
from evaluation.report import summarise
from retriever.library import Library
from retriever.records import Answer
from retriever.settings import load_settings


@pytest.fixture(scope="module")
def seed_library() -> Iterator[Library]:
    """The seed documents, indexed with the real model."""
    with seeds.seed_library(load_settings()) as library:
        yield library


GATES = {
    "sentence reader": {"--min-right-first": 0.75, "--min-right-in-three": 0.90},
    "trained reader": {
        "--min-right-first": 0.68,
        "--max-refused": 0.15,
        "--max-answered-anyway": 0.25,
        "--min-auroc": 0.88,
    },
}


@pytest.mark.parametrize("reader", GATES)
def test_the_seed_questions_are_answered_well_enough(seed_library: Library, reader: str) -> None:
    """One reader finds more and refuses nothing, the other tells most near misses from answers."""
    report = summarise(seeds.evaluate(seed_library, "questions", readers(seed_library)[reader]))
    assert missed(report, GATES[reader]) == []


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


@pytest.mark.slow
def test_the_table_names_every_reader(capsys: pytest.CaptureFixture[str]) -> None:
    """`make eval` prints a row per set and reader, and with -v a line per question with its verdict."""
    seeds.main(["-v"])
    printed = capsys.readouterr().out
    for reader in ("similarity alone", "sentence reader", "trained reader"):
        assert printed.count(reader) == 2
    for verdict in ("right at 1", "wrong  ", "refused, wrongly", "refused, rightly", "answered anyway"):
        assert verdict in printed
