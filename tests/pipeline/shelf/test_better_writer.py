"""A better writer takes over between tales."""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from pipeline.cancelled import Cancelled
from pipeline.cli import writer_trial
from pipeline.cli.here import Here, LocalModels
from pipeline.cli.worker_status import StandingFile
from pipeline.cli.writer_offer import better_here
from pipeline.errors import Damaged, TaleError, Unreachable, Unserved, Unwell
from pipeline.places import CHECKOUT, STANDING, Places
from pipeline.roles import Ask, Drafter, Kind, Needs, Turn, Writer
from pipeline.settings import Settings
from pipeline.shelf.better_writer import (
    hub_answers,
    note_pace,
    note_tried,
    taken_up,
    tried_pace,
    want_writer,
)
from pipeline.shelf.budget import Budget
from pipeline.shelf.manifest import Manifest
from pipeline.shelf.offers import CPU
from pipeline.shelf.receipts import read_receipt
from pipeline.shelf.shelf import Device, Shelf
from pipeline.shelf.weights import ensure
from pipeline.words.jsonable import from_json
from pipeline.words.standing import BetterWriter, ExecutorInfo
from tests.pipeline.shelf.hub_double import Hub
from tests.pipeline.shelf.two_writers import (
    GGUF,
    PROFILE,
    QUICK,
    better,
    offers,
    writers,
)


def test_a_worker_tells_its_bot_what_fits_and_tries_nothing_once_a_tale_is_asked_for(
    hub: Hub, house: Manifest, places: Places
) -> None:
    board = StandingFile(places.state / STANDING, ExecutorInfo("test"))
    shelf = Shelf(offers(house, places), {CPU: Device(Budget(1200, lambda: 0.0))})
    here = Here(places, Settings(), house, PROFILE, shelf, tuple, 2_500)
    busy = Cancelled()
    busy.set()
    board.offer(better_here(here, 220, busy))
    board.say()
    assert from_json(ExecutorInfo, json.loads(board.file.read_bytes())).better == BetterWriter(
        "better", 1_000_000, "Apache-2.0", 0.0
    )
    assert shelf.warm == ()
    note_pace(places, 20.0)
    better = better_here(here, 220, Cancelled())
    assert better is not None
    assert better.tale_s > 0
    hub.mute_for = ""
    assert better_here(here, 220, Cancelled()) is None, "what cannot be had is not offered"


def test_a_wanted_writer_takes_over_between_two_tales_once_it_is_whole(
    hub: Hub, house: Manifest, places: Places
) -> None:
    lent = offers(house, places)
    want_writer(places, "better")
    assert writers(lent, reins="loose") == []
    assert writers(lent, language="en") == ["small"]
    assert hub_answers(house["better"], places)
    ensure([house["better"]], places, Settings(), watch=QUICK, manifest=house)
    assert writers(lent, reins="loose") == [], "it is here, and was not tried yet"
    note_tried(places, "better", 20.0)
    assert writers(lent, language="en") == ["small"], "the tale under way keeps its writer"
    assert writers(lent, reins="loose") == ["better"]
    assert writers(lent, language="en") == ["better", "small"]
    want_writer(places, "")
    assert writers(lent, language="en") == ["better", "small"]
    assert writers(lent, reins="loose") == []
    assert writers(lent, language="en") == ["small"]


def test_what_was_cut_off_at_nine_tenths_goes_on_there_and_writes_a_scene(
    hub: Hub, house: Manifest, places: Places, gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_trial, "pace_of", partial(writer_trial.pace_of, seconds=0.5))
    want_writer(places, "better")
    size = gguf.stat().st_size
    hub.cut_after = size * 9 // 10

    def cut_the_line(_model: str, _size: int) -> None:
        hub.mute_for = GGUF if [one for one in hub.sent if one[0] == GGUF] else None

    with pytest.raises(Unreachable):
        ensure([house["better"]], places, Settings(), cut_the_line, QUICK, house)
    assert taken_up(house, Settings(), places) is None
    hub.cut_after, hub.mute_for = 0, None
    (half,) = places.weights.glob(".halves/*/half")
    came = half.stat().st_size
    hub.sent.clear()
    ensure([house["better"]], places, Settings(), watch=QUICK, manifest=house)
    assert [(start, sent) for name, start, sent in hub.sent if name == GGUF] == [(came, size - came)]
    noted = read_receipt(places.weights / "better")["model.gguf"]
    assert noted["sha256"] == hashlib.sha256(gguf.read_bytes()).hexdigest(), "held from now on"
    writer_trial.try_writer(house, Settings(), places, house["better"])
    assert tried_pace(places, "better") > 0
    shelf = Shelf(offers(house, places), {CPU: Device(Budget(1200, lambda: 0.0))})
    with shelf.borrow(Writer, Cancelled(), reins="loose", language="en") as writer:
        ask = Ask(Kind.SCENE, 1, 2, max_tokens=60, says=(" said Mira.",), comma_inside=True)
        assert isinstance(writer, Drafter)
        made = writer.drafts(Turn("You tell stories.", "Mira finds a bell.", ""), ask, 3, Cancelled())
    shelf.close()
    assert len(made) == 3
    assert all(made)


@pytest.mark.parametrize(
    ("trouble", "code"),
    [({"token": "secret"}, "hub_gated"), ({"mute_for": ""}, "network_gone"), ({"status": 429}, "network_gone")],
)
def test_a_hub_that_says_no_leaves_the_writer_before(
    trouble: dict[str, Any], code: str, hub: Hub, house: Manifest, places: Places
) -> None:
    want_writer(places, "better")
    for name, value in trouble.items():
        setattr(hub, name, value)
    with pytest.raises(TaleError) as caught:
        ensure([house["better"]], places, Settings(), watch=QUICK, manifest=house)
    assert caught.value.code == code
    assert not hub_answers(house["better"], places, QUICK)
    lent = offers(house, places)
    assert writers(lent, reins="loose") == []
    assert writers(lent, language="en") == ["small"]


def test_a_hub_that_gives_other_bytes_than_the_manifest_knows_is_not_believed(
    hub: Hub, house: Manifest, places: Places, gguf: Path
) -> None:
    lying = better(gguf.stat().st_size, "0" * 64)
    with pytest.raises((Damaged, Unreachable)):
        ensure([lying], places, Settings(), watch=QUICK)
    want_writer(places, "better")
    assert taken_up(Manifest({**house.models, "better": lying}), Settings(), places) is None


def test_a_file_that_this_llama_does_not_know_is_said_by_its_trial_and_never_taken_up(
    house: Manifest, places: Places
) -> None:
    key, name = b"general.architecture", b"zebra9"
    head = b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, len(key)) + key
    strange = head + struct.pack("<IQ", 8, len(name)) + name + bytes(64)
    file = places.weights / "better" / "model.gguf"
    file.parent.mkdir(parents=True)
    file.write_bytes(strange)
    want_writer(places, "better")
    trial = (
        "from pathlib import Path; from pipeline.backends.write_gguf import open_backend; import sys\n"
        "open_backend({'model.gguf': Path(sys.argv[1])}, 1)"
    )
    tried = subprocess.run([sys.executable, "-c", trial, str(file)], cwd=CHECKOUT, capture_output=True, text=True)
    assert "model_unreadable" in tried.stderr
    assert taken_up(house, Settings(), places) is None
    assert writers(offers(house, places), language="en") == ["small"]


def test_memory_that_shrank_since_leaves_the_writer_before(hub: Hub, house: Manifest, places: Places) -> None:
    want_writer(places, "better")
    ensure([house["better"]], places, Settings(), watch=QUICK, manifest=house)
    with pytest.raises(Unwell, match="memory_short"):
        writer_trial.try_writer(house, Settings(), places, house["better"], lambda: 299.0)
    note_tried(places, "better", 20.0)
    assert taken_up(house, Settings(), places, lambda: 299.0) is None
    assert taken_up(house, Settings(), places, lambda: 301.0) is house["better"]
    lent = offers(house, places)
    assert writers(lent, reins="loose") == ["better"]
    assert writers(lent, reins="loose", rung=1) == [], "there was memory, and then loading it there was not"
    assert writers(lent, language="en", rung=1) == ["small"], "the tale goes on by the writer before"


def test_a_writer_taken_up_while_the_worker_runs_gets_room_and_keeps_it(
    hub: Hub, house: Manifest, places: Places
) -> None:
    tight = replace(PROFILE, memory_mb=250)
    with LocalModels(tight, house, places, Settings()).shelf(live=False) as shelf:

        def lent(**needs: Any) -> str:
            with shelf.borrow(Writer, Cancelled(), **cast(Needs, needs)):
                return shelf.used["Writer"]

        assert lent(language="en") == "small"
        want_writer(places, "better")
        ensure([house["better"]], places, Settings(), watch=QUICK, manifest=house)
        note_tried(places, "better", 20.0)
        assert lent(reins="loose", language="en") == "better", "it takes more than the profile's own may"
        want_writer(places, "")
        with pytest.raises(Unserved):
            lent(reins="loose", language="en")
        assert lent(language="en") == "small"
        assert "better" not in shelf.warm, "and its room is given back"


def test_what_a_loaded_writer_takes_is_no_memory_that_shrank(hub: Hub, house: Manifest, places: Places) -> None:
    want_writer(places, "better")
    ensure([house["better"]], places, Settings(), watch=QUICK, manifest=house)
    note_tried(places, "better", 20.0)
    assert taken_up(house, Settings(), places, lambda: 10.0) is None
    assert taken_up(house, Settings(), places, lambda: 10.0, ("better",)) is house["better"]
