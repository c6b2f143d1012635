"""A voice given, as members live it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.client import TaleBot
from bot.library.records import KeptVoice
from tests.bot.scene import Scene
from tests.bot.troupe import QUICK
from tests.bot.voice.listening.speech import spoken
from tests.discord_double.members.opus import Samples
from tests.discord_double.members.person import Person
from tests.discord_double.members.shown import Shown

LEARNS = QUICK | {"learns": True}
AGREE = "I consent: listen to me"
_SENTENCE = re.compile(r"> \*\*(.+)\*\*")


@asynccontextmanager
async def cloning(scene: Scene, **rules: Any) -> AsyncIterator[TaleBot]:
    """A bot in a server whose managers allow it."""
    async with scene.running() as bot:
        log = str(scene.guild.text.id)
        await bot.services.library.servers.change(str(scene.guild.id), cloning=True, mod_log=log, **rules)
        yield bot


def sentence_of(shown: Shown) -> str:
    """What is to be read."""
    found = _SENTENCE.search(shown.text)
    assert found is not None, shown.text
    return found[1]


async def sits_down(who: Person) -> Shown:
    """They are shown a sentence, agree, and the bot listens to them."""
    shown = await (await who.slash("voice clone")).done()
    await who.press(AGREE, on=shown)
    return await shown.until(lambda seen: "nobody else. Please read" in seen.text, within_s=15)


async def reads(who: Person, sound: Samples | None = None) -> Shown:
    """The sentence, and then they wait for what came of it."""
    shown = await sits_down(who)
    await who.says(spoken(sentence_of(shown)) if sound is None else sound)
    return await shown.until(lambda seen: seen.buttons, within_s=60)


async def learnt(bot: TaleBot, who: Person) -> KeptVoice:
    """The one voice that is theirs."""
    (voice,) = await bot.services.library.voices.of_member(str(who.id))
    return voice
