"""Files fit and say what they are."""

from __future__ import annotations

import base64
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.audio.decode import blocks_of, read_stem
from pipeline.audio.dynamics import true_peak
from pipeline.audio.encode import PEAK_CEILING, deliver, stem_bytes
from pipeline.errors import Refused
from pipeline.words.sound import RATE_HZ
from pipeline.words.tale import Tale
from tests.pipeline.audio.making import Made, made, mixed, music

LOSSY = (".opus", ".mp3", ".m4b")


@pytest.fixture(scope="module")
def stems(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("stems"))


@pytest.fixture(scope="module")
def tale(stems: Made) -> Tale:
    return mixed(stems)


@pytest.mark.parametrize("stereo", [True, False])
def test_a_stem_comes_back_bit_for_bit(tmp_path: Path, stereo: bool) -> None:
    sound = music(0.5) if stereo else music(0.5)[:, 0]
    path = tmp_path / "stem.wav"
    path.write_bytes(stem_bytes(sound))
    assert np.array_equal(read_stem(path), sound)
    assert np.array_equal(read_stem(path, 1_000, 77), sound[1_000:1_077])
    assert len(read_stem(path, len(sound) + 5, 10)) == 0


def test_a_stem_is_a_wav_for_everybody_else_too(tmp_path: Path) -> None:
    path = tmp_path / "stem.wav"
    path.write_bytes(stem_bytes(music(0.5)))
    with av.open(str(path)) as file:
        sound = file.streams.audio[0]
        assert (sound.codec_context.name, sound.rate, sound.channels) == ("pcm_f32le", RATE_HZ, 2)


@pytest.mark.parametrize("damage", [b"", b"RIFF", b"x" * 200])
def test_a_damaged_stem_is_named(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "stem.wav"
    path.write_bytes(damage)
    with pytest.raises(Refused) as told:
        read_stem(path)
    assert told.value.code == "stem_unreadable"


def test_a_stem_that_was_cut_off_is_named(tmp_path: Path) -> None:
    path = tmp_path / "stem.wav"
    path.write_bytes(stem_bytes(music(0.5))[:-100])
    with pytest.raises(Refused):
        read_stem(path)


@pytest.mark.parametrize("suffix", [*LOSSY, ".flac", ".wav"])
def test_every_format_holds_the_whole_tale(stems: Made, tale: Tale, tmp_path: Path, suffix: str) -> None:
    to = tmp_path / f"tale{suffix}"
    deliver(stems.keep.path(tale.master.audio), to, tale, stems.keep.path(tale.picture))
    assert sum(map(len, blocks_of(to))) == pytest.approx(tale.master.samples, abs=3_000)


@pytest.mark.parametrize("suffix", LOSSY)
def test_after_encoding_peaks_stay_under_one_below_full(
    stems: Made, tale: Tale, tmp_path: Path, suffix: str
) -> None:  # fmt: skip
    to = tmp_path / f"tale{suffix}"
    deliver(stems.keep.path(tale.master.audio), to, tale)
    assert max(true_peak(block) for block in blocks_of(to)) <= PEAK_CEILING


@pytest.mark.parametrize("suffix", [*LOSSY, ".flac"])
def test_a_file_says_its_title_its_makers_and_that_it_is_made_by_ai(
    stems: Made, tale: Tale, tmp_path: Path, suffix: str
) -> None:
    to = tmp_path / f"tale{suffix}"
    cover = stems.keep.path(tale.picture)
    deliver(stems.keep.path(tale.master.audio), to, tale, cover)
    with av.open(str(to)) as file:
        said = {**file.metadata, **file.streams.audio[0].metadata}
        said = {key.lower(): value for key, value in said.items()}
        pictures = [packet.size for stream in file.streams.video for packet in [next(file.demux(stream))]]
    assert said["title"] == "The night"
    assert "AI" in said["comment"]
    assert "Voice: somebody (MIT)" in said["comment"]
    if suffix == ".opus":
        held = base64.b64decode(said.get("metadata_block_picture", "")) if not pictures else cover.read_bytes()
        assert held.endswith(cover.read_bytes())
    else:
        assert pictures == [cover.stat().st_size]


def test_an_audiobook_has_its_scenes_as_chapters(stems: Made, tale: Tale, tmp_path: Path) -> None:
    to = tmp_path / "tale.m4b"
    deliver(stems.keep.path(tale.master.audio), to, tale)
    with av.open(str(to)) as file:
        chapters = file.chapters()
    assert [one["metadata"]["title"] for one in chapters] == ["Once upon a night0.", "Once upon a night2."]
    third = next(one for one in tale.timeline.placed if one.scored.passage == 2)
    per_s = chapters[1]["time_base"]
    assert per_s is not None
    assert float(chapters[1]["start"] * per_s) == pytest.approx(third.start / RATE_HZ, abs=0.01)


@pytest.mark.parametrize("limit", [60_000, 150_000])
def test_opus_is_made_to_fit(stems: Made, tale: Tale, tmp_path: Path, limit: int) -> None:
    to = tmp_path / "tale.opus"
    deliver(stems.keep.path(tale.master.audio), to, tale, byte_limit=limit)
    assert limit * 0.4 < to.stat().st_size <= limit


@pytest.mark.parametrize("suffix", [".opus", ".wav"])
def test_what_cannot_fit_is_refused_and_leaves_nothing(stems: Made, tale: Tale, tmp_path: Path, suffix: str) -> None:
    to = tmp_path / f"tale{suffix}"
    with pytest.raises(Refused) as told:
        deliver(stems.keep.path(tale.master.audio), to, tale, byte_limit=12_000)
    assert told.value.code == "sound_over_limit"
    assert not to.exists()


def test_an_unknown_ending_is_refused(stems: Made, tale: Tale, tmp_path: Path) -> None:
    with pytest.raises(Refused) as told:
        deliver(stems.keep.path(tale.master.audio), tmp_path / "tale.doc", tale)
    assert told.value.code == "format_unknown"


def test_a_voice_message_has_one_side(stems: Made, tale: Tale, tmp_path: Path) -> None:
    to = tmp_path / "tale.opus"
    deliver(stems.keep.path(tale.master.audio), to, tale, mono=True)
    with av.open(str(to)) as file:
        assert file.streams.audio[0].channels == 1
