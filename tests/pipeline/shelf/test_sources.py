"""Every kind of source, by its own client."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import Unreachable
from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf.errand import RunLimits, run
from pipeline.shelf.manifest import Source
from pipeline.shelf.sources import installed_file
from pipeline.shelf.voicepack import packed
from pipeline.shelf.weights import ensure, weights_of
from tests.pipeline.shelf.conftest import WHOLE, entry_of
from tests.pipeline.shelf.registries import REVISION, hub, npm_registry


def test_a_hub_gives_one_file_of_a_pinned_revision(
    places: Places, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Source(hub=f"somebody/voice@{REVISION}", member="onnx/voice.bin")
    with hub("somebody/voice", {"onnx/voice.bin": WHOLE, "README.md": b"no"}) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        ensure([entry_of(source)], places, settings)
    assert weights_of(entry_of(source), places, settings)["voice.bin"].read_bytes() == WHOLE


def test_files_of_a_revision_alone_are_noted_and_known_again(
    places: Places, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = replace(entry_of(), members={}, hub=f"somebody/voice@{REVISION}", files=("config.json", "deep/voice.bin"))
    with hub("somebody/voice", {"config.json": b"{}", "deep/voice.bin": WHOLE}) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        ensure([entry], places, settings)
    found = weights_of(entry, places, settings)
    assert found["deep/voice.bin"].read_bytes() == WHOLE
    found["deep/voice.bin"].write_bytes(WHOLE[:-1])
    with pytest.raises(Exception, match="weights_damaged"):
        weights_of(entry, places, settings)


def test_without_npm_a_hub_gives_the_same_pack_of_voices(
    places: Places, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    voices = {f"voices/v{number}.bin": bytes([number]) * 1024 for number in range(3)}
    make = "pipeline.shelf.voicepack:packed"
    npm = Source(npm="some-voices@1.0.0", member="package/voices/*.bin", make=make)
    entry = entry_of(npm, Source(hub=f"some/voices@{REVISION}", member="voices/*.bin", make=make), data=packed(voices))
    with hub("some/voices", {**voices, "onnx/model.onnx": b"large"}) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        monkeypatch.setenv("PATH", str(tmp_path))
        ensure([entry], places, settings)
    assert weights_of(entry, places, settings)["voice.bin"].read_bytes() == packed(voices)


@pytest.mark.node
def test_npm_gives_a_member_and_leaves_nothing_behind(
    places: Places, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    source = Source(npm="@some/voice@1.2.3", member="package/voice.bin")
    with npm_registry("@some/voice", "1.2.3", {"package/voice.bin": WHOLE}) as address:
        monkeypatch.setenv("npm_config_registry", address)
        ensure([entry_of(source)], places, settings)
    assert weights_of(entry_of(source), places, settings)["voice.bin"].read_bytes() == WHOLE
    assert not list(tmp_path.glob("*.tgz"))


def test_without_npm_the_next_source_serves(
    places: Places, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "voice.bin").write_bytes(WHOLE)
    monkeypatch.setenv("PATH", str(tmp_path))
    ensure(
        [entry_of(Source(npm="voice@1.0.0", member="x"), Source(path=str(tmp_path / "voice.bin")))], places, settings
    )
    assert (places.weights / "tiny-voice" / "voice.bin").read_bytes() == WHOLE


def test_an_installed_file_is_used_where_it_lies_and_not_imported(places: Places, settings: Settings) -> None:
    source = Source(installed="faster_whisper", member="assets/silero_vad_v6.onnx")
    imported_before = "faster_whisper" in sys.modules
    path = installed_file(source)
    assert path is not None
    assert path.is_file()
    assert weights_of(entry_of(source, data=path.read_bytes()), places, settings) == {"voice.bin": path}
    assert ("faster_whisper" in sys.modules) == imported_before
    assert not places.weights.exists()


def test_many_small_files_are_made_into_one_member(places: Places, settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "voices"
    folder.mkdir()
    voices = {f"v{number}.bin": bytes([number]) * 4 * 256 * 2 for number in range(3)}
    for name, data in voices.items():
        (folder / name).write_bytes(data)
    (folder / "README").write_bytes(b"no voice")
    source = Source(path=str(folder), member="*.bin", make="pipeline.shelf.voicepack:packed")
    ensure([entry_of(source, data=packed(voices))], places, settings)
    assert weights_of(entry_of(source, data=packed(voices)), places, settings)["voice.bin"].read_bytes() == packed(
        voices
    )


def test_a_client_that_fails_is_quoted(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "print('ERROR: the shop is shut'); raise SystemExit(3)")
    with pytest.raises(Unreachable) as caught:
        run(command, tmp_path, RunLimits(), "wheel:x==1")
    assert caught.value.fields["why"] == "ERROR: the shop is shut"


def test_a_client_without_room_is_called_a_full_disk(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "print('OSError: [Errno 28] No space left on device'); raise SystemExit(1)")
    with pytest.raises(Exception, match="disk_full"):
        run(command, tmp_path, RunLimits(), "wheel:x==1")
