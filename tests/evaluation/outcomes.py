"""Outcomes for tests, made by hand."""

from collections.abc import Sequence

from evaluation.questions import Question
from evaluation.scoring import Outcome
from retriever.records import Answer, Citation, Nearest, NoAnswer, Quote, Searched, Span


def citation(number: int, quote: str = "nine", sentence: str = "It opens at nine today.") -> Citation:
    """Cite words of a sentence that stands at the beginning of a document."""
    start = sentence.index(quote)
    return Citation(
        number=number,
        document_id="d",
        version="v",
        title="Hours",
        source="/hours.txt",
        quote=quote,
        span=Span(start, start + len(quote)),
        sentence=Quote(sentence, Span(0, len(sentence))),
        heading_path=(),
        page=None,
        score=0.5,
        rank=number,
        dense_rank=None,
        lexical_rank=None,
    )


def outcome(  # a mark per citation
    confidence: float,
    marks: Sequence[bool] = (True,),
    *,
    quoted: bool | None = None,
    refused: bool = False,
    answerability: float | None = None,
    question: Question | None = None,
    cited: Citation | None = None,
) -> Outcome:
    """Make the outcome of a question that has an answer, unless another question is given.

    It is as likely to have one as the confidence says, unless another answerability is given; the best quote is as
    right as its sentence, unless that is given.
    """
    question = question or Question("q", "When does it open?", ("at nine",), ("nine",))
    citations = tuple(cited or citation(n) for n in range(1, len(marks) + 1))
    searched, likely = Searched(1, 1), confidence if answerability is None else answerability
    near = tuple(Nearest(c, "Too far.") for c in citations)
    answer = (
        NoAnswer(question.text, "No.", confidence, likely, near, 1, searched)
        if refused
        else Answer(question.text, "nine [1]", confidence, likely, citations, 1, searched)
    )
    return Outcome(question, answer, tuple(marks), any(marks[:1]) if quoted is None else quoted, (False, True), 1, 0.25)


UNANSWERABLE = Question("u", "Who paid?", ())
