"""The file is the live sum, mastered."""

from __future__ import annotations

from pathlib import Path

import mido
import numpy as np
import pyloudnorm
import pytest

from pipeline.audio.decode import blocks_of
from pipeline.audio.live import Live
from pipeline.audio.master import CEILING_DBTP, MOST_GAIN_DB, TARGET_LUFS, master
from pipeline.audio.sum import Gains, Sum
from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled
from pipeline.words.sound import RATE_HZ, Samples
from pipeline.words.tale import Tale
from tests.pipeline.audio.making import Made, made, mixed, speech, studio


@pytest.fixture(scope="module")
def stems(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("stems"), (5.0, 7.0, 6.0, 8.0))


@pytest.fixture(scope="module")
def tale(stems: Made) -> Tale:
    return mixed(stems)


@pytest.fixture(scope="module")
def file(stems: Made, tale: Tale) -> Samples:
    return np.concatenate(list(blocks_of(stems.keep.path(tale.master.audio))))


def test_the_file_is_what_was_heard_live_but_for_one_constant_gain(stems: Made, tale: Tale, file: Samples) -> None:
    live = Live(stems.path_of)
    live.grow(stems.timeline)
    heard = live.next(len(file) + RATE_HZ)
    assert len(heard) == len(file)
    assert np.allclose(heard * 10 ** (tale.master.gain_db / 20), file, atol=1.1 / 32_768)
    assert abs(tale.master.gain_db) <= MOST_GAIN_DB


def test_the_referee_hears_the_target(file: Samples) -> None:
    assert pyloudnorm.Meter(RATE_HZ).integrated_loudness(file) == pytest.approx(TARGET_LUFS, abs=1.0)


def test_what_the_tale_says_of_its_master_is_what_the_file_is(tale: Tale, file: Samples) -> None:
    assert tale.master.samples == len(file)
    assert tale.master.loudness_lufs == pytest.approx(pyloudnorm.Meter(RATE_HZ).integrated_loudness(file), abs=0.1)
    assert 20 * np.log10(np.abs(file).max()) - 0.01 <= tale.master.true_peak_dbtp <= CEILING_DBTP


@pytest.mark.parametrize("lengths_s", [(0.5,), (1.0, 0.4, 0.4), (12.0,)])
def test_the_shortest_and_the_plainest_tales_are_mastered(tmp_path: Path, lengths_s: tuple[float, ...]) -> None:
    done = mixed(made(tmp_path, lengths_s)).master
    assert done.true_peak_dbtp <= CEILING_DBTP
    assert abs(done.gain_db) <= MOST_GAIN_DB


def test_a_tale_without_any_pause_is_mastered(tmp_path: Path) -> None:
    def breathless(seconds: float, seed: int) -> Samples:
        return np.asarray(np.sign(speech(seconds, seed)) * 0.3, np.float32)

    done = mixed(made(tmp_path, (4.0, 4.0), voice=breathless)).master
    assert done.loudness_lufs == pytest.approx(TARGET_LUFS, abs=1.0)
    assert done.true_peak_dbtp <= CEILING_DBTP


def test_a_silent_tale_stays_silent(tmp_path: Path) -> None:
    def mute(seconds: float, seed: int) -> Samples:
        return np.zeros(int(seconds * RATE_HZ), np.float32)

    assert mixed(made(tmp_path, (2.0,), voice=mute)).master.samples == 5 * RATE_HZ


def test_captions_picture_and_master_are_kept(stems: Made, tale: Tale) -> None:
    said = stems.keep.path(tale.captions).read_text(encoding="utf-8")
    assert "<i>[rain]</i>" in said
    assert "night3." in said
    assert stems.keep.path(tale.picture).read_bytes().startswith(b"\x89PNG")
    assert tale.timeline.whole


def test_a_cancelled_master_stops_and_keeps_nothing(stems: Made, tmp_path: Path) -> None:
    check = Cancelled()
    check.set()
    tale = Sum(stems.path_of)
    tale.grow(stems.timeline)
    with pytest.raises(TaleCancelled):
        master(tale, tmp_path / "master.flac", check)
    assert not list(tmp_path.iterdir())


def test_the_same_stems_make_the_same_file(stems: Made, tale: Tale) -> None:
    again = mixed(stems)
    assert again.master == tale.master
    assert studio(stems).keep.path(again.picture) == stems.keep.path(tale.picture)


def test_notes_are_joined_in_time(tmp_path: Path) -> None:
    tale = made(tmp_path, (4.0, 6.0), notes=True)
    midi = mixed(tale).midi
    assert midi is not None
    assert mido.MidiFile(tale.keep.path(midi)).length == pytest.approx(tale.timeline.seconds, abs=0.05)


def test_a_server_without_music_gets_a_file_without_it(stems: Made, tmp_path: Path) -> None:
    bare, plain = stems.timeline.placed[1], Sum(stems.path_of)
    plain.grow(stems.timeline)
    master(plain, tmp_path / "bare.flac", lambda: None, Gains(music=0.0))
    file = np.concatenate(list(blocks_of(tmp_path / "bare.flac")))
    assert bare.spoken is not None
    pause = slice(bare.start + bare.spoken.lines[-1].end + RATE_HZ // 2, bare.end)
    assert np.abs(file[pause]).max(initial=0.0) < 10 ** (-60 / 20)
    assert np.abs(file[bare.start : bare.end]).max() > 0.1
