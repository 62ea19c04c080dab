"""Words, as the lexical index and the reader see them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.hints import answer_hint
from retriever.text import content_terms, function_terms, terms


@given(st.text(st.characters(codec=None)))
def test_any_text_has_terms(text: str) -> None:
    """No text is refused, lone surrogates included, and every content term is one of its terms."""
    assert content_terms(text) <= set(terms(text))


def test_function_words_count_only_where_there_is_nothing_else() -> None:
    """A question of function words alone still asks for something."""
    assert content_terms("What is the dose?") == {"dose"}
    assert content_terms("Who are you?") == {"who", "are", "you"} <= function_terms()


@pytest.mark.parametrize(
    ("question", "there", "missing"),
    [
        ("How many trees were planted?", "Ann planted seven trees.", "Ann planted trees."),
        ("When was the library founded?", "It was founded in 1911.", "It was founded by Ann."),
        ("Who planted the trees?", "They were planted by Ann Miller.", "They were planted late."),
        ("Where is the archive kept?", "It is kept in Geneva.", "It is kept with care."),
        ("How is the room heated?", "The room is heated by a stove.", "The room is warm."),
    ],
)
def test_a_hint_tells_what_holds_the_kind_of_thing_asked_for(question: str, there: str, missing: str) -> None:
    """Numbers, times, names, places and means are told from sentences that hold none."""
    holds = answer_hint(question)
    assert holds(there) > holds(missing)
