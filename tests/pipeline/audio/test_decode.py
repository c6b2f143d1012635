"""Anybody's sound is read, or refused by name."""

from __future__ import annotations

import gzip
import io
import struct
import wave
import zipfile
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.audio.container import FORMS, encode
from pipeline.audio.decode import MOST_UPLOAD_BYTES, MOST_UPLOAD_S, read_upload
from pipeline.audio.encode import stem_bytes
from pipeline.audio.loudness import loudness
from pipeline.errors import Refused
from pipeline.words.sound import RATE_HZ, Samples
from tests.pipeline.audio.making import music, speech


def wav(samples: Samples, rate_hz: int, width: int = 2, channels: int = 1) -> bytes:
    scaled = np.clip(samples, -1, 1)
    whole = np.round(scaled * 127 + 128).astype(np.uint8) if width == 1 else np.round(scaled * 32_767).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(whole.tobytes())
    return out.getvalue()


@pytest.mark.parametrize(("rate_hz", "width"), [(8_000, 2), (44_100, 1), (48_000, 2), (96_000, 2)])
def test_every_rate_and_depth_becomes_the_asked_one(rate_hz: int, width: int) -> None:
    seconds = 2.0
    tone = (0.4 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate_hz)) / rate_hz)).astype(np.float32)
    heard = read_upload(wav(tone, rate_hz, width), 16_000)
    assert len(heard) == pytest.approx(seconds * 16_000, abs=16)
    assert heard.ndim == 1
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert np.argmax(spectrum) / seconds == pytest.approx(440, abs=1)


@pytest.mark.parametrize("suffix", sorted(FORMS))
def test_every_format_we_make_can_be_read_back(tmp_path: Path, suffix: str) -> None:
    sound, path = music(3.0), tmp_path / f"it{suffix}"
    encode(path, [sound], FORMS[suffix])
    heard = read_upload(path, RATE_HZ)
    assert len(heard) == pytest.approx(len(sound), abs=3_000)
    assert loudness(heard) == pytest.approx(loudness(sound.mean(axis=1)), abs=1.5)


def test_clipped_and_impossible_floats_come_out_finite() -> None:
    sound = speech(1.0, level=30.0)
    sound[::1_000] = np.nan
    sound[5] = np.inf
    heard = read_upload(stem_bytes(sound), RATE_HZ)
    assert np.isfinite(heard).all()
    assert np.abs(heard).max() <= 1.0


def refusal(upload: bytes | Path, most_s: float = 60.0, most_bytes: int = 10**7) -> str:
    with pytest.raises(Refused) as told:
        read_upload(upload, 16_000, most_s, most_bytes)
    return told.value.code


def test_too_long_and_too_big_are_refused_early() -> None:
    sound = wav(speech(3.0), RATE_HZ)
    assert refusal(sound, most_s=2.0) == "sound_too_long"
    assert refusal(sound, most_bytes=1_000) == "sound_too_big"


@pytest.mark.parametrize("upload", [b"", b"not a sound", b"\x00" * 5_000, b"OggS" + b"\xff" * 300])
def test_what_is_no_sound_is_refused(upload: bytes) -> None:
    assert refusal(upload) in {"sound_unreadable", "sound_empty"}


def test_a_silent_header_is_empty() -> None:
    assert refusal(wav(np.zeros(0, np.float32), RATE_HZ)) in {"sound_empty", "sound_unreadable"}


def test_an_absurd_rate_is_refused() -> None:
    sound = bytearray(wav(speech(0.2), RATE_HZ))
    sound[24:28] = struct.pack("<I", 3_000_000)
    assert refusal(bytes(sound)) == "sound_unreadable"


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile://{path}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{path}'\n",
    ],
    ids=["m3u8", "concat"],
)
def test_a_playlist_never_opens_what_it_names(tmp_path: Path, playlist: str) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(wav(speech(1.0), RATE_HZ))
    handed_in = tmp_path / "upload.mp3"
    handed_in.write_text(playlist.format(path=secret))
    assert refusal(handed_in) == "sound_unreadable"
    assert refusal(handed_in.read_bytes()) == "sound_unreadable"


@settings(max_examples=40, deadline=None)
@example(cut=44, flips=[(34, 0)])
@given(cut=st.integers(0, 20_000), flips=st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), max_size=8))
def test_damaged_bytes_are_read_or_refused_never_more(cut: int, flips: list[tuple[int, int]]) -> None:
    sound = bytearray(wav(speech(0.3), 16_000)[: max(1, cut)])
    for at, value in flips:
        sound[at % len(sound)] = value
    try:
        heard = read_upload(bytes(sound), 16_000, 60.0)
    except Refused:
        return
    assert np.isfinite(heard).all()


def test_ten_hours_of_silence_in_a_small_file_are_refused_before_they_are_read() -> None:
    upload = silent_mp3(60) * 600
    assert len(upload) < MOST_UPLOAD_BYTES
    assert refusal(upload, MOST_UPLOAD_S, MOST_UPLOAD_BYTES) == "sound_too_long"


def test_an_archive_that_would_unpack_to_gigabytes_is_not_unpacked() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("voice.wav", bytes(30_000_000))
    assert len(bomb.getvalue()) < 100_000
    assert refusal(bomb.getvalue()) == "sound_unreadable"
    assert refusal(gzip.compress(bytes(10_000_000))) == "sound_unreadable"


def test_a_truncated_recording_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    encode(tmp_path / "it.opus", [music(3.0)], FORMS[".opus"])
    whole = (tmp_path / "it.opus").read_bytes()
    heard = read_upload(whole[: len(whole) // 2], 16_000)
    assert 0.5 * 16_000 < len(heard) < 2.5 * 16_000
    assert refusal(whole[:60]) in {"sound_unreadable", "sound_empty"}


def silent_mp3(seconds: int) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}) as file:
        stream = file.add_stream("libmp3lame", rate=8_000, layout="mono", options={"b": "8k"})
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8_000 * seconds), np.int16), format="s16p", layout="mono")
        frame.sample_rate = 8_000
        file.mux([*stream.encode(frame), *stream.encode(None)])
    return out.getvalue()
