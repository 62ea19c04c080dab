"""Questions as they are written become lines with the offset of every quote."""

import json
from typing import Any

import pytest

from training.assembling import assemble
from training.passages import Passage
from training.records import Question, Quote, RawLine

TEXT = "The pact binds ten states, often ten\n      at a time. Bo signed it. Bo left."
BEFORE = 100
BATCH = [Passage(f"cuad_a:pact:{BEFORE}", "cuad_a", "pact", BEFORE, BEFORE + len(TEXT), "Pact", TEXT)]


def made(**fields: Any) -> Question:  # noqa: ANN401 - any field, and so any value
    """Assemble one line that nothing is wrong with."""
    (line,), wrong = assemble([("line 1", raw(**fields))], BATCH, "b07")
    assert wrong == []
    return line


def refused(**fields: Any) -> str:  # noqa: ANN401 - any field, and so any value
    """Assemble one line that something is wrong with, and give the sentence."""
    lines, (wrong,) = assemble([("line 1", raw(**fields))], BATCH, "b07")
    assert lines == []
    return wrong


def raw(**fields: Any) -> RawLine:  # noqa: ANN401 - any field, and so any value
    """Read a line."""
    return RawLine.model_validate_json(json.dumps({"p": 0, "q": "Who signed?", "k": "who"} | fields))


def test_an_answer_is_placed_in_the_document() -> None:
    """Offsets count from the document's start, and the evidence is the sentence around the answer."""
    line = made(a=["signed"])
    assert line.id == "b07-001"
    assert (line.passage_id, line.set, line.doc_id) == ("cuad_a:pact:100", "cuad_a", "pact")
    assert (line.start, line.end) == (BEFORE, BEFORE + len(TEXT))
    assert line.answers == (Quote(text="signed", start=BEFORE + TEXT.index("signed")),)
    assert line.evidence == (Quote(text="Bo signed it.", start=BEFORE + TEXT.index("Bo signed")),)


def test_the_space_between_words_is_that_of_the_passage() -> None:
    """A quote that was written on one line is found across lines, and is kept with the passage's own space."""
    assert made(a=["often ten at a time"]).answers[0].text == "often ten\n      at a time"


def test_the_evidence_tells_which_occurrence_is_meant() -> None:
    """Words that stand twice in the passage but once in the evidence need no number."""
    line = made(a=["Bo"], e=["Bo left."])
    assert line.answers[0].start == BEFORE + TEXT.rindex("Bo")
    assert [quote.text for quote in line.evidence] == ["Bo left."]


def test_a_number_tells_which_occurrence_is_meant() -> None:
    """Occurrences count from 0, whole words only: "often" and "left" hold no "ten"."""
    assert made(a=[{"t": "ten", "i": 1}]).answers[0].start == BEFORE + TEXT.index("ten\n")


def test_several_answers_are_kept_in_order_of_the_text() -> None:
    """Several spans have the evidence of all."""
    line = made(a=["left", "signed"])
    assert [quote.text for quote in line.answers] == ["signed", "left"]
    assert [quote.text for quote in line.evidence] == ["Bo signed it.", "Bo left."]


def test_a_question_without_an_answer_keeps_its_reason() -> None:
    """There is no evidence for what is not there."""
    line = made(n="signers are named, no date")
    assert (line.answers, line.evidence, line.near) == ((), (), "signers are named, no date")


def test_what_cannot_be_found_is_refused_by_its_line() -> None:
    """A quote stands in the passage once, or as often as its number says."""
    assert refused(a=["Al"]) == "line 1: 'Al' stands in no place of the passage"
    assert refused(a=["Bo"]) == "line 1: 'Bo' stands in 2 places of the passage"
    assert refused(a=["Bo"], e=["Bo signed it. Bo left."]) == "line 1: 'Bo' stands in 2 places of the passage"
    assert refused(a=[{"t": "Bo", "i": 2}]) == "line 1: 'Bo' stands in no place of the passage"
    assert refused(a=["sign"]) == "line 1: 'sign' stands in no place of the passage"
    assert refused(p=1) == "line 1: there is no passage 1 in the batch, which has 0 to 0"


@pytest.mark.parametrize("bad", ['{"p": 0}', '{"p": "0", "q": "Q?", "k": "who"}', "[]", "nothing"])
def test_a_line_of_another_form_is_no_raw_line(bad: str) -> None:
    """Fields are named, and of their types."""
    with pytest.raises(ValueError, match="validation error"):
        RawLine.model_validate_json(bad)
