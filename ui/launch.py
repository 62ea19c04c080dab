"""Start the chat: Streamlit on the loopback address, silent, and dressed for light and dark."""

from pathlib import Path
from typing import Any

from streamlit.web import bootstrap
from streamlit.web.server.starlette import starlette_websocket

PAGE = Path(__file__).with_name("page.py")
ADDRESS = "127.0.0.1"

OPTIONS: dict[str, Any] = {
    "server.address": ADDRESS,
    "server.allowedHosts": [ADDRESS, "localhost"],  # a page elsewhere cannot reach in under another name
    "server.enableCORS": True,  # the protection, not the permission
    "server.enableXsrfProtection": True,
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.headless": True,
    "server.showEmailPrompt": False,
    "browser.gatherUsageStats": False,
    "browser.serverAddress": ADDRESS,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "client.allowedOrigins": [],
    "logger.hideWelcomeMessage": True,
    "logger.level": "warning",
    "runner.magicEnabled": False,
    "theme.font": "sans-serif",
    "theme.baseRadius": "small",
    "theme.light.primaryColor": "#9c2f1f",
    "theme.light.backgroundColor": "#fdfcf9",
    "theme.light.secondaryBackgroundColor": "#f4f0e8",
    "theme.light.textColor": "#24211d",
    "theme.light.borderColor": "#ddd6c8",
    "theme.light.yellowColor": "#c98a00",
    "theme.light.yellowBackgroundColor": "#ffe9a8",
    "theme.light.sidebar.backgroundColor": "#f6f3ec",
    "theme.light.sidebar.secondaryBackgroundColor": "#fdfcf9",
    "theme.dark.primaryColor": "#e8907a",
    "theme.dark.backgroundColor": "#191816",
    "theme.dark.secondaryBackgroundColor": "#24221e",
    "theme.dark.textColor": "#ebe6dc",
    "theme.dark.borderColor": "#3a362f",
    "theme.dark.yellowColor": "#d9a93a",
    "theme.dark.yellowBackgroundColor": "#574410",
    "theme.dark.sidebar.backgroundColor": "#1f1d1a",
    "theme.dark.sidebar.secondaryBackgroundColor": "#2a2723",
}


def options(port: int, max_file_bytes: int) -> dict[str, Any]:
    """Give the options for one port, and for uploads as large as the API reads: in whole MiB, as Streamlit counts."""
    most = -(-max_file_bytes // 2**20)
    return {**OPTIONS, "server.port": port, "browser.serverPort": port, "server.maxUploadSize": most}


def run(api: str, port: int, max_file_bytes: int) -> None:
    """Serve the chat for the API at `api` on `port` of the loopback address, until a signal ends it.

    An upload may be as large as `max_file_bytes`. Takes the main thread, and the process's handlers of SIGINT and
    SIGTERM.

    Raises:
        SystemExit: the port is taken.

    """
    # Streamlit would also take pages of other ports of this machine, and ask a site on the network for its address to
    # tell. What is left is the origin that is the chat's own.
    vars(starlette_websocket)["is_url_from_allowed_origins"] = lambda _: False
    chosen = options(port, max_file_bytes)
    bootstrap.load_config_options(chosen)
    bootstrap.run(str(PAGE), is_hello=False, args=["--api", api], flag_options=chosen)
