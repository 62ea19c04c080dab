"""What every test may use: the encoder that serves, made once, and a machine without a settings file."""

import signal
from collections.abc import Iterator

import hypothesis
import pytest

from retriever.encoder import Encoder
from retriever.models import load_encoder
from retriever.settings import load_settings

# Machines differ in speed, and a test that fails on a slow one says nothing about the code.
hypothesis.settings.register_profile("footnote", deadline=None)
hypothesis.settings.load_profile("footnote")

# A script that starts the tests in the background ignores Ctrl-C, and what tests start inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _no_settings_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let no `footnote.toml` of the person who runs the tests reach them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """Load the real encoder, which the first run ever prepares in half a minute."""
    return load_encoder(load_settings())
