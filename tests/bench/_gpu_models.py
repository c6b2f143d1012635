"""The six big models, built beside the bench."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.backends.torch_traps import mend_torchaudio
from pipeline.places import CHECKOUT, Places
from pipeline.settings import Settings
from pipeline.shelf.manifest import Manifest, ModelEntry, read_manifest
from pipeline.shelf.profiles import Profile, read_profiles
from pipeline.shelf.receipts import note_receipt
from tests.tiny_models.sizes import Size

WRITERS = ("llama-2-7b", "mistral-7b")
OTHERS = ("distilroberta-emotion", "emotion2vec-plus-base", "whisper-small", "riffusion", "xtts-v2")
ROLES = {
    "Transcriber": "whisper-small",
    "VoiceReader": "emotion2vec-plus-base",
    "TextReader": "distilroberta-emotion",
    "Narrator": "xtts-v2",
    "Composer": "riffusion",
}
_TIMEOUT_S = 1_800


@dataclass(frozen=True)
class Models:
    """A profile whose weights are random, and the house's own in everything else."""

    manifest: Manifest
    profile: Profile
    places: Places
    settings: Settings


def built(home: Path, size: Size, writer: str, profile: str) -> Models:
    """Build what lacks, each in a process of its own: what one leaves on the card goes with it."""
    manifest, places = read_manifest(), Places(home, home)
    folder = places.weights
    for model in (writer, *OTHERS):
        if not (folder / model / "receipt.json").is_file():
            command = [sys.executable, "-m", "tests.bench._gpu_models", str(folder), str(size), model]
            subprocess.run(command, check=True, timeout=_TIMEOUT_S, cwd=CHECKOUT)
    entries = {model: _of_this_folder(manifest[model], folder / model) for model in (writer, *OTHERS)}
    models: Mapping[str, tuple[str, ...]] = {role: (model,) for role, model in {**ROLES, "Writer": writer}.items()}
    settings = Settings(accept=",".join(entries), offline=True)
    return Models(Manifest(entries), replace(read_profiles()[profile], models=models, assets=()), places, settings)


def _of_this_folder(entry: ModelEntry, folder: Path) -> ModelEntry:
    """The entry with the files that were built: no registry knows their hashes."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    files = tuple(name for name in names if name != "receipt.json")
    return replace(entry, members={}, files=files, hub="nobody/nowhere@here", assets=())


def _build(folder: Path, size: Size, model: str) -> None:
    mend_torchaudio()
    _builders()[model](folder / model, size, _device())
    for path in sorted((folder / model).rglob("*")):
        if path.is_file():
            name = path.relative_to(folder / model).as_posix()
            note_receipt(folder / model, name, path.stat().st_size, "", "built")


def _builders() -> dict[str, Callable[[Path, Size, str], Path]]:
    from tests.tiny_models import emotion2vec, llama, riffusion, roberta, whisper, xtts

    return {
        "llama-2-7b": llama.make,
        "mistral-7b": llama.make_mistral,
        "distilroberta-emotion": roberta.make,
        "emotion2vec-plus-base": emotion2vec.make,
        "whisper-small": whisper.make,
        "riffusion": riffusion.make,
        "xtts-v2": xtts.make,
    }


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name in ("folder", "size", "model"):
        parser.add_argument(name)
    asked = parser.parse_args()
    _build(Path(asked.folder), Size(asked.size), asked.model)
