"""Where a setting comes from, and what is said of one that cannot be."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from retriever.errors import SettingsError
from retriever.settings import Settings, load_settings, settings_file


@pytest.fixture
def toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a settings file of port 1111, in a configuration folder of its own, with nothing in the environment."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in Settings.model_fields:
        monkeypatch.delenv(f"FOOTNOTE_{name.upper()}", raising=False)
    settings_file().parent.mkdir()
    settings_file().write_text("port = 1111\nui_port = 1112\n")
    return settings_file()


def test_flags_come_before_the_environment_before_the_file_before_defaults(
    toml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each source gives way to the one before it, setting by setting."""
    assert (load_settings().port, load_settings().passages) == (1111, 8)
    monkeypatch.setenv("FOOTNOTE_PORT", "2222")
    assert (load_settings().port, load_settings().ui_port) == (2222, 1112)
    assert load_settings(port=3333).port == 3333
    assert load_settings(port=None).port == 2222, "a flag that was not given is no flag"
    toml.unlink()
    monkeypatch.delenv("FOOTNOTE_PORT")
    assert load_settings().port == 8808


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"port": "x"}, "The setting port cannot be 'x': Input should be a valid integer"),
        ({"port": 70000}, "The setting port cannot be 70000: Input should be less than or equal to 65535."),
        ({"chunk_tokens": 3}, "The setting chunk_tokens cannot be 3: Input should be greater than or equal to 32."),
        ({"prot": 1}, "The setting prot cannot be 1: Extra inputs are not permitted."),
        ({"log_level": "loud"}, "The setting log_level cannot be 'loud': Input should be 'debug', 'info'"),
    ],
)
def test_a_value_that_cannot_be_is_named(flags: dict[str, object], sentence: str) -> None:
    """The sentence names the setting, the value, and what is wrong with it."""
    with pytest.raises(SettingsError) as caught:
        load_settings(**flags)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("content", [b"port = = 1", b"\xff\xfe"])
def test_a_file_that_is_not_toml_is_named(toml: Path, content: bytes) -> None:
    """A slip in the settings file is a sentence with its path, and no traceback."""
    toml.write_bytes(content)
    with pytest.raises(SettingsError, match=r"The settings file .*footnote.toml is not TOML: "):
        load_settings()


def test_a_setting_that_does_not_exist_is_named_in_the_file(toml: Path) -> None:
    """A misspelt name in the file is refused and not ignored."""
    toml.write_text("prot = 1\n")
    with pytest.raises(SettingsError, match="The setting prot cannot be 1"):
        load_settings()


def test_the_home_folder_is_understood_without_a_shell(toml: Path) -> None:
    """A tilde in the file means the person's home folder."""
    toml.write_text('home = "~/library"\n')
    assert load_settings().home == Path.home() / "library"


def test_a_home_of_nobody_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tilde before the name of somebody who does not exist names no folder."""
    monkeypatch.setenv("FOOTNOTE_HOME", "~nobody-by-that-name/library")
    with pytest.raises(SettingsError, match="The setting home cannot be"):
        load_settings()


def test_an_empty_variable_sets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """`FOOTNOTE_HOME=` is no folder, and above all not the one that the command is run in."""
    monkeypatch.setenv("FOOTNOTE_HOME", "")
    assert load_settings().home == Settings.model_fields["home"].default


def test_settings_do_not_change() -> None:
    """What was read at the start holds until the end."""
    settings = Settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1  # type: ignore[misc] # what mypy says as well
