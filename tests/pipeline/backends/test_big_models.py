"""What holds for all six big models."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.backends import (
    compose_riffusion,
    narrate_xtts,
    text_roberta,
    transcribe_whisper,
    voice_emotion2vec,
    write_llama,
)
from pipeline.cancelled import Cancelled
from pipeline.errors import Unwell
from pipeline.roles import Ask, Delivery, Kind, Turn
from pipeline.words.sound import Recording
from tests.pipeline.conftest import Tiny

pytestmark = pytest.mark.gpu_stack
HISS = Recording(np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32), 16_000)


@dataclass(frozen=True)
class Family:
    """A module of tests/tiny_models, and how the product uses what it builds."""

    room: Any
    use: Callable[[Any], Any]
    needs: tuple[str, ...]
    """Files it cannot do without."""


def _write(writer: Any) -> Any:
    return list(writer.complete(Turn("You tell.", "A fox.", "the fox"), Ask(Kind.FREE, 1, max_tokens=4), Cancelled()))


FAMILIES = {
    "llama": Family(write_llama, _write, ("config.json", "tokenizer.json", "model-00001-of-00002.safetensors")),
    "mistral": Family(write_llama, _write, ("model-00003-of-00003.safetensors", "model.safetensors.index.json")),
    "roberta": Family(
        text_roberta, lambda one: one.read(["Well!"], "en", Cancelled()), ("config.json", "pytorch_model.bin")
    ),
    "whisper": Family(
        transcribe_whisper,
        lambda one: one._begin(HISS.samples, None),
        ("config.json", "tokenizer.json", "model.bin"),
    ),
    "emotion2vec": Family(
        voice_emotion2vec, lambda one: one.read(HISS, Cancelled()), ("config.yaml", "model.pt", "tokens.txt")
    ),
    "riffusion": Family(
        compose_riffusion,
        lambda one: one._clips._paint("a", num_inference_steps=1, height=64, width=64, output_type="np"),
        (
            "model_index.json",
            "unet/diffusion_pytorch_model.bin",
            "vae/config.json",
            "text_encoder/pytorch_model.bin",
            "tokenizer/vocab.json",
        ),
    ),
    "xtts": Family(
        narrate_xtts,
        lambda one: list(one.speak("hi", Delivery("xtts_ana_florence", "en"), Cancelled())),
        ("config.json", "model.pth", "vocab.json"),
    ),
}
DAMAGE = [(family, name) for family, told in FAMILIES.items() for name in told.needs]


@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_of_it_is_left_once_it_is_closed(family: str, tiny: Tiny) -> None:
    _opened_used_and_closed(family, tiny)  # what its library keeps for good is there after the first time
    before = _tensors()
    _opened_used_and_closed(family, tiny)
    assert _tensors() == before


@pytest.mark.parametrize(("family", "name"), DAMAGE)
def test_a_file_that_lacks_is_said(family: str, name: str, tiny: Tiny, tmp_path: Path) -> None:
    _refused(family, _without(name, tiny(family), tmp_path))


@pytest.mark.parametrize(("family", "name"), DAMAGE)
def test_a_file_cut_short_is_said(family: str, name: str, tiny: Tiny, tmp_path: Path) -> None:
    whole = tiny(family)[name].read_bytes()
    files = _without(name, tiny(family), tmp_path)
    files[name].write_bytes(whole[: len(whole) // 2])
    _refused(family, files)


def _refused(family: str, files: Mapping[str, Path]) -> None:
    before = _tensors()
    with pytest.raises(Unwell) as unwell:
        FAMILIES[family].room.open_backend(files, 1)
    assert unwell.value.code == "model_unreadable"
    assert unwell.value.fields["why"]
    assert _tensors() <= before, "the error holds nothing of what was loaded"


def _without(name: str, files: Mapping[str, Path], folder: Path) -> Mapping[str, Path]:
    """The same folder but for one file."""
    for other, path in files.items():
        (folder / other).parent.mkdir(parents=True, exist_ok=True)
        if other != name:
            (folder / other).symlink_to(path)
    return {other: folder / other for other in files}


def _opened_used_and_closed(family: str, tiny: Tiny) -> None:
    backend = FAMILIES[family].room.open_backend(tiny(family), 1)
    assert FAMILIES[family].use(backend)
    backend.close()


def _tensors() -> int:
    import torch

    gc.collect()
    return sum(issubclass(type(one), torch.Tensor) for one in gc.get_objects())
