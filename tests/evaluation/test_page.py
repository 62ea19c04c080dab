"""The page and its plots: complete, well formed, harmless."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from evaluation.metrics import Bin
from evaluation.page import page
from evaluation.plots import histogram, reliability_plot, risk_plot
from evaluation.questions import Question
from evaluation.report import summarise
from evaluation.scoring import Outcome
from tests.evaluation.outcomes import UNANSWERABLE, citation, outcome

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert("1")</script>&\x00\u202e\ud800'


def _outcomes() -> list[Outcome]:
    return [
        outcome(0.9, (True, False)),
        outcome(0.8, (False, True)),
        outcome(0.7, (False,)),
        outcome(0.1, (True,), refused=True),
        outcome(0.6, (False,), question=UNANSWERABLE),
        outcome(0.2, (), refused=True, question=UNANSWERABLE),
    ]


def _page(outcomes: list[Outcome], left_out: tuple[Question, ...] = ()) -> str:
    return page("Questions", summarise(outcomes, left_out), outcomes, left_out)


class _Reader(HTMLParser):
    """Gathers what a page is made of."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.values: list[str] = []
        self.rows: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [value for name, value in attrs if name in ("src", "href", "action") and value]
        self.rows += [value for name, value in attrs if (tag, name) == ("tr", "class") and value]


def test_every_question_is_in_the_page_with_what_became_of_it() -> None:
    """A row for each, of the kind that the filter above the table shows."""
    made = _page(_outcomes())
    assert _Reader(made).rows == ["good", "later", "wrong", "refused", "anyway", "good"]
    for verdict in ("right at 1", "right at 2", "refused, wrongly", "refused, rightly", "answered anyway"):
        assert f">{verdict}</td>" in made
    assert "all 6" in made
    assert "as wanted 2" in made
    assert "what came nearest" in made
    assert "1 more" in made


def test_a_filter_hides_questions_and_no_figure() -> None:
    """Each rule is about the rows of the table of questions."""
    rules = re.findall(r"body:has\((#show-\w+):checked\) (.*?) ", _page(_outcomes()))
    assert [where for _, where in rules] == [".questions"] * 5


def test_a_short_quote_is_marked_in_its_sentence() -> None:
    """What was quoted stands out; where the whole sentence was quoted nothing does."""
    whole = outcome(0.9, cited=citation(1, "It opens at nine.", "It opens at nine."))
    assert "✓ It opens at <mark>nine</mark> today." in _page([outcome(0.9)])
    assert "✓ It opens at nine.</q>" in _page([whole])


def test_a_wrong_quote_of_a_right_sentence_is_marked() -> None:
    """The sentence is right, and what stands out in it is not the answer."""
    assert "✓ sentence, ✗ quote: It opens at <mark>nine</mark> today." in _page([outcome(0.9, quoted=False)])


def test_the_page_loads_nothing() -> None:
    """No address, no script; and a policy that forbids both to whatever might slip in."""
    made = _page(_outcomes())
    found = _Reader(made)
    assert found.values == []
    assert not {"script", "link", "img", "iframe"}.intersection(found.tags)
    assert "default-src 'none'" in made
    assert set(re.findall(r"\w+://[^\s\"']+", made)) == {"http://www.w3.org/2000/svg"}


def test_check_44_nothing_that_a_document_says_becomes_markup() -> None:
    """Question, gold, quote, id and title are escaped, and what steers text becomes a mark."""
    question = Question(HOSTILE, HOSTILE, (HOSTILE,))
    cited = citation(1, HOSTILE, f"a {HOSTILE} b")
    outcomes = [outcome(0.9, question=question, cited=cited), outcome(0.1, (True,), refused=True, cited=cited)]
    left_out = (replace(question, quotes=("gone",)),)
    made = page(HOSTILE, summarise(outcomes, left_out), outcomes, left_out)
    assert "script" not in _Reader(made).tags
    assert "&lt;script&gt;" in made
    assert not re.search("[\x00\u202e\ud800]", made)
    made.encode("utf-8")


def test_what_is_left_out_is_named_above_the_figures() -> None:
    """Questions whose gold is not in the library are counted and listed."""
    lost = (Question("q7", "Where?", ("nowhere",)), Question("q9", "Where?", ("nowhere",)))
    assert "not scored: 2 (q7, q9)" in _page(_outcomes(), lost)
    assert "not scored" not in _page(_outcomes())


PLOTS = {
    "reliability": reliability_plot([Bin(3, 0.2, 0.0), Bin(3, 0.5, 0.4), Bin(3, 0.9, 1.0)]),
    "one bin": reliability_plot([Bin(1, 1.0, 1.0)]),
    "risk": risk_plot([(0.25, 0.0), (0.5, 0.25), (1.0, 0.5)], (0.5, 0.25)),
    "all wrong": risk_plot([(1.0, 1.0)]),
    "none wrong": risk_plot([(1.0, 0.0)], (1.0, 0.0)),
    "histogram": histogram([0.1, 0.11, 0.5, 1.0], [0.0, -0.1, 1.2]),
    "one side": histogram([], [0.3] * 1000),
    "the other": histogram([0.3] * 7, []),
    "hostile": reliability_plot([Bin(1, 0.5, 1.0)], "<script>&"),
}


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_stands_alone(name: str) -> None:
    """It is well-formed SVG with a title, and everything drawn lies inside of it."""
    root = ET.fromstring(PLOTS[name])  # noqa: S314 - our own drawing
    assert root.tag == f"{SVG}svg"
    assert root.find(f"{SVG}title") is not None
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    sizes = {"x": width, "x1": width, "x2": width, "cx": width, "y": height, "y1": height, "y2": height, "cy": height}
    drawn = [
        (sizes[name], float(value)) for each in root.iter() for name, value in each.attrib.items() if name in sizes
    ]
    assert drawn
    assert all(0 <= value <= size for size, value in drawn)
    assert all(float(each.attrib["height"]) >= 0 for each in root.iter(f"{SVG}rect"))


def test_dots_stand_where_their_bins_do() -> None:
    """From left to right with the confidence, and from below to above with the share right."""
    dots = list(ET.fromstring(PLOTS["reliability"]).iter(f"{SVG}circle"))  # noqa: S314 - our own drawing
    places = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in dots]
    assert all(a[0] < b[0] and a[1] > b[1] for a, b in pairwise(places))


def test_bars_count_every_question() -> None:
    """Those on the edges, and beyond, are in the outermost bars."""
    said = re.findall(r"<title>(\d+) from ([\d.]+)", PLOTS["histogram"])
    assert said == [("2", "0.10"), ("1", "0.50"), ("1", "0.95"), ("2", "0.00"), ("1", "0.95")]
