"""A writer's download, cut off."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.errors import Stalled, TaleError, Unwell
from pipeline.places import CHECKOUT, Places
from pipeline.settings import Settings
from pipeline.shelf import hub_client
from pipeline.shelf.better_writer import note_tried, taken_up, want_writer
from pipeline.shelf.errand import RunLimits
from pipeline.shelf.manifest import Manifest
from pipeline.shelf.weights import ensure, weights_of
from pipeline.wording import sentence
from tests.pipeline.shelf.hub_double import SIP, Hub, serving
from tests.pipeline.shelf.registries import REVISION
from tests.pipeline.shelf.two_writers import GGUF, QUICK, offers, writers

DATA = random.Random(3).randbytes(3_000_000)
PULL = """
import sys
from pathlib import Path
from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf.weights import ensure
from tests.pipeline.shelf.two_writers import better
ensure([better()], Places(Path(sys.argv[1]), Path(sys.argv[2])), Settings())
"""

FULL = f"""
import pathlib

real = pathlib.Path.open


class Full:
    def __init__(self, file):
        self._file = file

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def __getattr__(self, name):
        return getattr(self._file, name)

    def write(self, data):
        if self._file.tell() + len(data) > {len(DATA) // 2}:
            raise OSError({errno.ENOSPC}, "No space left on device")
        return self._file.write(data)


def opened(self, mode="r", *rest, **named):
    file = real(self, mode, *rest, **named)
    return Full(file) if self.name == "half" and mode == "ab" else file


pathlib.Path.open = opened
"""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """One whose writer is a few megabytes: nothing here opens it."""
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setenv("HF_HOME", "/nonexistent")
    with serving(Hub("somebody/better", {REVISION: {GGUF: DATA}})) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.address)
        yield served


def halves(places: Places) -> list[Path]:
    return list(places.weights.glob(".halves/*/half"))


def until(look: Any, within_s: float = 60.0) -> None:
    """Wait for what a process does that answers nobody."""
    end_s = time.monotonic() + within_s
    while not look():
        assert time.monotonic() < end_s, "it never came"
        time.sleep(0.02)


def the_writer_before_tells(house: Manifest, places: Places) -> None:
    """And not a word is said by the wanted one."""
    want_writer(places, "better")
    note_tried(places, "better", 20.0)
    lent = offers(house, places)
    assert taken_up(house, Settings(), places) is None
    assert writers(lent, reins="loose") == []
    assert writers(lent, language="en") == ["small"]


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_a_pull_that_is_killed_goes_on_where_it_was_and_leaves_nobody_writing(
    hub: Hub, house: Manifest, places: Places
) -> None:
    hub.slow_s = 0.05
    command = [sys.executable, "-c", PULL, str(places.cache), str(places.home)]
    pulling = subprocess.Popen(command, cwd=CHECKOUT, start_new_session=True)
    until(lambda: any(half.stat().st_size > 4 * SIP for half in halves(places)))
    os.kill(pulling.pid, signal.SIGKILL)
    assert pulling.wait() == -signal.SIGKILL
    the_writer_before_tells(house, places)
    (half,) = halves(places)
    sizes = [0, half.stat().st_size]
    while sizes[-1] != sizes[-2]:
        time.sleep(3 * hub_client.LOOK_S)
        sizes.append(half.stat().st_size)
    assert sizes[-1] < len(DATA), "whoever fetched for it went with it"
    hub.slow_s = 0.0
    hub.sent.clear()
    ensure([house["better"]], places, Settings(), watch=QUICK, manifest=house)
    assert [start for name, start, _ in hub.sent if name == GGUF] == [sizes[-1]]
    assert weights_of(house["better"], places, Settings())["model.gguf"].read_bytes() == DATA


def test_a_slow_hub_is_waited_for(hub: Hub, house: Manifest, places: Places) -> None:
    hub.slow_s = 0.02
    ensure([house["better"]], places, Settings(), watch=RunLimits(look_s=0.02, stall_s=10.0), manifest=house)
    assert weights_of(house["better"], places, Settings())["model.gguf"].read_bytes() == DATA


def test_a_hub_that_falls_silent_at_nine_tenths_is_left_and_asked_for_the_rest_alone(
    hub: Hub, house: Manifest, places: Places
) -> None:
    hub.silent_after = len(DATA) * 9 // 10
    with pytest.raises(Stalled) as caught:
        ensure([house["better"]], places, Settings(), watch=RunLimits(look_s=0.02, stall_s=4.0), manifest=house)
    assert "better" in sentence(caught.value, "en")
    the_writer_before_tells(house, places)
    (half,) = halves(places)
    came = half.stat().st_size
    assert came > len(DATA) // 2
    hub.silent_after = 0
    hub.sent.clear()
    ensure([house["better"]], places, Settings(), watch=QUICK, manifest=house)
    assert [start for name, start, _ in hub.sent if name == GGUF] == [came]
    assert weights_of(house["better"], places, Settings())["model.gguf"].read_bytes() == DATA


@pytest.mark.parametrize("lie", [len(DATA) // 2, 2 * len(DATA)])
def test_a_hub_that_lies_about_the_size_is_not_believed(lie: int, hub: Hub, house: Manifest, places: Places) -> None:
    hub.says_bytes = lie
    with pytest.raises(TaleError) as caught:
        ensure([house["better"]], places, Settings(), watch=RunLimits(look_s=0.02, stall_s=10.0), manifest=house)
    assert caught.value.code in {"network_gone", "registry_hangs"}
    assert "\n" not in sentence(caught.value, "en")
    the_writer_before_tells(house, places)
    hub.says_bytes = 0
    ensure([house["better"]], places, Settings(), watch=QUICK, manifest=house)
    assert weights_of(house["better"], places, Settings())["model.gguf"].read_bytes() == DATA


def test_a_disk_that_is_full_before_is_said_with_what_it_needs(
    hub: Hub, house: Manifest, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=150_000_000))
    with pytest.raises(Unwell, match="disk_short"):
        ensure([house["better"]], places, Settings(), watch=QUICK, manifest=house)
    assert hub.sent == []
    the_writer_before_tells(house, places)


def test_a_disk_that_fills_on_the_way_is_said_and_what_came_is_kept(
    hub: Hub, house: Manifest, places: Places, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # The errand's own write fails, as on a full disk: its process learns it from a file that Python reads at its start.
    (tmp_path / "sitecustomize.py").write_text(FULL)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(Unwell) as caught:
        ensure([house["better"]], places, Settings(), watch=QUICK, manifest=house)
    assert caught.value.code == "disk_full"
    assert str(places.weights) in sentence(caught.value, "en")
    the_writer_before_tells(house, places)
    monkeypatch.delenv("PYTHONPATH")
    (half,) = halves(places)
    came = half.stat().st_size
    hub.sent.clear()
    ensure([house["better"]], places, Settings(), watch=QUICK, manifest=house)
    assert [start for name, start, _ in hub.sent if name == GGUF] == [came]
    assert weights_of(house["better"], places, Settings())["model.gguf"].read_bytes() == DATA
