"""A small data folder in the form of the large one."""

import gzip
import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PASSAGES = {
    "Imperialism#0": "The harbour opened in 1850. Ships came from the east. In 1850 it snowed.",
    "Imperialism#1": "The school has nine rooms. It is red.",
    "Town#0": "The mill was built in 1820. A fire destroyed it.",
}
QUESTIONS: list[dict[str, Any]] = [
    {
        "id": "a",
        "question": "When did the harbour open?",
        "relevant": ["Imperialism#0"],
        "answers": [{"doc_id": "Imperialism#0", "start": 22, "text": "1850"}],
    },
    {
        "id": "b",
        "question": "How many rooms has the school?",
        "relevant": ["Imperialism#1"],
        "answers": [{"doc_id": "Imperialism#1", "start": 15, "text": "nine"}],
    },
    {"id": "c", "question": "Who sings in the harbour?", "relevant": ["Imperialism#0"], "answers": []},
    {
        "id": "d",
        "question": "When was the mill built?",
        "relevant": ["Town#0"],
        "answers": [{"doc_id": "Town#0", "start": 22, "text": "1820"}],
    },
]
PACKED = {
    "./peps/raw/peps/pep-0020.rst": b"PEP: 20\nTitle: The Zen of Python\n\nBeautiful is better than ugly.\n",
    "./tldr_en/raw/pages/common/tar.md": b"# tar\n\n> Archiving utility.\n",
    "./tldr_en/PROVENANCE.json": b"{}",
    "./tldr_en/LICENSE.md": b"Free.",
    "./py_devguide/raw/index.rst": b"A guide.",
    "./peps/raw/../../../outside.rst": b"Out.",
    "/peps/raw/absolute.rst": b"Out.",
}


def make_data(folder: Path) -> Path:
    """Write the passages, the questions and the archive, with a link in it that leads outside."""
    rows = ({"doc_id": name, "title": name, "text": text} for name, text in PASSAGES.items())
    _lines(folder / "sets" / "squad20_half_a" / "corpus.jsonl.gz", rows)
    _lines(folder / "sets" / "squad20_half_a" / "questions.jsonl.gz", QUESTIONS)
    with tarfile.open(folder / "docs.tar.xz", "w:xz") as archive:
        archive.addfile(tarfile.TarInfo("."))
        for name, data in PACKED.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        link = tarfile.TarInfo("./peps/raw/link.rst")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return folder


def _lines(file: Path, rows: Iterable[dict[str, Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
