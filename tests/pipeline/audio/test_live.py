"""The player waits at joins and loses nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.audio.live import Live
from pipeline.audio.sum import Gains, Sum
from pipeline.words.event import CueReady
from pipeline.words.sound import RATE_HZ, Samples
from tests.pipeline.audio.making import Made, made

FRAME = RATE_HZ // 50


@pytest.fixture(scope="module")
def tale(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("stems"))


@pytest.fixture(scope="module")
def file(tale: Made) -> Samples:
    it = Sum(tale.path_of)
    it.grow(tale.timeline)
    return np.concatenate(list(it.walk()))


def heard(tale: Made, arrivals_s: list[float], frames: int = FRAME) -> tuple[Live, Samples]:
    """What a listener hears while event n comes in after so many seconds of listening."""
    live, blocks, told, elapsed = Live(tale.path_of), [], 0, 0
    while not live.finished:
        while told < len(tale.events) and elapsed >= arrivals_s[told] * RATE_HZ:
            told += 1
            live.grow(tale.after(told))
        blocks.append(live.next(frames))
        elapsed += len(blocks[-1])
    return live, np.concatenate(blocks)


def without_holds(live: Live, sound: Samples) -> Samples:
    """The timeline's own samples."""
    kept, at, lost = [], 0, 0
    for hold in live.holds:
        kept.append(sound[at : hold.at_sample + lost])
        at = hold.at_sample + lost + hold.samples
        lost += hold.samples
    return np.concatenate([*kept, sound[at:]])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    gaps=st.lists(st.floats(0, 9), min_size=8, max_size=8),
    frames=st.sampled_from([FRAME, 1, 777, RATE_HZ]).filter(lambda n: n > 1),
)
def test_with_its_holds_cut_out_it_is_the_file(tale: Made, file: Samples, gaps: list[float], frames: int) -> None:
    live, sound = heard(tale, list(np.cumsum(gaps)), frames)
    assert np.array_equal(without_holds(live, sound), file)


def test_a_player_that_is_never_late_never_holds(tale: Made, file: Samples) -> None:
    live, sound = heard(tale, [0.0] * len(tale.events))
    assert live.holds == ()
    assert np.array_equal(sound, file)


def test_a_hold_repeats_whole_bars_and_never_falls_silent(tale: Made) -> None:
    late = [0.0, 0.0, 0.0, 15.0, 15.0, 15.0, 15.0, 15.0]
    live, sound = heard(tale, late)
    (hold,) = live.holds
    assert hold.samples % (2 * RATE_HZ) == 0
    held = sound[hold.at_sample : hold.at_sample + hold.samples]
    loudest = np.abs(held[: len(held) // 4800 * 4800]).reshape(-1, 4800 * 2).max(axis=1)
    assert loudest.min() > 0.005


def test_no_click_where_a_hold_begins_and_ends(tale: Made, file: Samples) -> None:
    late = [0.0, 0.0, 0.0, 15.0, 15.0, 15.0, 15.0, 15.0]
    live, sound = heard(tale, late)
    (hold,) = live.holds
    ordinary = np.abs(np.diff(file[hold.at_sample - RATE_HZ // 4 : hold.at_sample + RATE_HZ // 8], axis=0)).max()
    for edge in (hold.at_sample, hold.at_sample + hold.samples):
        step = np.abs(sound[edge] - sound[edge - 1]).max()
        assert step < 1.5 * ordinary


def test_before_anything_is_there_it_is_silent(tale: Made) -> None:
    live = Live(tale.path_of)
    assert not live.next(RATE_HZ).any()


def test_pieces_are_exactly_as_long_as_asked_until_the_end(tale: Made) -> None:
    live = Live(tale.path_of)
    live.grow(tale.after(3))
    assert {len(live.next(FRAME)) for _ in range(600)} == {FRAME}


def test_going_back_plays_the_same_samples_again_and_does_not_click(tale: Made, file: Samples) -> None:
    live = Live(tale.path_of)
    live.grow(tale.timeline)
    before = live.next(5 * RATE_HZ)
    live.seek(RATE_HZ)
    again = live.next(RATE_HZ)
    assert np.array_equal(again[FRAME:], file[RATE_HZ + FRAME : 2 * RATE_HZ])
    seam = np.abs(np.diff(np.concatenate([before[-10:], again[:FRAME]]), axis=0)).max()
    assert seam <= 1.5 * np.abs(np.diff(file[4 * RATE_HZ : 6 * RATE_HZ], axis=0)).max()


def test_a_pause_fades_out_and_goes_on_where_it_was(tale: Made, file: Samples) -> None:
    live = Live(tale.path_of)
    live.grow(tale.timeline)
    live.next(5 * RATE_HZ)
    parting = live.leave(FRAME)
    assert np.array_equal(parting[0], file[5 * RATE_HZ])
    assert not parting[-1].any()
    again = live.next(2 * FRAME)
    assert not again[0].any()
    assert np.array_equal(again[FRAME:], file[5 * RATE_HZ + FRAME : 5 * RATE_HZ + 2 * FRAME])


def test_leaving_while_it_waits_keeps_the_place_and_the_wait(tale: Made) -> None:
    live = Live(tale.path_of)
    live.grow(tale.after(3))
    live.next(tale.after(3).samples + RATE_HZ)
    assert live.holding
    place = live.position
    live.leave(FRAME)
    assert (live.position, live.holding) == (place, True)


def test_turning_the_volume_makes_no_step(tale: Made) -> None:
    live = Live(tale.path_of)
    live.grow(tale.timeline)
    before = live.next(4 * RATE_HZ)
    live.gains = Gains(voice=0.2, music=0.2)
    turned = np.concatenate([before, live.next(RATE_HZ)])
    steps = np.abs(np.diff(turned[4 * RATE_HZ - 10 : 4 * RATE_HZ + 10], axis=0))
    assert steps.max() <= np.abs(np.diff(before, axis=0)).max()


def test_a_vamp_that_is_missing_is_waited_out_in_silence(tmp_path: Path) -> None:
    tale = made(tmp_path, (2.0, 2.0), vamp_s=0.0)
    live, sound = heard(tale, [0.0, 0.0, 0.0, 9.0, 9.0, 9.0])
    assert without_holds(live, sound).shape == (6 * RATE_HZ + RATE_HZ, 2)
    assert len(live.holds) == 1


@pytest.mark.parametrize(("bpm", "comes_s", "held_s"), [(120.0, 2.7, 1.0), (120.0, 2.2, 0.5), (60.0, 2.2, 0.5)])
def test_the_first_line_comes_in_with_the_next_beat_or_half_of_a_slow_one(
    tale: Made, file: Samples, bpm: float, comes_s: float, held_s: float
) -> None:
    intro = tale.events[0]
    assert isinstance(intro, CueReady)
    slowed = CueReady(replace(intro.scored, tempo=replace(intro.scored.tempo, bpm=bpm)))
    live, sound = heard(replace(tale, events=(slowed, *tale.events[1:])), [0.0, *[comes_s] * (len(tale.events) - 1)])
    (hold,) = live.holds
    assert hold.samples == held_s * RATE_HZ
    assert np.array_equal(without_holds(live, sound), file)


def test_a_volume_set_before_the_first_sound_holds_from_its_first_sample(tale: Made) -> None:
    live = Live(tale.path_of)
    live.gains = Gains(voice=0.0, music=0.0)
    live.grow(tale.after(len(tale.events)))
    assert not live.next(RATE_HZ // 2).any()
