"""Only new words are encoded, many at once, and no vector outlives its words."""

from ingest.pipeline import Progress, Report, index
from tests.ingest.conftest import Place


def test_an_edit_keeps_the_document_and_the_vectors_of_what_stayed(place: Place) -> None:
    """Only the sentence's chunk is encoded, the id stays, and the old words are gone."""
    paragraphs = [f"Paragraph {n} says something about matter number {n} and its many details." for n in range(40)]
    place.write("a.txt", "\n\n".join(paragraphs))
    place.index()
    before, encoded = place.id_of("a.txt"), len(place.encoder.encoded)
    paragraphs[20] = "Something else."
    place.write("a.txt", "\n\n".join(paragraphs), age_s=50)
    report = place.index()
    assert (report.changed, report.encoded_chunks) == (1, len(place.encoder.encoded) - encoded)
    assert 1 <= report.encoded_chunks <= 5
    assert report.reused_chunks > 10
    assert place.id_of("a.txt") == before
    assert "number 20 " not in place.sources()["a.txt"]


def test_a_renamed_and_edited_file_encodes_only_what_was_edited(place: Place) -> None:
    """Its document leaves before the new file is read, and its vectors only when the run ends."""
    paragraphs = [f"Paragraph {n} says something about matter number {n} and its many details." for n in range(40)]
    old = place.write("a.txt", "\n\n".join(paragraphs))
    place.index()
    old.unlink()
    paragraphs[20] = "Something else."
    place.write("z.txt", "\n\n".join(paragraphs), age_s=50)
    report = place.index()
    assert (report.added, report.deleted) == (1, 1)
    assert 1 <= report.encoded_chunks <= 5
    with place.library.store.snapshot() as snapshot:
        keys = {chunk.vector_key for chunk in snapshot.chunks(place.id_of("z.txt"))}
    assert place.vectors() == len(keys), "no vector is kept in vain"


def test_a_file_moved_over_another_is_not_encoded_again(place: Place) -> None:
    """The words are known from the document of its old name."""
    moved = place.write("b.txt", "Bob left.")
    place.write("c.txt", "Cid stayed.")
    place.index()
    moved.rename(place.folder / "c.txt")
    assert place.index() == Report(changed=1, deleted=1, reused_chunks=1)
    assert place.vectors() == 1


def test_words_that_move_between_files_are_kept(place: Place) -> None:
    """Two files swap their contents: each vector loses its last use for a moment, and is there at the end."""
    place.write("a.txt", "Ann came.")
    place.write("b.txt", "Bob left.")
    place.index()
    place.write("a.txt", "Bob left.", age_s=50)
    place.write("b.txt", "Ann came.", age_s=50)
    assert place.index().changed == 2
    assert place.sources() == {"a.txt": "Bob left.", "b.txt": "Ann came."}


def test_many_documents_are_encoded_in_batches(place: Place) -> None:
    """Missing texts of many documents share a call of the encoder; those of a large one take several."""
    for number in range(70):
        place.write(f"{number:02}.txt", f"Number {number} came.")
    assert place.index().encoded_chunks == 70
    told: list[Progress] = []
    place.write("long.txt", "\n\n\n".join(f"{n} is a number" + " and so on" * 6 for n in range(120)))
    index(place.library, [], told.append)
    assert [progress.message for progress in told].count("Encoding") == 1
