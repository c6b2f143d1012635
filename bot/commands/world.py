"""The command that shows a server's world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import app_commands
from discord.ui import Button, Select

from bot.gate.caller import Asker, asker_of
from bot.gate.visible_tales import viewer_of
from bot.gate.word_filter import hold_to_words
from bot.library.records import ServerSettings
from bot.library.worlds import Entry, Noted, WorldOf, world_in
from bot.moderation.mod_log import note
from bot.request_tale.options import rating_of
from bot.services import services_of
from bot.ui.escape import shown, told_of
from bot.ui.persistent import Item, parts, show, view_of
from bot.ui.private_panel import Sheet
from bot.wording import language_of, said
from pipeline.errors import Missing, Refused
from pipeline.words.world import MOST_NAME_CHARS, Known, KnownKind, Wording

ROOM = "world"
OURS, MINE = "s", "m"
"""In the ids of buttons: the server's world in this channel, and the member's own."""
PAGE = 10
MOST_MERGED = 25  # options of one menu
_PRONOUNS = {"f": "f", "s": "f", "m": "m", "h": "m"}
"""By the first letter of what was typed: `f`, `she`, `m`, `he`."""


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the command to the tree, and its buttons to the client."""
    tree.add_command(app_commands.command(name="world")(world))
    tree.client.add_dynamic_items(PARTS)


async def world(interaction: discord.Interaction, mine: bool = False) -> None:
    await _list(await _stand(interaction, MINE if mine else OURS), KnownKind.PERSON, 0)


@dataclass(frozen=True)
class _Stand:
    """A member before a world, with what they may see of it."""

    interaction: discord.Interaction
    asker: Asker
    rules: ServerSettings
    scope: str
    world: WorldOf
    entries: list[Entry]

    @property
    def locale(self) -> str:
        return self.asker.locale

    def entry(self, name: str) -> Entry:
        """Return the entry; raises Missing `world_entry_gone`."""
        found = next((one for one in self.entries if one.trace.id == name), None)
        if found is None:
            raise Missing("world_entry_gone")
        return found

    def changing(self, name: str, *, unlocking: bool = False) -> Entry:
        """Return the entry where the member may change it; raises Refused."""
        entry = self.entry(name)
        keeps = bool(self.world.member) or self.interaction.permissions.manage_messages
        if not keeps and self.asker.member not in entry.members:
            raise Refused("world_not_yours")
        if entry.locked and not (unlocking and keeps):
            raise Refused("world_locked", name=shown(entry.trace.name))
        return entry


async def _stand(interaction: discord.Interaction, scope: str) -> _Stand:
    services, asker = services_of(interaction), asker_of(interaction)
    await services.gate.unblocked(asker)
    rules = await services.library.servers.of(asker.server)
    worlds = services.library.worlds
    if scope == MINE or not asker.server:
        own = WorldOf(member=asker.member)
        return _Stand(interaction, asker, rules, MINE, own, await worlds.entries(own))
    seen = (await viewer_of(interaction, services.library)).channels
    here = WorldOf(asker.server, world_in(asker.channel, rules))
    return _Stand(interaction, asker, rules, OURS, here, await worlds.entries(here, seen))


async def _pressed(interaction: discord.Interaction, what: str, values: tuple[str, ...]) -> None:
    """Answer `<scope>:<verb>:<entry or kind>[:<page>]`."""
    scope, verb, name, number = [*what.split(":", 3), "", "", ""][:4]
    at = await _stand(interaction, scope)
    match verb:
        case "list":
            kind = KnownKind(name) if name in tuple(KnownKind) else KnownKind.PERSON
            await _list(at, kind, int(number) if number.isdecimal() and len(number) < PAGE else 0)
        case "open":
            await _open(at, values[0] if values else name)
        case "edit":
            await interaction.response.send_modal(Correction(at, at.changing(name)))
        case "lock" | "unlock":
            entry = at.changing(name, unlocking=True)
            await _note(at, Noted.UNLOCKED if entry.locked else Noted.LOCKED, entry)
        case "forget":
            await _note(at, Noted.FORGOTTEN, at.changing(name))
        case "merge" if values:
            into = at.changing(values[0])
            await _note(at, Noted.MERGED, at.changing(name), replace(into.trace, wordings={}), opened=into.trace.id)


PARTS = parts(ROOM, _pressed)


async def _note(at: _Stand, what: Noted, entry: Entry, says: Known | None = None, opened: str = "") -> None:
    """Note it, for managers too, and show the entry; the list where it is gone."""
    worlds = services_of(at.interaction).library.worlds
    name = entry.trace.id
    await worlds.note(at.world, what, at.asker.member, [(name, says or Known(entry.trace.name, entry.trace.kind))])
    if at.world.server:
        locale = (at.interaction.guild_locale or at.interaction.locale).value
        who = at.interaction.user.mention
        line = said(
            "world.noted", locale, who=who, name=shown(entry.trace.name), what=said(f"world.did.{what}", locale)
        )
        await note(at.interaction.client, at.rules, line)
    after = await _stand(at.interaction, at.scope)
    if what is Noted.FORGOTTEN:
        await _list(after, entry.trace.kind, 0)
    else:
        await _open(after, opened or name)


async def _list(at: _Stand, kind: KnownKind, number: int) -> None:
    of_kind = [one for one in at.entries if one.trace.kind is kind]
    page = of_kind[PAGE * number : PAGE * (number + 1)]
    where = shown(at.world.name) or said("world.mine" if at.world.member else "world.ours", at.locale)
    lines = [_line(one, at.locale) for one in page] or [said("world.empty", at.locale)]
    text = "\n".join([f"### {where}", *lines])
    await show(at.interaction, text[:2_000], view_of(_list_items(at, kind, number, page, len(of_kind)), PARTS))


def _line(entry: Entry, locale: str) -> str:
    one = entry.trace
    who = _wording(one, locale).who
    facts = [who and shown(who), said("world.told", locale, times=len(entry.tales))]
    mark = " 🔒" if entry.locked else ""
    return f"**{shown(one.name)}**{mark} · " + " · ".join(fact for fact in facts if fact)


def _list_items(at: _Stand, kind: KnownKind, number: int, page: list[Entry], count: int) -> Iterator[Item]:
    for one in KnownKind:
        style = discord.ButtonStyle.primary if one is kind else discord.ButtonStyle.secondary
        label = said(f"world.kind.{one}", at.locale)
        yield Button(label=label, style=style, custom_id=f"{ROOM}:{at.scope}:list:{one}:", row=0)
    if page:
        options = [discord.SelectOption(label=one.trace.name[:100], value=one.trace.id) for one in page]
        yield Select(
            custom_id=f"{ROOM}:{at.scope}:open", placeholder=said("world.open", at.locale), options=options, row=1
        )
    turns = [("newer", number - 1)] * (number > 0) + [("older", number + 1)] * (count > PAGE * (number + 1))
    for label, to in turns:
        yield Button(label=said(f"tales.{label}", at.locale), custom_id=f"{ROOM}:{at.scope}:list:{kind}:{to}", row=2)


async def _open(at: _Stand, name: str) -> None:
    entry = at.entry(name)
    one, said_of = entry.trace, _wording(entry.trace, at.locale)
    pronoun = one.gender and said(f"world.pronoun.{one.gender}", at.locale)
    facts = {"who": said_of.who, "pronoun": pronoun, "voice": said_of.voice, "met": ", ".join(one.met)}
    facts |= {"place": said_of.place, "closing": said_of.closing}
    lines = [f"{said(f'world.fact.{key}', at.locale)}: {shown(value)}" for key, value in facts.items() if value]
    proof = [f"> {shown(one.sentence)}"] if one.sentence else []
    text = "\n".join([f"### {shown(one.name)}{' 🔒' if entry.locked else ''}", *lines, *proof])
    await show(at.interaction, text[:2_000], view_of(_entry_items(at, entry), PARTS))


def _entry_items(at: _Stand, entry: Entry) -> Iterator[Item]:
    name, kind = entry.trace.id, entry.trace.kind
    for verb in ("edit", "unlock" if entry.locked else "lock", "forget"):
        style = discord.ButtonStyle.danger if verb == "forget" else discord.ButtonStyle.secondary
        yield Button(
            label=said(f"world.{verb}", at.locale), style=style, custom_id=f"{ROOM}:{at.scope}:{verb}:{name}", row=0
        )
    yield Button(label=said("privacy.back", at.locale), custom_id=f"{ROOM}:{at.scope}:list:{kind}:", row=0)
    others = [one.trace for one in at.entries if one.trace.kind is kind and one is not entry][:MOST_MERGED]
    if others:
        options = [discord.SelectOption(label=one.name[:100], value=one.id) for one in others]
        asks = said("world.merge", at.locale)
        yield Select(custom_id=f"{ROOM}:{at.scope}:merge:{name}", placeholder=asks, options=options, row=1)


class Correction(Sheet):
    """Form that says what is true of an entry."""

    def __init__(self, at: _Stand, entry: Entry) -> None:
        super().__init__(title=said("world.edit", at.locale), timeout=900)
        self._at, self._entry = at, entry
        one, wording = entry.trace, _wording(entry.trace, at.locale)
        given = {"name": one.name, "who": wording.who, "gender": one.gender, "voice": wording.voice}
        self._fields: dict[str, discord.ui.TextInput[Correction]] = {}
        for key, value in given.items():
            field: discord.ui.TextInput[Correction] = discord.ui.TextInput(
                label=said(f"world.field.{key}", at.locale)[:45],
                default=value or None,
                required=key == "name",
                max_length=MOST_NAME_CHARS,
                custom_id=key,
            )
            self._fields[key] = field
            self.add_item(field)

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Note all of it; the last correction counts."""
        at = await _stand(interaction, self._at.scope)
        entry = at.changing(self._entry.trace.id)
        given = {key: told_of(field.value, {}).replace("\n", " ") for key, field in self._fields.items()}
        hold_to_words("\n".join(given.values()), at.rules, rating_of(at.asker, at.rules))
        gender = _PRONOUNS.get(given["gender"][:1].casefold(), "")
        wording = Wording(who=given["who"], voice=given["voice"])
        says = Known(given["name"] or entry.trace.name, entry.trace.kind, gender=gender)
        await _note(at, Noted.CORRECTED, entry, replace(says, wordings={language_of(at.locale): wording}))


def _wording(one: Known, locale: str) -> Wording:
    """Return what is said of it in the member's language, else in whatever language there is."""
    own = one.said_in(language_of(locale))
    return own if own != Wording() else next(iter(one.wordings.values()), own)
