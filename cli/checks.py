"""What `footnote doctor` looks at. Each check reads, and changes nothing."""

import importlib.metadata
import os
import platform
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cli.exits import ExitCode, code_of
from cli.footnotes import count
from cli.processes import CHAT_HOST, Service, address, free_port
from retriever import disk
from retriever.encoder import ModelIdentity
from retriever.errors import FootnoteError, LibraryError, ModelError, ServiceError
from retriever.models import default_identity, load_encoder, prepared_folder, weights_folder
from retriever.projections import Projections
from retriever.settings import DEFAULT_MODEL, Settings
from retriever.snapshot import Snapshot
from retriever.store import FILE_NAME, Store
from retriever.trained_reader import FOLDER, calibration_of, checked
from retriever.writer import mismatch

LEAST_ROOM_BYTES = 500 * 2**20


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `advice` says what to do or what will happen; a `code` other than `OK` says that it is wrong."""

    name: str
    found: str
    advice: str = ""
    code: ExitCode = ExitCode.OK


def all_checks(settings: Settings) -> Iterator[Check]:
    """Make every check, in the order in which one stands on the other."""
    yield from check_machine(settings)
    yield check_packages()
    yield from check_model(settings)
    yield check_reader(settings)
    yield from check_library(settings)
    yield from check_ports(settings)


def check_machine(settings: Settings) -> Iterator[Check]:
    """Look at Python, SQLite, the processor and the disk."""
    yield Check("Python", f"{platform.python_version()} ({sys.executable})")
    yield Check("SQLite", sqlite3.sqlite_version)
    yield Check("Processor", f"{count(os.cpu_count() or 1, 'core')}, {platform.machine()}")
    home = settings.home.absolute()
    free = shutil.disk_usage(next(folder for folder in (home, *home.parents) if folder.exists())).free
    enough = free >= LEAST_ROOM_BYTES
    yield Check(
        "Disk",
        f"{free / 2**30:.1f} GiB free for {home}",
        "" if enough else "Make room, or choose another folder with --home.",
        ExitCode.OK if enough else ExitCode.LIBRARY,
    )


def check_packages() -> Check:
    """Look for every package that Footnote requires."""
    required = {re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in importlib.metadata.requires("footnote") or ()}
    installed = {_normal(distribution.name) for distribution in importlib.metadata.distributions()}
    if missing := sorted(name for name in required if _normal(name) not in installed):
        advice = f"Install {', '.join(missing)}: pip install -e . in the checkout does."
        return Check("Packages", f"{len(missing)} of {len(required)} missing", advice, ExitCode.SERVICE)
    return Check("Packages", f"all {len(required)} installed")


def check_model(settings: Settings) -> Iterator[Check]:
    """Look for the embedding model: its weights by their hash, and whether it is prepared for serving."""
    if settings.model != DEFAULT_MODEL:
        yield Check("Model", settings.model, "Not the default model: it is run by torch, and is not checked here.")
        return
    try:
        yield Check("Model", f"{DEFAULT_MODEL}, weights as pinned ({weights_folder()})")
    except ModelError as error:
        yield _wrong("Model", "weights missing or foreign", error)
    folder = prepared_folder(settings)
    manifest = disk.read_manifest(folder)
    if manifest and disk.intact(folder, manifest):
        yield Check("Prepared", str(folder))
    else:
        found = "files are damaged" if folder.exists() else "not yet"
        yield Check("Prepared", found, "The next question or indexing run prepares the model, in about half a minute.")


def check_reader(settings: Settings, folder: Path = FOLDER) -> Check:
    """Look for the reader's files, by their hash."""
    if settings.reader == "sentences":
        return Check("Reader", "compares sentences, as set")
    try:
        calibration_of(checked(folder))
    except ModelError as error:
        return _wrong("Reader", "files missing or damaged", error)
    return Check("Reader", f"trained, files as its manifest names them ({folder})")


def check_library(settings: Settings) -> Iterator[Check]:
    """Open the library, have SQLite check it, and compare the indexes with it."""
    file = settings.home / FILE_NAME
    if not file.exists():
        yield Check("Library", f"none yet in {settings.home}", "Make one with: footnote index PATH")
        return
    try:
        with Store.open(settings.home) as store:
            findings = store.check()
            with store.snapshot() as snapshot:
                held = snapshot.counts()
                size = f"{count(held.documents, 'document')}, {count(held.chunks, 'passage')}"
                yield Check("Library", f"{size}, generation {snapshot.generation} ({file})")
                yield from _check_encoder(settings, snapshot)
                yield _check_projections(settings, snapshot)
    except LibraryError as error:
        yield _wrong("Library", str(file), error)
    else:
        yield _check_integrity(findings)


def check_ports(settings: Settings) -> Iterator[Check]:
    """Look whether the ports of the API and the chat are free, or answer as they should."""
    from api.server import loopback  # noqa: PLC0415 - costs 0.2 s, and every other check does without

    api = Service("API", (), address(settings.host, settings.port), "/healthz")
    chat = Service("chat", (), address(CHAT_HOST, settings.ui_port), "/_stcore/health")
    for service, host, port, flag in (
        (api, settings.host, settings.port, "--port"),
        (chat, CHAT_HOST, settings.ui_port, "--ui-port"),
    ):
        name = f"Port of the {service.name}"
        if service.answers():
            yield Check(name, f"the {service.name} answers at {service.address}")
            continue
        try:
            free_port(loopback(host), port, flag)
            yield Check(name, f"{port} is free")
        except ServiceError as error:
            yield _wrong(name, str(port), error)


def _check_encoder(settings: Settings, snapshot: Snapshot) -> Iterator[Check]:
    stamped = snapshot.encoder()
    if stamped is None:
        return
    made = f"made with {stamped.name}"
    try:
        wanted = _wanted(settings, stamped)
    except ModelError as error:
        yield _wrong("Vectors", made, error)
        return
    if stamped != wanted:
        yield _wrong("Vectors", made, mismatch(stamped, wanted))
    else:
        yield Check("Vectors", f"{made} ({stamped.runtime})")


def _wanted(settings: Settings, stamped: ModelIdentity) -> ModelIdentity:
    if settings.model == DEFAULT_MODEL:
        return default_identity()
    # A model of that name is taken for the one it was, since to load it takes seconds.
    return stamped if settings.model == stamped.name else load_encoder(settings).identity


def _check_projections(settings: Settings, snapshot: Snapshot) -> Check:
    ids = snapshot.chunk_ids()
    if not len(ids):
        return Check("Indexes", "none needed yet")
    projections = Projections(settings.home)
    try:
        projections.load()
        if projections.dense is None or projections.lexical is None:
            return Check("Indexes", "none that is whole", "The next question builds them anew.")
        if len(projections.lexical) == len(ids) and np.array_equal(projections.dense.ids(), ids):
            return Check("Indexes", "FAISS and Tantivy agree with the library")
        return Check("Indexes", "not of the library's generation", "The next question brings them up to date.")
    finally:
        projections.close()


def _check_integrity(findings: list[str]) -> Check:
    if findings:
        advice = "Restore a copy with `footnote documents restore FILE`, or remove the library and index again."
        return Check("Integrity", "; ".join(findings), advice, ExitCode.LIBRARY)
    return Check("Integrity", "SQLite finds no fault")


def _wrong(name: str, found: str, error: FootnoteError) -> Check:
    return Check(name, found, str(error), code_of(error))


def _normal(name: str) -> str:
    """Write a package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
