"""The README names what there is: every setting, command, endpoint and make target that a person can use."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from api.app import create_app
from cli.main import app
from retriever.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    """Each setting has its row, with what it means."""
    assert f"| `{name}` | " in README


def test_every_command_is_documented() -> None:
    """Each command of `footnote` is shown."""
    commands = getattr(get_command(app), "commands", {})
    assert "ask" in commands
    for name in commands:
        assert f"footnote {name}" in README


def test_every_endpoint_is_documented(tmp_path: Path) -> None:
    """Each path of the API is in the table with each of its methods."""
    for path, methods in create_app(Settings(home=tmp_path)).openapi()["paths"].items():
        shown = path.replace("{document_id}", "{id}").replace("{job_id}", "{id}")
        for method in methods:
            assert re.search(rf"`{method.upper()} {re.escape(shown)}[`?]", README), f"{method} {path}"


def test_nothing_is_left_to_be_filled_in() -> None:
    """No figure and no example is still a placeholder."""
    assert not re.findall(r"@[A-Z]+@|TODO|TBD", README)


def test_no_picture_or_page_that_the_readme_names_is_missing() -> None:
    """Every link that stays in the repository leads somewhere."""
    links = re.findall(r"\]\(((?!https?:)[^)#]+)\)", README)
    assert links
    for link in links:
        assert (ROOT / link).exists(), link
