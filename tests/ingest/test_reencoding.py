"""A library may change its model; its documents stay."""

from pathlib import Path

import pytest

from ingest.pipeline import index
from ingest.reencoding import reencode
from ingest.report import Progress
from retriever.errors import LibraryMismatch
from retriever.library import Library
from retriever.records import Answer
from retriever.settings import Settings
from tests.toys import ToyEncoder


def test_a_library_of_another_model_answers_again_once_it_is_encoded_again(tmp_path: Path) -> None:
    """Another model is refused by name, and the way out that the sentence names leads out."""
    (tmp_path / "hours.txt").write_text("The museum opens at nine.")
    settings = Settings(home=tmp_path / "home", reader="sentences")
    with Library.open(settings, encoder=ToyEncoder("one")) as library:
        index(library, [tmp_path / "hours.txt"])
    told: list[Progress] = []
    with Library.open(settings, encoder=ToyEncoder("two")) as library:
        with pytest.raises(LibraryMismatch, match="--re-encode"):
            library.ask("When does the museum open?")
        assert reencode(library, told.append) == 1
        assert isinstance(library.ask("When does the museum open?"), Answer)
    assert told == [Progress(0, 1, "Encoding again")]
    with Library.open(settings, encoder=ToyEncoder("one")) as library, pytest.raises(LibraryMismatch):
        library.search("museum")
