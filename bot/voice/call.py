"""One guild's place in a call."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum

import aiohttp
import discord

from bot.voice import join
from bot.voice.discord_inside import OpenVoice
from bot.voice.join import Patience, Room
from pipeline.errors import Refused
from pipeline.log import log_of

_FIRST_WAIT_S, _MOST_WAIT_S = 1.0, 8.0
"""Between two tries to get back in; doubled after each."""
_TRANSPORT = (discord.DiscordException, aiohttp.ClientError, OSError)
"""Errors of a gateway that closes while it is asked."""
log = log_of("call")


class Health(StrEnum):
    """State of a call."""

    AWAY = "away"
    """The bot is not in it."""
    WELL = "well"
    SILENCED = "silenced"
    """The server muted or deafened the bot."""
    BROKEN = "broken"
    """What the bot sends is not heard; it is being reconnected."""
    LOST = "lost"
    """It is over; `why` says how."""


class Call:
    """The bot's place in a call: joins, follows moves, reconnects, leaves once no holder needs it any more.

    discord.py repairs most of what happens to a voice connection, but not all, and it does not say so: hence a watch.
    """

    def __init__(
        self,
        client: discord.Client,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.client, self._patience, self._clock = client, patience or Patience(), clock
        # Player and listening share one connection: Discord allows a bot one call a guild.
        self._holders: dict[str, bool] = {}
        # Two who enter at once would both connect, and discord.py refuses the second.
        self._entering = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None
        self._well_s = 0.0
        self._failed = 0
        self.voice: OpenVoice | None = None
        """The present connection; each reconnect makes another."""
        self.on_voice: list[Callable[[OpenVoice], None]] = []
        """Called with each new connection."""
        self._asked_deaf = True
        """How we last asked to be shown: what Discord reports of us comes a moment later."""
        self.health = Health.AWAY
        self.why: Refused | None = None
        """Why it was lost or silenced."""

    async def enter(self, channel_id: int, who: str, *, ears: bool = False) -> None:
        """Join for `who`, or stay where we are for them too; raises Refused.

        `ears`: whether they listen; the bot is shown as deaf while nobody does.
        """
        async with self._entering:
            if self._watching is None or self.health is Health.LOST or self._wanted_elsewhere(channel_id, who):
                await self._leave()
                await self._join(join.room_of(self.client, channel_id))
            self._holders[who] = ears
            await self._show_ears()

    async def close_ears(self, who: str) -> None:
        """Note that `who` stopped listening; the bot is shown as deaf once nobody listens."""
        async with self._entering:
            if who in self._holders:
                self._holders[who] = False
                with suppress(*_TRANSPORT):
                    await self._show_ears()

    async def release(self, who: str) -> None:
        """Remove a holder, and leave the call with the last one."""
        async with self._entering:
            # Releasing twice is allowed: a holder that was refused releases all the same.
            if self._holders.pop(who, None) is None:
                return
            if not self._holders:
                await self._leave()
                return
            with suppress(*_TRANSPORT):
                await self._show_ears()

    @property
    def room(self) -> Room | None:
        """The channel the bot is in, which a moderator may change."""
        channel = self.voice.channel if self.voice is not None else None
        return channel if isinstance(channel, discord.VoiceChannel | discord.StageChannel) else None

    @property
    def room_name(self) -> str:
        """Name of that channel; "" outside."""
        return self.room.name if self.room is not None else ""

    @property
    def listeners(self) -> frozenset[int]:
        """Members who hear the bot now."""
        return join.listeners_in(self.room) if self.room is not None else frozenset()

    def play(self, source: discord.AudioSource) -> None:
        """Play this, unless it plays already; does nothing while the call is not well."""
        voice = self.voice
        if voice is None or self.health is not Health.WELL or (voice.is_playing() and voice.source is source):
            return
        with suppress(discord.ClientException):  # the connection went this very moment: the watch will see it
            voice.stop()
            voice.play(source)

    def hush(self) -> None:
        """Stop playing at once."""
        if self.voice is not None:
            self.voice.stop()

    def _wanted_elsewhere(self, channel_id: int, who: str) -> bool:
        """Whether to move: listeners wait in another channel, and no other holder needs this one."""
        if self.room is None or self.room.id == channel_id or set(self._holders) - {who}:
            return False
        return bool(join.listeners_in(join.room_of(self.client, channel_id)))

    async def _join(self, room: Room) -> None:
        join.check_welcome(room)
        await self._connect(room)
        try:
            # Only now: the server's mute of a member is known once they are in a call.
            join.check_heard(room)
            await join.take_floor(room, self._patience)
        except Refused:
            await self._leave()
            raise
        self.health, self.why, self._well_s = Health.WELL, None, self._clock()
        self._watching = asyncio.create_task(self._watch(room.guild), name=f"call {room.guild.id}")
        self._tell()

    async def _leave(self) -> None:
        # The watch goes first: it would take our own leaving for a fault and reconnect.
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        voice, self.voice = self.voice, None
        if voice is not None:
            await join.put_down(voice)
        self.health = Health.AWAY

    async def _show_ears(self) -> None:
        room = self.room
        state = room.guild.me.voice if room is not None else None
        deaf = not any(self._holders.values())
        # Both are compared: Discord's state lags, so a change taken back at once would never be sent.
        if room is not None and state is not None and not (state.self_deaf == self._asked_deaf == deaf):
            self._asked_deaf = deaf
            await room.guild.change_voice_state(channel=room, self_deaf=deaf)

    async def _connect(self, room: Room) -> None:
        """Connect, shown as deaf where no holder listens."""
        self._asked_deaf = not any(self._holders.values())
        self.voice = await join.connected(room, self._patience, deaf=self._asked_deaf)

    async def _watch(self, guild: discord.Guild) -> None:
        """Look after the connection until it is lost."""
        try:
            while True:
                await asyncio.sleep(self._patience.look_s)
                self._look(guild)
                # discord.py reconnects by itself first: two that reconnect at once disturb each other.
                if self.health is Health.BROKEN and self._clock() - self._well_s > self._patience.faulty_s:
                    await self._mend(guild)
        except Refused as lost:
            self.health, self.why = Health.LOST, lost
            log.warning("call_lost", guild=guild.id, why=lost.code)
        except Exception:
            # Nobody else would ever see that the call is broken: those who use it would wait for ever.
            log.exception("call_watch_broke", guild=guild.id)
            self.health, self.why = Health.LOST, Refused("booth_lost", channel=self.room_name)

    def _look(self, guild: discord.Guild) -> None:
        """Set `health` by what is found; raises Refused where nothing can be done."""
        voice, now_s = self.voice, self._clock()
        assert voice is not None, "a watch belongs to a call"
        name = getattr(voice.channel, "name", "")
        if self.client.get_guild(guild.id) is None or guild.get_channel(voice.channel.id) is None:
            raise Refused("booth_gone")
        if voice.put_out:
            raise Refused("booth_put_out", channel=name)
        if self._faulty(voice):
            self.health = Health.BROKEN
            return
        try:
            join.check_heard(voice.channel)
            join.check_floor(voice.channel)
        except Refused as silenced:
            self.health, self.why = Health.SILENCED, silenced
            if now_s - self._well_s > self._patience.silenced_s:
                raise
            return
        self.health, self.why, self._well_s = Health.WELL, None, now_s

    def _faulty(self, voice: OpenVoice) -> bool:
        """Whether it is unconnected, without keys, unanswered by the gateway or unable to send."""
        failed, self._failed = voice.failed - self._failed, voice.failed
        # Alone in a channel there is nobody to agree on keys with: no fault.
        keyless = not voice.keyed and self.room is not None and not join.is_empty(self.room)
        unheard = voice.unheard_s > self._patience.unheard_s
        return not voice.is_connected() or keyless or failed > 0 or unheard

    async def _mend(self, guild: discord.Guild) -> None:
        """Leave and join again until it works; raises Refused once that took too long."""
        wait_s = _FIRST_WAIT_S
        while True:
            voice = self.voice
            assert voice is not None, "a watch belongs to a call"
            log.warning("call_reconnecting", guild=guild.id, connected=voice.is_connected())
            # Asked for anew each time: a channel that was deleted meanwhile raises.
            room = join.room_of(self.client, voice.channel.id)
            try:
                await self._connect(room)
                await join.take_floor(room, self._patience)
            except (Refused, *_TRANSPORT) as error:
                if self._clock() - self._well_s > self._patience.mend_s:
                    raise Refused("booth_lost", channel=room.name) from error
            else:
                self._failed = 0
                self._tell()
                return
            await asyncio.sleep(wait_s)
            wait_s = min(_MOST_WAIT_S, 2 * wait_s)

    def _tell(self) -> None:
        for each in self.on_voice:
            if self.voice is not None:
                each(self.voice)
