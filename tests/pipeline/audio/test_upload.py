"""A stranger's file kills its reader alone."""

from __future__ import annotations

import resource
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.artifacts import Artifacts
from pipeline.audio.container import FORMS, encode
from pipeline.audio.decode import read_upload
from pipeline.audio.upload import Bounds, read_apart
from pipeline.cancelled import Cancelled
from pipeline.errors import Refused
from pipeline.telling.feel import recording_of
from pipeline.telling.studio import Studio
from pipeline.words.sound import RATE_HZ
from tests.pipeline.audio.making import music, speech
from tests.pipeline.audio.test_decode import wav

GIGABYTE = 2**30


def m4a(claimed: int, tracks: int = 1) -> bytes:
    """A file of some 600 bytes whose tables claim so many samples, in constant space."""
    moov = _atom("mvhd", b"\0" * 12 + struct.pack(">II", 48_000, claimed) + b"\0" * 80)
    return (
        _atom("ftyp", b"M4A \0\0\0\0M4A mp42")
        + _atom("moov", moov + _track(claimed) * tracks)
        + _atom("mdat", b"\0" * 64)
    )


def _track(claimed: int) -> bytes:
    entry = _atom("mp4a", b"\0" * 6 + b"\0\1" + b"\0" * 8 + struct.pack(">HHHHI", 1, 16, 0, 0, 48_000 << 16))
    table = _atom("stsd", struct.pack(">II", 0, 1) + entry)
    table += _atom("stts", struct.pack(">IIII", 0, 1, claimed, 1_024))
    table += _atom("stsc", struct.pack(">IIIII", 0, 1, 1, claimed, 1))
    table += _atom("stsz", struct.pack(">III", 0, 1, claimed)) + _atom("stco", struct.pack(">III", 0, 1, 500))
    header = _atom("mdhd", b"\0" * 12 + struct.pack(">IIHH", 48_000, claimed, 0x55C4, 0))
    kind = _atom("hdlr", b"\0" * 8 + b"soun" + b"\0" * 13)
    place = _atom("dinf", _atom("dref", struct.pack(">II", 0, 1) + _atom("url ", b"\0\0\0\1")))
    sound = _atom("minf", _atom("smhd", b"\0" * 8) + place + _atom("stbl", table))
    return _atom("trak", _atom("tkhd", b"\0\0\0\7" + b"\0" * 80) + _atom("mdia", header + kind + sound))


def _atom(name: str, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name.encode() + body


def address_space() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()


def grown_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system keeps to no bound of memory")
@pytest.mark.parametrize("claimed", [15_000_000, 60_000_000], ids=["half a gigabyte", "more than it may"])
def test_a_small_file_that_claims_gigabytes_is_refused_and_costs_us_nothing(tmp_path: Path, claimed: int) -> None:
    file = Artifacts(tmp_path)(m4a(claimed), ".m4a")
    assert file.size < 1_000
    studio = Studio(None, Artifacts(tmp_path), None, None, Cancelled())  # type: ignore[arg-type] # it keeps, no more
    # Should it be read here after all, this test dies of it and not the machine.
    before, held = grown_kb(), resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (address_space() + GIGABYTE, held[1]))
    try:
        with pytest.raises(Refused) as told:
            recording_of(file, studio)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, held)
    assert told.value.code in {"sound_unreadable", "sound_empty"}
    assert grown_kb() - before < 100_000


def test_a_reader_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    (tmp_path / "it.mp3").write_bytes(b"")
    encode(tmp_path / "it.mp3", [music(3.0)], FORMS[".mp3"])
    with pytest.raises(Refused) as told:
        read_apart(tmp_path / "it.mp3", 16_000, Bounds(wall_s=0.01))
    assert told.value.code == "sound_unreadable"


def test_a_file_of_a_hundred_tracks_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "it.m4a").write_bytes(m4a(1_000, tracks=100))
    with pytest.raises(Refused) as told:
        read_apart(tmp_path / "it.m4a", 16_000)
    assert told.value.code == "sound_unreadable"


@pytest.mark.parametrize("suffix", [".mp3", ".opus"])
def test_read_apart_it_sounds_as_read_here(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"it{suffix}"
    encode(path, [music(2.0)], FORMS[suffix])
    assert np.array_equal(read_apart(path, 16_000), read_upload(path, 16_000))


def test_what_the_bot_recorded_itself_needs_no_child_and_sounds_the_same(tmp_path: Path) -> None:
    path = tmp_path / "it.wav"
    path.write_bytes(wav(speech(2.0), RATE_HZ))
    here, decoded = read_apart(path, 16_000, Bounds(wall_s=0.0)), read_upload(path, 16_000)
    assert len(here) == pytest.approx(len(decoded), abs=2)
    length = min(len(here), len(decoded))
    assert np.abs(here[:length] - decoded[:length]).max() < 1e-4


@pytest.mark.parametrize("seconds", [0.0, 3.0])
def test_too_long_and_empty_keep_their_names(tmp_path: Path, seconds: float) -> None:
    path = tmp_path / "it.wav"
    path.write_bytes(wav(speech(seconds) if seconds else np.zeros(0, np.float32), RATE_HZ))
    with pytest.raises(Refused) as told:
        read_apart(path, 16_000, Bounds(most_s=2.0))
    assert told.value.code in ({"sound_too_long"} if seconds else {"sound_empty", "sound_unreadable"})
    assert told.value.fields.get("most_s", 2) == 2
