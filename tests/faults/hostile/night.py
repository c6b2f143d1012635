"""A night of spite in one server."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from bot.client import TaleBot
from bot.library.records import KeptTale, ServerSettings, TaleState, Viewer
from bot.library.tales import Tales
from pipeline.audio.decode import read_upload
from pipeline.audio.upload import read_apart
from pipeline.errors import TaleError
from tests.bot.scene import Scene
from tests.discord_double.bell import NeverSeen
from tests.discord_double.forms.command import Option
from tests.discord_double.forms.components import Part
from tests.discord_double.interactions import Asked, Interaction
from tests.discord_double.members.asking import NotOffered
from tests.discord_double.members.person import Person
from tests.discord_double.members.reply import Reply
from tests.discord_double.members.shown import Shown
from tests.discord_double.post import LOADING
from tests.discord_double.refusal import Json
from tests.faults.hostile import forged, spite
from tests.faults.hostile.eyes import Eyes
from tests.faults.hostile.figures import PART, Figures
from tests.faults.hostile.hardships import Hardships
from tests.faults.hostile.listening import Overheard

PEOPLE = (("Mal", "en-US"), ("Eva", "pt-BR"), ("Ida", "de"), ("Luc", "fr"), ("Sol", "es-ES"))
AT_ONCE = 8
AN_INPUT_S = 4.0
"""Of the bot's clock: a night is long, and a limit that is met once is not met for ever."""
BENT_WITHIN_S = 0.4
"""A bent client may be left without an answer; how long is waited for one."""
TIDIED_EVERY = 40
"""Inputs after which the server's settings are as at first, so that spite does not shut its own door."""
A_STORM = 30
"""Presses of one button at the same moment."""
ENDED_WITHIN_S = 120.0
Deed = Callable[[random.Random, Person], Awaitable[Reply | None]]


@dataclass
class Night:
    """Who does what to whom."""

    scene: Scene
    bot: TaleBot
    seed: int
    victims: tuple[str, ...]
    """Ids of what is kept elsewhere."""
    eyes: Eyes
    figures: Figures = field(default_factory=Figures)
    clock_s: float = 0.0
    people: list[Person] = field(init=False)
    overheard: Overheard = field(init=False)
    hardships: Hardships = field(init=False)
    wished: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        guild = self.scene.guild
        self.people = [guild.owner, *(guild.member(name, locale=locale) for name, locale in PEOPLE)]
        self.overheard = Overheard(self.scene, self.bot)
        self.hardships = Hardships(guild, self.scene.double.bot, self.people)
        self.given: dict[int, object] = {
            Option.USER: self.people[1].user, Option.MENTIONABLE: self.people[2].user, Option.CHANNEL: guild.text,
            Option.ROLE: guild.role("Guests", 0),
        }  # fmt: skip
        self.commands: list[Json] = list(self.scene.double.bot.commands.values())

    async def pass_(self, count: int) -> Figures:
        """So many inputs; all that is shown is looked at as it comes."""
        self.scene.double.house.post.watchers.append(self.eyes.message)
        numbers = iter(range(count))
        await self.overheard.begin()
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._work(numbers))
        await self._tidied()
        await self._quiet()
        self.figures.unanswered += len(self._thinking)
        self.eyes.told += [f"still thinking: {one.data}"[:300] for one in self._thinking]
        await self._sum_up()
        await self.overheard.end()
        told = await (await self.scene.guild.member("Zoe").slash("help")).done()
        self.figures.alive = "**1.**" in told.text and not self.bot.is_closed()
        return self.figures

    async def _work(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            self.figures.inputs += 1
            self.clock_s += AN_INPUT_S
            if number % TIDIED_EVERY == TIDIED_EVERY - 1:
                await self._tidied()
            dice = random.Random(f"{self.seed}:{number}")
            deed = self._deeds[number % len(self._deeds)]
            try:
                await self._done(deed, dice)
            except NeverSeen as error:  # nothing at all came, not even that it is late
                self.figures.unanswered += 1
                self.eyes.told.append(str(error)[:300])

    async def _done(self, deed: Deed, dice: random.Random) -> None:
        with suppress(NotOffered):  # what no client sends, Discord itself refuses
            reply = await deed(dice, dice.choice(self.people))
            if reply is not None:
                await self._followed(dice, reply)

    @property
    def _deeds(self) -> tuple[Deed, ...]:
        return (
            self._commands, self._tells, self._bends, self._presses, self._attaches, self._forges, self._types,
            self._menus, self._bends, self._sends, self._forges, self._pries, self._commands, self._decodes,
            self._storms, self._hardens,
        )  # fmt: skip

    async def _followed(self, dice: random.Random, reply: Reply) -> None:
        """A form that opens is filled in."""
        if reply.modal is not None:
            self.eyes.text(str(reply.modal))
            with suppress(NotOffered):
                reply = await self.people[0].submits(reply, **forged.filled(dice, reply.modal))
        self._answered(reply)

    def _answered(self, reply: Reply) -> None:
        self.figures.unanswered += reply.failed
        if reply.failed:
            self.eyes.told.append(f"unanswered, {self.figures.inputs}: {reply.asked.data}"[:300])

    async def _commands(self, dice: random.Random, who: Person) -> Reply:
        """Any command with any of its options."""
        name, offered = dice.choice(forged.invocations(self.commands))
        given = forged.options(dice, offered, self.given)
        if given.get("tell_me"):
            self.wished.add(who.id)
        return await who.slash(name, **given)

    async def _tells(self, dice: random.Random, who: Person) -> Reply:
        return await who.slash("tale", prompt=spite.words(dice), only_me=dice.random() < 0.3)

    async def _attaches(self, dice: random.Random, who: Person) -> Reply:
        return await who.slash("tale", file=spite.file(dice))

    async def _menus(self, dice: random.Random, who: Person) -> Reply:
        """A message or a person, by right click."""
        command = dice.choice([one for one in self.commands if one["type"] != 1])
        if command["type"] == forged.USERS:
            return await who.context(command["name"], dice.choice(self.people).user)
        files = [spite.file(dice)] if dice.random() < 0.4 else []
        return await who.context(command["name"], who.writes(spite.words(dice, 2_000), *files))

    async def _types(self, dice: random.Random, who: Person) -> None:
        """Suggestions, while something is typed; into the other server, too."""
        offering = [
            (name, one["name"])
            for name, offered in forged.invocations(self.commands)
            for one in offered
            if one.get("autocomplete")
        ]
        sought = dice.choice((*self.victims, PART, PART[:4], spite.words(dice, 100)))
        self.eyes.text(str(await who.typing(*dice.choice(offering), sought)))

    async def _pries(self, dice: random.Random, who: Person) -> Reply:
        """By everything that takes an id or a search."""
        sought = dice.choice((*self.victims, PART, PART[:4]))
        if dice.random() < 0.5:
            return await who.slash("play", tale=sought)
        return await who.slash("tales", search=sought[:60])

    async def _presses(self, dice: random.Random, who: Person) -> Reply | None:
        """What hangs under a message that they see, and may press."""
        seen = [one for one in self.eyes.pressable if one.message.visible_to in (None, who.id) and not one.deleted]
        if not seen:
            return None
        shown = dice.choice(seen)
        menus = [menu for menu in shown.menus if not menu.disabled]
        if menus and dice.random() < 0.5:
            return await self._chosen(dice, who, shown, dice.choice(menus).custom_id)
        labels = [one.label for one in shown.buttons if one.custom_id and not one.disabled]
        return await who.press(dice.choice(labels), shown) if labels else None

    async def _storms(self, dice: random.Random, _who: Person) -> None:
        """One button, by everybody at once and again."""
        seen = [one for one in self.eyes.pressable if one.message.visible_to is None and not one.deleted]
        labels = [(one, button.label) for one in seen for button in one.buttons if button.custom_id]
        if not labels:
            return
        shown, label = dice.choice(labels)
        presses = (self.people[nth % len(self.people)].press(label, shown) for nth in range(A_STORM))
        for reply in await asyncio.gather(*presses, return_exceptions=True):
            if isinstance(reply, Reply):
                self._answered(reply)
            elif not isinstance(reply, NotOffered):
                raise reply

    async def _hardens(self, dice: random.Random, _who: Person) -> None:
        """The server takes something away."""
        self.hardships.next(dice)

    async def _chosen(self, dice: random.Random, who: Person, shown: Shown, menu: str) -> Reply:
        [found] = [one for one in shown.menus if one.custom_id == menu]
        by_kind = {5: str(who.id), 6: str(next(iter(self.scene.guild.guild.roles))), 8: str(self.scene.guild.text.id)}
        labels = [label for label, _ in found.options] or [by_kind.get(found.kind, str(who.id))]
        return await who.choose(dice.choice(labels), on=shown, menu=menu)

    async def _bends(self, dice: random.Random, who: Person) -> None:
        """Ids of other servers' tales, of other members', broken ones and huge ones."""
        bearing = [one for one in self.eyes.pressable if not one.deleted]
        if not bearing:
            return
        made = forged.custom_id(dice, list(self.eyes.ids), self.victims)
        data = forged.component(dice, made, (*self.victims, PART, str(who.id)))
        source = forged.bearing(dice.choice(bearing).message, data)
        await self._asked(who, Asked.COMPONENT, data, source)

    async def _sends(self, dice: random.Random, who: Person) -> None:
        """A form that nobody opened."""
        made = forged.custom_id(dice, list(self.eyes.ids), self.victims)
        field_ = {"type": int(Part.TEXT_INPUT), "custom_id": spite.words(dice, 90), "value": spite.words(dice), "id": 2}
        row = {"type": int(Part.ROW), "id": 1, "components": [field_]}
        await self._asked(who, Asked.MODAL, {"custom_id": made, "components": [row]}, None)

    async def _asked(self, who: Person, kind: Asked, data: Json, source: object) -> None:
        house = self.scene.double.house
        asked = house.interactions.ask(kind, self.scene.double.bot, who.user, who.channel, data, source)  # type: ignore[arg-type]  # a message, or none
        with suppress(NeverSeen):
            await house.world.bell.until(lambda: asked.answer, within_s=BENT_WITHIN_S, why="a bent client is answered")

    async def _forges(self, dice: random.Random, _who: Person) -> None:
        """Packets, into the ears."""
        await self.overheard.burst(dice)

    async def _decodes(self, dice: random.Random, _who: Person) -> None:
        """What the executor would do with a recording."""
        sound = spite.sound(dice)
        try:
            if sound in spite.BOMBS:
                file = self.scene.home / "bomb.m4a"
                await asyncio.to_thread(file.write_bytes, sound)
                await asyncio.to_thread(read_apart, file, 16_000)
            else:
                await asyncio.to_thread(read_upload, sound, 16_000)
        except TaleError:
            return
        except Exception as error:  # noqa: BLE001 - whatever else it is, it is what we look for
            self.figures.undecodable += 1
            self.eyes.told.append(repr(error))

    async def _tidied(self) -> None:
        self.hardships.over()
        plain = vars(ServerSettings()) | {"mod_log": str(self.scene.guild.text.id), "cloning": True}
        await self.bot.services.library.servers.change(str(self.scene.guild.id), **plain)

    async def _quiet(self) -> None:
        """What was put off is answered, and tales that were begun are told or refused, and shown as such."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ENDED_WITHIN_S):
                while self._thinking or self.bot.services.teller.open:  # noqa: ASYNC110 - the teller rings no bell
                    await asyncio.sleep(0.05)

    @property
    def _thinking(self) -> list[Interaction]:
        """Those whose asker still reads that the bot thinks: attachments wait in line, and the last may be many."""
        asked = self.scene.double.house.interactions.by_token.values()
        return [one for one in asked if one.message and one.message.flags & LOADING and not one.message.deleted]

    async def _sum_up(self) -> None:
        for asked in self.scene.double.house.interactions.by_token.values():
            self.eyes.text(f"{asked.modal or ''} {asked.choices or ''}")
        seen, figures = self.eyes, self.figures
        figures.tracebacks, figures.mentions, figures.broke = seen.tracebacks, seen.mentions, seen.broke
        figures.leaked_bytes = seen.leaked_bytes
        figures.packets, figures.decoded = self.overheard.taken, self.overheard.decoded
        figures.hardships = self.hardships.met
        tales = self.bot.services.library.tales
        stranded = [one for one in await tales.every() if await _is_stranded(one, tales)]
        figures.undelivered = len(stranded)
        self.eyes.told += [f"undelivered: {one.id} {one.state} {one.delivery}" for one in stranded]


async def _is_stranded(tale: KeptTale, tales: Tales) -> bool:
    """Told to no end, or neither posted nor, where every way was shut, found in its asker's own list."""
    if tale.state is not TaleState.DONE or tale.delivered:
        return tale.state is TaleState.OPEN
    return await tales.seen(tale.id, Viewer(tale.member, tale.server)) is None
