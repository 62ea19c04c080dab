"""Folders that appear on disk whole or not at all, each with the hash of every file in it, under a seal."""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
_UNFINISHED = ".unfinished-"


def sha256(file: Path) -> str:
    """Hash a file: 64 hex digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def flush(path: Path) -> None:
    """Bring a file or folder to the disk itself: what was written to it survives a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def publish(folder: Path, about: dict[str, Any], fill: Callable[[Path], None]) -> None:
    """Make `folder`: filled beside its place, hashed, flushed to the disk, then renamed into it.

    `about` goes into the manifest. A crash at any moment leaves the whole folder or none of that name.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.parent / f"{_UNFINISHED}{secrets.token_hex(4)}"
    unfinished.mkdir()
    try:
        fill(unfinished)
        files = {str(f.relative_to(unfinished)): sha256(f) for f in sorted(unfinished.rglob("*")) if f.is_file()}
        manifest = {**about, "files": files}
        (unfinished / MANIFEST).write_text(json.dumps({**manifest, "seal": _seal(manifest)}, indent=1))
        for path in [*unfinished.rglob("*"), unfinished]:
            flush(path)
        unfinished.rename(folder)
        flush(folder.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Read the manifest of a published folder; `None` when it is not one or was damaged."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and manifest.pop("seal", None) == _seal(manifest) else None


def intact(folder: Path, manifest: dict[str, Any]) -> bool:
    """Tell whether every file of a published folder still has the hash that its manifest names."""
    try:
        return all(sha256(folder / name) == digest for name, digest in manifest["files"].items())
    except OSError:
        return False


def link(folder: Path, target: Path) -> None:
    """Make `target` a second name for every file of a published folder, so that nobody can take them away.

    Where the file system has no links, they are copied.
    """
    shutil.copytree(folder, target, copy_function=_link_or_copy)


def remove(folder: Path) -> None:
    """Remove a published folder, its manifest first, so that a crash midway leaves nothing that looks whole."""
    (folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def remove_unfinished(parent: Path) -> None:
    """Remove what a crash left half made; only whoever may write there may call this."""
    for folder in parent.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _seal(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)
