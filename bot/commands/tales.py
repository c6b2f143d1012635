"""The command that lists and searches tales."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import discord
from discord import app_commands
from discord.ui import Button, Select

from bot.card.render import CardStyle
from bot.commands.play import play_from
from bot.delivery.message_layout import presses, told
from bot.gate.visible_tales import seen_among, viewer_of
from bot.library.records import KeptTale, Page, Viewer
from bot.services import Services, services_of
from bot.ui.card_message import embeds_of, takes_follow_ups
from bot.ui.card_message import view_of as buttons_of
from bot.ui.escape import shown
from bot.ui.message import Face
from bot.ui.mood_style import colour_of, name_of
from bot.ui.persistent import Item, parts, show, view_of
from bot.ui.private_panel import Sheet
from bot.voice.player.status import Doing
from bot.wording import said
from pipeline.errors import Missing
from pipeline.road.door import read_answer
from pipeline.words.folding import slug
from pipeline.words.mood import Emotion
from pipeline.words.tale import Tale

ROOM = "tales"
FOR_YOU = "for_you"
LISTS = ("mine", "server", "hearts", FOR_YOU, "now")
"""Five: as many buttons as one row takes; the search has a row of its own."""
FOUND = "found"
MOST_SEARCHED_CHARS = 60
"""Longest search: it stands in the custom id of the buttons that turn the page, which takes 100."""
MOST_DIGITS = 6
"""Digits of a page's number that are read."""
_TITLE_CHARS, _WISH_CHARS = 80, 60


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the command to the tree, and its buttons to the client."""
    tree.add_command(app_commands.command(name="tales")(tales))
    tree.client.add_dynamic_items(PARTS)


async def tales(
    interaction: discord.Interaction, search: app_commands.Range[str, 1, MOST_SEARCHED_CHARS] | None = None
) -> None:
    await _list(interaction, FOUND if search else "mine", 0, search or "")


async def _pressed(interaction: discord.Interaction, what: str, values: tuple[str, ...]) -> None:
    """Answer `list:<name>:<page>[:<words>]`, `open` with the tale chosen, or `ask`."""
    verb, _, rest = what.partition(":")
    if verb == "ask":
        await interaction.response.send_modal(Asking(interaction.locale.value))
    elif verb == "open" and values:
        await _open(interaction, values[0])
    elif verb == "from" and values:
        name, _, scene = values[0].partition(":")
        at = int(scene) if scene.isdecimal() and len(scene) <= MOST_DIGITS else 0
        await play_from(interaction, await _seen(interaction, name), at)
    elif verb == "list":
        name, number, words = [*rest.split(":", 2), "", ""][:3]
        page = int(number) if number.isdecimal() and len(number) <= MOST_DIGITS else 0  # a forged id may say anything
        await _list(interaction, name if name in (*LISTS, FOUND) else "mine", page, words)


PARTS = parts(ROOM, _pressed)


class Asking(Sheet):
    """Form that asks what to look for."""

    def __init__(self, locale: str) -> None:
        super().__init__(title=said("tales.search", locale), timeout=900)
        self.words: discord.ui.TextInput[Asking] = discord.ui.TextInput(
            label=said("tales.words", locale), max_length=MOST_SEARCHED_CHARS, custom_id="words"
        )
        self.add_item(self.words)

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Show the list of what was found."""
        await _list(interaction, FOUND, 0, self.words.value)


async def _list(interaction: discord.Interaction, name: str, number: int, words: str) -> None:
    library, locale = services_of(interaction).library, interaction.locale.value
    viewer = await viewer_of(interaction, library)
    scenes: dict[str, int] = {}
    if name == FOUND:
        if services_of(interaction).search.ready:
            await _thinking(interaction)  # the question's meaning is asked of the executor, which may be at work
        page, scenes = await services_of(interaction).search.found(viewer, words, number)
    else:
        page = await _page(services_of(interaction), viewer, name, number)
    title = said(f"tales.list.{name}", locale, words=shown(words))
    lines = _playing(interaction, viewer) if name == "now" else []
    lines += [_line(tale, viewer, locale) for tale in page.tales]
    text = "\n".join([f"### {title}", *(lines or [said(f"tales.empty.{name}", locale)])])
    await show(
        interaction,
        text[:2_000],
        view_of([*_items(viewer, name, page, words, locale), *_scenes(page, scenes, locale)], PARTS),
    )


async def _thinking(interaction: discord.Interaction) -> None:
    if interaction.type is discord.InteractionType.component or interaction.message is not None:
        await interaction.response.defer()
    else:
        await interaction.response.defer(ephemeral=True, thinking=True)


def _scenes(page: Page, scenes: Mapping[str, int], locale: str) -> Iterator[Item]:
    """Give a menu of the scenes that answer, to be played from there."""
    told_here = [one for one in page.tales if one.id in scenes and one.server and not one.prompt.words_only]
    options = [
        discord.SelectOption(
            label=_title(one, locale)[:100],
            value=f"{one.id}:{scenes[one.id]}",
            description=_begins(one, scenes[one.id]),
        )
        for one in told_here
    ]
    if options:
        yield Select(custom_id=f"{ROOM}:from", placeholder=said("tales.from", locale), options=options, row=3)


def _begins(tale: KeptTale, scene: int) -> str | None:
    """Return the first words of a scene; None where its text is not kept."""
    paragraphs = tale.text.split("\n\n")
    return shown(paragraphs[scene])[:100] or None if scene < len(paragraphs) else None


def _playing(interaction: discord.Interaction, viewer: Viewer) -> list[str]:
    """Return what plays in this server's call, for members who see that channel."""
    if not viewer.server or interaction.guild is None:
        return []
    now = services_of(interaction).booths.of(interaction.guild.id).now
    if now.doing is Doing.NOTHING or str(now.channel_id) not in seen_among(interaction, [str(now.channel_id)]):
        return []
    title, where = shown(now.title)[:_TITLE_CHARS], f"<#{now.channel_id}>"
    return [said("tales.playing", interaction.locale.value, title=title, where=where, who=f"<@{now.member}>")]


async def _page(services: Services, viewer: Viewer, name: str, number: int) -> Page:
    kept = services.library.tales
    match name:
        case "server" if viewer.server:
            return await kept.of_server(viewer, number)
        case "hearts":
            return await kept.hearted(viewer, number)
        case "for_you" if viewer.server:
            return await services.search.for_you(viewer, number)
        case "now":
            open_ones = await kept.waiting(viewer.server, viewer.member)
            return Page(tuple(tale for tale in open_ones if _may_see(tale, viewer))[:10], 0, more=False)
        case _:
            return await kept.of_member(viewer, number)


def _may_see(tale: KeptTale, viewer: Viewer) -> bool:
    return tale.member == viewer.member or (tale.channel in viewer.channels and not tale.delivery.only_me)


def _line(tale: KeptTale, viewer: Viewer, locale: str) -> str:
    """Return one tale's line; somebody else's wish is not shown before it is told."""
    if not tale.finished_at:
        wish = shown(tale.prompt.text[:_WISH_CHARS]) if tale.member == viewer.member else ""
        return said("tales.waits", locale, who=f"<@{tale.member}>", when=f"<t:{int(tale.asked_at)}:R>", wish=wish)
    mood = name_of(Emotion(tale.mood), locale) if tale.mood else ""
    facts = [mood, f"<t:{int(tale.finished_at)}:d>", f"<@{tale.member}>"]
    if tale.hearts:
        facts.append(said("tales.hearts", locale, count=tale.hearts))
    return f"**{_title(tale, locale)}** · " + " · ".join(fact for fact in facts if fact)


def _items(viewer: Viewer, name: str, page: Page, words: str, locale: str) -> Iterator[Item]:
    for one in LISTS:
        if one not in ("server", FOR_YOU) or viewer.server:
            style = discord.ButtonStyle.primary if one == name else discord.ButtonStyle.secondary
            yield Button(label=said(f"tales.list.{one}", locale), style=style, custom_id=f"{ROOM}:list:{one}:0", row=0)
    yield Button(label=said("tales.search", locale), custom_id=f"{ROOM}:ask", row=4)
    told_ones = [tale for tale in page.tales if tale.finished_at]
    if told_ones:
        options = [discord.SelectOption(label=_title(one, locale)[:100], value=one.id) for one in told_ones]
        yield Select(custom_id=f"{ROOM}:open", placeholder=said("tales.open", locale), options=options, row=1)
    # The tail is never empty: the button back to the first page would have the id of the list's own button.
    tail = f":{words[:MOST_SEARCHED_CHARS] if name == FOUND else ''}"
    if page.number:
        label = said("tales.newer", locale)
        yield Button(label=label, custom_id=f"{ROOM}:list:{name}:{page.number - 1}{tail}", row=2)
    if page.more:
        label = said("tales.older", locale)
        yield Button(label=label, custom_id=f"{ROOM}:list:{name}:{page.number + 1}{tail}", row=2)


async def _open(interaction: discord.Interaction, name: str) -> None:
    """Show a tale as it was delivered, with its buttons, to this member alone."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    services, locale = services_of(interaction), interaction.locale.value
    tale = await _seen(interaction, name)
    rules = await services.library.servers.of(tale.server)
    look = CardStyle(locale, tale.delivery.plain or rules.plain)
    faces = await services.pools.files.run(_faces, services, tale, look)
    fits = takes_follow_ups(interaction, len(faces))
    for face in faces if fits else faces[:1]:
        view = buttons_of(face.presses)
        more: dict[str, Any] = {"view": view} if view else {}
        await interaction.followup.send(embeds=embeds_of(face), ephemeral=True, **more)
    if not fits:
        text = "\n\n".join(face.body for face in faces).encode()
        file = discord.File(io.BytesIO(text), f"{slug(tale.title)}.txt")
        await interaction.followup.send(file=file, ephemeral=True)


def _faces(services: Services, tale: KeptTale, look: CardStyle) -> list[Face]:
    """Return its messages from the whole tale; where that is no longer kept, from its words."""
    try:
        if tale.artifact is None:
            raise Missing("tale_gone")
        whole = told(tale, read_answer(tale.artifact, Tale, services.artifacts), [], None, look)
    except Missing:
        colour = colour_of(Emotion(tale.mood) if tale.mood else Emotion.NEUTRAL)
        return [Face(shown(tale.title), shown(tale.text)[:3_900], colour, presses=presses(tale, look))]
    return [whole.first, *whole.rest]


async def _seen(interaction: discord.Interaction, name: str) -> KeptTale:
    library = services_of(interaction).library
    tale = await library.tales.seen(name, await viewer_of(interaction, library))
    if tale is None:
        raise Missing("tale_gone")
    return tale


def _title(tale: KeptTale, locale: str) -> str:
    return shown(tale.title)[:_TITLE_CHARS] or said("card.untitled", locale)
