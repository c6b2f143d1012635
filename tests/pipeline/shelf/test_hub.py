"""A hub may break, move, or ask."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import Unreachable
from pipeline.places import Places
from pipeline.settings import Settings, secrets_of
from pipeline.shelf.errand import RunLimits
from pipeline.shelf.manifest import Manifest, ModelEntry, Source
from pipeline.shelf.profiles import Profile, ensure_profile
from pipeline.shelf.receipts import read_receipt, read_revisions
from pipeline.shelf.weights import State, ensure, standing, weights_of
from pipeline.wording import sentence
from pipeline.words.prompt import Order
from tests.pipeline.shelf.conftest import entry_of
from tests.pipeline.shelf.hub_double import Hub, serving
from tests.pipeline.shelf.registries import REVISION

SHARD = random.Random(1).randbytes(4_000_000)
LATER = "f" * 40
REPO = "somebody/giant"
QUICK = RunLimits(look_s=0.02)


def _giant(revision: str = REVISION, *files: str) -> ModelEntry:
    return replace(
        entry_of(), members={}, hub=f"{REPO}@{revision}", files=files or ("config.json", "shard.safetensors")
    )


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setenv("HF_HOME", "/nonexistent")
    with serving(Hub(REPO, {REVISION: {"config.json": b"{}", "shard.safetensors": SHARD}})) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.address)
        yield served


def _of_shard(hub: Hub) -> list[tuple[int, int]]:
    return [(start, size) for name, start, size in hub.sent if name == "shard.safetensors"]


def _break_in_the_middle(hub: Hub, places: Places) -> int:
    """A pull that dies half-way through the shard; answers how many bytes of it are kept."""
    hub.cut_after = 2_500_000

    def cut_the_line(_model: str, _size: int) -> None:
        hub.mute_for = "shard" if _of_shard(hub) else None

    with pytest.raises(Unreachable) as caught:
        ensure([_giant()], places, Settings(), cut_the_line, QUICK)
    assert caught.value.code == "network_gone"
    hub.cut_after, hub.mute_for = 0, None
    (half,) = places.weights.glob(".halves/*/half")
    came = half.stat().st_size
    assert 0 < came < len(SHARD)
    hub.sent.clear()
    return came


def test_a_hub_that_dies_within_a_shard_is_asked_only_for_the_rest(hub: Hub, places: Places) -> None:
    came = _break_in_the_middle(hub, places)
    ensure([_giant()], places, Settings(), watch=QUICK)
    assert _of_shard(hub) == [(came, len(SHARD) - came)]
    assert "config.json" not in {name for name, _, _ in hub.sent}
    assert weights_of(_giant(), places, Settings())["shard.safetensors"].read_bytes() == SHARD
    assert not list(places.weights.glob(".halves*"))


def test_meanwhile_a_stand_in_serves_and_once_whole_it_stands_back(hub: Hub, places: Places, tmp_path: Path) -> None:
    came = _break_in_the_middle(hub, places)
    (tmp_path / "small.bin").write_bytes(b"small")
    small = entry_of(Source(path=str(tmp_path / "small.bin")), model="small", data=b"small")
    writers = [replace(one, role="Writer", backend="pipeline.errors") for one in (_giant(), small)]
    manifest = Manifest({one.id: one for one in writers})
    profile = Profile(1000, 1, Order.FLOW, {"Writer": ("tiny-voice", "small")})
    hub.mute_for = "shard"
    assert [one.id for one in ensure_profile(profile, manifest, places, Settings(), watch=QUICK)] == ["small"]
    hub.mute_for = None
    assert [one.id for one in ensure_profile(profile, manifest, places, Settings(), watch=QUICK)] == ["tiny-voice"]
    assert _of_shard(hub) == [(came, len(SHARD) - came)]


def test_a_half_that_spoilt_is_not_joined(hub: Hub, places: Places) -> None:
    came = _break_in_the_middle(hub, places)
    (half,) = places.weights.glob(".halves/*/half")
    half.write_bytes(b"x" * came)
    with pytest.raises(Unreachable, match="other bytes"):
        ensure([_giant()], places, Settings(), watch=QUICK)
    ensure([_giant()], places, Settings(), watch=QUICK)
    assert weights_of(_giant(), places, Settings())["shard.safetensors"].read_bytes() == SHARD


def test_a_hub_that_is_down_says_so_in_one_sentence(hub: Hub, places: Places) -> None:
    hub.mute_for = ""
    with pytest.raises(Unreachable) as caught:
        ensure([_giant()], places, Settings(), watch=QUICK)
    told = sentence(caught.value, "en")
    assert "tiny-voice could not be fetched" in told
    assert told.endswith("ask again: python3 echotales.py models pull tiny-voice")
    assert "\n" not in told


def test_a_branch_is_held_to_the_commit_of_its_first_pull(hub: Hub, places: Places) -> None:
    floating = _giant("main")
    ensure([floating], places, Settings(), watch=QUICK)
    home = places.weights / floating.id
    assert read_revisions(home) == {f"{REPO}@main": REVISION}
    assert read_receipt(home)["shard.safetensors"]["origin"] == f"hub:{REPO}@{REVISION}"
    hub.commits[LATER] = {"config.json": b"{}", "shard.safetensors": SHARD[::-1]}
    hub.branches["main"] = LATER
    (home / "shard.safetensors").unlink()
    ensure([floating], places, Settings(), watch=QUICK)
    assert weights_of(floating, places, Settings())["shard.safetensors"].read_bytes() == SHARD
    (home / "shard.safetensors").write_bytes(SHARD[::-1])
    assert State.CHANGED in {one.state for one in standing(floating, places, read=True)}


def test_a_commit_is_not_asked_for_where_a_hash_vouches(hub: Hub, places: Places) -> None:
    source = replace(_giant("main").all_members["shard.safetensors"].sources[0])
    ensure([entry_of(source, data=SHARD)], places, Settings(), watch=QUICK)
    assert read_revisions(places.weights / "tiny-voice") == {}


def test_a_gated_repository_names_its_page_and_the_token(hub: Hub, places: Places) -> None:
    hub.token = "hf_secret_of_the_operator"
    with pytest.raises(Unreachable) as caught:
        ensure([_giant()], places, Settings(), watch=QUICK)
    assert caught.value.code == "hub_gated"
    told = sentence(caught.value, "en")
    assert f"{hub.address}/{REPO}" in told
    assert "HF_TOKEN" in told


def test_a_token_opens_it_and_is_never_said(
    hub: Hub, places: Places, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    hub.token = "hf_secret_of_the_operator"
    monkeypatch.setenv("HF_TOKEN", hub.token)
    with pytest.raises(Unreachable) as caught:
        ensure([_giant(REVISION, "config.json", "no-such-file")], places, Settings(), watch=QUICK)
    ensure([_giant()], places, Settings(), watch=QUICK)
    assert weights_of(_giant(), places, Settings())["shard.safetensors"].read_bytes() == SHARD
    said = "".join(capfd.readouterr()) + str(caught.value) + "".join(_texts(places.weights))
    assert hub.token not in said
    assert hub.token in secrets_of(Settings())


def test_a_token_is_not_shown_to_the_machine_that_keeps_the_large_files(
    hub: Hub, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.token = "hf_secret_of_the_operator"
    monkeypatch.setenv("HF_TOKEN", hub.token)
    with serving(Hub("kept", {REVISION: {"shard.safetensors": SHARD}})) as kept:
        # Another name of the same loopback: for a client that is another machine.
        hub.elsewhere = f"{kept.address.replace('127.0.0.1', 'localhost')}/kept/resolve/{REVISION}"
        ensure([_giant()], places, Settings(), watch=QUICK)
        assert [size for _, _, size in kept.sent] == [len(SHARD)]
        assert set(kept.shown) == {""}
    assert weights_of(_giant(), places, Settings())["shard.safetensors"].read_bytes() == SHARD


def _texts(folder: Path) -> list[str]:
    return [path.read_text() for path in folder.rglob("*.json")]
