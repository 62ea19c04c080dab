"""Dense and lexical, fused, from one pinned generation."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.errors import InvalidQuestion
from retriever.library import Library
from retriever.search import fuse
from tests.library import write
from tests.toys import ToyEncoder

REPOSITORY = Path(__file__).parents[2]
WRITE = """
import sys
from pathlib import Path
from retriever.store import Store
from tests.library import write
from tests.toys import ToyEncoder

with Store.open(Path(sys.argv[1])) as store:
    write(store, ToyEncoder(), {"/new": "The plums are blue."})
"""

cosines = st.dictionaries(st.integers(0, 9), st.floats(-1, 1), min_size=1)


@given(similarities=cosines, lexical=st.dictionaries(st.integers(0, 9), st.floats(0, 40)), weight=st.floats(0, 1))
def test_a_fused_score_is_a_share(similarities: dict[int, float], lexical: dict[int, float], weight: float) -> None:
    """Every candidate gets a score in 0..1, whatever the two sides say."""
    words = {i: score for i, score in lexical.items() if i in similarities}
    fused = fuse(similarities, words, weight)
    assert fused.keys() == similarities.keys()
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in fused.values())


@given(similarities=cosines, lexical=st.dictionaries(st.integers(0, 9), st.floats(0, 40)))
def test_who_is_better_on_both_sides_is_not_worse_fused(
    similarities: dict[int, float], lexical: dict[int, float]
) -> None:
    """Fusion respects an order that both sides agree on."""
    words = {i: score for i, score in lexical.items() if i in similarities}
    fused = fuse(similarities, words)
    for one in fused:
        for other in fused:
            if similarities[one] >= similarities[other] and words.get(one, 0) >= words.get(other, 0):
                assert fused[one] >= fused[other] - 1e-9


def test_nothing_fuses_to_nothing() -> None:
    """Without candidates there are no scores."""
    assert fuse({}, {}) == {}


def test_a_hit_tells_its_ranks(library: Library, toy: ToyEncoder) -> None:
    """Ranks count from 1 on each side; a side that did not return the chunk has none."""
    write(library.store, toy, {f"/{i:02}": f"Line {i} of apples." for i in range(60)} | {"/pear": "A pear."})
    hits = library.search("apples pear", k=61).hits
    assert [hit.rank for hit in hits] == list(range(1, 62))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert sorted(hit.dense_rank for hit in hits if hit.dense_rank) == list(range(1, 62))
    (pear,) = (hit for hit in hits if hit.document.source == "/pear")
    assert (pear.rank, pear.lexical_rank) == (1, 1)


def test_what_only_the_words_find_has_its_cosine_as_well(library: Library, toy: ToyEncoder) -> None:
    """A chunk beyond the best 50 of the dense side is found by its words, with its true similarity."""
    texts = {f"/{i:03}": "apples pears plums figs" for i in range(60)}
    write(library.store, toy, texts | {"/long": "apples zebra " + " ".join(f"w{i}" for i in range(60))})
    result = library.search("apples zebra", k=5)
    (hit,) = (hit for hit in result.hits if hit.document.source == "/long")
    assert (hit.dense_rank, hit.lexical_rank) == (None, 1)
    assert hit.similarity == pytest.approx(
        float(toy.encode(["apples zebra"])[0] @ toy.encode([hit.chunk.text])[0]), abs=1e-3
    )


def test_equal_passages_stand_in_the_order_of_their_sources(library: Library, toy: ToyEncoder) -> None:
    """Ties do not depend on the order in which documents came."""
    for source in ("/c", "/a", "/b"):
        write(library.store, toy, {source: "The same words."})
    assert [hit.document.source for hit in library.search("same words").hits] == ["/a", "/b", "/c"]


@pytest.mark.parametrize("paragraphs", [9, 200])
def test_one_document_never_fills_the_hits(library: Library, toy: ToyEncoder, paragraphs: int) -> None:
    """The last of eight is of another, however many chunks come before it on both sides."""
    stuffed = "\n".join(f"Apples apples fact{i}." for i in range(paragraphs))
    write(library.store, toy, {"/stuffed": stuffed, "/other": "The pears of the orchard.", "/third": "Plums."})
    hits = library.search("apples orchard", k=8).hits
    assert [hit.document.source for hit in hits] == ["/stuffed"] * 7 + ["/other"]
    assert [hit.rank for hit in hits] == list(range(1, 9))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_one_document_alone_has_all_places(library: Library, toy: ToyEncoder) -> None:
    """Places are kept for others only where there are some; of one place none is."""
    stuffed = "\n".join(f"Apples apples fact{i}." for i in range(9))
    write(library.store, toy, {"/stuffed": stuffed})
    assert [hit.document.source for hit in library.search("apples", k=8).hits] == ["/stuffed"] * 8
    write(library.store, toy, {"/other": "Pears."})
    assert [hit.document.source for hit in library.search("apples", k=1).hits] == ["/stuffed"]


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("  ", "The question is empty; ask one in words."),
        ("?!", "The question is empty; ask one in words."),
        ("a" * 2001, "The question has 2,001 characters; at most 2,000 are read."),
    ],
)
def test_a_question_that_cannot_be_is_refused(library: Library, question: str, sentence: str) -> None:
    """A blank question and one that is too long get a sentence, from search and from ask alike."""
    for ask in (library.search, library.ask):
        with pytest.raises(InvalidQuestion) as caught:
            ask(question)
        assert str(caught.value) == sentence


def test_another_process_writes_while_this_one_searches(library: Library, toy: ToyEncoder, home: Path) -> None:
    """A commit of another process is found here, without a restart."""
    write(library.store, toy, {"/old": "The apples are red."})
    assert len(library.search("plums").hits) == 1
    subprocess.run([sys.executable, "-c", WRITE, str(home)], check=True, cwd=REPOSITORY)
    result = library.search("plums")
    assert (result.hits[0].chunk.text, result.generation) == ("The plums are blue.", 2)


def test_threads_search_while_generations_move(library: Library, toy: ToyEncoder) -> None:
    """Hits, texts and counts of one question are of one generation, in every thread, while commits go on."""
    write(library.store, toy, {"/0": "Round 0 has apples."})
    done = threading.Event()
    seen: list[tuple[int, int, set[str]]] = []

    def ask() -> None:
        while not done.is_set():
            with library.searcher.searching("round apples", 50) as (snapshot, result):
                seen.append((snapshot.generation, result.generation, {hit.chunk.text for hit in result.hits}))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(1, 25):
        write(library.store, toy, {f"/{n}": f"Round {n} has apples."}, remove=[f"/{n - 2}"] if n > 1 else [])
    done.set()
    for thread in threads:
        thread.join()
    assert seen
    for pinned, generation, texts in seen:
        # Generation n holds rounds n - 1 and n - 2, and no other.
        rounds = {f"Round {n} has apples." for n in range(max(0, generation - 2), generation)}
        assert (pinned, texts) == (generation, rounds)


def test_timings_are_told(library: Library) -> None:
    """A result says how long encoding and searching took, in milliseconds."""
    assert library.search("apples").timings_ms.keys() == {"encode", "search"}
