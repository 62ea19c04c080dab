"""The checker finds what a program can find, and counts the rest."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.training.making import BUILT, GOOD, PLACE, TEXT, pack, question, row
from training.checking import overlap, problems, unbalanced
from training.passages import Passage
from training.questions import main
from training.records import Question, Quote

TEXTS = {("qed_dev", "mill"): TEXT}


def wrong(*questions: Question) -> list[str]:
    """Check questions beside good ones, and give what is wrong, without the places."""
    placed = [(f"line {number}", one) for number, one in enumerate((*GOOD, *questions), 1)]
    return [sentence.partition(": ")[2] or sentence for sentence in problems(placed, TEXTS)]


def changed(**fields: Any) -> Question:  # noqa: ANN401 - any field, and so any value
    """Give an answered question that differs from the good one in some fields."""
    base = question("x", "Who raised the walls there?", ("Ada Reeve",), (BUILT,))
    return base.model_copy(update=fields)


def test_good_questions_pass() -> None:
    """Nothing is found in a set that is as it should be."""
    assert wrong() == []
    assert wrong(changed()) == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"doc_id": "kiln"}, "there is no such document"),
        ({"set": "seeds"}, "there is no such document"),
        ({"end": 10_000}, "the passage lies outside the document"),
        ({"passage_id": "qed_dev:mill:7"}, "the passage's id names another place"),
        ({"near": "but it does"}, "there are neither answers with evidence nor a reason, or both"),
        ({"answers": (Quote(text="Ada Reeve", start=29),)}, "'Ada Reeve' does not stand at 29"),
        ({"answers": (Quote(text="da Reeve", start=31),)}, "'da Reeve' cuts a word"),
        ({"answers": (Quote(text="flour", start=TEXT.index("flour")),)}, "no evidence holds 'flour'"),
        ({"evidence": (Quote(text=BUILT[4:], start=4),)}, f"{BUILT[4:]!r} is no whole sentence"),
        ({"evidence": (Quote(text=BUILT[:-1], start=0),)}, f"{BUILT[:-1]!r} is no whole sentence"),
    ],
)
def test_a_wrong_field_is_found(fields: dict[str, object], sentence: str) -> None:
    """Documents, passages, quotes and evidence are compared with the text."""
    assert sentence in wrong(changed(**fields))


def test_a_quote_outside_the_passage_is_found() -> None:
    """A passage that ends early does not hold what stands behind."""
    assert f"{BUILT!r} lies outside the passage" in wrong(changed(end=20))


def test_quotes_that_overlap_are_found() -> None:
    """Two answers of one question are two places."""
    twice = changed(answers=(Quote(text="Ada Reeve", start=30), Quote(text="Reeve", start=34)))
    assert wrong(twice) == ["'Ada Reeve' and 'Reeve' overlap"]


def test_a_repeated_id_is_found() -> None:
    """Ids are unique."""
    assert wrong(changed(id="b01-001")) == ["the id is that of line 1"]


def test_a_repeated_question_is_found() -> None:
    """Case and marks make no other question of it, nor does another passage."""
    assert wrong(changed(question="who put up the mill")) == ["the question is that of line 1"]


def test_a_near_repetition_is_found() -> None:
    """One more word makes no other question if the gold is the same; with other gold it may be a telling pair."""
    again = "When was the old mill rebuilt after the fire?"
    unanswered = question("x", again, near="only the fire is dated")
    assert wrong(unanswered) == ["the question is nearly that of line 5, with the same gold"]
    assert wrong(changed(question=again)) == []


def test_too_few_unanswered_questions_are_found() -> None:
    """About two of five have no answer; a set without questions has none either."""
    assert unbalanced(GOOD) == []
    assert unbalanced(GOOD[:3]) == ["0% of the questions are unanswered, not 35% to 45%."]
    assert len(unbalanced([])) == 1


def test_overlap_counts_the_terms_that_stand_in_the_passage() -> None:
    """Of "put" and "mill" the passage has the mill."""
    assert overlap(GOOD[0], TEXTS) == 0.5


def test_all_questions_of_a_passage_are_in_one_split() -> None:
    """The split depends on the passage's id alone, and takes about one in ten."""
    assert len({one.development for one in GOOD}) == 1
    taken = sum(GOOD[0].model_copy(update={"passage_id": str(i)}).development for i in range(2_000))
    assert 150 < taken < 250


def data_folder(tmp_path: Path) -> str:
    """Write the data folder with the mill in it."""
    return str(pack(tmp_path / "data", {}, {"qed_dev": [row("mill", TEXT, "Mill")]}))


def written(folder: Path, lines: Sequence[str]) -> str:
    """Write a question set."""
    folder.mkdir()
    (folder / "b01.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return str(folder)


def test_the_command_counts_a_good_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It ends well, with the counts by set, kind and split."""
    folder = written(tmp_path / "set", [one.model_dump_json() for one in GOOD])
    assert main([data_folder(tmp_path), "--questions", folder]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    rows = {
        row[0]: row[1:4] for line in told.out.splitlines() if len(row := line.strip("│").replace("│", "").split()) > 5
    }
    assert rows["qed_dev"] == rows["all"] == ["1", "5", "2"]
    assert rows["who"] == ["1", "2", "1"]
    assert rows["development"] == rows["all"]


def test_the_command_runs_as_a_process(tmp_path: Path) -> None:
    """The status of the process says whether the set is as it should be."""
    folder = written(tmp_path / "set", [GOOD[0].model_dump_json()])
    command = [sys.executable, "-m", "training.questions", data_folder(tmp_path), "--questions", folder]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr == "0% of the questions are unanswered, not 35% to 45%.\n"


def test_the_command_names_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line that cannot be read and one that quotes falsely are named, and the status says so."""
    lines = [one.model_dump_json() for one in GOOD]
    unknown = changed(doc_id="kiln", passage_id="qed_dev:kiln:0").model_dump_json()
    folder = written(tmp_path / "set", [*lines, "{}", unknown])
    assert main([data_folder(tmp_path), "--questions", folder]) == 1
    told = capsys.readouterr().err
    assert "b01.jsonl, line 6: id: Field required" in told
    assert "b01.jsonl, line 7: there is no such document" in told


def test_the_command_assembles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it writes passes the check, and a bad line stops all from being written."""
    batch, raw = tmp_path / "b01.jsonl", tmp_path / "raw.jsonl"
    batch.write_text(json.dumps(asdict(Passage(PLACE, "qed_dev", "mill", 0, len(TEXT), "Mill", TEXT))), "utf-8")
    lines = [
        {"p": 0, "q": "Who put it up?", "k": "who", "a": ["Ada Reeve"]},
        {"p": 0, "q": "Who?", "k": "who", "n": "-"},
    ]
    raw.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    assert main(["--assemble", str(raw), str(batch)]) == 0
    first, second = map(Question.model_validate_json, capsys.readouterr().out.splitlines())
    assert [quote.text for quote in first.evidence] == [BUILT]
    assert second.id == "b01-002"
    raw.write_text(raw.read_text("utf-8") + "\n" + json.dumps(lines[0] | {"a": ["nobody"]}), "utf-8")
    assert main(["--assemble", str(raw), str(batch)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "raw.jsonl, line 3: 'nobody' stands in no place of the passage\n"


def test_the_command_wants_something_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """Without an argument it says what may be named."""
    with pytest.raises(SystemExit):
        main([])
    assert "name the data folder, or --assemble" in capsys.readouterr().err
