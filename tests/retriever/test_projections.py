"""The indexes follow the store, and are built anew wherever they are not what was written."""

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from retriever import disk, projections
from retriever.dense import FILE_NAME as DENSE_FILE
from retriever.dense import DenseIndex
from retriever.errors import LibraryMismatch
from retriever.lexical import LexicalIndex
from retriever.library import Library
from retriever.records import Hit
from retriever.settings import Settings
from retriever.snapshot import IndexedChunk
from tests.library import write
from tests.toys import ToyEncoder

QUESTION = "Which pear7 stands beside the apples?"
FLIPS = 40  # in each file

Asked = tuple[tuple[str, int, float, int | None, int | None], ...]


def texts(n: int, *, lines: int = 3) -> dict[str, str]:
    """Make documents whose lines differ."""
    return {
        f"/{i}": "\n".join(f"The apples of {i} have pear{j + i} and plum{j}." for j in range(lines)) for i in range(n)
    }


def asked(library: Library, question: str = QUESTION) -> Asked:
    """Ask, and give what does not depend on the ids of chunks."""
    return tuple(map(_facts, library.search(question, 20).hits))


def reopened(home: Path, encoder: ToyEncoder | None = None) -> Library:
    """Open the library in a folder as a new process would."""
    return Library.open(Settings(home=home), encoder=encoder or ToyEncoder())


def ask_again(home: Path) -> Asked:
    """Open a library, ask, and close it."""
    with reopened(home) as library:
        return asked(library)


def published(home: Path) -> Path:
    """Give the one folder of published indexes."""
    (folder,) = (home / "index").iterdir()
    return folder


def _facts(hit: Hit) -> tuple[str, int, float, int | None, int | None]:
    return hit.document.source, hit.chunk.span.start, hit.score, hit.dense_rank, hit.lexical_rank


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Asked]:
    """Save the indexes of a library that no test may change; its folder, and what is found in it."""
    home = tmp_path_factory.mktemp("saved") / "library"
    with reopened(home) as library:
        write(library.store, library.encoder, texts(8))
        library.save_projections()
        return home, asked(library)


@pytest.fixture
def copy(saved: tuple[Path, Asked], memory: Path) -> Path:
    """Copy that library."""
    return Path(shutil.copytree(saved[0], memory / "copy"))


def index_files(home: Path) -> list[Path]:
    """List every file of the published indexes."""
    files = sorted(path for path in published(home).rglob("*") if path.is_file())
    assert {disk.MANIFEST, DENSE_FILE, "meta.json"} <= {file.name for file in files}
    return files


def test_check_03_a_damaged_index_file_changes_no_answer(saved: tuple[Path, Asked], copy: Path) -> None:
    """Any file of the indexes cut, zeroed or missing: the same answers, from indexes built anew."""
    for file in index_files(copy):
        written = file.read_bytes()
        for damaged in (written[: len(written) // 2], bytes(len(written))):
            file.write_bytes(damaged)
            assert ask_again(copy) == saved[1], f"{file.name} damaged"
        file.unlink()
        assert ask_again(copy) == saved[1], f"{file.name} missing"
        file.write_bytes(written)


def test_check_03_a_flipped_bit_is_never_taken_up(copy: Path) -> None:
    """Of every file of the indexes, random bits are flipped, one at a time: such indexes are not even opened."""
    chance = random.Random(3)  # noqa: S311 - nothing secret
    before = disk.read_manifest(published(copy))
    for file in index_files(copy):
        written = file.read_bytes()
        for _ in range(FLIPS):
            flipped, place = bytearray(written), chance.randrange(len(written) * 8)
            flipped[place // 8] ^= 1 << place % 8
            file.write_bytes(flipped)
            found = projections.Projections(copy)
            found.load()
            # A flip in the white space of a manifest changes nothing that it says.
            assert found.dense is None or (file.name == disk.MANIFEST and disk.read_manifest(file.parent) == before)
            found.close()
        file.write_bytes(written)


def republish(home: Path, change: Callable[[Path], None], **about: object) -> None:
    """Publish indexes with something changed that no hash can notice."""
    old = published(home)
    manifest = disk.read_manifest(old)
    assert manifest is not None

    def fill(folder: Path) -> None:
        for part in ("dense", "lexical"):
            shutil.copytree(old / part, folder / part)
        change(folder)

    disk.publish(old.with_name("999-changed"), {**{k: v for k, v in manifest.items() if k != "files"}, **about}, fill)
    disk.remove(old)


def _shift_dense_ids(folder: Path) -> None:
    index = DenseIndex.load(folder / "dense")
    ids = index.ids()
    vectors = [np.asarray(index._index.reconstruct(int(i)), np.float32) for i in ids]
    shifted = DenseIndex.empty(len(vectors[0]))
    shifted.apply([IndexedChunk(int(i) + 1, "", vector) for i, vector in zip(ids, vectors, strict=True)], ())
    shifted.save(folder / "dense")


def _lose_a_chunk_of_words(folder: Path) -> None:
    LexicalIndex(folder / "lexical").apply((), [1])


def _leave(_folder: Path) -> None:
    pass


def _change_tantivys_format(folder: Path) -> None:
    meta = folder / "lexical" / "meta.json"
    meta.write_text(json.dumps({**json.loads(meta.read_text()), "segments": "of a later release"}))


@pytest.mark.parametrize("change", [_shift_dense_ids, _lose_a_chunk_of_words])
def test_check_04_indexes_of_other_chunks_are_built_anew(
    saved: tuple[Path, Asked], copy: Path, change: Callable[[Path], None]
) -> None:
    """Whole files whose ids are not those of the store's chunks are noticed when they are loaded."""
    republish(copy, change)
    assert ask_again(copy) == saved[1]


@pytest.mark.parametrize(
    ("change", "about"),
    [
        (_leave, {"format": 99}),
        (_leave, {"token": "of another history"}),
        (_leave, {"encoder": {"name": "other", "weights": "0" * 64, "runtime": "toy/1", "dimension": 3}}),
        (_change_tantivys_format, {}),
    ],
)
def test_check_06_indexes_of_another_format_model_or_history_are_built_anew(
    saved: tuple[Path, Asked], copy: Path, change: Callable[[Path], None], about: dict[str, object]
) -> None:
    """Whole files that this release did not write for this history and this model are left alone."""
    republish(copy, change, **about)
    assert ask_again(copy) == saved[1]


def test_check_06_a_question_to_another_models_library_is_refused(copy: Path) -> None:
    """The sentence names both models and says what to do; each time, and without taking up the indexes again."""
    with reopened(copy, ToyEncoder("other")) as library:
        for _ in range(3):
            with pytest.raises(LibraryMismatch, match="indexed with the model toy"):
                library.search(QUESTION)
        assert len(list((copy / "work").glob("*/*"))) == 1


def test_check_05_a_thousand_chunks_answer_the_same_after_a_restart(home: Path) -> None:
    """A library of 1,200 chunks finds the same from memory, from the saved indexes, and from indexes built anew."""
    with reopened(home) as library:
        write(library.store, library.encoder, texts(30, lines=40))
        library.save_projections()
        first = asked(library)
    assert len(first) == 20
    assert ask_again(home) == first
    shutil.rmtree(home / "index")
    assert ask_again(home) == first


def test_saved_indexes_are_taken_up_and_caught_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was saved some commits ago is continued from the log, and ends as indexes built anew do."""
    with reopened(home) as library:
        write(library.store, library.encoder, texts(25))
        library.save_projections()
        write(library.store, library.encoder, {"/2": "The apples were replaced by a pear7."}, remove=["/1"])
        write(library.store, library.encoder, {"/new": "One more pear7 beside the apples."})
    with reopened(home) as library, monkeypatch.context() as patch:
        patch.setattr(projections, "_SMALL", 0)  # as in a large library: the words of few removed chunks stay a while
        continued = asked(library)
        assert library.searcher._projections.lexical is not None
        assert library.searcher._projections.lexical.removed == 6
    shutil.rmtree(home / "index")
    rebuilt = ask_again(home)
    assert {hit[:2] for hit in continued} == {hit[:2] for hit in rebuilt}


def test_the_words_of_removed_chunks_are_forgotten_when_they_are_many(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large lexical index is built anew when a tenth of its counts are of removed chunks, and not before."""
    monkeypatch.setattr(projections, "_SMALL", 0)
    write(library.store, library.encoder, texts(20))
    asked(library)
    stale = []
    for i in range(4):
        write(library.store, library.encoder, {}, remove=[f"/{i}"])
        asked(library)
        assert library.searcher._projections.lexical is not None
        stale.append(library.searcher._projections.lexical.removed)
    assert stale == [3, 6, 0, 3]


def test_removed_chunks_leave_the_indexes(tmp_path: Path) -> None:
    """What is removed is not found any more, nor counted, on either side."""
    chunks = [IndexedChunk(i, f"apple pear{i}", vector) for i, vector in enumerate(np.eye(4, dtype=np.float32))]
    dense, lexical = DenseIndex.empty(4), LexicalIndex(tmp_path)
    for index in (dense, lexical):
        index.apply(chunks, ())
        index.apply((), [1, 3, 99])
    assert (len(dense), list(dense.ids())) == (2, [0, 2])
    assert (len(lexical), lexical.search("pear3", 5)) == (2, [])
    assert sorted(i for i, _ in lexical.search("apple", 5)) == [0, 2]


def test_how_many_words_are_stale_is_saved(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restart does not forget how many removed chunks BM25 still counts."""
    monkeypatch.setattr(projections, "_SMALL", 0)
    with reopened(home) as library:
        write(library.store, library.encoder, texts(20))
        asked(library)
        write(library.store, library.encoder, {}, remove=["/3"])
        library.save_projections()
    with reopened(home) as library:
        asked(library)
        assert library.searcher._projections.lexical is not None
        assert library.searcher._projections.lexical.removed == 3


def test_a_restored_backup_is_noticed(home: Path, tmp_path: Path) -> None:
    """Indexes of a history that a restored copy does not have are built anew."""
    with reopened(home) as library:
        write(library.store, library.encoder, texts(4))
        library.store.backup(tmp_path / "copy.sqlite")
        write(library.store, library.encoder, {"/0": "Another text about apples."})
        library.save_projections()
    shutil.copyfile(tmp_path / "copy.sqlite", home / "library.sqlite")
    with reopened(home) as library:
        write(library.store, library.encoder, {"/0": "A third text about apples and pear7."})
        restored = asked(library)
        assert any(hit[0] == "/0" for hit in restored)
    shutil.rmtree(home / "index")
    assert ask_again(home) == restored


def test_an_empty_library_has_nothing_to_find(library: Library) -> None:
    """A question before the first document finds nothing, and so does one after the last was removed."""
    assert asked(library) == ()
    library.save_projections()
    write(library.store, library.encoder, texts(1))
    assert asked(library)
    write(library.store, library.encoder, {}, remove=["/0"])
    assert asked(library) == ()


def test_only_the_newest_indexes_stay(copy: Path) -> None:
    """Saving removes older indexes, what a crash left, and working copies of dead processes, and nothing else."""
    (copy / "index" / "a file of somebody").write_text("")
    (copy / "index" / ".unfinished-00").mkdir()
    (copy / "work" / "4194305-dead").mkdir(parents=True)  # above the largest process id that there is
    (copy / "work" / f"{os.getpid()}-alive").mkdir()
    with reopened(copy) as library:
        write(library.store, library.encoder, {"/new": "New."})
        library.save_projections()
        assert not (copy / "work" / "4194305-dead").exists()
        assert (copy / "work" / f"{os.getpid()}-alive").exists()
    assert len([path for path in (copy / "index").iterdir() if path.is_dir()]) == 1


def test_nothing_is_saved_before_anything_was_asked_or_written(home: Path) -> None:
    """Projections that never followed a store have nothing to save."""
    fresh = projections.Projections(home)
    fresh.save()
    fresh.close()
    assert not (home / "index").exists()


def test_the_dense_index_returns_no_filler() -> None:
    """FAISS fills up with the id -1: an empty index finds nothing, and a small one no more than it holds."""
    index = DenseIndex.empty(2)
    vector = np.array([1, 0], np.float32)
    assert index.search(vector, 5) == []
    index.apply([IndexedChunk(7, "", vector)], ())
    assert index.search(vector, 5) == [(7, 1.0)]
    assert index.similarities(vector, [7]) == [1.0]


def test_the_lexical_index_finds_nothing_without_words(tmp_path: Path) -> None:
    """A question of marks alone has no terms, and an index without words knows none."""
    index = LexicalIndex(tmp_path)
    assert index.search("?!", 5) == index.search("apples", 5) == []
    assert (len(index), index.stale_share) == (0, 0.0)


def test_an_index_of_another_release_of_faiss_is_not_taken_up(tmp_path: Path) -> None:
    """What FAISS does not understand is an error of the system's kind, which the loader takes for no index."""
    (tmp_path / DENSE_FILE).write_bytes(b"in a form that is yet to come")
    with pytest.raises(OSError, match="not recognized"):
        DenseIndex.load(tmp_path)


def test_an_index_that_was_lost_is_published_by_the_next_run(saved: tuple[Path, Asked], copy: Path) -> None:
    """A run that changes nothing still leaves whole indexes behind."""
    shutil.rmtree(copy / "index")
    with Library.open(Settings(home=copy), encoder=ToyEncoder()) as library:
        library.save_projections()
    found = projections.Projections(copy)
    found.load()
    assert found.dense is not None
    found.close()
    assert ask_again(copy) == saved[1]


def test_a_small_library_is_saved_without_the_words_of_what_left(tmp_path: Path) -> None:
    """A few removed passages do not make every later question wait, and weigh on no saved index."""
    with Library.open(Settings(home=tmp_path), encoder=ToyEncoder()) as library:
        write(library.store, library.encoder, {f"/{n}": f"Word{n} stands here." for n in range(30)})
        library.search("word1")
        write(library.store, library.encoder, {}, remove=["/7"])
        library.search("word1")
        index = library.searcher._projections.lexical
        assert index is not None
        assert index.removed == 1
        library.save_projections()
        index = library.searcher._projections.lexical
        assert index is not None
        assert (index.removed, len(index)) == (0, 29)
