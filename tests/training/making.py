"""A small data folder, and questions about what is in it."""

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

from training.documents import PACKED, SETS, WRITTEN
from training.records import Kind, Question, Quote

TEXT = "The mill was built in 1820 by Ada Reeve. It ground flour, and it sawed wood.\n\n- It burned down in 1911."
PLACE = "qed_dev:mill:0"


def pack(data: Path, files: Mapping[str, str], corpora: Mapping[str, list[dict[str, str]]]) -> Path:
    """Write an archive of `files` and a corpus of every other set, empty unless given."""
    data.mkdir(exist_ok=True)
    with tarfile.open(data / "docs.tar.xz", "w:xz") as archive:
        archive.addfile(_folder("./peps/raw/peps/old.rst"))
        for name, text in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    for name in sorted({*SETS} - PACKED - {WRITTEN}):
        folder = data / "sets" / name
        folder.mkdir(parents=True)
        lines = "".join(json.dumps(row) + "\n" for row in corpora.get(name, []))
        (folder / "corpus.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    return data


def _folder(name: str) -> tarfile.TarInfo:
    folder = tarfile.TarInfo(name)
    folder.type = tarfile.DIRTYPE
    return folder


def row(doc_id: str, text: str, title: str = "") -> dict[str, str]:
    """Make a line of a corpus."""
    return {"doc_id": doc_id, "title": title, "text": text}


def prose(subject: str, sentences: int) -> str:
    """Write a paragraph of so many sentences of ten words each."""
    return " ".join(f"The {subject} has a part that bears the number {i}." for i in range(sentences))


def quote(words: str, text: str = TEXT) -> Quote:
    """Quote the first occurrence of words."""
    return Quote(text=words, start=text.index(words))


def question(
    id_: str,
    asked: str,
    answers: tuple[str, ...] = (),
    evidence: tuple[str, ...] = (),
    near: str | None = None,
    *,
    kind: Kind = "what",
) -> Question:
    """Ask about the mill."""
    return Question(
        id=id_,
        passage_id=PLACE,
        set="qed_dev",
        doc_id="mill",
        start=0,
        end=len(TEXT),
        question=asked,
        kind=kind,
        answers=tuple(map(quote, answers)),
        evidence=tuple(map(quote, evidence)),
        near=near,
    )


BUILT = "The mill was built in 1820 by Ada Reeve."
GOOD = (
    question("b01-001", "Who put up the mill?", ("Ada Reeve",), (BUILT,), kind="who"),
    question("b01-002", "When did fire destroy it?", ("1911",), ("It burned down in 1911.",), kind="when"),
    question("b01-003", "What was the mill for?", ("flour", "wood"), ("It ground flour, and it sawed wood.",)),
    question("b01-004", "Who bought the mill?", near="a builder is named, no buyer", kind="who"),
    question("b01-005", "When was the mill rebuilt after the fire?", near="only the fire is dated", kind="when"),
)
"""Three questions of five are answered, and nothing is wrong with any."""
