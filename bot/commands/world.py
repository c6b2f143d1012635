"""The command that shows a server's world."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ui import Button, Select

from bot.actions.tale_choices import voice_table
from bot.actions.world_files import take_in, written
from bot.actions.world_view import MINE, OURS, WorldView, world_view
from bot.commands.voice import let_hear, spoken, teller_of
from bot.gate.word_filter import hold_to_words
from bot.library.worlds import Entry, Noted, previously
from bot.moderation.mod_log import note
from bot.request_tale.options import rating_of
from bot.services import services_of
from bot.ui.escape import shown, told_of
from bot.ui.persistent import Item, parts, show, view_of
from bot.ui.private_panel import Sheet
from bot.wording import language_of, said
from pipeline.errors import Refused
from pipeline.wording import locales
from pipeline.words.request import Sample
from pipeline.words.world import MOST_NAME_CHARS, Known, KnownKind, Wording, WorldPlace

ROOM = "world"
PAGE = 10
MOST_MERGED = MOST_WORLDS = 25  # options of one menu
_PRONOUNS = {"f": "f", "s": "f", "m": "m", "h": "m"}
"""By the first letter of what was typed: `f`, `she`, `m`, `he`."""


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the command to the tree, and its buttons to the client."""
    tree.add_command(app_commands.command(name="world")(world))
    tree.client.add_dynamic_items(PARTS)


async def world(interaction: discord.Interaction, mine: bool = False, file: discord.Attachment | None = None) -> None:
    at = await world_view(interaction, MINE if mine else OURS)
    if file is not None:
        await take_in(at, file)
        at = await world_view(interaction, at.scope)
    await _list(at, KnownKind.PERSON, 0)


async def _pressed(interaction: discord.Interaction, what: str, values: tuple[str, ...]) -> None:
    """Answer `<scope>:<verb>:<entry or kind>[:<page>]`."""
    scope, verb, name, number = [*what.split(":", 3), "", "", ""][:4]
    at = await world_view(interaction, scope)
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

        case _:
            await _of_whole(at, verb, values[0] if values else "")


async def _of_whole(at: WorldView, verb: str, chosen: str) -> None:
    """Answer what is asked of the world as a whole."""
    match verb:
        case "export":
            data = await asyncio.to_thread(written, at.entries)
            file = discord.File(io.BytesIO(data), "world.json")
            await at.interaction.response.send_message(file=file, ephemeral=True)
        case "previously":
            await _previously(at)
        case "worlds" | "here":
            await _choose_world(at, chosen)
        case "new":
            at.managing()
            await at.interaction.response.send_modal(NewWorld(at.locale))


PARTS = parts(ROOM, _pressed)


async def _note(at: WorldView, what: Noted, entry: Entry, says: Known | None = None, opened: str = "") -> None:
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
    after = await world_view(at.interaction, at.scope)
    if what is Noted.FORGOTTEN:
        await _list(after, entry.trace.kind, 0)
    else:
        await _open(after, opened or name)


async def _list(at: WorldView, kind: KnownKind, number: int) -> None:
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


def _list_items(at: WorldView, kind: KnownKind, number: int, page: list[Entry], count: int) -> Iterator[Item]:
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
    doing = ["previously", "export"] if at.entries else []
    for verb in [*doing, *(["worlds"] if at.asker.manages else [])]:
        yield Button(label=said(f"world.{verb}", at.locale), custom_id=f"{ROOM}:{at.scope}:{verb}", row=3)


async def _open(at: WorldView, name: str) -> None:
    entry = at.entry(name)
    one, said_of = entry.trace, _wording(entry.trace, at.locale)
    pronoun = one.gender and said(f"world.pronoun.{one.gender}", at.locale)
    facts = {"who": said_of.who, "pronoun": pronoun, "voice": said_of.voice, "met": ", ".join(one.met)}
    facts |= {"place": said_of.place, "closing": said_of.closing}
    lines = [f"{said(f'world.fact.{key}', at.locale)}: {shown(value)}" for key, value in facts.items() if value]
    proof = [f"> {shown(one.sentence)}"] if one.sentence else []
    text = "\n".join([f"### {shown(one.name)}{' 🔒' if entry.locked else ''}", *lines, *proof])
    await show(at.interaction, text[:2_000], view_of(_entry_items(at, entry), PARTS))


def _entry_items(at: WorldView, entry: Entry) -> Iterator[Item]:
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

    def __init__(self, at: WorldView, entry: Entry) -> None:
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
        at = await world_view(interaction, self._at.scope)
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


async def _previously(at: WorldView) -> None:
    """Let the member hear what happened last, in about twenty seconds."""
    await at.interaction.response.defer(ephemeral=True, thinking=True)
    language, text = previously(at.entries)
    intro = said("world.before", language) if language in locales() else ""
    voice = at.rules.voice if at.rules.voice in voice_table().voices else teller_of(language)
    sampled = await spoken(at.interaction, Sample(voice, language, f"{intro} {text}".strip()))
    await let_hear(at.interaction, sampled, shown(text)[:1_900])


async def _choose_world(at: WorldView, chosen: str) -> None:
    """Show the server's worlds; with one chosen, its tales play in this channel from now on."""
    server, here = at.managing(), at.asker.channel
    worlds = at.rules.worlds
    if chosen:
        name = chosen.removeprefix("=")
        moved = [replace(one, channels=tuple(c for c in one.channels if c != here)) for one in worlds]
        moved = [replace(one, channels=(*one.channels, here)) if one.name == name else one for one in moved]
        worlds = (await services_of(at.interaction).library.servers.change(server, worlds=tuple(moved))).worlds
    lines = [f"**{shown(one.name)}**: {' '.join(f'<#{channel}>' for channel in one.channels)}" for one in worlds]
    names = {"=": said("world.ours", at.locale), **{f"={one.name}": one.name for one in worlds}}
    options = [discord.SelectOption(label=name[:100], value=value) for value, name in names.items()][:MOST_WORLDS]
    menu = Select[Any](custom_id=f"{ROOM}:{at.scope}:here", placeholder=said("world.here", at.locale), options=options)
    new = Button[Any](label=said("world.new", at.locale), custom_id=f"{ROOM}:{at.scope}:new")
    back = Button[Any](label=said("privacy.back", at.locale), custom_id=f"{ROOM}:{at.scope}:list:{KnownKind.PERSON}:")
    text = "\n".join([f"### {said('world.worlds', at.locale)}", *lines])
    await show(at.interaction, text[:2_000], view_of([menu, new, back], PARTS))


class NewWorld(Sheet):
    """Form that names a world for this channel."""

    def __init__(self, locale: str) -> None:
        super().__init__(title=said("world.new", locale)[:45], timeout=900)
        self._name: discord.ui.TextInput[NewWorld] = discord.ui.TextInput(
            label=said("world.field.name", locale), max_length=MOST_NAME_CHARS, custom_id="name"
        )
        self.add_item(self._name)

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Add it, and let it play here."""
        at = await world_view(interaction, OURS)
        server, name = at.managing(), told_of(self._name.value, {}).replace("\n", " ").strip()
        if len(at.rules.worlds) >= MOST_WORLDS - 1:
            raise Refused("worlds_full", most=MOST_WORLDS - 1)
        known = [one.name for one in at.rules.worlds]
        if name and name not in known:
            worlds = (*at.rules.worlds, WorldPlace(name))
            await services_of(interaction).library.servers.change(server, worlds=worlds)
        await _choose_world(await world_view(interaction, OURS), f"={name}")
