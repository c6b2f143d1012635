"""One sum, however it is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.audio.decode import read_stem
from pipeline.audio.dynamics import true_peak
from pipeline.audio.sum import CEILING, MAKE_UP, Gains, Sum
from pipeline.words.sound import RATE_HZ, Samples
from tests.pipeline.audio.making import Made, made, speech


@pytest.fixture(scope="module")
def tale(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("stems"))


@pytest.fixture(scope="module")
def whole(tale: Made) -> Samples:
    return np.concatenate(list(summed(tale).walk()))


def summed(tale: Made) -> Sum:
    it = Sum(tale.path_of)
    it.grow(tale.timeline)
    return it


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 3 * RATE_HZ), min_size=1, max_size=6), start=st.integers(0, 17 * RATE_HZ))
def test_no_block_size_changes_a_sample(tale: Made, whole: Samples, sizes: list[int], start: int) -> None:
    it = summed(tale)
    at = start
    for size in sizes:
        block = it.block(at, size)
        assert np.array_equal(block, whole[at : at + size])
        at += size


def test_a_growing_timeline_gives_what_the_whole_one_gives(tale: Made, whole: Samples) -> None:
    it, heard = Sum(tale.path_of), []
    at = 0
    for count in range(len(tale.events) + 1):
        it.grow(tale.after(count))
        heard.append(it.block(at, it.samples - at))
        at = it.samples
    assert np.array_equal(np.concatenate(heard), whole)


def test_the_whole_tale_ends_with_its_last_tail(tale: Made, whole: Samples) -> None:
    assert len(whole) == tale.timeline.samples + tale.timeline.placed[-1].scored.tail_samples


def test_a_tail_longer_than_the_next_passage_rings_on_into_the_one_after(tmp_path: Path) -> None:
    tale = made(tmp_path, lengths_s=(3.0, 0.5, 3.0), tail_s=2.0)
    _, long, short, after = tale.timeline.placed
    stems = (long.scored.tail, short.scored.tail, after.scored.bed)
    first, second, bed = (read_stem(tale.keep.path(one)) for one in stems)
    music = summed(tale).block(after.start, RATE_HZ, Gains(voice=0.0, music=1.0))
    rung = first[short.scored.samples :][:RATE_HZ] + second[:RATE_HZ] + bed[:RATE_HZ]
    assert np.allclose(music, rung * MAKE_UP, atol=1e-6)


def test_true_peaks_stay_under_the_ceiling_even_when_a_listener_turns_everything_up(tale: Made) -> None:
    loud = summed(tale).block(0, tale.timeline.samples, Gains(voice=4.0, music=4.0))
    assert true_peak(loud) < CEILING * 1.03
    assert np.abs(loud).max() > CEILING * 0.9


def test_turned_down_music_leaves_the_voice_alone(tale: Made) -> None:
    placed = tale.timeline.placed[1]
    block = summed(tale).block(placed.start, placed.scored.samples, Gains(voice=1.0, music=0.0))
    assert np.array_equal(block[RATE_HZ:, 0], block[RATE_HZ:, 1])
    assert np.abs(block).max() > 0.1


def test_the_limiter_does_nothing_where_nothing_is_too_loud(tale: Made) -> None:
    quiet = Gains(voice=0.25, music=0.25)
    once, twice = (summed(tale).block(0, 10 * RATE_HZ, one) for one in (quiet, Gains(voice=0.5, music=0.5)))
    assert np.allclose(once * 2, twice, atol=1e-6)


@pytest.mark.parametrize("level", [0.0, 1e-6, 50.0])
def test_silent_whispered_and_clipped_narrations_come_out_finite_and_held(tmp_path: Path, level: float) -> None:
    def clipped(seconds: float, seed: int) -> Samples:
        return np.clip(speech(seconds, seed, level), -1, 1)

    whole = np.concatenate(list(summed(made(tmp_path, (2.0,), voice=clipped)).walk()))
    assert np.isfinite(whole).all()
    assert true_peak(whole) < CEILING * 1.03
