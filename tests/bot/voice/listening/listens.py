"""A listening, as members live it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.client import TaleBot
from bot.library.records import KeptTale, Viewer
from bot.voice.listening.consent import Agreed
from bot.voice.listening.transcription import WriteDown
from pipeline.words.answer import Transcribed
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.sound import Artifact, Transcript
from tests.bot.scene import Scene
from tests.discord_double.members.opus import Samples
from tests.discord_double.members.person import Person
from tests.discord_double.members.shown import Shown

PCM = 1
"""How a WAV file says that it holds whole numbers."""
WORDS = "A lighthouse keeper befriends a storm."
JOY = Mood.pure(Emotion.JOY)
TONE = (1.0, -2.0, 0.5)


@dataclass(frozen=True)
class Read:
    """What might be read of one utterance."""

    member: int
    feeling: bool
    usual: tuple[float, ...]
    tone: bool


@dataclass
class Pen:
    """A transcriber that always hears the same, and reads what it may."""

    words: str = WORDS
    read: list[Read] = field(default_factory=list)

    def by_road(self, _door: object, _artifacts: object, agreed: Agreed, *_: object) -> WriteDown:
        async def write_down(member: int, recording: Artifact) -> Transcribed:
            one = Read(member, member in agreed.felt, await agreed.usual(member), member in agreed.kept)
            self.read.append(one)
            feeling = Feeling(JOY, voice=JOY, rule="voice") if one.feeling else None
            return Transcribed(Transcript(self.words, "en", 0.9), feeling, TONE if one.tone else ())

        return write_down


async def listens(who: Person) -> Shown:
    """They ask, again where a tale is still being told, are told that it listens, and see the panel."""
    async with asyncio.timeout(60):
        while not await _asked(who):  # noqa: ASYNC110 - a call tells nobody that it is free
            await asyncio.sleep(0.3)
    return await who.sees("Listening in")


async def speaks(who: Person, panel: Shown, sound: Samples, says: str = "I consent", words: str = WORDS) -> None:
    """They agree, speak, and what they said stands on the panel."""
    await who.press(says, on=panel)
    await who.says(sound)
    await panel.until(lambda seen: words in seen.text, within_s=15)


def recordings(scene: Scene) -> list[Path]:
    """What is kept of anybody's voice; a tale's own stems are floats."""
    return [path for path in scene.home.rglob("*.wav") if path.read_bytes()[20] == PCM]


async def tale_of(bot: TaleBot, who: Person) -> KeptTale:
    """Their first tale, once it is told and its recordings are gone."""
    async with asyncio.timeout(90):
        while not (told := await _tales(bot, who)) or told[0].prompt.said:  # noqa: ASYNC110 - nobody is told of it
            await asyncio.sleep(0.02)
    return told[0]


async def _asked(who: Person) -> bool:
    told = await who.slash("listen")
    await told.until(lambda seen: "listening in" in seen.text or "busy" in seen.text, within_s=15)
    assert told.shown.ephemeral
    return "listening in" in told.text


async def _tales(bot: TaleBot, who: Person) -> Sequence[KeptTale]:
    return (await bot.services.library.tales.of_member(Viewer(str(who.id)))).tales
