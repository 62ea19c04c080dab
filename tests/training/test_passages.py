"""Passages are whole paragraphs or sentences of prose, chosen the same way every time."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.training.making import pack, prose, row
from training.documents import Document
from training.passages import (
    FEWEST,
    MOST,
    TOGETHER,
    Passage,
    is_prose,
    main,
    passages,
    read_passages,
    select,
    select_articles,
)


def document(text: str, name: str = "medquad", doc_id: str = "d") -> Document:
    """Make a document."""
    return Document(name, doc_id, "Title", text)


def test_passages_are_cut_out_of_the_text() -> None:
    """Each stands at its place, is as long as a passage is, holds whole sentences, and overlaps no other."""
    text = "\n\n".join(prose(subject, count) for subject, count in {"pump": 9, "valve": 60, "pipe": 4}.items())
    found = list(passages(document(text)))
    assert len(found) > 2
    for passage in found:
        assert passage.text == text[passage.start : passage.end]
        assert FEWEST <= len(passage.text.split()) <= MOST
        assert passage.text.startswith("The ")
        assert passage.text.endswith(".")
        assert passage.passage_id == f"medquad:d:{passage.start}"
    places = sorted((passage.start, passage.end) for passage in found)
    assert all(end <= start for (_, end), (start, _) in pairwise(places))


@pytest.mark.parametrize(
    "junk",
    [
        "Heading of the section\n======================",
        "LICENSOR SHALL DELIVER THE GOODS TO LICENSEE WITHIN TEN DAYS OF THE ORDER.",
        "x[i] += f(y, z) ** 2; a = {b: c, d: e} | g; print(h, i) == j[k] / l;",
        "See the pages https://a.example and https://b.example and what else there is.",
        "A line of words that goes on and never comes to an end",
        "Definitions .......... 3 and Term .......... 4 and Notices ............ 12 and so on.",
    ],
)
def test_junk_is_no_prose(junk: str) -> None:
    """Headings, capitals, code, links, fragments and tables of contents are left out."""
    assert not is_prose(junk)


def test_what_is_no_prose_is_never_inside_a_passage() -> None:
    """A listing parts the prose before it from the prose behind it."""
    text = f"{prose('pump', 7)}\n\nx = {{1: 2}}\n\n{prose('valve', 8)}"
    assert {passage.text for passage in passages(document(text))} == {prose("pump", 7), prose("valve", 8)}


def test_indented_text_of_a_guide_is_no_prose() -> None:
    """In reStructuredText an indented paragraph may be a listing; elsewhere indentation says nothing."""
    text = f"    {prose('pump', 7)}\n"
    assert list(passages(document(text, "peps"))) == []
    assert len(list(passages(document(text)))) == 1


def test_a_passage_does_not_end_in_a_heading() -> None:
    """What the segmenter takes for a short sentence at the end is left to what follows."""
    text = f"{prose('pump', 21)} 9.1 Formation and Role. {prose('valve', 21)}"
    assert not any(passage.text.endswith("Role.") for passage in passages(document(text)))


def test_paragraphs_that_are_too_long_together_are_not_joined() -> None:
    """A short paragraph before a long one is in no passage, for the two would be longer than a passage is."""
    text = f"{prose('pump', 5)}\n\n{prose('valve', 20)}"
    assert [passage.text for passage in passages(document(text))] == [prose("valve", 20)]


def test_a_passage_does_not_begin_inside_a_sentence() -> None:
    """A paragraph that goes on in small letters begins none."""
    assert list(passages(document("and so on, " + prose("pump", 8)))) == []


def test_each_document_has_its_turn() -> None:
    """No document has a second passage before every other has one, and no words are taken twice."""
    long = "\n\n".join(prose(subject, 15) for subject in ("pump", "valve", "pipe"))
    documents = [
        document(long, doc_id="long"),
        document(prose("cog", 8), doc_id="short"),
        document(prose("cog", 8), doc_id="copy"),
        document("Nothing.", doc_id="empty"),
    ]
    assert {passage.doc_id for passage in select(documents, 2)} < {"long", "short", "copy"}
    every = select(documents, 10)
    assert len(every) == 4
    assert sum(passage.doc_id == "long" for passage in every) == 3


def test_the_order_of_the_data_does_not_matter() -> None:
    """The same documents give the same passages."""
    documents = [document(prose(f"cog{i}", 8), doc_id=str(i)) for i in range(20)]
    assert select(documents, 7) == select(documents[::-1], 7)


def test_the_command_writes_what_can_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output and the file hold the same passages, of all sets, one a line."""
    rows = [row(f"p{i}", prose(f"cog\u2028{i}", 8)) for i in range(3)]
    data = pack(tmp_path / "data", {"peps/raw/peps/pep-0001.rst": prose("pep", 8)}, {"pubmedqa": rows})
    main([str(data), "--out", str(tmp_path / "out.jsonl")])
    assert capsys.readouterr().out == ""
    main([str(data)])
    assert capsys.readouterr().out == (tmp_path / "out.jsonl").read_text("utf-8")
    read = read_passages(tmp_path / "out.jsonl")
    assert sorted(passage.set for passage in read) == ["peps", "pubmedqa", "pubmedqa", "pubmedqa"]
    first = next(passage for passage in read if passage.doc_id == "p0")
    assert first == Passage("pubmedqa:p0:0", "pubmedqa", "p0", 0, len(rows[0]["text"]), "", rows[0]["text"])


def test_a_round_goes_on_where_the_one_before_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two rounds have the passages that one of both sizes would have."""
    documents = [document(prose(f"cog{i}", 8), doc_id=f"m{i}") for i in range(9)]
    data = pack(tmp_path / "data", {}, {"medquad": [row(d.doc_id, d.text) for d in documents]})
    monkeypatch.setattr("training.passages.ROUNDS", ({"medquad": 4}, {"medquad": 3}))
    rounds = []
    for number in ("1", "2"):
        main([str(data), "--round", number])
        rounds.append([json.loads(line)["doc_id"] for line in capsys.readouterr().out.splitlines()])
    assert [len(of) for of in rounds] == [4, 3]
    assert {*rounds[0], *rounds[1]} == {passage.doc_id for passage in select(documents, 7)}


def article(title: str, count: int) -> list[Document]:
    """Make an article of documents, a passage each."""
    return [Document("medquad", f"{title}{i}", title, prose(f"{title}{i}", 8)) for i in range(count)]


def test_passages_of_an_article_are_taken_together() -> None:
    """Each article gives a group before any gives a second, in its own order; what is left over gives none."""
    documents = [*article("pump", 3 * TOGETHER + 1), *article("valve", TOGETHER), *article("pipe", TOGETHER - 1)]
    chosen = select_articles(documents, 2)
    assert len(chosen) == 2 * TOGETHER
    assert {passage.title for passage in chosen} == {"pump", "valve"}
    every = select_articles(documents, 10)
    groups = [every[first : first + TOGETHER] for first in range(0, len(every), TOGETHER)]
    assert [passage.title for group in groups for passage in group].count("pump") == 3 * TOGETHER
    order = [document.doc_id for document in documents]
    for group in groups:
        first = order.index(group[0].doc_id)
        assert [passage.doc_id for passage in group] == order[first : first + TOGETHER]


def test_rounds_of_articles_follow_those_of_single_passages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second takes other groups than the first, and each is written in one piece."""
    documents = [document for i in range(5) for document in article(f"cog{i}x", TOGETHER)]
    rows = [row(d.doc_id, d.text, d.title) for d in documents]
    data = pack(tmp_path / "data", {}, {"medquad": rows})
    monkeypatch.setattr("training.passages.ROUNDS", ({"medquad": 1},))
    monkeypatch.setattr("training.passages.ARTICLES", ({"medquad": 2}, {"medquad": 3}))
    titles = []
    for number in ("2", "3"):
        main([str(data), "--round", number])
        written = [json.loads(line)["title"] for line in capsys.readouterr().out.splitlines()]
        titles += written[::TOGETHER]
        assert written == [title for title in written[::TOGETHER] for _ in range(TOGETHER)]
    assert sorted(titles) == [f"cog{i}x" for i in range(5)]


def test_the_command_runs_as_a_process(tmp_path: Path) -> None:
    """Another process, with other hash seeds, writes the same."""
    data = pack(tmp_path / "data", {}, {"medquad": [row(f"m{i}", prose(f"cog{i}", 8)) for i in range(9)]})
    command = [sys.executable, "-m", "training.passages", str(data)]
    first, second = (
        subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True) for _ in range(2)
    )
    assert first.stdout == second.stdout
    assert {json.loads(line)["doc_id"] for line in first.stdout.splitlines()} == {f"m{i}" for i in range(9)}
