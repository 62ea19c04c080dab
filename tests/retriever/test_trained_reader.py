"""How the scores of a network become evidence: windows, sentences, words, order and confidence."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tokenizers import Tokenizer

from ingest.sentences import sentences
from retriever.models import weights_folder
from retriever.records import Block, Chunk, DocumentInfo, Hit, Span
from retriever.trained_reader import Calibration, TrainedReader, judged
from retriever.windows import Packer, Window

FILLER = "The committee met again and went through the papers that had been handed out before. "
RANKING = np.array([0.2, 0.1, 0.3, 0.4, 1.0, 0.0, 0.5, 0.5])
DESCRIBED = np.array([0.1, 0.1, 0.2, 0.5, 1.0, 0.0, 0.1, 0.1, 1.0, 0.1, 0.0, -2.0])
FITTED = Calibration(RANKING, DESCRIBED, 1.5 * DESCRIBED, threshold=0.5)


@pytest.fixture(scope="module")
def packer() -> Packer:
    """Pack with the real tokenizer."""
    return Packer(Tokenizer.from_file(str(weights_folder() / "tokenizer.json")))


class Finding:
    """A network that needs no training: it finds the tokens of given words, one behind the other."""

    def __init__(self, packer: Packer, words: str) -> None:
        """Look for these words."""
        self._wanted = [i for window in packer.pack("", [], words)[:1] for i in window.ids[window.first : -1]]

    def run(self, windows: Sequence[Window]) -> list[tuple[NDArray[np.float32], float]]:
        """Let the words start and end where they stand; all of them are evidence, and the window answers."""
        return [self._scores(window) for window in windows]

    def _scores(self, window: Window) -> tuple[NDArray[np.float32], float]:
        scores, n = np.zeros((len(window.ids), 3), np.float32), len(self._wanted)
        for i in range(window.first, len(window.ids) - n) if n else ():
            if list(window.ids[i : i + n]) == self._wanted:
                scores[i, 0] = scores[i + n - 1, 1] = 4
                scores[i : i + n, 2] = 4
                return scores, 4.0
        return scores, -4.0


def reader(packer: Packer, words: str) -> TrainedReader:
    """Make a reader whose network finds these words."""
    return TrainedReader(Finding(packer, words), packer, FITTED)


def hit(text: str, *, rank: int = 1, origin: int = 0, headings: tuple[str, ...] = ()) -> Hit:
    """Make a hit of a text that stands at `origin` of its document."""
    spans = tuple(Span(s.start + origin, s.end + origin) for s in sentences(text, Block(Span(0, len(text)))))
    chunk = Chunk(Span(origin, origin + len(text)), text, spans, headings)
    document = DocumentInfo(f"d{rank}", "v", "", "a.txt", "text/plain", origin + len(text), 1)
    return Hit(document, chunk, score=1.0, similarity=1.0, rank=rank)


def best(packer: Packer, words: str, text: str, question: str = "When was it built?") -> tuple[str, str]:
    """Read one passage: the quote and the sentence of the best evidence."""
    evidence = reader(packer, words).read(question, [hit(text)]).evidence[0]
    return evidence.quote.of(text), evidence.sentence.of(text)


def test_the_quote_is_the_words_and_the_sentence_is_around_them(packer: Packer) -> None:
    """Where a few words are asked for, these are quoted."""
    text = "The mill stood by the river. It was built in 1820 by Ada Reeve. It burned down later."
    assert best(packer, "1820", text) == ("1820", "It was built in 1820 by Ada Reeve.")
    assert best(packer, "Ada Reeve", text)[0] == "Ada Reeve"


def test_a_reason_is_quoted_as_a_whole_sentence(packer: Packer) -> None:
    """Where a question wants more than a few words, the quote is the sentence."""
    text = "The mill stood by the river. It was closed because the river had run dry. Nobody came."
    sentence = "It was closed because the river had run dry."
    assert best(packer, "river had run dry", text, "Why was the mill closed?") == (sentence, sentence)


def test_words_that_are_most_of_a_sentence_become_all_of_it(packer: Packer) -> None:
    """A sentence is not cut for the sake of its last words."""
    assert best(packer, "Ada Reeve", "By Ada Reeve.")[0] == "By Ada Reeve."


@pytest.mark.parametrize(
    ("words", "quote"),
    [
        ("“Mills of the Fens", "“Mills of the Fens,”"),
        ("Fens,”", "Fens,”"),
        ("Mills Board (MB", "Mills Board (MB)"),
        ("MB)", "(MB)"),
        ('of Fen"', 'of Fen"'),
        ('Fen" initiative', 'Fen" initiative'),
        ('Made Fen" initiative', '"Made Fen" initiative'),
        ('the "Made Fen', 'the "Made Fen"'),
        ("Mills of the Fens", "Mills of the Fens"),
    ],
)
def test_a_quote_has_both_marks_of_a_pair_where_the_other_stands_beside_it(
    packer: Packer, words: str, quote: str
) -> None:
    """A bracket or a quotation mark is not left open for want of one character."""
    text = (
        "Nobody came to see it then. The plan called “Mills of the Fens,” which the Mills Board (MB) had drawn up in "
        'the long winter of 1820, is a part of the "Made Fen" initiative of Ely and of "all of Fen" besides.'
    )
    assert best(packer, words, text)[0] == quote


def test_the_right_passage_comes_first_and_places_are_those_of_the_document(packer: Packer) -> None:
    """Evidence of all passages is in one order."""
    texts = ["Cats sleep most of the day.", "The mill was built in 1820.", "Bread is made of flour."]
    hits = [hit(text, rank=n, origin=100 * n) for n, text in enumerate(texts, 1)]
    reading = reader(packer, "1820").read("When was it built?", hits)
    first = reading.evidence[0]
    assert (first.hit.rank, first.quote, first.sentence) == (2, Span(222, 226), Span(200, 227))
    assert first.score == reading.confidence > FITTED.threshold > reading.evidence[1].score


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_passages_that_adjoin_are_read_in_one_window_and_keep_their_places(
    packer: Packer, order: tuple[int, int]
) -> None:
    """What is found in the second of them is quoted from it, at its place in the document."""
    text = "The mill stood by the river.\n\nIt was built in 1820 by Ada Reeve."
    first, second = hit(text[:28], rank=1), hit(text[30:], rank=2, origin=30)
    hits = [first, replace(second, document=first.document)]
    read: list[int] = []

    class Counting(Finding):
        def run(self, windows: Sequence[Window]) -> list[tuple[NDArray[np.float32], float]]:
            read.append(len(windows))
            return super().run(windows)

    network = Counting(packer, "1820")
    evidence = TrainedReader(network, packer, FITTED).read("When was it built?", [hits[i] for i in order]).evidence
    assert read == [1]
    assert (evidence[0].quote.of(text), evidence[0].sentence.of(text)) == ("1820", text[30:])
    assert evidence[0].hit is hits[1]
    assert {e.sentence.of(text) for e in evidence} == {text[:28], text[30:]}


def test_what_is_not_there_is_less_likely(packer: Packer) -> None:
    """A passage that does not answer is given less answerability than one that does."""
    pointing = reader(packer, "1820")
    answered = pointing.read("When was it built?", [hit("The mill was built in 1820 by Ada Reeve.")])
    silent = pointing.read("When was it built?", [hit("Bread is made of flour, water and salt.")])
    assert silent.answerability < pointing.threshold < answered.answerability


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b"])
def test_an_empty_passage_offers_nothing(packer: Packer, text: str) -> None:
    """Where there are no words there is no evidence, and no confidence."""
    reading = reader(packer, "mill").read("Why?", [hit(text)])
    assert (reading.evidence, reading.confidence, reading.answerability) == ((), 0.0, 0.0)


@pytest.mark.parametrize("before", [0, 10, 16, 17, 18, 19, 20, 21, 22, 40])
def test_a_passage_longer_than_the_window_is_read_to_its_end(packer: Packer, before: int) -> None:
    """The answer is found wherever it stands, also across the border of two windows."""
    text = FILLER * before + "The mill was built in 1820 by Ada Reeve. " + FILLER * (40 - before)
    assert best(packer, "Ada Reeve", text) == ("Ada Reeve", "The mill was built in 1820 by Ada Reeve.")


def test_an_answer_at_the_first_and_the_last_character_is_found(packer: Packer) -> None:
    """Nothing at the edges is lost."""
    assert best(packer, "Ada Reeve", "Ada Reeve built the mill in the valley")[0] == "Ada Reeve"
    assert best(packer, "1820", "The mill in the valley was built in 1820")[0] == "1820"


def test_emoji_and_combining_characters_do_not_shift_or_split_a_quote(packer: Packer) -> None:
    """Places count code points, and a quote ends on a whole character."""
    text = "👩‍👩‍👧‍👦 Hi! 🎉🎉 The cafe\u0301 was opened by Zoe\u0308 Bru\u0308n in 1820. 👍🏽"
    assert best(packer, "Zoë Brün", text)[0] == "Zoe\u0308 Bru\u0308n"
    assert best(packer, "1820", text)[0] == "1820"


def test_a_question_longer_than_its_budget_leaves_room_for_the_passage(packer: Packer) -> None:
    """However long a question is, the passage is read."""
    question = "I have been looking into the history of our valley for a long time now. " * 40 + "When was it built?"
    assert best(packer, "1820", "The mill was built in 1820 by Ada Reeve.", question)[0] == "1820"


@pytest.mark.parametrize(
    ("text", "words"),
    [("東京タワーは1958年に完成した。高さは333メートルである。", "東京"), ("كتب الكتاب في عام 1958.", "1958")],
)
def test_text_in_another_script_is_quoted_exactly(packer: Packer, text: str, words: str) -> None:
    """What the network was not trained on is still quoted at its place."""
    assert words in best(packer, words, text)[0]


@settings(max_examples=60)
@given(st.text(max_size=300), st.text(min_size=1, max_size=80))
def test_every_quote_stands_in_its_sentence(packer: Packer, text: str, question: str) -> None:
    """The law, for any Unicode: quotes lie within their sentences, and these within the passage."""
    read = hit(text)
    for evidence in reader(packer, text[:40]).read(question, [read]).evidence:
        assert evidence.sentence in read.chunk.sentences
        assert evidence.sentence.covers(evidence.quote)
        assert len(evidence.quote)


def test_headings_are_never_quoted(packer: Packer) -> None:
    """What stands above a passage is read with it, and quotes come from the passage alone."""
    text = "It was built in 1820."
    (evidence,) = reader(packer, "1820").read("When?", [hit(text, headings=("The mill", "1820"))]).evidence
    assert evidence.quote.of(text) == "1820"


def test_a_copy_of_a_document_makes_its_answer_no_less_likely(packer: Packer) -> None:
    """The same sentence twice is ranked twice, and does not compete with itself."""
    text, pointing = "The mill was built in 1820 by Ada Reeve.", reader(packer, "1820")
    alone = pointing.read("When was it built?", [hit(text)])
    copied = pointing.read("When was it built?", [hit(text), hit("It burned.", rank=2), hit(text, rank=3)])
    assert [e.hit.rank for e in copied.evidence[:2]] == [1, 3]
    assert copied.confidence == pytest.approx(alone.confidence, abs=0.02)


def test_a_quote_is_never_likelier_to_be_right_than_the_passages_to_answer() -> None:
    """Where the two functions say so, the confidence is lowered."""
    features = np.array([[4, 4, 8, 4, 1, 1, 1, 1], [2, 2, 4, 4, 1, 1, 1, 1]], np.float32)
    j = judged(features, replace(FITTED, answerability=FITTED.answerability * 0.5), whole=False)
    assert judged(features, FITTED, whole=False).confidence > j.confidence == j.answerability


def test_candidates_are_in_the_order_of_their_ranking_and_the_first_has_the_confidence() -> None:
    """Scores fall from the confidence by how far a candidate's ranking stands behind."""
    features = np.array([[0, 0, 0, 0, 1, 1, 0, 0], [4, 4, 8, 4, 1, 1, 1, 1], [2, 2, 4, 4, 1, 1, 1, 1]], np.float32)
    j = judged(features, FITTED, whole=False)
    assert j.order.tolist() == [1, 2, 0]
    assert j.scores[1] == j.confidence
    assert 0 < j.scores[0] < j.scores[2] < j.confidence < j.answerability < 1
