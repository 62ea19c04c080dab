"""What the code may not do with files that come from elsewhere, and where its packages come from."""

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("api", "cli", "evaluation", "ingest", "retriever", "training", "ui")
UNPICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal", "joblib"}


def sources() -> list[Path]:
    """List every module of the product."""
    return sorted(file for package in PACKAGES for file in (REPOSITORY / package).rglob("*.py"))


def unsafe(tree: ast.AST) -> Iterator[str]:
    """Find what may run code out of a data file: unpickling in any of its guises, and code of a model's author."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name.partition(".")[0] in UNPICKLERS)
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in UNPICKLERS:
                yield module
            case ast.Call(func=ast.Attribute(value=ast.Name(id="torch"), attr="load")):
                yield "torch.load"
            case ast.keyword(arg="allow_pickle" | "trust_remote_code" as name, value=value):
                if not (isinstance(value, ast.Constant) and value.value is False):
                    yield name
            case ast.keyword(arg="use_safetensors" as name, value=ast.Constant(value=False)):
                yield name


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from dill import loads",
        "import joblib.numpy_pickle",
        "torch.load(file)",
        "np.load(file, allow_pickle=True)",
        "load(name, trust_remote_code=anything)",
        "load(name, use_safetensors=False)",
    ],
)
def test_check_50_the_search_finds_what_it_looks_for(code: str) -> None:
    """Each thing that may not be is found in a line that does it."""
    assert list(unsafe(ast.parse(code)))


def test_check_50_nothing_is_ever_unpickled() -> None:
    """No module unpickles, lets NumPy do so, loads with torch, or runs the code of a model's author."""
    assert len(sources()) > 20
    found = {str(file): list(unsafe(ast.parse(file.read_text(encoding="utf-8")))) for file in sources()}
    assert {file: names for file, names in found.items() if names} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_the_one_in_this_repository(package: str) -> None:
    """Top-level names as short as these must not resolve to somebody else's package."""
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    assert Path(found.origin).is_relative_to(REPOSITORY)
