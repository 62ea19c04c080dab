"""Which of a question's words a sentence holds."""

from hypothesis import given
from hypothesis import strategies as st

from retriever.overlap import overlap, terms_of

WORDS = st.frozensets(st.sampled_from(["mill", "1820", "river", "bridg", "built"]), max_size=4)


def test_terms_are_of_the_sentence_and_of_its_neighbours() -> None:
    """Function words are no terms."""
    (first, around), (_, both), (last, _) = terms_of(["The mill stood there.", "It burned.", "The river ran."])
    assert first == {"mill", "stood"}
    assert around == {"mill", "stood", "burn"}
    assert both == {"mill", "stood", "burn", "river", "ran"}
    assert last == {"river", "ran"}


def test_a_rare_word_and_a_number_count_more() -> None:
    """What all candidates hold tells none from another."""
    mill, year, name = frozenset({"mill"}), frozenset({"mill", "1820"}), frozenset({"mill", "ada"})
    shares = overlap("Did Ada build the mill in 1820?", [(mill, mill), (year, year), (name, name)])
    assert shares[1, 0] > shares[2, 0] > shares[0, 0]


@given(st.lists(st.tuples(WORDS, WORDS), max_size=6))
def test_shares_lie_between_nothing_and_all(candidates: list[tuple[frozenset[str], frozenset[str]]]) -> None:
    """For any candidates, none included; whoever holds every word has all of them."""
    shares = overlap("Who built the mill at the river in 1820?", candidates)
    assert shares.shape == (len(candidates), 3)
    assert ((shares >= 0) & (shares <= 1 + 1e-12)).all()


def test_a_question_of_words_that_nobody_holds_has_no_share() -> None:
    """Nothing is divided by nothing."""
    nothing = frozenset({"bread"})
    assert overlap("Who built the mill?", [(nothing, nothing)]).tolist() == [[0.0, 0.0, 0.0]]
