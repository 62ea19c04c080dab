"""The documents that training may read: those of the data folder as they stand there, and those that come with it."""

import argparse
import gzip
import json
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

WRITTEN = "written"
"""The set of the documents that were written for training and come with it."""

SETS = (
    "peps",
    "py_devguide",
    "cuad_a",
    "medquad",
    "mtrag_fiqa",
    "pubmedqa",
    "shift_amazon_reviews",
    "squad20_half_a",
    "shift_new_wiki",
    "qed_dev",
    WRITTEN,
)
"""The sets whose licences let them be trained into weights, and that passages are taken from."""

TEXTS = Path(__file__).parent / "texts"

PACKED = frozenset({"peps", "py_devguide"})
"""The sets that lie in `docs.tar.xz` as reStructuredText; the others have a folder with a corpus."""

DEVELOPMENT_ARTICLES = frozenset({"1973_oil_crisis", "French_and_Indian_War", "Imperialism", "Scottish_Parliament"})
"""The articles that figures are measured on: never read here, in whichever set they stand."""

_TITLE = re.compile(r"^Title: *(?P<field>.+)$|^(?P<heading>\S.*)\n(?P<line>[=*#-])(?P=line){2,}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a set; offsets count the code points of `text`."""

    set: str
    doc_id: str
    title: str
    text: str


def data_folder(argument: str) -> Path:
    """Take a command-line argument for the data folder.

    Raises:
        argparse.ArgumentTypeError: the folder holds no sets.

    """
    folder = Path(argument)
    if not (folder / "sets").is_dir():
        msg = f"{folder} is not the data folder: it holds no folder `sets`."
        raise argparse.ArgumentTypeError(msg)
    return folder


def read_documents(data: Path, name: str) -> Iterator[Document]:
    """Read the documents of a set in the order of the data, but for the development articles."""
    if name == WRITTEN:
        documents = _written()
    elif name in PACKED:
        documents = _unpacked(data / "docs.tar.xz", name)
    else:
        documents = _corpus(data / "sets" / name, name)
    for document in documents:
        if document.title.replace(" ", "_") not in DEVELOPMENT_ARTICLES:
            yield document


def _corpus(folder: Path, name: str) -> Iterator[Document]:
    with gzip.open(folder / "corpus.jsonl.gz", "rb") as lines:
        for line in lines:
            yield Document(set=name, **json.loads(line))


def _written() -> Iterator[Document]:
    for file in sorted(TEXTS.glob("*.jsonl")):
        for line in filter(None, file.read_text("utf-8").split("\n")):
            yield Document(set=WRITTEN, **json.loads(line))


def _unpacked(archive: Path, name: str) -> Iterator[Document]:
    with tarfile.open(archive) as members:
        for member in members:
            path = PurePosixPath(member.name)
            if path.parts[:2] == (name, "raw") and path.suffix == ".rst" and (file := members.extractfile(member)):
                text = file.read().decode("utf-8")
                yield Document(name, str(path.relative_to(f"{name}/raw")), title_of(text), text)


def title_of(text: str) -> str:
    r"""Give the title of a document in reStructuredText: its field, else its first heading, else nothing.

    >>> title_of("PEP: 20\nTitle: The Zen of Python\n"), title_of("=====\nTests\n=====\n"), title_of("Words.")
    ('The Zen of Python', 'Tests', '')
    """
    found = _TITLE.search(text)
    return (found["field"] or found["heading"]).strip() if found else ""
