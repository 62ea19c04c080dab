"""The untrained reader: sentences scored by meaning and by words."""

import numpy as np
import pytest

from retriever.records import Chunk, DocumentInfo, Hit, Span
from retriever.sentence_reader import CACHED_VECTORS, SentenceReader, candidates_of
from tests.library import chunks
from tests.toys import ToyEncoder


def hit(text: str, rank: int = 1) -> Hit:
    """Make a hit of a text of one line."""
    info = DocumentInfo(f"id{rank}", "v", "t", f"/{rank}", "text/plain", len(text), 1)
    (chunk,) = chunks(text) or (Chunk(Span(0, 0), "", ()),)
    return Hit(info, chunk, score=1.0, similarity=1.0, rank=rank)


@pytest.fixture
def reader(toy: ToyEncoder) -> SentenceReader:
    """Make a reader."""
    return SentenceReader(toy)


def test_evidence_is_whole_sentences_in_their_order_of_worth(reader: SentenceReader) -> None:
    """Each sentence is proposed once, the best first, and the confidence is the score of the best."""
    text = "Ann has a cat. The dose of aspirin is two tablets. The stove is cold."
    reading = reader.read("What is the dose of aspirin?", [hit(text)])
    assert reading.evidence[0].quote.of(text) == "The dose of aspirin is two tablets."
    assert sorted(each.quote for each in reading.evidence) == list(chunks(text)[0].sentences)
    assert [each.score for each in reading.evidence] == sorted((e.score for e in reading.evidence), reverse=True)
    assert reading.confidence == reading.evidence[0].score
    assert all(each.sentence == each.quote for each in reading.evidence)


@pytest.mark.parametrize("text", ["", "?! ...", "🎉 🎉"])
def test_a_passage_without_words_offers_nothing(reader: SentenceReader, text: str) -> None:
    """Empty passages and sentences of marks alone are no evidence, and nothing is certain."""
    assert reader.read("What is the dose?", [hit(text)]).evidence == ()
    assert reader.read("What is the dose?", []).confidence == 0.0


def test_emoji_do_not_shift_a_quote(reader: SentenceReader) -> None:
    """Offsets count code points, and an emoji is one."""
    text = "🎉👩‍👩‍👧 Hooray! The dose is two 💊. Bye."
    best = reader.read("What is the dose?", [hit(text)]).evidence[0]
    assert best.quote.of(text) == "The dose is two 💊."


def test_neighbours_count(reader: SentenceReader) -> None:
    """Of two equal sentences, the one whose neighbours speak of the matter is better."""
    alone, beside = hit("The sea is wide. It is two tablets.", 1), hit("Aspirin has a dose. It is two tablets.", 2)
    evidence = reader.read("What is the dose of aspirin?", [alone, beside]).evidence
    places = [each.hit.rank for each in evidence if each.quote.start > 0]
    assert places == [2, 1]


def test_equal_evidence_stands_in_the_order_of_the_hits(reader: SentenceReader) -> None:
    """Ties go to the better hit."""
    evidence = reader.read("What is the dose?", [hit("The dose is two.", 2), hit("The dose is two.", 1)]).evidence
    assert [each.hit.rank for each in evidence] == [1, 2]


def test_a_sentence_is_encoded_once(reader: SentenceReader, toy: ToyEncoder) -> None:
    """A second reading of the same passage encodes nothing; the question itself is remembered as well."""
    first = reader.read("What is the dose?", [hit("The dose is two. Take it.")])
    before = len(toy.encoded)
    assert reader.read("What is the dose?", [hit("The dose is two. Take it.")]) == first
    assert len(toy.encoded) == before


def test_a_cache_that_overflows_begins_anew_and_changes_no_score(reader: SentenceReader, toy: ToyEncoder) -> None:
    """More sentences than the cache holds are read with the same scores."""
    question, passage = "What is the dose?", hit("The dose is two. Take it.")
    first = reader.read(question, [passage])
    reader.read(question, [hit(" ".join(f"Line {i} ends." for i in range(CACHED_VECTORS)))])
    before = len(toy.encoded)
    assert reader.read(question, [passage]) == first
    assert len(toy.encoded) > before


def test_features_are_shares_and_cosines(reader: SentenceReader) -> None:
    """All but the worth of a hint are in -1..1, and a passage of one sentence has its features as well."""
    several = candidates_of(hit("The dose is two. Take it.")) + candidates_of(hit("?! Nothing."))
    for candidates in (several, several[:1]):
        features = reader.features("How many is the dose?", candidates)
        assert features.ranking.shape == (len(candidates), 5)
        assert features.answering.shape == (len(candidates), 3)
        assert features.ranking.dtype == features.answering.dtype == np.float32
        for table in (features.ranking[:, :4], features.answering):
            assert np.all(np.abs(table) <= 1 + 1e-6)
