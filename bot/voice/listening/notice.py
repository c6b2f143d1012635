"""Says aloud that the bot listens."""

from __future__ import annotations

import asyncio
import io
import uuid

import discord
import numpy as np

from bot.pools import Pool
from bot.voice.call import Call
from bot.wording import language_of, narrators, said
from pipeline.artifacts import Artifacts
from pipeline.audio.decode import read_stem
from pipeline.errors import TaleError
from pipeline.log import log_of
from pipeline.road.door import Door
from pipeline.words.answer import Sampled
from pipeline.words.request import Asked, Sample
from pipeline.words.sound import Samples

LOOK_S = 0.1
_LOUDNESS = 0.8  # a narrator's stem is not mastered: its peaks may reach full scale
log = log_of("notice")


class Notice:
    """One sentence in each language, made by the executor at first use and kept while the bot runs."""

    def __init__(self, door: Door, artifacts: Artifacts, files: Pool) -> None:
        self._door, self._artifacts, self._files = door, artifacts, files
        self._made: dict[str, Samples] = {}

    async def say(self, call: Call, locale: str) -> None:
        """Say it once nothing else plays; without a voice, the text in the channel must do."""
        language = language_of(locale)
        try:
            if language not in self._made:
                self._made[language] = await self._spoken(language, locale)
        except TaleError as error:
            log.warning("notice_not_spoken", code=error.code)
            return
        while call.voice is None or call.voice.is_playing():  # noqa: ASYNC110 - the client tells nobody
            await asyncio.sleep(LOOK_S)
        call.play(discord.PCMAudio(io.BytesIO(_pcm(self._made[language]))))

    async def _spoken(self, language: str, locale: str) -> Samples:
        if language not in narrators():
            raise TaleError("language_unspoken", language=language)
        wish = Sample(narrators()[language][0], language, said("ears.spoken", locale))
        told = await self._door.answered(Asked(uuid.uuid4().hex, wish), Sampled, self._artifacts)
        return await self._files.run(
            lambda: np.concatenate([read_stem(self._artifacts.path(one.voice)) for one in told.spoken])
        )


def _pcm(mono: Samples) -> bytes:
    level = np.clip(mono * _LOUDNESS, -1, 1) * 32_767
    # discord.PCMAudio wants stereo, 16 bit, little endian, at 48 kHz.
    return np.repeat(level.astype("<i2"), 2).tobytes()
