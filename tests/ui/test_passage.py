"""Windows are cut by numbers, and an answer is set from its quotes."""

from hypothesis import given
from hypothesis import strategies as st

from api.schemas import QuoteOut
from tests.ui.citations import SENTENCE, TEXT, citation
from ui.passage import Run, cut, quoted


@given(st.data())
def test_a_window_is_the_text_and_marks_exactly_the_quote(data: st.DataObject) -> None:
    """For any text, quote and reach: the runs together are a slice of the text, and the quote's run is the quote."""
    text = data.draw(st.text(min_size=1))
    bounds = st.lists(st.integers(0, len(text)), min_size=4, max_size=4).map(sorted)
    opens, start, end, closes = data.draw(bounds)
    reach = data.draw(st.none() | st.tuples(st.integers(0, 20), st.integers(0, 20)))
    quote = QuoteOut(quote=text[start:end], start=start, end=end)
    sentence = QuoteOut(quote=text[opens:closes], start=opens, end=closes)

    window = cut(text, quote, sentence, reach)

    assert "".join(run.text for run in window.runs) == text[window.before : len(text) - window.after]
    assert "".join(run.text for run in window.runs if run.kind == "quote") == quote.quote
    before = (
        "".join(run.text for run in window.runs[: [run.kind for run in window.runs].index("quote")])
        if end > start
        else ""
    )
    assert window.before + len(before) == (start if end > start else window.before)


def test_a_sentence_is_marked_around_its_quote() -> None:
    """The rest of the sentence is marked lightly, what stands around it not at all."""
    cited = citation()
    assert cut(TEXT, cited, SENTENCE).runs == (
        Run("Visiting us\n\n"),
        Run("The reading room opens at ", "sentence"),
        Run("nine", "quote"),
        Run(" on weekdays.", "sentence"),
        Run(" It closes at five.\n"),
    )


def test_a_sentence_that_does_not_stand_there_is_not_marked() -> None:
    """A wrong mark is worse than none."""
    wrong = QuoteOut(quote="Another sentence.", start=SENTENCE.start, end=SENTENCE.end)
    assert {run.kind for run in cut(TEXT, citation(), wrong).runs} == {"plain", "quote"}


def test_an_answer_is_its_quotes_each_with_its_footnote() -> None:
    """A quote that is a whole sentence stands alone; one that is a part of it is followed by its sentence."""
    whole = citation(SENTENCE.start, SENTENCE.end, number=2)
    assert quoted([citation(), whole]) == [
        [Run("nine", "quote", 1)],
        [
            Run("The reading room opens at ", "plain"),
            Run("nine", "quote"),
            Run(" on weekdays.", "plain"),
        ],
        [Run(SENTENCE.quote, "quote", 2)],
    ]
