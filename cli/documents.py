"""`footnote documents`: list them, show one, remove one, forget a folder, copy them all and restore the copy."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.console import clean, one_line, print_block, print_json, stdout
from cli.footnotes import HOW_TO_FILL, count, source_line
from cli.session import AsJson, Session

if TYPE_CHECKING:
    from retriever.records import DocumentInfo

app = typer.Typer(help="List, show and remove documents.", invoke_without_command=True)
DocumentId = Annotated[str, typer.Argument(metavar="ID", help="The id, as `footnote documents` lists it.")]


@app.callback()
def documents(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the documents of the library; or show one, or remove one."""
    if context.invoked_subcommand:
        return
    with context.ensure_object(Session).library() as library, library.store.snapshot() as snapshot:
        found, generation = snapshot.documents(), snapshot.generation
    if as_json:
        from api.convert import document_list  # noqa: PLC0415 - costs 0.1 s, and only JSON needs it

        print_json(document_list(found, generation).model_dump(mode="json"))
    else:
        _print_documents(stdout(), found)


@app.command()
def show(context: typer.Context, document_id: DocumentId, *, as_json: AsJson = False) -> None:
    """Show a document with the text that every offset counts in."""
    with context.ensure_object(Session).library() as library, library.store.snapshot() as snapshot:
        info, text = snapshot.document(document_id), snapshot.text(document_id)
    if as_json:
        from api.convert import document_out  # noqa: PLC0415 - costs 0.1 s, and only JSON needs it

        print_json(document_out(info, text).model_dump(mode="json"))
        return
    console = stdout()
    print_block(console, Text(one_line(info.title), style="bold"))
    print_block(console, source_line(info.source))
    size = f"{count(info.characters, 'character')}, {count(info.chunks, 'passage')}"
    print_block(console, Text(f"{info.media_type}, {size}, version {info.version}", style="dim"))
    console.print()
    print_block(console, Text(clean(text)))


@app.command()
def remove(context: typer.Context, document_id: DocumentId) -> None:
    """Remove a document from the library; its file stays where it is, and comes back when it is indexed again."""
    from ingest.pipeline import remove as remove_document  # noqa: PLC0415 - costs 0.2 s, and only this command needs it

    with context.ensure_object(Session).library() as library:
        with library.store.snapshot() as snapshot:
            info = snapshot.document(document_id)
        remove_document(library, document_id)
    print_block(stdout(), Text(f"Removed {one_line(info.title)} ({one_line(info.source)})."))


@app.command()
def backup(context: typer.Context, file: Annotated[Path, typer.Argument(help="A file that is not there yet.")]) -> None:
    """Copy the library to a file, while it is in use; `restore` puts it back."""
    with context.ensure_object(Session).library() as library:
        library.store.backup(file)
    print_block(stdout(), Text(f"Copied the library to {one_line(str(file))}."))


@app.command()
def restore(context: typer.Context, file: Annotated[Path, typer.Argument(help="What `backup` wrote.")]) -> None:
    """Replace the library by a copy, though a service has it open or it is damaged; the indexes follow."""
    from retriever.store import Store  # noqa: PLC0415 - costs 0.3 s, and `--help` opens no library

    session = context.ensure_object(Session)
    Store.restore(session.settings().home, file)
    with session.library() as library:
        library.save_projections()
        with library.store.snapshot() as snapshot:
            held = snapshot.counts().documents
    print_block(stdout(), Text(f"Restored the library from {one_line(str(file))}: {count(held, 'document')}."))


@app.command()
def forget(
    context: typer.Context, path: Annotated[Path, typer.Argument(help="A folder or file that was indexed before.")]
) -> None:
    """Look no more into a folder or file, and remove its documents from the library; the files stay where they are."""
    from ingest.pipeline import forget as forget_path  # noqa: PLC0415 - as above

    with context.ensure_object(Session).library() as library:
        gone = forget_path(library, path)
    print_block(
        stdout(), Text(f"Forgot {one_line(str(path))}, and removed {count(gone, 'document')} that came from it.")
    )


def _print_documents(console: Console, found: "list[DocumentInfo]") -> None:
    if not found:
        print_block(console, Text(f"The library is empty. {HOW_TO_FILL}"))
        return
    table = Table("Id", box=None, pad_edge=False, header_style="bold")
    table.add_column("Characters", justify="right")
    table.add_column("Passages", justify="right")
    table.add_column("Document", overflow="fold")
    between = "\n" if console.is_terminal else "  "  # a pipe gets one line per document
    for info in found:
        document = Text.assemble(one_line(info.title), between, (one_line(info.source), "dim"))
        table.add_row(info.id, f"{info.characters:,}", f"{info.chunks:,}", document)
    console.print(table)
