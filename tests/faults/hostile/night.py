"""A night of spite in one server."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.client import TaleBot
from tests.bot.scene import Scene, on_stage
from tests.bot.troupe import QUICK
from tests.discord_double.members.asking import NotOffered
from tests.discord_double.members.person import Person
from tests.discord_double.members.reply import Reply
from tests.discord_double.members.shown import Shown
from tests.discord_double.neighbourhood import Neighbourhood
from tests.faults.hostile import spite

SECRET = "thesecretofelsewhere"
"""Stands in everything that the other server keeps, and may stand nowhere here."""
TRACE = re.compile(r"Traceback \(most|File \".*\", line \d|\w+(?:Error|Exception): ")
MENTION = re.compile(r"<@[!&]?\d+>|@everyone|@here")
ROW = 6
"""Inputs at once."""


@dataclass
class Figures:
    """What came of it."""

    inputs: int = 0
    tracebacks: int = 0
    mentions: int = 0
    leaked_bytes: int = 0
    broke: int = 0
    """Answers that something broke on our side: a bug, kindly told."""
    unanswered: int = 0
    """Interactions that Discord gave up on."""
    alive: bool = False


@dataclass
class Night:
    """Who does what to whom."""

    scene: Scene
    bot: TaleBot
    dice: random.Random
    victim: str
    """The id of a tale elsewhere."""
    figures: Figures = field(default_factory=Figures)
    _seen: dict[int, str] = field(default_factory=dict)

    async def pass_(self, count: int) -> Figures:
        """So many inputs; what is on the screens is looked at all the while."""
        people = [self.scene.guild.member(name, locale=locale) for name, locale in (("Mal", "en-US"), ("Eva", "pt-BR"))]
        while self.figures.inputs < count:
            row = min(ROW, count - self.figures.inputs)
            await asyncio.gather(*(self._one(self.dice.choice(people)) for _ in range(row)))
            for person in people:
                self._look(person)
        self.figures.alive = (
            "**1.**" in (await (await people[0].slash("help")).done()).text and not self.bot.is_closed()
        )
        return self.figures

    async def _one(self, who: Person) -> None:
        deeds: tuple[Callable[[Person], Awaitable[Reply | None]], ...] = (
            self._asks, self._attaches, self._quotes, self._presses, self._plain, self._pries, self._speaks,
        )  # fmt: skip
        self.figures.inputs += 1
        with suppress(NotOffered):  # what no client sends, Discord itself refuses
            reply = await self.dice.choice(deeds)(who)
            if reply is None:
                return
            if reply.modal is not None:
                texts = {name: spite.words(self.dice, 100) for name in ("wish", "prompt")}
                with suppress(KeyError, AssertionError):
                    reply = await who.submits(reply, **{self.dice.choice(list(texts)): texts["wish"]})
            self.figures.unanswered += reply.failed

    async def _asks(self, who: Person) -> Reply:
        free = {"voice": spite.words(self.dice, 100), "style": spite.words(self.dice, 100)}
        more = {name: free[name] for name in free if self.dice.random() < 0.2}
        return await who.slash("tale", prompt=spite.words(self.dice), only_me=self.dice.random() < 0.3, **more)

    async def _attaches(self, who: Person) -> Reply:
        return await who.slash("tale", file=spite.file(self.dice))

    async def _quotes(self, who: Person) -> Reply:
        files = [spite.file(self.dice)] if self.dice.random() < 0.4 else []
        return await who.context("Tell this as a tale", who.writes(spite.words(self.dice, 2_000), *files))

    async def _presses(self, who: Person) -> Reply | None:
        pressable = [(shown, one.label) for shown in who.screen() for one in shown.buttons if one.custom_id]
        if not pressable:
            return None
        shown, label = self.dice.choice(pressable)
        return await who.press(label, shown)

    async def _plain(self, who: Person) -> Reply:
        return await who.slash(
            self.dice.choice(("queue", "help", "about", "privacy", "tales", "listen", "settings", "stop-all"))
        )

    async def _pries(self, who: Person) -> Reply | None:
        """Into the other server, by everything that takes an id or a search."""
        sought = self.dice.choice((self.victim, SECRET, spite.words(self.dice, 90)))
        if self.dice.random() < 0.5:
            suggested = await who.typing("play", "tale", sought)
            self.figures.leaked_bytes += len(SECRET) * str(suggested).count(SECRET)
            return None
        return await who.slash("play", tale=sought)

    async def _speaks(self, who: Person) -> Reply:
        return await who.slash("voice choose", voice=spite.words(self.dice, 100))

    def _look(self, who: Person) -> None:
        """Every message once for each thing it says: an edit is looked at again."""
        for shown in [*who.screen(), *who.direct(self.scene.double.bot)]:
            text = _said(shown)
            if shown.message.author_id == who.id or self._seen.get(shown.id) == text:
                continue
            self._seen[shown.id] = text
            if shown.message.author_id not in self.scene.double.world.applications:
                continue
            self.figures.tracebacks += bool(TRACE.search(text))
            self.figures.mentions += 0 if shown.ephemeral else len(MENTION.findall(shown.content))
            self.figures.leaked_bytes += len(SECRET) * text.count(SECRET)
            self.figures.broke += "Something broke on our side" in text


async def spent(count: int, seed: int, home: Path) -> Figures:
    """A night: another server's secrets are laid, then the spite begins."""
    async with on_stage(home, troupe=QUICK) as scene:
        scene.double.limits.counting = False
        async with scene.running() as bot:
            victim = await _secrets(scene.double.guild("Elsewhere"), bot)
            return await Night(scene, bot, random.Random(seed), victim).pass_(count)


async def _secrets(elsewhere: Neighbourhood, bot: TaleBot) -> str:
    """A tale and settings; its words stand in the library as any."""
    await bot.services.library.servers.change(str(elsewhere.id), say_as=((SECRET, SECRET),))
    reply = await elsewhere.member("Vera").slash("tale", prompt=f"a tale of {SECRET}", where="upload")
    await reply.shown.until(lambda seen: seen.files, within_s=60.0)
    [tale] = await bot.services.library.tales.asked_in(str(elsewhere.id))
    await bot.services.library.tales.change(tale.id, title=SECRET, synopsis=SECRET, opening=SECRET, hero=SECRET)
    return tale.id


def _said(shown: Shown) -> str:
    names = [file.name for file in shown.files]
    return "\n".join(
        [shown.text, *names, *(file.data.decode("utf-8", "replace") for file in shown.files if _short(file.name))]
    )


def _short(name: str) -> bool:
    return name.endswith((".txt", ".vtt", ".srt", ".html"))
