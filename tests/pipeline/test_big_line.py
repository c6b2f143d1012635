"""Six big models, one small device."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.artifacts import Artifacts
from pipeline.backends import compose_riffusion, narrate_xtts
from pipeline.cancelled import Cancelled
from pipeline.places import Places
from pipeline.roles import Ask, Delivery, Kind, Narrator, Needs, TextReader, Transcriber, Turn, VoiceReader, Writer
from pipeline.settings import Settings
from pipeline.shelf.budget import Budget
from pipeline.shelf.manifest import Manifest, Member, ModelEntry, Source, read_manifest
from pipeline.shelf.offers import CPU, CUDA, Offers
from pipeline.shelf.profiles import Profile
from pipeline.shelf.shelf import Device, Offer, Shelf
from pipeline.telling.in_memory import InMemory
from pipeline.telling.line import tell
from pipeline.words.mood import Emotion
from pipeline.words.prompt import Order, Prompt
from pipeline.words.sound import RATE_HZ, Recording
from pipeline.words.tale import Tale
from tests.pipeline.conftest import Tiny

pytestmark = [pytest.mark.gpu_stack, pytest.mark.slow]
FAMILIES = {
    "whisper-small": "whisper", "emotion2vec-plus-base": "emotion2vec", "distilroberta-emotion": "roberta",
    "llama-2-7b": "llama", "xtts-v2": "xtts", "riffusion": "riffusion",
}  # fmt: skip
ROLES = {
    "Transcriber": ("whisper-small",), "VoiceReader": ("emotion2vec-plus-base",), "Embedder": ("e5-small",),
    "TextReader": ("distilroberta-emotion",), "Writer": ("llama-2-7b",), "Narrator": ("xtts-v2",),
    "Composer": ("riffusion",),
}  # fmt: skip
EACH_MB, MOST_MB = 100.0, 150.0
STORY = (
    "The keeper lit the lamp. The sea was calm, and the boats slept in the harbour. "
    "Nobody knew who had left the door open. Then a small bell rang, and the fox looked up at the moon."
)


@dataclass
class Bench:
    """A device that holds one of them, and counts who lies on it."""

    offers: Offers
    loaded: list[str] = field(default_factory=list)
    most: int = 0

    def __call__(self, role: type[Any], needs: Needs) -> Sequence[Offer]:
        return [
            replace(one, memory_mb=EACH_MB, work_mb=0.0, open=self._counted(one)) for one in self.offers(role, needs)
        ]

    @property
    def used_mb(self) -> float:
        return EACH_MB * len(self.loaded)

    def _counted(self, offer: Offer) -> Callable[[], Any]:
        def opened() -> Any:
            backend = offer.open()
            self.loaded.append(offer.model)
            self.most = max(self.most, len(self.loaded))
            own = backend.close

            def close() -> None:
                self.loaded.remove(offer.model)
                own()

            backend.close = close
            return backend

        return opened


@pytest.fixture
def bench(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The real shelf's real offers, whose folders hold small random weights; pictures and speech are kept short."""
    monkeypatch.setattr(compose_riffusion.RiffusionClips.__init__, "__defaults__", (64, 3))
    monkeypatch.setattr(narrate_xtts, "TOKENS_A_CHAR", 0.3)
    known, places = read_manifest(), Places(tmp_path / "cache", tmp_path / "home")
    entries = {model: _pointed(known[model], tiny(family), places) for model, family in FAMILIES.items()}
    profile = Profile(MOST_MB, 1, Order.LIST, ROLES, name="small")
    settings = Settings(accept=",".join(FAMILIES))
    return Bench(Offers(profile, Manifest({**known.models, **entries}), places, settings, 1))


@pytest.fixture
def shelf(bench: Bench) -> Iterator[Shelf]:
    devices = {name: Device(Budget(MOST_MB, lambda: bench.used_mb)) for name in (CPU, CUDA)}
    shelf = Shelf(bench, devices)
    yield shelf
    shelf.close()


def test_each_works_in_its_turn_on_a_device_that_holds_one(bench: Bench, shelf: Shelf) -> None:
    check = Cancelled()
    _hear(shelf, check)
    with shelf.borrow(TextReader, check) as reader:
        assert set(reader.read([STORY], "en", check)[0].weights) == set(Emotion)
    with shelf.borrow(Writer, check, language="en") as writer:
        assert list(writer.complete(Turn("You tell.", "A fox.", "The fox"), Ask(Kind.FREE, 1, max_tokens=12), check))
    with shelf.borrow(Narrator, check, language="en") as narrator:
        (spoken,) = narrator.speak("The fox looked up.", Delivery(narrator.voices()[0].id, "en", seed=1), check)
    assert len(spoken.samples) > RATE_HZ // 4
    assert list(shelf.used.values()) == [
        "whisper-small", "emotion2vec-plus-base", "distilroberta-emotion", "llama-2-7b", "xtts-v2",
    ]  # fmt: skip
    assert bench.most == 1


def test_a_tale_is_told_by_them_and_afterwards_nothing_is_left(bench: Bench, shelf: Shelf, tmp_path: Path) -> None:
    warmed = _tensors_after(bench, shelf, tmp_path / "first")
    assert _tensors_after(bench, shelf, tmp_path / "second") == warmed


def _tensors_after(bench: Bench, shelf: Shelf, folder: Path) -> int:
    """How many are alive once the tale is told and everybody has left."""
    tale = _told(shelf, folder)
    assert " ".join(scene.text for scene in tale.story.scenes).split() == STORY.split()
    assert tale.timeline.placed
    assert {shelf.used[role] for role in ("TextReader", "Narrator", "Composer")} < set(FAMILIES)
    assert bench.most == 1
    shelf.evict_all()
    assert shelf.warm == ()
    assert bench.loaded == []
    return _tensors()


def _told(shelf: Shelf, folder: Path) -> Tale:
    prompt = Prompt(STORY, 7, words=len(STORY.split()), language="en", as_written=True, order=Order.LIST)
    return tell(prompt, InMemory(shelf, Artifacts(folder), lambda _event: None, Cancelled()).studio)


def _hear(shelf: Shelf, check: Cancelled) -> None:
    hiss = np.random.default_rng(2).normal(0, 0.1, 2 * RATE_HZ)
    waves = np.sin(np.arange(2 * RATE_HZ) * 2 * np.pi * 140 / RATE_HZ)
    recording = Recording((0.3 * waves + hiss).astype(np.float32), RATE_HZ)
    with shelf.borrow(Transcriber, check) as ears:
        assert ears.transcribe(recording, None, check) is not None
    with shelf.borrow(VoiceReader, check) as reader:
        mood, evidence = reader.read(recording, check)
    assert evidence
    assert 0 < mood.certainty <= 1


def _pointed(entry: ModelEntry, files: Mapping[str, Path], places: Places) -> ModelEntry:
    """The manifest's own entry, its folder filled with these."""
    folder = places.weights / entry.id
    for name, path in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(path)
    assert set(entry.all_members) == set(files), "they are built as the hub's folder looks"
    members = {name: Member((Source(path=str(path)),), path.stat().st_size) for name, path in files.items()}
    return replace(entry, members=members, files=(), hub="")


def _tensors() -> int:
    import torch

    gc.collect()
    return sum(issubclass(type(one), torch.Tensor) for one in gc.get_objects())
