"""`footnote up`: the API and the chat together, until Ctrl-C."""

import typer
from rich.text import Text

from cli.console import print_block, stderr, stdout
from cli.processes import CHAT_HOST, Service, address, free_port, together, until_stopped
from cli.session import ChatPort, Host, Port, Session


def up(context: typer.Context, *, host: Host = None, port: Port = None, ui_port: ChatPort = None) -> None:
    """Run the API and the chat together until Ctrl-C; when one of them ends, so does the other."""
    api, chat = _services(context.ensure_object(Session), host, port, ui_port)
    with until_stopped(), together([api, chat]) as running:
        with stderr().status("Starting the API and the chat …"):
            running.wait_until_all_answer()
        console = stdout()
        print_block(console, Text.assemble("Chat  ", (chat.address, "bold cyan"), "   ask your documents here"))
        print_block(console, Text.assemble("API   ", (api.address, "bold cyan"), "   described at /openapi.json"))
        print_block(console, Text("Ctrl-C stops both.", style="dim"))
        running.wait_until_one_ends()
    stderr().print("Both have stopped.")


def _services(session: Session, host: str | None, port: int | None, ui_port: int | None) -> tuple[Service, Service]:
    from api.server import loopback  # noqa: PLC0415 - costs 0.2 s, and only this command needs it

    settings = session.settings(host=host, port=port, ui_port=ui_port)
    # A host or a port that cannot be had is said before anything starts.
    api_port = free_port(loopback(settings.host), settings.port, "--port")
    chat_port = free_port(CHAT_HOST, settings.ui_port, "--ui-port")
    api_address = address(settings.host, api_port)
    home = ("--home", str(settings.home))
    serve = (*home, "serve", "--host", settings.host, "--port", str(api_port))
    chat = (*home, "ui", "--port", str(chat_port), "--api", api_address)
    return (
        Service("API", serve, api_address, "/readyz"),
        Service("chat", chat, address(CHAT_HOST, chat_port), "/_stcore/health"),
    )
