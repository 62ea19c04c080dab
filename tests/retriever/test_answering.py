"""How evidence becomes an answer: the law, the composition, and the words for "the documents do not say"."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retriever.answering import MOST_CITATIONS, SUPPORTING, Answerer
from retriever.errors import BrokenCitation
from retriever.library import Library
from retriever.records import Answer, Citation, Evidence, Hit, NoAnswer, Reading, Searched, Span
from retriever.sentence_reader import SentenceReader
from tests.library import document, write
from tests.toys import ToyEncoder


@dataclass
class EverySentence:
    """A reader to whom each sentence is worth `fall` of the one before it, the first of the first hit 1."""

    threshold: float = 0.5
    fall: float = 0.99
    shift: int = 0
    width: int = 0
    confidence: float = 1.0
    answerability: float = 0.875

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """Propose every sentence, moved by `shift`, and its quote cut to `width`."""
        assert question
        found = [(hit, sentence) for hit in hits for sentence in hit.chunk.sentences]
        evidence = []
        for n, (hit, sentence) in enumerate(found):
            moved = Span(sentence.start + self.shift, sentence.end + self.shift)
            quote = Span(moved.start, moved.start + self.width) if self.width else moved
            evidence.append(Evidence(hit, quote, moved, self.fall**n))
        return Reading(tuple(evidence), self.confidence, self.answerability) if evidence else Reading((), 0.0, 0.0)


def answerer(library: Library, reader: EverySentence | None = None, passages: int = 8) -> Answerer:
    """Answer from a library with that reader."""
    reader = reader or EverySentence()
    return Answerer(library.searcher, reader, passages=passages, max_question_characters=100)


def ask(library: Library, reader: EverySentence | None = None, question: str = "apples") -> Answer:
    """Ask, where there is an answer."""
    answer = answerer(library, reader).ask(question)
    assert isinstance(answer, Answer)
    return answer


def quotes(answer: Answer) -> list[tuple[str, str]]:
    """List source and quote of every citation."""
    return [(citation.source, citation.quote) for citation in answer.citations]


def test_an_answer_is_its_quotes_and_footnotes(library: Library, toy: ToyEncoder) -> None:
    """The text is the quotes, each followed by its number; it says how much was searched, of which generation."""
    write(library.store, toy, {"/a": "The apples are red.", "/b": "My own apples lie in baskets."})
    answer = ask(library, question="  apples ")
    assert answer.text == " ".join(f"{c.quote} [{c.number}]" for c in answer.citations)
    assert [citation.number for citation in answer.citations] == [1, 2]
    assert (answer.question, answer.generation, answer.searched) == ("apples", 1, Searched(2, 2))
    assert answer.timings_ms.keys() == {"encode", "search", "read", "total"}
    assert (answer.confidence, answer.answerability) == (1.0, 0.875)


def test_near_duplicates_are_folded(library: Library, toy: ToyEncoder) -> None:
    """A sentence whose words were quoted already is not quoted again, from whichever document."""
    same = "The apples of Ann are red and sweet."
    write(library.store, toy, {"/a": same, "/b": "the apples of Ann: red, and sweet!", "/c": "Bob eats apples daily."})
    assert sorted(source for source, _ in quotes(ask(library))) in (["/a", "/c"], ["/b", "/c"])


def test_what_says_otherwise_is_no_near_duplicate(library: Library, toy: ToyEncoder) -> None:
    """Another number, a negation or another order of things makes another sentence."""
    for one, other in (
        (
            "The apples of Ann and Bob sold for 30 pounds in May.",
            "The apples of Ann and Bob sold for 35 pounds in May.",
        ),
        ("You may eat the apples of Ann.", "You may not eat the apples of Ann."),
        ("Wash the apples of Ann before they are eaten.", "Wash the apples of Ann after they are eaten."),
        ("Wash the apples of Ann before they are eaten.", "Wash the apples of Ann when they are eaten."),
    ):
        write(library.store, toy, {"/a": one, "/b": other})
        assert sorted(quote for _, quote in quotes(ask(library))) == sorted([one, other])


def test_sentences_without_words_that_are_indexed_are_told_apart(library: Library, toy: ToyEncoder) -> None:
    """A script without spaces has no index terms: such sentences are near-duplicates only where they are equal."""
    one, other = (
        "我们的图书馆每天早上九点开门并且在晚上五点关门除了周末以外的日子",
        "苹果树在花园里面已经生长了超过一百年的时间并且每年都会结出果实",
    )
    write(library.store, toy, {"/a": one, "/b": other, "/c": one})
    assert sorted(quote for _, quote in quotes(ask(library))) == sorted([one, other])


def test_overlapping_sentences_are_one(library: Library, toy: ToyEncoder) -> None:
    """Two spans of one document that share words are not both quoted."""
    write(library.store, toy, {"/a": "Apples apples. Pears pears."})
    hits = library.search("apples").hits
    evidence = (Evidence(hits[0], Span(0, 14), Span(0, 14), 1.0), Evidence(hits[0], Span(7, 27), Span(7, 27), 1.0))

    class Overlapping(EverySentence):
        def read(self, question: str, hits: Sequence[Hit]) -> Reading:
            assert (question, len(hits)) == ("apples", 1)
            return Reading(evidence, 1.0, 1.0)

    assert quotes(ask(library, Overlapping())) == [("/a", "Apples apples.")]


@pytest.mark.parametrize("sentences", [6, 60])
def test_check_48_two_of_one_document_before_the_others_had_their_turn(
    library: Library, toy: ToyEncoder, sentences: int
) -> None:
    """A document full of the question's words gives two quotes, and the third comes from another."""
    stuffed = " ".join(f"Apples apples fact{i} note{i} item{i}." for i in range(sentences))
    write(library.store, toy, {"/stuffed": stuffed, "/other": "Someone once wrote a longer text about an orchard."})
    assert [source for source, _ in quotes(ask(library))] == ["/stuffed", "/stuffed", "/other"]


def test_one_stuffed_document_alone_gives_what_it_has(library: Library, toy: ToyEncoder) -> None:
    """Where there is no other document, the third quote comes from the same; never more than the most."""
    write(library.store, toy, {"/stuffed": " ".join(f"Apples fact{i} note{i} item{i}." for i in range(40))})
    assert len(ask(library).citations) == MOST_CITATIONS


def test_weak_evidence_is_left_out(library: Library, toy: ToyEncoder) -> None:
    """A further quote must not be far behind the first."""
    write(library.store, toy, {"/a": "Apples are red. Pears hang high. Plums fall down. Figs stay small."})
    assert [len(ask(library, EverySentence(fall=SUPPORTING * much)).citations) for much in (0.9, 1.01)] == [1, 2]


def test_a_quote_may_be_shorter_than_its_sentence(library: Library, toy: ToyEncoder) -> None:
    """Both stand where the citation says, and the answer uses the quote."""
    text = "The apples are red."
    document_id = write(library.store, toy, {"/a": text})["/a"]
    (citation,) = ask(library, EverySentence(width=10)).citations
    assert (citation.quote, citation.sentence.quote) == ("The apples", text)
    assert (citation.document_id, citation.version) == (document_id, document("/a", text).version)


@pytest.mark.parametrize("reader", [EverySentence(shift=1), EverySentence(width=99), EverySentence(shift=500)])
def test_a_citation_that_breaks_the_law_is_never_shown(
    library: Library, toy: ToyEncoder, reader: EverySentence
) -> None:
    """A reader whose offsets are wrong causes an error that names the place, and no answer."""
    write(library.store, toy, {"/a": "The apples are red.\nThe pears are green."})
    with pytest.raises(BrokenCitation, match=r"does not stand at \d+ to \d+ of document \w+, version \w+"):
        answerer(library, reader).ask("apples")


def refused(library: Library, question: str = "apples", threshold: float = 1.5) -> NoAnswer:
    """Ask, where nothing is certain enough."""
    answer = answerer(library, EverySentence(threshold=threshold)).ask(question)
    assert isinstance(answer, NoAnswer)
    return answer


def test_an_empty_library_says_so(library: Library) -> None:
    """No document, no nearest passage, and the reason says that nothing was indexed."""
    answer = refused(library)
    assert answer.reason == "The library is empty: no document has been indexed yet."
    assert (answer.nearest, answer.confidence, answer.answerability) == ((), 0.0, 0.0)
    assert answer.searched == Searched(0, 0)


def test_documents_without_a_passage_say_that_nothing_is_near(library: Library, toy: ToyEncoder) -> None:
    """A document of white space alone is searched, and holds nothing."""
    write(library.store, toy, {"/blank": " \n "})
    assert refused(library).reason == "Your documents do not say: nothing in 0 passages in 1 document comes near."


def test_what_comes_nearest_is_shown_with_the_reason_why_it_is_no_answer(library: Library, toy: ToyEncoder) -> None:
    """The nearest passages are citations; why each was rejected is told in the question's own words."""
    write(library.store, toy, {"/a": "The apples are red.", "/b": "Nobody counted libraries or cities."})
    answer = refused(library, "Which libraries counted apples, apples and cities?", threshold=2.0)
    assert answer.reason == (
        "Your documents do not say: of 2 passages in 2 documents, these come nearest; "
        "it is 87% likely that they answer, and 200% is asked for."
    )
    why = {near.citation.source: near.why for near in answer.nearest}
    assert why["/a"].endswith("% likely to answer; it does not mention libraries, counted, cities.")
    assert why["/b"].endswith("it does not mention apples.")
    assert [near.citation.number for near in answer.nearest] == [1, 2]


def test_a_passage_with_every_word_may_still_be_no_answer(library: Library, toy: ToyEncoder) -> None:
    """Where no word is missing, only the likelihood is told."""
    write(library.store, toy, {"/a": "The apples are red."})
    (near,) = refused(library, "apples?", threshold=1.5).nearest
    assert near.why == "It is 100% likely to answer."


@pytest.mark.parametrize(("answerability", "kind"), [(0.5, Answer), (0.49, NoAnswer)])
def test_whether_the_passages_answer_decides_and_not_how_sure_the_quote_is(
    library: Library, toy: ToyEncoder, answerability: float, kind: type
) -> None:
    """A quote that is less sure is shown with its confidence; a likely one is not where there seems to be no answer."""
    write(library.store, toy, {"/a": "The apples are red."})
    reader = EverySentence(threshold=0.5, confidence=1 - answerability, answerability=answerability)
    outcome = answerer(library, reader).ask("apples")
    assert isinstance(outcome, kind)
    assert (outcome.confidence, outcome.answerability) == (1 - answerability, answerability)


def test_check_13_edited_text_is_never_quoted_after_the_commit(library: Library, toy: ToyEncoder) -> None:
    """Asked while a document is edited: no quote is older than the question, and each names the version it quotes."""
    texts = [f"The dial of apples stands at {n}." for n in range(40)]
    versions = {document("/dial", text).version: text for text in texts}
    write(library.store, toy, {"/dial": texts[0]})
    committed, done = [0], threading.Event()
    seen: list[tuple[int, Citation]] = []

    def keep_asking() -> None:
        while not done.is_set():
            at_least = committed[0]
            seen.extend((at_least, citation) for citation in ask(library).citations)

    threads = [threading.Thread(target=keep_asking) for _ in range(2)]
    for thread in threads:
        thread.start()
    for n, text in enumerate(texts):
        write(library.store, toy, {"/dial": text})
        committed[0] = n
    done.set()
    for thread in threads:
        thread.join()
    assert seen
    for at_least, citation in seen:
        assert citation.quote == versions[citation.version]
        assert texts.index(citation.quote) >= at_least


def test_check_13_deleted_text_is_never_quoted_after_the_commit(library: Library, toy: ToyEncoder) -> None:
    """A document that was removed is in no answer, no search and no list, at once."""
    write(library.store, toy, {"/a": "The apples are red.", "/b": "Nobody ate apples today."})
    assert len(ask(library).citations) == 2
    write(library.store, toy, {}, remove=["/a"])
    assert quotes(ask(library)) == [("/b", "Nobody ate apples today.")]
    write(library.store, toy, {}, remove=["/b"])
    assert refused(library).nearest == ()


awkward = st.sampled_from(
    [
        "\r\n",
        "\ufeff",
        "\u202e",
        "e\u0301",
        "👩‍👩‍👧",
        "\U000e0041",
        "\u2028",
        "\x00",
        "\ud800",
        "שלום",
        "ﬁ",
        "\n",
        ". ",
        "apples ",
    ]
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(awkward, st.text(st.characters(codec=None), max_size=8)), max_size=25).map("".join))
def test_check_14_every_citation_stands_where_it_says(library: Library, text: str) -> None:
    """For any Unicode at all, each quote and each sentence is the document's text from its start to its end."""
    document_id = write(library.store, library.encoder, {"/any": text})["/any"]
    reader = SentenceReader(library.encoder)
    for question in ("apples?", text[:80] if any(map(str.isalnum, text[:80])) else "and?"):
        answer = Answerer(library.searcher, reader, passages=8, max_question_characters=100).ask(question)
        found = answer.citations if isinstance(answer, Answer) else tuple(near.citation for near in answer.nearest)
        with library.store.snapshot() as snapshot:
            assert snapshot.text(document_id) == text
            for citation in found:
                _holds(citation, snapshot.text(document_id))


def _holds(citation: Citation, text: str) -> None:
    assert text[citation.span.start : citation.span.end] == citation.quote
    assert citation.sentence.span.of(text) == citation.sentence.quote
    assert citation.sentence.span.covers(citation.span)


def test_a_document_without_pages_has_none_to_cite(library: Library, toy: ToyEncoder) -> None:
    """Page and heading path are empty where there are none."""
    write(library.store, toy, {"/a": "The apples are red."})
    (citation,) = ask(library).citations
    assert (citation.page, citation.heading_path, citation.title) == (None, (), "a")
