"""What a member sees of their own voice."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.actions.clone_job import CloneRequest, Learning, delete, keep, voice_of
from bot.actions.tale_choices import voice_name
from bot.gate.caller import Asker, asker_of
from bot.library.records import KeptVoice, ServerSettings
from bot.moderation.mod_log import note_listening
from bot.services import services_of
from bot.ui.escape import shown
from bot.ui.persistent import Interaction
from bot.ui.private_panel import Panel
from bot.ui.refusals import told_of
from bot.voice.join import Room
from bot.voice.receive.opus import Pcm
from bot.wording import said
from pipeline.consent import consent_sentence
from pipeline.errors import Refused, TaleError

TERMS = ("what", "who", "kept", "stop")
"""Four short lines: what is learnt, who may use it, how long it is kept, how to delete it."""
_MOST_NAME = 32


@dataclass(frozen=True)
class Leave:
    """Permission to learn a voice now: where, and by which settings."""

    room: Room
    rules: ServerSettings
    asker: Asker


Admit = Callable[[Interaction], Awaitable[Leave]]
"""Returns where a voice may be learnt, or raises Refused."""


class Invitation(Panel):
    """A sentence drawn for this request, with the one button that agrees to read it."""

    def __init__(self, origin: Interaction, language: str, admit: Admit) -> None:
        super().__init__(origin)
        self._language, self._admit, self._locale = language, admit, origin.locale.value
        self._sentence = consent_sentence(language, secrets.token_hex(16))
        self.button(said("cloning.press.consent", self._locale), self._agreed, main=True)

    def text(self, before: str = "") -> str:
        """Return the sentence and the terms that are agreed to with it."""
        terms = [f"-# {said(f'cloning.terms.{one}', self._locale)}" for one in TERMS]
        return "\n".join([*filter(None, [before]), said("cloning.read", self._locale), self._quoted, *terms])

    @property
    def _quoted(self) -> str:
        return f"> **{self._sentence}**"

    async def _agreed(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        if not self.take():
            return
        # Asked again: the member may have left the call, or a manager turned cloning off, since it was shown.
        leave = await self._admit(interaction)
        try:
            panel, text = await self._learnt(interaction, leave)
        except TaleError as error:
            # With another sentence: the one that was read is known by now, and could be played back.
            again = Invitation(self._origin, self._language, self._admit)
            panel, text = again, again.text(f"{told_of(error, interaction)}\n")
        self.stop()
        await interaction.edit_original_response(content=text, view=panel)

    async def _learnt(self, interaction: Interaction, leave: Leave) -> tuple[Panel, str]:
        services, asker = services_of(interaction), leave.asker
        pcm = await self._heard(interaction, leave)
        await interaction.edit_original_response(content=said("cloning.checking", self._locale), view=None)
        learning = Learning(services.door, services.artifacts, services.ears.unfinished, services.pools.files)
        told = await learning.learnt(CloneRequest(asker.member, asker.server, self._language, self._sentence), pcm)
        name = said("cloning.name", self._locale, who=interaction.user.display_name[:_MOST_NAME])
        voice = voice_of(told, asker.member, name, self._language, services.clock())
        if voice.learnt is None:
            offer = NearestVoice(self._origin, voice, self._admit)
            return offer, offer.text
        await keep(services.library, services.privacy, voice)
        own = Own(self._origin, voice, self._admit)
        return own, own.text(said("cloning.learnt", self._locale))

    async def _heard(self, interaction: Interaction, leave: Leave) -> Pcm:
        """Return their voice alone; the mod log notes when the bot listened."""
        began = asyncio.Event()
        now = f"{said('cloning.now', self._locale)}\n{self._quoted}"

        async def ready() -> None:
            began.set()
            await interaction.edit_original_response(content=now, view=None)
            await note_listening(interaction, leave.rules, leave.room.id, "began")

        try:
            return await services_of(interaction).ears.hear_alone(leave.room, interaction.user.id, ready)
        finally:
            if began.is_set():
                await note_listening(interaction, leave.rules, leave.room.id, "ended")


class _Theirs(Panel):
    """Panel about a voice, for its owner."""

    def __init__(self, origin: Interaction, voice: KeptVoice, admit: Admit) -> None:
        super().__init__(origin)
        self._voice, self._admit = voice, admit

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Refuse presses of others: only its owner sees it, but a forged request may name it."""
        if str(interaction.user.id) != self._voice.member:
            raise Refused("press_not_yours")
        return True


class NearestVoice(_Theirs):
    """Offers the nearest stock voice where no voice can be learnt, and says that it is not theirs."""

    def __init__(self, origin: Interaction, voice: KeptVoice, admit: Admit) -> None:
        super().__init__(origin, voice, admit)
        self.button(said("cloning.press.keep", origin.locale.value), self._kept, main=True)

    @property
    def text(self) -> str:
        """Text that says whose voice it is."""
        return said("cloning.nearest", self._origin.locale.value, voices=_named(self._voice.blend, self._origin))

    async def _kept(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        if not self.take():
            return
        services = services_of(interaction)
        await keep(services.library, services.privacy, self._voice)
        own = Own(self._origin, self._voice, self._admit)
        self.stop()
        await interaction.edit_original_response(content=own.text(), view=own)


class Own(_Theirs):
    """A member's own voice: buttons to use, share, delete and learn it again."""

    def __init__(self, origin: Interaction, voice: KeptVoice, admit: Admit) -> None:
        super().__init__(origin, voice, admit)
        self._locale = origin.locale.value
        self._server = asker_of(origin).server
        self.button(said("cloning.press.use", self._locale), self._used, main=True)
        if self._server:
            self.button(said(f"cloning.press.{'alone' if self._shared else 'share'}", self._locale), self._turned)
            self.button(said("cloning.press.anew", self._locale), self._anew)
        self.button(said("cloning.press.delete", self._locale), self._deleted)

    def text(self, before: str = "") -> str:
        """Return whose voice it is, what it is, and who may use it."""
        voice = self._voice
        what = said("cloning.own", self._locale, voice=shown(voice.name))
        if voice.learnt is None:
            what = said("cloning.own_nearest", self._locale, voices=_named(voice.blend, self._origin))
        who = said(f"cloning.{'shared' if self._shared else 'unshared'}", self._locale)
        return "\n".join(filter(None, [before, what, who]))

    @property
    def _shared(self) -> bool:
        return self._server in self._voice.servers

    async def _used(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        await services_of(interaction).library.voices.choose(self._voice.member, self._voice.id)
        await interaction.edit_original_response(content=self.text(said("cloning.used", self._locale)), view=self)

    async def _turned(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        voices, voice = services_of(interaction).library.voices, self._voice
        turned = await voices.share(voice.id, voice.member, self._server, shared=not self._shared)
        self.stop()
        if turned is None:  # deleted meanwhile, by another panel of theirs
            await interaction.edit_original_response(content=said("cloning.gone", self._locale), view=None)
            return
        own = Own(self._origin, turned, self._admit)
        await interaction.edit_original_response(content=own.text(), view=own)

    async def _anew(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        await self._admit(interaction)
        self.stop()
        again = Invitation(self._origin, self._voice.language, self._admit)
        await interaction.edit_original_response(content=again.text(), view=again)

    async def _deleted(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        services = services_of(interaction)
        await delete(services.library, services.privacy, self._voice.member)
        self.stop()
        await interaction.edit_original_response(content=said("cloning.deleted", self._locale), view=None)


def _named(blend: str, origin: Interaction) -> str:
    """`Fable · English (GB) · man, 60 %; Emma ...`."""
    parts = [one.partition(":") for one in blend.split(",")]
    names = [(voice_name(name, origin.locale.value), share) for name, _, share in parts]
    return "; ".join(f"{name}, {float(share):.0%}" if share else name for name, share in names)
