"""What every command starts from: the global options, the settings and the library."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import stderr

if TYPE_CHECKING:
    from retriever.library import Library
    from retriever.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document, in the shapes of the API.")]

Host = Annotated[
    str | None, typer.Option(help="The loopback address that the API listens on.", show_default="127.0.0.1")
]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="The port of the API; 0 takes a free one.", show_default="8808")
]
ChatPort = Annotated[
    int | None, typer.Option(min=0, max=65535, help="The port of the chat; 0 takes a free one.", show_default="8501")
]


@dataclass(frozen=True, slots=True)
class Session:
    """The global options of one call; `None` was not given."""

    home: Path | None = None

    def settings(self, **flags: object) -> "Settings":
        """Read the settings, once: flags before environment before TOML before defaults.

        Raises:
            SettingsError: a value cannot be.

        """
        from retriever.settings import load_settings  # noqa: PLC0415 - costs 0.3 s, and `--help` reads no setting

        return load_settings(home=self.home, **flags)

    @contextmanager
    def library(self) -> "Iterator[Library]":
        """Open the library for the length of a block.

        Raises:
            LibraryError: it cannot be opened.

        """
        from retriever.library import Library  # noqa: PLC0415 - costs 0.5 s, and `--help` opens no library

        with Library.open(self.settings(), tell=stderr().print) as library:
            yield library
