"""The settings: frozen, read once per entry point; flags before environment before TOML before defaults."""

import tomllib
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from retriever.errors import SettingsError

DEFAULT_MODEL = "all-MiniLM-L6-v2"


class Settings(BaseSettings):
    """Everything that can be set, each as `FOOTNOTE_<NAME>` in the environment or `<name>` in the TOML file.

    >>> Settings(host="127.0.0.1").port
    8808
    """

    model_config = SettingsConfigDict(env_prefix="FOOTNOTE_", frozen=True, extra="forbid", env_ignore_empty=True)

    home: Path = Field(
        default=Path(platformdirs.user_data_dir("footnote", appauthor=False)),
        description="The folder that holds the library.",
    )
    models: Path = Field(
        default=Path(platformdirs.user_cache_dir("footnote", appauthor=False)) / "models",
        description="The folder that holds models prepared for serving.",
    )
    model: str = Field(
        default=DEFAULT_MODEL,
        description="The embedding model: the default one, or any sentence-transformers model by name or folder.",
    )
    reader: Literal["trained", "sentences"] = Field(
        default="trained",
        description="How passages are read: `trained`, for English, or by `sentences`, in any language of the model.",
    )
    threads: int = Field(default=0, ge=0, description="Threads that encode and read; 0 takes one per core.")
    chunk_tokens: int = Field(
        default=200,
        ge=32,
        le=512,
        description="The most tokens in a chunk of what is indexed from now on; the model may allow fewer.",
    )
    passages: int = Field(default=8, ge=1, le=50, description="Passages that the reader sees per question.")
    max_question_characters: int = Field(default=2_000, ge=1, description="The longest question that is accepted.")
    max_file_bytes: int = Field(default=64 * 2**20, ge=1, description="The largest file that is read.")
    host: str = Field(default="127.0.0.1", description="The loopback address that the API listens on.")
    port: int = Field(default=8808, ge=0, le=65535, description="The port of the API; 0 takes a free one.")
    ui_port: int = Field(default=8501, ge=0, le=65535, description="The port of the chat; 0 takes a free one.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="warning", description="What is logged.")

    @field_validator("home", "models")
    @classmethod
    def _at_home(cls, folder: Path) -> Path:
        """Understand `~`, which no shell expands in a TOML file."""
        try:
            return folder.expanduser()
        except RuntimeError as error:
            raise ValueError(error) from error

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is the library's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources; the TOML file is the user's, in the platform's configuration folder."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, settings_file())


def settings_file() -> Path:
    """Say where the person's settings file is, if they made one."""
    return Path(platformdirs.user_config_dir("footnote", appauthor=False)) / "footnote.toml"


def load_settings(**flags: Any) -> Settings:  # noqa: ANN401 - any field of Settings
    """Read the settings once; a flag that is `None` was not given.

    Raises:
        SettingsError: a value cannot be, or the file is not TOML; the sentence names the setting or the file.

    """
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"The settings file {settings_file()} is not TOML: {error}."
        raise SettingsError(msg) from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"])) or "settings"
        msg = f"The setting {name} cannot be {first['input']!r}: {first['msg']}."
        raise SettingsError(msg) from error
