"""Reading is measured as SQuAD 2.0 defines it."""

from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.passages import hit_of
from retriever.records import Span
from retriever.trained_reader import TrainedReader
from retriever.windows import Packer, Window
from tests.training.learning import FACTS, example, told
from tests.training.reading import FLAT, Pointing, pointing
from training.measuring import Figures, figures, read

MILL = told(*FACTS[0])
EXAMPLES = (
    example(MILL, "When was the mill built?", "1820"),
    example(MILL, "Who built the mill?", "Ada Reeve"),
    example("It burned down. Nobody came.", "Who came?"),
)


class Recording(Pointing):
    """Keeps the windows that it is given."""

    def __init__(self, packer: Packer, words: str) -> None:
        """Point at the tokens of these words."""
        super().__init__(packer, words)
        self.windows: list[Window] = []

    def run(self, windows: Sequence[Window]) -> list[tuple[NDArray[np.float32], float]]:
        """Score them."""
        self.windows += windows
        return super().run(windows)


def test_what_is_read_is_the_best_words(packer: Packer) -> None:
    """With their golds, whether their sentence is evidence, and more where the passage answers."""
    when, who, bare = read(pointing(packer, "1820"), EXAMPLES)
    assert (when.text, when.golds, when.right_sentence) == ("1820", ["1820"], True)
    assert (who.text, who.golds, who.right_sentence) == ("1820", ["Ada Reeve"], True)
    assert (bare.golds, bare.right_sentence) == ([], False)
    assert when.answers == who.answers > bare.answers


def test_figures_are_of_all_questions(packer: Packer) -> None:
    """One of two answered questions is right, both in the right sentence, and the third is told apart."""
    expected = Figures(questions=3, answered=2, f1=0.5, exact=0.5, evidence=1.0, all_f1=2 / 3, auroc=1.0)
    assert asdict(figures(read(pointing(packer, "1820"), EXAMPLES))) == pytest.approx(asdict(expected))


def test_a_sentence_beside_the_evidence_is_wrong(packer: Packer) -> None:
    """Words of another sentence count for nothing."""
    measured = figures(read(pointing(packer, "burn"), EXAMPLES))
    assert (measured.f1, measured.exact, measured.evidence) == (0.0, 0.0, 0.0)


def test_a_passage_is_read_under_its_title_where_that_is_asked_for(packer: Packer) -> None:
    """The network is given the title before the passage then, and else the passage alone."""
    network = Recording(packer, "1820")
    titled = replace(EXAMPLES[0], heading="The mill")
    for asked in (False, True):
        read(TrainedReader(network, packer, FLAT), [titled], titled=asked)
    assert network.windows == [
        *packer.pack(titled.question, [], titled.text),
        *packer.pack(titled.question, ["The mill"], titled.text),
    ]


def test_a_text_becomes_a_hit() -> None:
    """It is one chunk of sentences, under its heading if it has one."""
    hit = hit_of(MILL, "Sights", score=0.5, rank=3)
    assert (hit.chunk.text, hit.chunk.span, hit.chunk.heading_path) == (MILL, Span(0, len(MILL)), ("Sights",))
    assert (hit.rank, hit.score, hit.document.id) == (3, 0.5, "3")
    assert hit_of(MILL).chunk.heading_path == ()
