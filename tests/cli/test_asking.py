"""`footnote ask` and `footnote search`."""

import json
from pathlib import Path

from api.schemas import AnswerOut, DocumentOut, NoAnswerOut, SearchResponse
from tests.cli.conftest import NOTES, Run, Start

OPENING = "When does the reading room open?"
UNANSWERED = "Which composer wrote the opera about volcanoes?"


def test_an_answer_is_printed_with_its_footnote(run: Run) -> None:
    """The answer, its confidence, each footnote's place, words and source, and how much was searched are all shown."""
    result = run("ask", OPENING)
    assert result.exit_code == 0
    assert "opens at nine" in result.stdout
    assert "Confidence: " in result.stdout
    assert "[1] " in result.stdout
    assert "Visiting, characters " in result.stdout
    assert "hours.md" in result.stdout
    assert "Searched 2 documents" in result.stdout
    assert not result.stderr


def test_a_question_needs_no_quotes(run: Run) -> None:
    """The words of a question may stand on the command line one by one."""
    assert json.loads(run("ask", *OPENING.split(), "--json").stdout)["question"] == OPENING


def test_json_has_the_shape_of_the_api_and_keeps_the_law(run: Run) -> None:
    """`--json` prints one document in the API's shape, and every quote stands where its offsets say."""
    answer = AnswerOut.model_validate_json(run("ask", OPENING, "--json").stdout)
    text = json.loads(run("documents", "show", answer.citations[0].document_id, "--json").stdout)["text"]
    assert answer.answered
    for citation in answer.citations:
        assert text[citation.start : citation.end] == citation.quote
        assert text[citation.sentence.start : citation.sentence.end] == citation.sentence.quote


def test_that_the_documents_do_not_say_is_no_error(run: Run) -> None:
    """A question without an answer ends with 0, says so, and shows what came nearest and why it was not enough."""
    result = run("ask", UNANSWERED)
    assert result.exit_code == 0
    assert result.stdout.startswith("Your documents do not say")
    assert "What came nearest" in result.stdout
    assert "characters " in result.stdout


def test_json_says_that_the_documents_do_not_say(run: Run) -> None:
    """`--json` has `answered` false, with the nearest passages."""
    outcome = NoAnswerOut.model_validate_json(run("ask", UNANSWERED, "--json").stdout)
    assert not outcome.answered
    assert outcome.nearest


def test_an_empty_library_says_how_to_fill_it(start: Start, tmp_path: Path) -> None:
    """Before anything was indexed, the outcome names the command that indexes."""
    done = start("--home", str(tmp_path / "new"), "ask", OPENING)
    assert done.returncode == 0
    assert "footnote index" in done.stdout


def test_a_blank_question_is_refused_in_a_sentence(run: Run) -> None:
    """A question without words ends with 3 and one line on stderr."""
    result = run("ask", "  ")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("footnote: ")
    assert result.stderr.count("\n") == 1


def test_search_lists_passages_with_their_ranks(run: Run) -> None:
    """Each passage has its place, its words, its ranks on both sides and its source; the best is first."""
    result = run("search", "apple", "trees")
    assert result.exit_code == 0
    first, *_ = result.stdout.split("\n\n")
    assert NOTES.strip() in first
    assert "by meaning: 1 · by words: 1" in first
    assert "notes.txt" in first


def test_search_shows_as_many_as_asked(run: Run) -> None:
    """`-k 1` shows one passage, in the API's shape under `--json`."""
    found = SearchResponse.model_validate_json(run("search", "reading room", "-k", "1", "--json").stdout)
    assert [hit.rank for hit in found.hits] == [1]
    hit = found.hits[0]
    text = DocumentOut.model_validate_json(run("documents", "show", hit.document_id, "--json").stdout).text
    assert text[hit.start : hit.end] == hit.text
