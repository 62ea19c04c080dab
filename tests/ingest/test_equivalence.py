"""Whatever happens to the files, the library ends as if it had been made anew."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ingest.pipeline import Report, index
from retriever.library import Library
from tests.ingest.texts import open_library, write
from tests.toys import ToyEncoder

NAMES = st.sampled_from(["a.txt", "b.txt", "b.md", "sub/c.md", "sub/d.html"])
SENTENCES = ["Ann came in May.", "Bob left.", "# Head", "Who knows why?", "<p>Cid</p>", "\0", "It rained. " * 12]
CONTENTS = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6).map("\n\n".join)

Content = dict[str, object]


def content(library: Library) -> Content:
    """Give all that a library holds, without the ids that it gave."""
    with library.store.snapshot() as snapshot:
        keys = set[bytes]()
        documents: Content = {}
        for info in snapshot.documents():
            chunks = snapshot.chunks(info.id)
            keys.update(chunk.vector_key for chunk in chunks)
            documents[info.source] = (info.version, info.title, info.media_type, snapshot.text(info.id), chunks)
        assert snapshot.known_vectors(keys) == keys
        vectors = sum(1 for _ in snapshot.embedded_texts())
        assert vectors == len(keys)
        return documents


class FilesAndLibrary(RuleBasedStateMachine):
    """Files are written, renamed and deleted at random, and indexed from time to time."""

    @initialize()
    def begin(self) -> None:
        """Start with an empty folder and an empty library."""
        self.place = Path(tempfile.mkdtemp())
        self.folder = self.place / "notes"
        self.folder.mkdir()
        self.encoder = ToyEncoder()
        self.library = open_library(self.place / "library", self.encoder, chunk_tokens=32)
        self.age_s = 1e6
        self.dirty = True

    @rule(name=NAMES, text=CONTENTS)
    def write(self, name: str, text: str) -> None:
        """Add a file, or edit it."""
        self.age_s -= 10
        write(self.folder / name, text, age_s=self.age_s)
        self.dirty = True

    @rule(old=NAMES, new=NAMES)
    def rename(self, old: str, new: str) -> None:
        """Rename a file, over another one if it is there."""
        if (self.folder / old).exists():
            (self.folder / new).parent.mkdir(exist_ok=True)
            (self.folder / old).rename(self.folder / new)
            self.dirty = True

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        """Delete a file."""
        (self.folder / name).unlink(missing_ok=True)
        self.dirty = True

    @rule()
    def index(self) -> None:
        """Bring the library up to date: nothing is encoded that was there, and its content is that of a new one."""
        index(self.library, [self.folder])
        self.dirty = False
        with open_library(Path(tempfile.mkdtemp(dir=self.place)), chunk_tokens=32) as fresh:
            index(fresh, [self.folder])
            assert content(self.library) == content(fresh)

    @precondition(lambda self: not self.dirty)
    @rule()
    def index_again(self) -> None:
        """An unchanged folder encodes nothing and changes nothing."""
        encoded = len(self.encoder.encoded)
        report = index(self.library, [])
        assert report == Report(unchanged=report.unchanged, problems=report.problems)
        assert len(self.encoder.encoded) == encoded

    @invariant()
    def sound(self) -> None:
        """The store passes its own checks."""
        assert self.library.store.check() == []

    def teardown(self) -> None:
        """Remove the folder."""
        self.library.close()
        shutil.rmtree(self.place)


TestCheck15AnySequenceEqualsAFreshBuild = FilesAndLibrary.TestCase
TestCheck15AnySequenceEqualsAFreshBuild.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
