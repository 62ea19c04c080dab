"""Examples are read from the sets with their answers in place, without what figures are measured on."""

from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.records import Span
from tests.training.learning import FACTS, asked, drawing, learnable, told, write, write_own
from tests.training.making import row
from training import examples as module
from training.examples import (
    AROUND,
    PARAGRAPH,
    Example,
    by_topic,
    cut,
    heading_of,
    own_examples,
    own_parts,
    public_examples,
)
from training.questions import read_questions


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a small data folder."""
    return learnable(tmp_path_factory.mktemp("data"))


def words(example: Example) -> tuple[list[str], list[str]]:
    """Give the answers and the evidence as words."""
    return [a.of(example.text) for a in example.answers], [e.of(example.text) for e in example.evidence]


def test_a_public_set_is_read(data: Path) -> None:
    """Answers stand in order at their places, evidence is the sentences that hold them, the title is the heading."""
    when, who, bought, *_ = public_examples(data, "shift_new_wiki")
    assert words(when) == (["1820"], ["The mill of Ely was built in 1820 by Ada Reeve."])
    assert words(who)[0] == ["Ada Reeve", "Reeve"]
    assert (bought.answers, bought.evidence, bought.answerable, when.answerable) == ((), (), False, True)
    assert (when.set, when.topic, when.heading) == ("shift_new_wiki", "shift_new_wiki:Sights_of_Ely", "Sights of Ely")
    assert not when.together


def test_development_articles_are_read_alone_or_not_at_all(data: Path) -> None:
    """No example is in both parts."""
    training = list(public_examples(data, "squad20_half_a"))
    development = list(public_examples(data, "squad20_half_a", development=True))
    assert {example.topic for example in training} == {"squad20_half_a:York"}
    assert {example.topic for example in development} == {"squad20_half_a:Imperialism"}
    assert len(training) == len(development) == 2 * len(FACTS)


def test_documents_without_a_title_are_told_by_their_ids(data: Path) -> None:
    """Sentences of one article are one topic."""
    assert {example.topic for example in public_examples(data, "qamr")} == {"qamr:qamr:Ripon"}
    assert {example.heading for example in public_examples(data, "qamr")} == {""}


def test_questions_about_contracts_lose_the_name_of_the_file(tmp_path: Path) -> None:
    """The name is no part of what people ask; other words in brackets stay."""
    document = row("c", "The law of Kent governs it.")
    files = ("Which law governs the LEASE of A (A_20140221_10-K_EX-10.1)?", "Which law (if any) governs it?")
    write(tmp_path, "cuad_a", [document], [asked(document, question, "law of Kent") for question in files])
    questions = [example.question for example in public_examples(tmp_path, "cuad_a")]
    assert questions == ["Which law governs the LEASE of A?", "Which law (if any) governs it?"]


def test_relevant_places_are_documents(tmp_path: Path) -> None:
    """A set may name its documents with places in them."""
    document = row("c", "The law of Kent governs it.")
    question = {**asked(document, "Which law?", "law of Kent"), "relevant": [{"doc_id": "c", "start": 0, "end": 9}]}
    write(tmp_path, "qed_dev", [document], [question])
    assert [words(example)[0] for example in public_examples(tmp_path, "qed_dev")] == [["law of Kent"]]


def test_a_paragraph_that_answers_is_evidence_alone(data: Path) -> None:
    """Its sentences are shown, and no span is pointed at."""
    example = list(public_examples(data, "medquad"))[-1]
    assert example.answers == ()
    assert len(example.evidence) == 13
    assert example.answerable


def test_a_long_document_is_read_around_its_answer(data: Path) -> None:
    """So much is kept, with whole words at its start."""
    example = list(public_examples(data, "cuad_a"))[-1]
    assert AROUND <= len(example.text) < AROUND + 20
    assert example.text[0].isalpha()
    assert example.answerable


def test_a_long_document_without_an_answer_is_read_anywhere(tmp_path: Path) -> None:
    """Another question sees another part."""
    document = row("c", "The parties agree to this and to that. " * 200)
    write(tmp_path, "cuad_a", [document], [asked(document, f"Which law, {n}?") for n in range(9)])
    texts = {example.text for example in public_examples(tmp_path, "cuad_a")}
    assert len(texts) > 1
    assert all(text in document["text"] and AROUND <= len(text) < AROUND + 20 for text in texts)


@given(
    seed=st.integers(0, 2**32),
    first=st.integers(0, 799),
    length=st.integers(1, PARAGRAPH - 20),
    lot=st.integers(0, 2**64 - 1),
)
def test_what_is_kept_of_a_long_text_holds_the_answer(seed: int, first: int, length: int, lot: int) -> None:
    """Wherever it stands, the first answer is whole in what is kept, which begins with a whole word."""
    rng = drawing(seed)
    words = [rng.choice("abé中") * rng.randint(1, 20) for _ in range(800)]
    text = " ".join(words)
    start = len(" ".join(words[:first])) + bool(first)
    answer = Span(start, min(start + length, len(text)))
    later = Span(min(answer.end + 5_000, len(text) - 1), len(text))
    kept = module._around(text, [answer, later], lot)
    assert kept.covers(answer)
    assert kept.start == 0 or text[kept.start - 1] == " "
    assert AROUND <= len(kept) <= AROUND + 20


def test_an_answer_that_is_cut_off_is_evidence_and_no_span(tmp_path: Path) -> None:
    """Nothing points at half of an answer; the sentences of it that are kept are evidence."""
    text = "The parties agree to this and to that. " * 200
    second = text.index("parties", 5_000)
    document = row("c", text)
    question = asked(document, "Which?", "parties")
    question["answers"] = [{"text": text[start : start + 250], "start": start} for start in (4_000, 4_900, second)]
    write(tmp_path, "cuad_a", [document], [question])
    (example,) = public_examples(tmp_path, "cuad_a")
    assert all(len(answer) == 250 for answer in example.answers)
    assert sum(map(len, example.evidence)) >= 250 * len(example.answers)


def test_sentences_are_those_of_indexing() -> None:
    """A text is cut once, and covered by its sentences."""
    text = told(*FACTS[0])
    assert [span.of(text).split()[0] for span in cut(text)] == ["The", "It", "It"]
    assert cut(text) is cut(text)


def test_titles_that_are_names_of_files_are_no_headings() -> None:
    """Others are, without underscores."""
    assert heading_of("1973_oil_crisis", "squad20_half_a") == "1973 oil crisis"
    assert heading_of("Amazon_Reviews_2030", "shift_amazon_reviews") == ""


def test_the_own_set_is_read_by_split(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its passages are cut out of their documents, and what answers moves with them."""
    for development in (False, True):
        write_own(tmp_path, development=development)
    monkeypatch.setattr(module, "read_questions", partial(read_questions, tmp_path))
    for development in (False, True):
        answered, bare = own_examples(data, development=development)
        assert answered.text == "mill of Bath was built in 1820 by Ada Reeve. "
        assert words(answered) == (["Ada Reeve"], ["mill of Bath was built in 1820 by Ada Reeve."])
        assert (answered.set, answered.topic, answered.heading) == (
            "own",
            "qed_dev:Sights_of_Bath",
            "Sights of Bath",
        )
        assert answered.together
        assert (bare.answers, bare.evidence) == ((), ())
    whole = list(own_examples(data))
    assert own_parts(data, ["a01-1", "a01-2"]) == [[], whole[:1], whole[1:]]


def test_examples_of_a_topic_are_put_together(data: Path) -> None:
    """Two sets never share a topic, but our own questions are of the one that they are asked about."""
    examples = [*public_examples(data, "qed_dev"), *public_examples(data, "squad20_half_a")]
    assert {key: len(group) for key, group in by_topic(examples).items()} == {
        "qed_dev:Sights_of_Bath": 18,
        "squad20_half_a:York": 12,
    }
