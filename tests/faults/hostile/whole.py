"""A night from its secrets to its figures."""

from __future__ import annotations

import time
from pathlib import Path

from bot.client import TaleBot
from bot.library.records import KeptVoice
from tests.bot.scene import on_stage
from tests.discord_double.neighbourhood import Neighbourhood
from tests.faults.hostile.audience import Audience
from tests.faults.hostile.eyes import Eyes
from tests.faults.hostile.figures import SECRET, Figures
from tests.faults.hostile.gaps import Gaps
from tests.faults.hostile.night import Night

LEAST_TALES = {"step_s": 0.0, "passages": 1, "seconds": 0.1}
PATIENCE = 0.1
"""How fast Discord's three seconds go by: a machine that is busy elsewhere is no bot that keeps silent."""
AUDIENCES = ("Hall", "Cellar")
"""Servers that listen to tales meanwhile."""


async def spent(count: int, seed: int, home: Path) -> tuple[Figures, list[str]]:
    """A night, and what was said that should not have been: another server's secrets are laid, then it begins."""
    async with on_stage(home, troupe=LEAST_TALES) as scene:
        scene.double.limits.counting = False
        scene.double.clock.rate_to(PATIENCE)
        night: list[Night] = []

        def clock() -> float:
            return time.time() + (night[0].clock_s if night else 0.0)

        async with scene.running(clock=clock) as bot:
            victims = await _secrets(scene.double.guild("Elsewhere"), bot)
            wished: set[int] = set()
            eyes = Eyes(scene.double.world, scene.guild.id, [SECRET], wished)
            night.append(Night(scene, bot, seed, victims, eyes, wished=wished))
            audience, gaps = Audience(scene, bot, home / "played"), Gaps()
            with gaps.watched():
                async with audience.listening(*AUDIENCES):
                    figures = await night[0].pass_(count)
            figures.worst_loop_gap_ms, figures.bare_loop_gap_ms = round(gaps.worst_ms, 1), round(gaps.bare_ms, 1)
            figures.silent_servers, figures.plays = len(audience.silent), audience.plays
            figures.underruns = audience.underruns
            return figures, [*gaps.told, *eyes.told]


async def _secrets(elsewhere: Neighbourhood, bot: TaleBot) -> tuple[str, ...]:
    """Tales, settings and a voice; their words stand in the library as any."""
    library, server, vera = bot.services.library, str(elsewhere.id), elsewhere.member("Vera")
    await library.servers.change(server, say_as=((SECRET, SECRET),), bad_words=(f"{SECRET}s",), voice=SECRET)
    sound = bot.services.artifacts(SECRET.encode(), ".ogg")
    await library.voices.add(KeptVoice(SECRET, str(vera.id), SECRET, "en", sound, servers=(server,)))
    reply = await vera.slash("tale", prompt=f"a tale of {SECRET}", where="upload")
    await reply.shown.until(lambda seen: seen.files, within_s=60.0)
    [tale] = await library.tales.asked_in(server)
    await library.tales.change(tale.id, title=SECRET, synopsis=SECRET, opening=SECRET, hero=SECRET, text=SECRET)
    return tale.id, server, str(vera.id)
