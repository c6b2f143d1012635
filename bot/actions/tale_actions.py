"""What the buttons of a delivered tale do."""

from __future__ import annotations

import io
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import discord

from bot.actions.debounce import Debounce, OneEach
from bot.actions.mood_words import Weighing, told_why
from bot.card.render import CardStyle
from bot.delivery import voice_message
from bot.delivery.fit import MOST_TRIES, SoundFile, fitted, smaller
from bot.delivery.message_layout import PICTURE, picture_alt
from bot.delivery.transcript import transcripts
from bot.delivery.web_page import page_of
from bot.library.posts import posted
from bot.library.records import KeptTale
from bot.momentary import momentary_folder
from bot.privacy.sounds import artifacts_in
from bot.privacy.take_down import take_down
from bot.services import Press, services_of
from bot.ui.card_message import takes_follow_ups, too_large, view_of
from bot.ui.escape import shown
from bot.ui.message import ButtonAction, Style
from bot.ui.message import Press as Button
from bot.ui.mood_style import mood_buttons
from bot.wording import said
from pipeline.artifacts import Artifacts
from pipeline.errors import Missing, Refused, TaleError
from pipeline.words.folding import slug
from pipeline.words.sound import RATE_HZ, Artifact
from pipeline.words.tale import Tale

if TYPE_CHECKING:
    from bot.library.library import Library

FORMATS = ("mp3", "m4b", "opus", "flac")
VOICE, HERE = "voice", "here"


@dataclass(frozen=True)
class Deeds:
    """Why, heart, share, transcript, formats, delete: for the table of Services."""

    library: Library
    artifacts: Artifacts
    erase: Callable[[Iterable[KeptTale]], Awaitable[object]]
    """Erases tales with all that is kept of them."""
    weighing: Weighing
    once: Debounce = field(default_factory=Debounce)
    one_each: OneEach = field(default_factory=OneEach)
    """Encodes a member's sounds one after the other, so that others get their turn between."""

    def table(self) -> Mapping[str, Press]:
        """Return the buttons it answers, by verb."""
        return {
            ButtonAction.WHY: self.why,
            ButtonAction.HEART: self.heart,
            ButtonAction.SHARE: self.share,
            ButtonAction.TRANSCRIPT: self.transcript,
            ButtonAction.FILES: self.files,
            ButtonAction.DELETE: self.delete,
            ButtonAction.ERASE: self.erased,
        }

    async def why(self, interaction: discord.Interaction, tale: KeptTale, _: str) -> None:
        """Explain the moods to the member alone, with the arc as a picture and buttons to correct them."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        locale, member = interaction.locale.value, str(interaction.user.id)
        story = await services_of(interaction).story(tale)
        # Where several spoke, a voice's reading is no one member's: nobody is shown it here.
        spoke = tale.member == member and not tale.delivery.named
        why = await told_why(partial(self.weighing.words, tale, story, member), story, locale, spoke=spoke)
        text = f"{why}\n{said('delivery.why.otherwise', locale)}"
        view = cast(discord.ui.View, view_of(mood_buttons(tale.id, locale)))
        files = await services_of(interaction).pools.files.run(self._pictured, tale, story, locale)
        await interaction.followup.send(text, view=view, files=files)

    def _pictured(self, tale: KeptTale, story: Tale, locale: str) -> list[discord.File]:
        """Return the picture of the tale's moods, with its description; nothing once it has expired."""
        look = CardStyle(locale, tale.delivery.plain)
        if look.plain:
            return []
        with suppress(Missing, OSError):
            seen = picture_alt(story, look)
            return [discord.File(self.artifacts.path(story.picture), PICTURE, description=seen)]
        return []

    async def heart(self, interaction: discord.Interaction, tale: KeptTale, _: str) -> None:
        """Give the tale a heart, or take it back."""
        count = await self.library.tales.heart(tale.id, str(interaction.user.id))
        await interaction.response.send_message(
            said("delivery.hearts", interaction.locale.value, count=count), ephemeral=True
        )
        # After the answer: reading the whole tale may wait for a slow store.
        if tale.artifact is not None:
            await services_of(interaction).pools.files.run(self._love, tale.artifact, count > 0)

    def _love(self, whole: Artifact, loved: bool) -> None:
        """Mark a tale's sounds, so that they go last when room is made for newer ones."""
        with suppress(TaleError, ValueError):
            self.artifacts.love([whole, *artifacts_in(json.loads(self.artifacts.read(whole)))], loved=loved)

    async def transcript(self, interaction: discord.Interaction, tale: KeptTale, _: str) -> None:
        """Send all three kinds of transcript to the member alone."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        story = await services_of(interaction).story(tale)
        reading = services_of(interaction).pools.files
        captions = await reading.run(lambda: self.artifacts.path(story.captions).read_text("utf-8"))
        name = slug(story.story.title)
        written = transcripts(story, captions)
        files = [discord.File(io.BytesIO(text.encode()), name + suffix) for suffix, text in written.items()]
        await interaction.followup.send(
            said("delivery.transcript", interaction.locale.value), files=files, ephemeral=True
        )

    async def share(self, interaction: discord.Interaction, tale: KeptTale, where: str) -> None:
        """Send the tale as one HTML page: first to the member, then, if they wish, to the channel."""
        if tale.delivery.only_me and tale.member != str(interaction.user.id):
            raise Refused("press_not_yours")
        everybody = where == HERE
        if not await self.once.pressed(interaction, tale, f"{ButtonAction.SHARE} {where}"):
            return
        await interaction.response.defer(ephemeral=not everybody, thinking=True)
        locale = interaction.locale.value
        whole = cast(Artifact, tale.artifact)  # SHARE is one of NEED_SOUND: a tale without it never comes here
        pools, limit = services_of(interaction).pools, interaction.filesize_limit
        async with self.one_each.turn(interaction.user.id):
            page = await pools.sounds.run(page_of, whole, self.artifacts, limit, locale)
        file = discord.File(io.BytesIO(page), f"{slug(tale.title)}.html")
        if everybody:
            await self.library.tales.change(tale.id, shared=True)
            await interaction.followup.send(f"**{shown(tale.title)}**", file=file)
            return
        button = Button(ButtonAction.SHARE, tale.id, said("delivery.share_here", locale), detail=HERE)
        view = cast(discord.ui.View, view_of([button]))
        await interaction.followup.send(said("delivery.shared", locale), file=file, view=view, ephemeral=True)

    async def files(self, interaction: discord.Interaction, tale: KeptTale, kind: str) -> None:
        """Offer the formats, or send the chosen one."""
        if kind and not await self.once.pressed(interaction, tale, f"{ButtonAction.FILES} {kind}"):
            return
        if kind == VOICE:
            await self._as_voice_message(interaction, tale)
        elif kind in FORMATS:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await self._sent(interaction, await services_of(interaction).story(tale), f".{kind}")
        else:
            locale = interaction.locale.value
            view = cast(discord.ui.View, view_of(_choices(tale, locale, _may_voice(interaction))))
            await interaction.response.send_message(said("delivery.files", locale), view=view, ephemeral=True)

    async def delete(self, interaction: discord.Interaction, tale: KeptTale, _: str) -> None:
        """Ask once more before an erase; for the asker and moderators."""
        _hold_theirs(interaction, tale)
        locale = interaction.locale.value
        button = Button(ButtonAction.ERASE, tale.id, said("card.press.erase", locale), style=Style.DANGER)
        view = cast(discord.ui.View, view_of([button]))
        text = said("delivery.sure", locale, title=shown(tale.title))
        await interaction.response.send_message(text, view=view, ephemeral=True)

    async def erased(self, interaction: discord.Interaction, tale: KeptTale, _: str) -> None:
        """Erase the tale: its messages first, whose ids only the library knows, then all that is kept of it."""
        _hold_theirs(interaction, tale)  # again: its custom id alone may have been sent
        await interaction.response.defer()
        await take_down(interaction.client, [tale])
        await self.erase([tale])
        await interaction.edit_original_response(content=said("delivery.erased", interaction.locale.value), view=None)

    async def _sent(self, interaction: discord.Interaction, story: Tale, suffix: str) -> None:
        limit, pools = interaction.filesize_limit, services_of(interaction).pools
        # On the threads for files first: a store that is away must not hold the one thread that encodes.
        await pools.files.run(self._files, story)
        async with momentary_folder("files") as folder:
            for _ in range(MOST_TRIES):
                async with self.one_each.turn(interaction.user.id):
                    parts = await pools.sounds.run(self._fitted, story, folder, limit, suffix)
                if not takes_follow_ups(interaction, len(parts)):
                    break
                if await _taken(interaction, parts):
                    return
                limit = smaller(parts, limit)  # Discord's true limit may lie under the one it names
        raise Refused("sound_over_limit", seconds=round(story.master.samples / RATE_HZ), limit_mb=limit >> 20)

    async def _as_voice_message(self, interaction: discord.Interaction, tale: KeptTale) -> None:
        if not _may_voice(interaction):
            raise Refused("press_no_voice_messages")
        await interaction.response.defer(ephemeral=True, thinking=True)
        story, channel = await services_of(interaction).story(tale), cast(int, interaction.channel_id)
        pools, limit = services_of(interaction).pools, interaction.filesize_limit
        async with momentary_folder("voice") as folder:
            await pools.files.run(self._files, story)
            async with self.one_each.turn(interaction.user.id):
                file = await pools.sounds.run(self._spoken, story, folder, limit)
            message = await voice_message.post(interaction.client, channel, tale.id, file)
        await self.library.tales.change(tale.id, delivered=(*tale.delivered, posted(channel, message)))
        await interaction.delete_original_response()

    def _fitted(self, story: Tale, folder: Path, limit: int, suffix: str) -> list[SoundFile]:
        """Encode the tale; its files are opened again, since they may have gone while others were encoded."""
        master, cover = self._files(story)
        return fitted(story, master, folder, limit, suffix, cover)

    def _spoken(self, story: Tale, folder: Path, limit: int) -> voice_message.VoiceFile:
        return voice_message.spoken(story, self._files(story)[0], folder, limit)

    def _files(self, story: Tale) -> tuple[Path, Path]:
        """Return sound and picture, fetched and decrypted where needed. Raises Missing `artifact_gone`."""
        return self.artifacts.path(story.master.audio), self.artifacts.path(story.picture)


async def _taken(interaction: discord.Interaction, parts: Sequence[SoundFile]) -> bool:
    """Whether Discord took the files; it may find one too large, whatever limit it named."""
    try:
        for part in parts:
            await interaction.followup.send(file=discord.File(part.path, part.name), ephemeral=True)
    except discord.HTTPException as error:
        if too_large(error):
            return False
        raise
    return True


def _choices(tale: KeptTale, locale: str, voice: bool) -> list[Button]:
    kinds = (*FORMATS, VOICE) if voice else FORMATS
    return [Button(ButtonAction.FILES, tale.id, said(f"delivery.format.{kind}", locale), detail=kind) for kind in kinds]


def _may_voice(interaction: discord.Interaction) -> bool:
    """Whether the bot may post a voice message in the channel: an interaction cannot answer with one."""
    may = interaction.app_permissions
    return bool(interaction.guild and may.send_voice_messages and may.send_messages and may.attach_files)


def _hold_theirs(interaction: discord.Interaction, tale: KeptTale) -> None:
    if tale.member != str(interaction.user.id) and not (interaction.guild and interaction.permissions.manage_messages):
        raise Refused("press_not_yours")
