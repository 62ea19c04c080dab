"""What the tests of ingest share: arbitrary text, and a library over a temporary folder."""

import os
import time
from pathlib import Path

from hypothesis import strategies as st

from retriever.library import Library
from retriever.settings import Settings
from tests.toys import ToyEncoder

# Any text that a file may hold; zero bytes and other control characters make a file binary.
characters = st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\r\x0b\x0c\x85")
texts = st.text(characters) | st.lists(
    st.sampled_from(
        [
            "Ann came. ",
            "A b c d e f g. ",
            "\n",
            "\r\n",
            "\n\n",
            "# Head\n",
            "Head\n====\n",
            "- item\n",
            "```\n",
            "e\u0301",
            "\u200d👩‍👩‍👧",
            "שלום. ",
            "。",
            "<p>",
            "&amp;",
            "| a | b |\n|---|---|\n",
            "> ",
            "    code\n",
            "::\n\n  x\n",
            "?" * 120,
        ]
    )
).map("".join)

count_tokens = ToyEncoder().count_tokens


def open_library(home: Path, encoder: ToyEncoder | None = None, **settings: int) -> Library:
    """Open a library in `home` with the toy encoder."""
    return Library.open(Settings(home=home, **settings), encoder=encoder or ToyEncoder())  # type: ignore[arg-type] # mypy cannot tell which settings


def write(file: Path, content: str | bytes, *, age_s: float = 100.0) -> Path:
    """Write a file as if `age_s` seconds ago, and its folders."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    then = time.time() - age_s
    os.utime(file, (then, then))
    return file
