"""`footnote serve` and `footnote ui`: the API alone, and the chat alone."""

from functools import partial
from typing import Annotated

import typer
from rich.text import Text

from cli.console import print_block, stdout
from cli.processes import CHAT_HOST, address, free_port, until_stopped
from cli.session import ChatPort, Host, Port, Session


def serve(context: typer.Context, *, host: Host = None, port: Port = None) -> None:
    """Serve the API alone until Ctrl-C."""
    from api.server import run  # noqa: PLC0415 - with the settings it costs 0.3 s, and `--help` needs neither

    settings = context.ensure_object(Session).settings(host=host, port=port)
    with until_stopped():
        run(settings, partial(_announce, "The API"))


def ui(
    context: typer.Context,
    *,
    port: ChatPort = None,
    api: Annotated[
        str | None, typer.Option(help="The address of the API.", show_default="http://127.0.0.1:8808")
    ] = None,
) -> None:
    """Serve the chat alone until Ctrl-C, over an API that is served elsewhere."""
    settings = context.ensure_object(Session).settings(ui_port=port)
    chosen = free_port(CHAT_HOST, settings.ui_port, "--port")

    from ui.launch import run  # noqa: PLC0415 - costs 1 s, and only this command serves the chat

    _announce("The chat", address(CHAT_HOST, chosen))
    with until_stopped():
        run(api or address(settings.host, settings.port), chosen, settings.max_file_bytes)


def _announce(name: str, where: str) -> None:
    print_block(stdout(), Text.assemble(f"{name} is at ", (where, "bold cyan"), "; Ctrl-C stops it."))
