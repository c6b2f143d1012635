"""What is written down, what let go."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from bot.voice.listening.transcription import Scribe
from bot.voice.listening.view import MOST_CHARS, ConsentingMember, View, consent_lines, meter, text_of
from bot.voice.receive.speech import MemberUtterance
from pipeline.artifacts import Artifacts
from pipeline.audio.decode import read_upload
from pipeline.errors import Refused
from pipeline.wording import locales
from pipeline.words.answer import Transcribed
from pipeline.words.sound import RATE_HZ, Artifact, Transcript

ANA, RUI = 1, 2
NAMES = {ANA: "Ana", RUI: "Rui"}


class Pen:
    """Writes down how long a recording is; it can be told to fail, or to wait."""

    def __init__(self, keep: Artifacts) -> None:
        self.keep, self.certainty = keep, 0.9
        self.free = asyncio.Event()
        self.free.set()
        self.asked = 0

    async def __call__(self, _: int, recording: Artifact) -> Transcribed:
        self.asked += 1
        await self.free.wait()
        seconds = len(read_upload(self.keep.path(recording), 16_000)) / 16_000
        return Transcribed(Transcript(f"{seconds:.0f} seconds", "en", self.certainty))


@pytest.fixture
def pen(tmp_path: Path) -> Pen:
    return Pen(Artifacts(tmp_path))


def uttered(member: int, start_s: float, seconds: float = 2.0) -> MemberUtterance:
    noise = np.random.default_rng(round(start_s * 10)).integers(-900, 900, round(seconds * RATE_HZ), np.int16)
    return MemberUtterance(member, start_s, noise)


def kept(tmp_path: Path) -> int:
    return len(list(tmp_path.rglob("*.wav")))


async def test_what_one_says_on_is_one_turn_and_another_voice_begins_the_next(pen: Pen, tmp_path: Path) -> None:
    scribe = Scribe(pen.keep, pen)
    for utterance in (uttered(ANA, 0), uttered(ANA, 3), uttered(RUI, 6), uttered(ANA, 9)):
        scribe.take(utterance)
        await asyncio.sleep(0.05)
    await scribe.finish(5)
    assert [(turn.member, turn.text) for turn in scribe.turns] == [
        (ANA, "4 seconds"),
        (RUI, "2 seconds"),
        (ANA, "2 seconds"),
    ]
    assert kept(tmp_path) == 3, "a recording that grew leaves none behind"


async def test_what_comes_while_it_is_being_written_down_is_written_in_one_go(pen: Pen) -> None:
    scribe = Scribe(pen.keep, pen)
    pen.free.clear()
    for at in range(5):
        scribe.take(uttered(ANA, at * 3))
        await asyncio.sleep(0.02)
    pen.free.set()
    await scribe.finish(5)
    assert [turn.text for turn in scribe.turns] == ["10 seconds"]
    assert pen.asked == 2


async def test_a_monologue_is_cut_into_turns_that_a_transcriber_can_hold(pen: Pen) -> None:
    scribe = Scribe(pen.keep, pen)
    for at in range(4):
        scribe.take(uttered(ANA, at * 10, 9.0))
        await asyncio.sleep(0.05)
    await scribe.finish(5)
    assert [turn.text for turn in scribe.turns] == ["18 seconds", "18 seconds"]


async def test_what_is_taken_back_is_gone_even_while_it_is_being_written_down(pen: Pen, tmp_path: Path) -> None:
    scribe = Scribe(pen.keep, pen)
    pen.free.clear()
    scribe.take(uttered(ANA, 0))
    scribe.take(uttered(RUI, 3))
    await asyncio.sleep(0.1)
    await scribe.forget(ANA)
    pen.free.set()
    await scribe.finish(5)
    assert [turn.member for turn in scribe.turns] == [RUI]
    assert kept(tmp_path) == 1


async def test_a_prompt_has_turns_under_their_names_and_what_held_no_words_is_let_go(pen: Pen, tmp_path: Path) -> None:
    scribe = Scribe(pen.keep, pen)
    scribe.take(uttered(ANA, 0))
    await asyncio.sleep(0.1)
    pen.certainty = 0.1
    scribe.take(uttered(RUI, 3))
    await scribe.finish(5)
    said = await scribe.said(NAMES, ())
    assert [(one.name, one.heard and one.heard.text, one.read_feeling) for one in said] == [("Ana", "2 seconds", False)]
    assert kept(tmp_path) == 1
    await scribe.close()
    assert kept(tmp_path) == 1, "what was handed over lives until it is told"


async def test_what_is_not_written_down_in_time_is_told_from_its_recording(pen: Pen) -> None:
    scribe = Scribe(pen.keep, pen)
    scribe.take(uttered(ANA, 0))
    await asyncio.sleep(0.2)
    pen.free.clear()
    scribe.take(uttered(ANA, 3))
    await asyncio.sleep(0.1)
    scribe.take(uttered(ANA, 6))
    await scribe.finish(0.1)
    (said,) = await scribe.said(NAMES, {ANA})
    assert said.heard is None, "two seconds of six are not what was said"
    assert len(read_upload(pen.keep.path(said.recording), 16_000)) == pytest.approx(6 * 16_000, abs=200)


async def test_what_was_not_handed_over_goes_with_the_listening(pen: Pen, tmp_path: Path) -> None:
    scribe = Scribe(pen.keep, pen)
    scribe.take(uttered(ANA, 0))
    await scribe.finish(5)
    await scribe.close()
    assert kept(tmp_path) == 0


@pytest.mark.parametrize("locale", locales())
def test_the_panel_fits_a_message_whatever_is_said(locale: str) -> None:
    crowd = tuple(
        ConsentingMember(f"**Speaker** {number} @everyone", -20.0, "so much to say " * 200) for number in range(40)
    )
    text = text_of(View(1, crowd, tuple(f"Guest {number}" for number in range(60)), 61), locale)
    assert len(text) <= MOST_CHARS
    assert "@everyone" not in text
    assert "1:01" in text


@pytest.mark.parametrize("locale", locales())
def test_the_consent_is_four_short_lines(locale: str) -> None:
    for words_only in (False, True):
        lines = consent_lines(locale, words_only=words_only)
        assert len(lines) == 4
        assert max(map(len, lines)) <= 120
    assert consent_lines(locale, words_only=True)[0] != consent_lines(locale, words_only=False)[0]


def test_the_meter_rises_with_the_voice() -> None:
    levels = [meter(level) for level in (-90, -50, -30, -12, 0)]
    assert [level.count("·") for level in levels] == sorted((level.count("·") for level in levels), reverse=True)
    assert levels[0] != levels[-1]


@pytest.mark.parametrize(
    "upload", [b"", b"PK\x03\x04" + bytes(2_000), b"RIFF\xff\xff\xff\xffWAVEfmt ", b"#EXTM3U\nfile:///etc/passwd"]
)
def test_an_upload_that_is_no_sound_is_refused(upload: bytes, tmp_path: Path) -> None:
    file = tmp_path / "voice.ogg"
    file.write_bytes(upload)
    for one in (upload, file):
        with pytest.raises(Refused, match=r"sound_(unreadable|empty)"):
            read_upload(one, 16_000)
