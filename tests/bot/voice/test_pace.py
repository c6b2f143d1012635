"""Whether waiting before a tale is worth it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.voice.player.buffering import Buffering, Machine
from pipeline.words.prompt import WORDS_PER_MINUTE
from pipeline.words.timeline import Placed, Timeline
from tests.pipeline.audio.making import Made, made

PASSAGE_S = 5.0
WORDS = round(40 * WORDS_PER_MINUTE / 60)
"""Of a tale of forty seconds."""


@pytest.fixture(scope="module")
def tale(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """An intro of two seconds, then eight passages of five."""
    return made(tmp_path_factory.mktemp("stems"), lengths_s=(0.4,) * 8, vamp_s=0.5, tail_s=0.1)


def timelines(tale: Made) -> list[Timeline]:
    """As it grows, stretched to whole passages; the sounds do not matter here."""
    grown, at, stretched = [], 0, []
    for placed in tale.timeline.placed:
        samples = round((2.0 if placed.spoken is None else PASSAGE_S) * 48_000)
        stretched.append(Placed(at, replace(placed.scored, samples=samples), placed.spoken))
        at += samples
        grown.append(Timeline(tuple(stretched)))
    return [*grown, replace(grown[-1], whole=True)]


def told(pace: Buffering, tale: Made, ratio: float) -> float:
    """When it begins, in seconds after the intro, if each second of tale takes `ratio` to make; checks no gap."""
    grown = timelines(tale)
    begun_s, now_s = None, 0.0
    for timeline in grown:
        if timeline.placed[-1].spoken is not None and not timeline.whole:
            now_s += PASSAGE_S * ratio
        pace.grew(timeline, now_s)
        if begun_s is None and pace.wait_s() == 0 and (len(timeline.placed) > 2 or timeline.whole):
            begun_s = now_s
    assert begun_s is not None
    return begun_s


def gaps_s(begun_s: float, tale: Made, ratio: float) -> float:
    """How long a listener waits in all who began then."""
    at_s, waited_s, made_s = begun_s, 0.0, 0.0
    for timeline in timelines(tale)[:-1]:
        length_s = 2.0 if timeline.placed[-1].spoken is None else PASSAGE_S
        made_s += 0.0 if timeline.placed[-1].spoken is None else PASSAGE_S * ratio
        waited_s += max(0.0, made_s - at_s)
        at_s = max(at_s, made_s) + length_s
    return waited_s


@given(ratio=st.floats(1.0, 4.0))
def test_a_slow_machine_gathers_first_and_then_tells_without_a_gap(tale: Made, ratio: float) -> None:
    begun_s = told(Buffering(Machine(), WORDS), tale, ratio)
    assert gaps_s(begun_s, tale, ratio) < 0.5


@given(ratio=st.floats(0.05, 0.85))
def test_a_fast_machine_waits_for_nothing(tale: Made, ratio: float) -> None:
    pace = Buffering(Machine(), WORDS)
    for timeline in timelines(tale):
        pace.grew(timeline, timeline.seconds * ratio)
        assert pace.wait_s() == 0


def test_what_one_tale_showed_the_next_one_knows(tale: Made) -> None:
    machine = Machine()
    told(Buffering(machine, WORDS), tale, 3.0)
    assert machine.ratio == pytest.approx(3.0)
    later = Buffering(machine, WORDS)
    later.grew(timelines(tale)[0], 0.0)
    assert later.wait_s() > 30


def test_the_first_line_is_near_once_the_music_is_there(tale: Made) -> None:
    pace = Buffering(Machine(), WORDS)
    assert pace.first_line_in_s(0.0) == float("inf")
    pace.grew(timelines(tale)[0], 0.0)
    assert pace.first_line_in_s(1.0) == pytest.approx(2.0)
    pace.grew(timelines(tale)[1], 2.0)
    assert pace.first_line_in_s(2.0) == 0


def test_a_whole_tale_waits_for_nothing(tale: Made, tmp_path: Path) -> None:
    pace = Buffering(Machine(ratio=5.0), WORDS)
    pace.grew(timelines(tale)[-1], 0.0)
    assert pace.wait_s() == 0


def test_a_tale_that_is_begun_is_near_until_it_is_overdue(tale: Made) -> None:
    pace = Buffering(Machine(), WORDS)
    pace.begun(0.0)
    pace.begun(0.9)
    assert pace.first_line_in_s(1.0) == pytest.approx(2.0)
    assert pace.first_line_in_s(20.0) == 0
    assert pace.first_line_in_s(31.0) == float("inf")
    pace.grew(timelines(tale)[0], 40.0)
    assert pace.first_line_in_s(41.0) == pytest.approx(2.0)


def test_where_tales_are_gathered_first_nobody_sits_in_the_channel_meanwhile() -> None:
    pace = Buffering(Machine(ratio=2.0), WORDS)
    pace.begun(0.0)
    assert pace.first_line_in_s(1.0) == float("inf")
