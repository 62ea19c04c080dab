"""Question files: what is read, and what is refused in which words."""

from pathlib import Path

import pytest

from evaluation.questions import InvalidQuestions, Question, read_questions, spread


def _file(folder: Path, text: str) -> Path:
    file = folder / "q.jsonl"
    file.write_text(text, "utf-8")
    return file


def test_every_field_is_read(tmp_path: Path) -> None:
    """Fields that are given are taken, others have their defaults, and those nobody knows are passed over."""
    lines = (
        '\ufeff{"id": 7, "question": "Eh?", "quotes": ["at\u20289"], "answers": ["nine"], "document": "a.md", "x": 0}'
        '\n\n{"question": "Who?", "quotes": null}\r\n{"question": "Why?", "quotes": []}\n'
    )
    first, second, third = read_questions(_file(tmp_path, lines))
    assert first == Question("7", "Eh?", ("at\u20289",), ("nine",), "a.md")
    assert (second, third) == (Question("3", "Who?", ()), Question("4", "Why?", ()))


def test_short_answers_are_the_quotes_unless_they_are_given() -> None:
    """The golds to compare with are the answers, else the quotes; a question without quotes has no answer."""
    assert Question("1", "When?", ("at nine",)).golds == ("at nine",)
    assert Question("1", "When?", ("at nine",), ("nine",)).golds == ("nine",)
    assert [Question("1", "When?", quotes).answerable for quotes in (("at nine",), ())] == [True, False]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "expected {"),
        ("[" * 100_000, "expected {"),
        ("3", "expected {"),
        ('{"id": "1"}', '"question" must be a question in words'),
        ('{"question": "?", "quotes": null}', '"question" must be a question in words'),
        ('{"question": "Why?"}', '"quotes" is missing'),
        ('{"question": "Why?", "quotes": 3}', '"quotes" must be a list'),
        ('{"question": "Why?", "quotes": [" "]}', '"quotes" must be a list'),
        ('{"question": "Why?", "quotes": ["so"], "answers": [1]}', '"answers" must be a list'),
        ('{"question": "Why?", "quotes": null, "answers": ["so"]}', 'there are "answers"'),
        ('{"question": "Why?", "quotes": null, "document": ""}', '"document" must be a name'),
        ('{"id": "0", "question": "Why?", "quotes": null}', "an earlier line has the \"id\" '0' too"),
    ],
)
def test_a_line_of_another_form_is_named(tmp_path: Path, line: str, reason: str) -> None:
    """A question file that cannot be read says which line is at fault, and why."""
    file = _file(tmp_path, f'{{"id": "0", "question": "Who?", "quotes": null}}\n{line}\n')
    with pytest.raises(InvalidQuestions) as refused:
        read_questions(file)
    assert str(refused.value).startswith(f"q.jsonl, line 2: {reason}")
    assert str(refused.value).endswith(".")


def test_a_file_that_holds_no_question_is_refused(tmp_path: Path) -> None:
    """Nothing there, no text, and nothing in it are told apart."""
    with pytest.raises(InvalidQuestions, match="cannot be read: No such file"):
        read_questions(tmp_path / "nowhere.jsonl")
    with pytest.raises(InvalidQuestions, match="holds no question"):
        read_questions(_file(tmp_path, "\n \n"))
    (tmp_path / "q.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidQuestions, match="is not UTF-8 text"):
        read_questions(tmp_path / "q.jsonl")


def test_more_questions_than_there_are_is_all_of_them() -> None:
    """A limit beyond the file takes the file as it is."""
    questions = [Question(str(n), "", ()) for n in range(3)]
    assert spread(questions, 10) == questions
