"""Levels are those that were promised."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline.audio.dress import BOTH_SIDES_LU, MOST_ACTED_DB, VOICE_CEILING, dress_bed, dress_voice
from pipeline.audio.ducking import ATTACK_S, LINE_LUFS, MUSIC_UNDER_LU
from pipeline.audio.dynamics import true_peak
from pipeline.audio.loudness import loudness, loudness_ungated
from pipeline.audio.room import STUDIO, Acoustics, room_of
from pipeline.words.score import Cue
from pipeline.words.sound import RATE_HZ, Samples
from tests.pipeline.audio.making import TEMPO, music, speech

DRY = Acoustics(reverb_s=0.0)


def cue(bed: Samples, lead: Samples | None = None) -> Cue:
    return Cue(bed, np.zeros_like(bed) if lead is None else lead, music(1.0), music(2.0), TEMPO)


def band_level_db(sound: Samples, low_hz: float, high_hz: float) -> float:
    spectrum = np.abs(np.fft.rfft(sound[:, 0])) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    return float(10 * np.log10(spectrum[(hz >= low_hz) & (hz < high_hz)].sum()))


@pytest.mark.parametrize("level", [0.003, 0.05, 0.8])
@pytest.mark.parametrize("seconds", [0.25, 1.5, 6.0])
def test_every_line_comes_out_equally_loud(level: float, seconds: float) -> None:
    line = speech(seconds, level=level)
    stem = dress_voice([(1_000, line, 0.0)], len(line) + 2_000, DRY)
    heard = loudness(stem[1_000 : 1_000 + len(line)]) + BOTH_SIDES_LU
    assert heard == pytest.approx(LINE_LUFS, abs=1.0)


def test_an_acted_whisper_is_softer_but_only_so_far() -> None:
    line = speech(3.0)
    stem = dress_voice([(0, line, 0.0), (4 * RATE_HZ, line, -9.0)], 8 * RATE_HZ, DRY)
    softer = loudness(stem[4 * RATE_HZ : 7 * RATE_HZ]) - loudness(stem[: 3 * RATE_HZ])
    assert softer == pytest.approx(-MOST_ACTED_DB, abs=0.3)


def test_voice_peaks_are_held() -> None:
    spiky = speech(3.0)
    spiky[::4_000] = 1.0
    assert true_peak(dress_voice([(0, spiky, 0.0)], 4 * RATE_HZ, DRY)) <= VOICE_CEILING * 1.03


def test_a_cave_answers_longer_than_a_studio() -> None:
    line = speech(1.0)
    after = slice(int(1.2 * RATE_HZ), 2 * RATE_HZ)
    studio, cave = (dress_voice([(0, line, 0.0)], 3 * RATE_HZ, room) for room in (STUDIO, room_of(("cave",))))
    assert np.abs(cave[after]).max() > 5 * np.abs(studio[after]).max()
    assert np.abs(cave[after]).max() < 0.1


def test_a_line_that_overruns_its_passage_is_cut_without_a_click() -> None:
    stem = dress_voice([(RATE_HZ // 2, speech(3.0), 0.0)], RATE_HZ, STUDIO)
    assert len(stem) == RATE_HZ
    assert abs(stem[-1]) < 1e-3


@pytest.mark.parametrize("level", [0.01, 0.1, 1.0])
def test_music_lies_fourteen_under_the_words(level: float) -> None:
    lines = [(int(0.2 * RATE_HZ), 4 * RATE_HZ), (6 * RATE_HZ, 9 * RATE_HZ)]
    bed = dress_bed(cue(music(10.0, level=level)), None, lines, STUDIO).bed
    for start, end in lines:
        assert loudness_ungated(bed[start:end]) == pytest.approx(LINE_LUFS - MUSIC_UNDER_LU, abs=0.6)


@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    starts=st.lists(st.integers(0, 9 * RATE_HZ), min_size=1, max_size=3),
    seconds=st.floats(0.3, 4.0),
    lift=st.floats(-3, 3),
    seed=st.integers(0, 99),
)
def test_no_line_has_its_bed_closer_than_ten(starts: list[int], seconds: float, lift: float, seed: int) -> None:
    swelling = music(10.0, seed) * np.linspace(0.2, 1.5, 10 * RATE_HZ, dtype=np.float32)[:, None] ** 2
    lines = [(start, min(10 * RATE_HZ, start + int(seconds * RATE_HZ))) for start in sorted(starts)]
    bed = dress_bed(cue(swelling), music(10.0, seed + 1), lines, room_of((), lift)).bed
    for start, end in lines:
        if end - start > 0.3 * RATE_HZ:
            assert loudness_ungated(bed[start:end]) < LINE_LUFS - 10 - MOST_ACTED_DB


def test_the_ducking_is_finished_when_the_word_begins() -> None:
    start = 4 * RATE_HZ
    steady = np.full((8 * RATE_HZ, 2), 0.0, np.float32)
    steady += (0.1 * np.sin(2 * np.pi * 300 * np.arange(8 * RATE_HZ) / RATE_HZ)).astype(np.float32)[:, None]
    bed = dress_bed(cue(steady), None, [(start, 7 * RATE_HZ + RATE_HZ // 2)], STUDIO).bed
    hundredth = RATE_HZ // 100
    levels = np.sqrt(np.square(bed[:, 0]).reshape(-1, hundredth).mean(axis=1))
    word, before = start // hundredth, (start - int(ATTACK_S * RATE_HZ)) // hundredth - 2
    assert levels[word] == pytest.approx(levels[word + 100], rel=0.02)
    assert levels[before] > 1.5 * levels[word]


def test_the_dip_is_there_under_a_line_and_nowhere_else() -> None:
    noise = np.random.default_rng(1).standard_normal((10 * RATE_HZ, 2)).astype(np.float32) * 0.05
    bed = dress_bed(cue(noise), None, [(6 * RATE_HZ, 10 * RATE_HZ)], STUDIO).bed

    def tilt(part: Samples) -> float:
        return band_level_db(part, 1_500, 2_600) - band_level_db(part, 200, 400)

    under, free = tilt(bed[6 * RATE_HZ :]), tilt(bed[: 5 * RATE_HZ])
    assert tilt(noise[: 5 * RATE_HZ]) == pytest.approx(free, abs=0.3)
    assert free - under == pytest.approx(7.0, abs=1.5)


def test_short_gaps_do_not_pump() -> None:
    lines = [(0, 2 * RATE_HZ), (int(2.5 * RATE_HZ), 5 * RATE_HZ)]
    tone = (0.1 * np.sin(2 * np.pi * 300 * np.arange(5 * RATE_HZ) / RATE_HZ)).astype(np.float32)
    bed = dress_bed(cue(np.stack([tone, tone], axis=1)), None, lines, STUDIO).bed
    tenths = np.abs(bed[:, 0]).reshape(-1, RATE_HZ // 10).max(axis=1)
    # What is left is the dip's own skirt at 300 Hz.
    assert tenths.max() < tenths.min() * 1.2


def test_the_same_ambience_crosses_a_join_unchanged() -> None:
    place = music(9.0, seed=5)
    bare = cue(np.zeros((4 * RATE_HZ, 2), np.float32))
    first, second = (dress_bed(bare, place[at : at + 6 * RATE_HZ], [], STUDIO) for at in (0, 4 * RATE_HZ))
    joined = second.bed.copy()
    joined[: len(first.tail)] += first.tail[: len(joined)] - dress_bed(bare, None, [], STUDIO).tail[: len(joined)]
    around = np.concatenate([first.bed[-RATE_HZ:], joined[:RATE_HZ]])
    levels = np.sqrt(np.square(around).reshape(20, -1).mean(axis=1))
    assert levels.max() < 1.6 * levels.min()


def test_a_tale_ends_in_silence_with_its_last_sample() -> None:
    ending = music(6.0) * np.linspace(1, 0, 6 * RATE_HZ, dtype=np.float32)[:, None]
    dressed = dress_bed(cue(ending), music(9.0, seed=5), [(0, 3 * RATE_HZ)], STUDIO, last=True)
    assert not len(dressed.tail)
    assert not len(dressed.vamp)
    assert np.abs(dressed.bed[-1]).max() < 1e-3
    assert np.abs(dressed.bed[-2 * RATE_HZ : -RATE_HZ]).max() > 1e-2


@pytest.mark.parametrize("seconds", [0.001, 0.5])
def test_the_shortest_passage_is_dressed(seconds: float) -> None:
    count = int(seconds * RATE_HZ)
    dressed = dress_bed(cue(music(1.0)[:count]), music(1.0)[: count // 2], [(0, count)], STUDIO)
    assert dressed.bed.shape == (count, 2)
    assert np.isfinite(dressed.bed).all()
    assert len(dress_voice([(0, speech(0.5), 0.0)], count, STUDIO)) == count


def test_what_is_no_number_is_silence() -> None:
    broken = speech(1.0)
    broken[100:200] = np.nan
    broken[300] = np.inf
    assert np.isfinite(dress_voice([(0, broken, 0.0)], RATE_HZ, STUDIO)).all()
    bad = music(2.0)
    bad[5] = np.nan
    assert np.isfinite(dress_bed(cue(bad), bad, [], STUDIO).bed).all()


def test_silence_is_not_amplified() -> None:
    hush = np.random.default_rng(2).standard_normal(RATE_HZ).astype(np.float32) * 1e-6
    assert np.abs(dress_voice([(0, hush, 0.0)], RATE_HZ, STUDIO)).max() < 1e-4
    empty = np.zeros((RATE_HZ, 2), np.float32)
    assert not dress_bed(cue(empty), None, [(0, 100)], STUDIO).bed.any()
