"""Question and passages become scored spans: what every reader does. `retriever.library` chooses one."""

from collections.abc import Sequence
from typing import Protocol

from retriever.records import Hit, Reading


class Reader(Protocol):
    """Finds the words of passages that answer a question, and says how likely they do."""

    @property
    def threshold(self) -> float:
        """The answerability below which the documents do not say."""

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """Read passages: evidence, the best first, and how likely the best one is right, and any of them."""
