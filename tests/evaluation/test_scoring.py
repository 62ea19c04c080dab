"""Scoring: where gold stands, which citations count as right, and what cannot be scored."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.gold import GoldFinder
from evaluation.questions import InvalidQuestions, Question
from evaluation.scoring import EmptyLibrary, LibraryChanged, Scored, score
from ingest.pipeline import index
from ingest.report import Progress
from retriever.library import Library
from retriever.records import Answer, NoAnswer, Span
from retriever.settings import Settings
from tests.library import write
from tests.toys import ToyEncoder

TEXTS = {"/hours.txt": "The museum opens at nine.", "/dogs.txt": "Dogs bark."}
ASKED = "When does the museum open?"


@contextmanager
def museum(home: Path, texts: Mapping[str, str]) -> Iterator[Library]:
    """Open a library of these texts."""
    encoder = ToyEncoder()
    with Library.open(Settings(home=home, reader="sentences"), encoder=encoder) as opened:
        if texts:
            write(opened.store, encoder, texts)
        yield opened


def _score(home: Path, *questions: Question, texts: Mapping[str, str] = TEXTS) -> Scored:
    with museum(home, texts) as library:
        return score(library, questions, {"library": library.ask})


def test_a_citation_whose_sentence_overlaps_a_gold_quote_is_right(tmp_path: Path) -> None:
    """The first citation that shares a character with a gold quote counts; a question without gold has none."""
    scored = _score(tmp_path, Question("a", ASKED, ("opens at nine",)), Question("b", ASKED, ()))
    first, second = scored.outcomes["library"]
    assert isinstance(first.answer, Answer)
    assert (first.right_at, first.quoted, first.verdict) == (1, True, "right at 1")
    assert (second.right_at, second.quoted, second.verdict) == (None, False, "answered anyway")
    assert first.best_quote == "The museum opens at nine."
    assert first.seconds > 0


def test_what_is_quoted_is_told_from_the_sentence_around_it(tmp_path: Path) -> None:
    """A quote of other words of the right sentence is right as a sentence, and not as a quote."""
    with museum(tmp_path, {"/a.txt": "The museum opens at nine and closes at five."}) as library:

        def ask(question: str) -> Answer | NoAnswer:
            answer = library.ask(question)
            assert isinstance(answer, Answer)
            (citation,) = answer.citations
            return replace(answer, citations=(replace(citation, quote="closes at five", span=Span(29, 43)),))

        asked = [Question("a", ASKED, ("opens at nine",)), Question("b", ASKED, ("closes at",))]
        outcomes = score(library, asked, {"library": ask}).outcomes["library"]
    assert [(o.right_at, o.quoted) for o in outcomes] == [(1, False), (1, True)]


def test_the_ranking_says_which_hits_overlap_gold(tmp_path: Path) -> None:
    """Passages are judged by the gold quote that they hold, and those of the whole library are counted."""
    texts = {"/a.txt": "The museum opens at nine.\nDogs bark.\nThe museum is red; it opens at nine."}
    (outcome,) = _score(tmp_path, Question("a", ASKED, ("opens at nine",)), texts=texts).outcomes["library"]
    assert outcome.passages == 2
    assert outcome.ranking == (True, True, False)


def test_a_question_whose_gold_is_in_no_document_is_left_out(tmp_path: Path) -> None:
    """It is reported, not scored as wrong; and where every question is so, that is an error."""
    lost = Question("b", ASKED, ("closes at five",))
    scored = _score(tmp_path / "one", Question("a", ASKED, ("opens at nine",)), lost)
    assert scored.left_out == (lost,)
    assert [outcome.question.id for outcome in scored.outcomes["library"]] == ["a"]
    with pytest.raises(InvalidQuestions, match="None of the 1 questions can be scored"):
        _score(tmp_path / "other", lost)


def test_a_question_whose_gold_is_in_a_heading_is_left_out(tmp_path: Path) -> None:
    """Headings are never quoted, so nothing that is could be right."""
    place = tmp_path / "hours.md"
    place.write_text("# Opening hours\n\nThe museum opens at nine.\n")
    heading, sentence = Question("a", ASKED, ("Opening hours",)), Question("b", ASKED, ("opens at nine",))
    with museum(tmp_path / "library", {}) as library:
        index(library, [place])
        scored = score(library, [heading, sentence], {"library": library.ask})
    assert scored.left_out == (heading,)


def test_a_library_that_changes_while_it_is_asked_is_not_scored(tmp_path: Path) -> None:
    """Places of two generations are not compared."""
    with museum(tmp_path, TEXTS) as library:

        def ask(question: str) -> Answer | NoAnswer:
            write(library.store, ToyEncoder(), {"/more.txt": "Cats purr."})
            return library.ask(question)

        with pytest.raises(LibraryChanged, match="evaluate it again"):
            score(library, [Question("a", ASKED, ("opens at nine",))], {"library": ask})


def test_a_quote_counts_only_in_the_document_that_is_named(tmp_path: Path) -> None:
    """The end of a source, at a separator, or the title; a name that no document has leaves no gold."""
    texts = {"/a/hours.txt": "Open at nine.", "/b/hours.txt": "Open at nine.", "/lunch-hours.txt": "Open at nine."}

    def standing(document: str | None) -> list[str]:
        with museum(tmp_path, texts) as library, library.store.snapshot() as snapshot:
            gold = GoldFinder(snapshot).find(Question("a", ASKED, ("at nine",), (), document))
            return sorted(snapshot.document(i).source for i in gold.places)

    assert standing(None) == sorted(texts)
    assert standing("hours.txt") == ["/a/hours.txt", "/b/hours.txt"]
    assert standing("b/hours.txt") == ["/b/hours.txt"]
    assert standing("other.txt") == []


def test_where_its_place_is_known_a_quote_counts_only_there(tmp_path: Path) -> None:
    """Words that stand there elsewhere are no gold, nor is a place where they do not stand."""
    with museum(tmp_path, {"/a.txt": "Nine. Ten. Nine."}) as library, library.store.snapshot() as snapshot:
        finder = GoldFinder(snapshot)
        (spans,) = finder.find(Question("a", ASKED, ("Nine",), starts=(11,))).places.values()
        assert spans == (Span(11, 15),)
        assert finder.find(Question("a", ASKED, ("Nine",), starts=(3,))).places == {}


def test_a_refusal_is_scored_by_what_came_nearest(tmp_path: Path) -> None:
    """A question that shares nothing with the documents is refused, rightly or wrongly, and shows no citation."""
    scored = _score(
        tmp_path, Question("a", "zebra quagga okapi?", ("opens at nine",)), Question("b", "zebra quagga okapi?", ())
    )
    first, second = scored.outcomes["library"]
    assert isinstance(first.answer, NoAnswer)
    assert (first.verdict, second.verdict) == ("refused, wrongly", "refused, rightly")
    assert first.right_at is None
    assert len(first.marks) == len(first.citations) == len(first.answer.nearest)


def test_readers_are_asked_the_same_questions(tmp_path: Path) -> None:
    """Each reader has its outcomes, and progress is told for every question."""
    told: list[Progress] = []
    with museum(tmp_path, TEXTS) as library:
        asked = [Question(str(n), ASKED, ("opens at nine",)) for n in range(3)]
        scored = score(library, asked, {"one": library.ask, "other": library.ask}, told.append)
    assert [o.verdict for o in scored.outcomes["one"]] == [o.verdict for o in scored.outcomes["other"]]
    assert [(each.done, each.total) for each in told] == [(0, 3), (1, 3), (2, 3)]


def test_an_empty_library_is_not_asked(tmp_path: Path) -> None:
    """Where nothing was indexed there is nothing to score, and the sentence says what to do."""
    with pytest.raises(EmptyLibrary, match="footnote index PATH"):
        _score(tmp_path, Question("a", ASKED, ()), texts={})


def test_a_question_that_cannot_be_asked_is_named_before_any_is(tmp_path: Path) -> None:
    """A question that is too long stops the run with its id."""
    with pytest.raises(InvalidQuestions, match="Question b cannot be asked: The question has 3,000 characters"):
        _score(tmp_path, Question("a", ASKED, ()), Question("b", "x" * 3000, ()))
