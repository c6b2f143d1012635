"""A file is what it holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.voice.listening.transcription import wav_of
from pipeline.audio.container import FORMS, encode
from pipeline.sources.kinds import holds_sound
from tests.bot.scene import on_stage
from tests.bot.troupe import QUICK
from tests.pipeline.audio.making import music


@pytest.mark.parametrize("suffix", sorted(FORMS))
def test_every_kind_of_sound_is_known_by_its_bytes(suffix: str, tmp_path: Path) -> None:
    encode(tmp_path / f"it{suffix}", [music(1.0)], FORMS[suffix])
    assert holds_sound((tmp_path / f"it{suffix}").read_bytes())


def test_a_recording_and_headerless_frames_are_sound() -> None:
    assert holds_sound(wav_of(np.zeros(100, np.int16)))
    assert holds_sound(b"\xff\xfb\x90\x00" + bytes(100))
    assert holds_sound(b"\xff\xf1\x50\x80" + bytes(100))


@pytest.mark.parametrize(
    "data",
    [b"", b"Once upon a time there was a fox.", b"PK\x03\x04" + bytes(100), b"\x89PNG\r\n\x1a\n" + bytes(100),
     "Ein Wald.".encode("utf-16"), b"%PDF-1.7" + bytes(100), b"\xff\xd8\xff\xe0" + bytes(100), "Água".encode()],
)  # fmt: skip
def test_texts_pictures_and_archives_are_none(data: bytes) -> None:
    assert not holds_sound(data)


async def test_a_recording_under_a_texts_name_is_a_spoken_wish(tmp_path: Path) -> None:
    async with on_stage(tmp_path, troupe=QUICK) as scene, scene.running() as bot:
        ana, ben = scene.guild.member("Ana"), scene.guild.member("Ben")
        recording = wav_of(np.ones(48_000, np.int16))
        for name in ("notes.txt", "voice"):
            await (await ana.tale(file=scene.double.file(name, recording))).done()
        message = ben.writes("", scene.double.file("voice.dat", recording))
        await (await ana.context("Tell this as a tale", message)).done()
        told = await bot.services.library.tales.asked_in(str(scene.guild.id))
        assert [tale.prompt.as_written for tale in told] == [False] * 3
        assert all(tale.prompt.spoken or tale.prompt.text for tale in told)
        bens = [tale.prompt for tale in told if tale.prompt.names == ("Ben",)]
        assert [one.read_feeling for one in bens] == [False], "nobody asked Ben"
