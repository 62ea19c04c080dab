"""How the chat is started: on this machine alone, silent, and without a stack trace for a person."""

import importlib
import socket
from urllib.parse import urlsplit

import httpx
from streamlit import config

from tests.ui.serving import PAGE
from ui import launch

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def test_every_option_is_one_that_streamlit_knows() -> None:
    """An option that was renamed would otherwise protect nobody."""
    assert set(launch.options(8501, 1)) <= set(config.get_config_options())


def test_uploads_may_be_as_large_as_a_file_that_is_read() -> None:
    """Streamlit counts whole MiB; what is over is refused by the API, in its own words."""
    sizes = [launch.options(8501, most)["server.maxUploadSize"] for most in (1, 64 * 2**20, 200 * 2**20 + 1)]
    assert sizes == [1, 64, 201]


def test_check_46_the_chat_is_silent_and_bound_to_loopback(pair: tuple[httpx.Client, str]) -> None:
    """Telemetry is off, no details of an error are shown, and no other address of this machine answers."""
    assert launch.OPTIONS["browser.gatherUsageStats"] is False
    assert launch.OPTIONS["client.showErrorDetails"] == "none"
    assert launch.OPTIONS["client.showErrorLinks"] is False
    port = urlsplit(pair[1]).port
    assert port
    with socket.socket() as other:
        assert other.connect_ex(("127.0.0.2", port)) != 0


OTHER_PORT = {"Origin": "http://127.0.0.1:1"}


def test_check_32_and_33_the_conversation_is_closed_to_other_sites(pair: tuple[httpx.Client, str]) -> None:
    """A page of another site reaches it neither under its own name nor from its own origin."""
    address = pair[1]
    stream = f"{address}/_stcore/stream"
    for stranger in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}, OTHER_PORT):
        assert httpx.get(stream, headers={**UPGRADE, **stranger}, trust_env=False).status_code == httpx.codes.FORBIDDEN
    page = httpx.get(address, headers={"Origin": "http://evil.example"}, trust_env=False)
    assert "access-control-allow-origin" not in page.headers


def test_the_page_can_be_imported_without_running() -> None:
    """Only a run of Streamlit draws it; tools that import every module do not."""
    assert PAGE == launch.PAGE
    assert callable(importlib.import_module("ui.page").main)
