"""Join a voice channel, or say why not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
import discord

from bot.voice.discord_inside import OpenVoice
from pipeline.errors import Refused

Room = discord.VoiceChannel | discord.StageChannel


@dataclass(frozen=True)
class Patience:
    """How long a call waits for each thing, in seconds."""

    join_s: float = 10.0
    """For Discord to let the bot in."""
    keys_s: float = 3.0
    """For the others to agree on keys with the bot."""
    floor_s: float = 30.0
    """For a moderator to let the bot speak on a stage."""
    faulty_s: float = 4.0
    """For discord.py to repair a connection by itself."""
    mend_s: float = 90.0
    """For a reconnect to succeed, from the first fault on."""
    silenced_s: float = 60.0
    """For somebody who muted the bot to undo it."""
    unheard_s: float = 25.0
    """For the voice gateway to answer a heartbeat."""
    look_s: float = 0.1
    """Between two looks at the call."""


def room_of(client: discord.Client, channel_id: int) -> Room:
    """Return the channel; raises Refused `booth_gone`."""
    channel = client.get_channel(channel_id)
    if not isinstance(channel, discord.VoiceChannel | discord.StageChannel):
        raise Refused("booth_gone")
    return channel


def check_welcome(room: Room) -> None:
    """Raise Refused where Discord would not let the bot in; asked before connecting."""
    me, may = room.guild.me, room.permissions_for(room.guild.me)
    if not may.view_channel or not may.connect:
        raise Refused("booth_no_connect", channel=room.name)
    if not may.speak and not isinstance(room, discord.StageChannel):
        raise Refused("booth_no_speak", channel=room.name)
    inside = room.voice_states
    # Discord lets who may move members into a full channel too.
    if room.user_limit and len(inside) >= room.user_limit and me.id not in inside and not may.move_members:
        raise Refused("booth_full", channel=room.name)


def check_heard(room: Room) -> None:
    """Raise Refused where the server muted or deafened the bot."""
    state = room.guild.me.voice
    if state is not None and state.mute:
        raise Refused("booth_muted", channel=room.name)
    if state is not None and state.deaf:
        raise Refused("booth_deafened", channel=room.name)


def check_floor(room: Room) -> None:
    """Raise Refused `booth_audience` where the bot sits in a stage's audience."""
    if isinstance(room, discord.StageChannel) and not _speaks(room):
        raise Refused("booth_audience", channel=room.name)


async def connected(room: Room, patience: Patience, *, deaf: bool) -> OpenVoice:
    """Connect, and wait for keys where there are any to agree on; raises Refused."""
    # A client that an earlier try left behind: discord.py allows one a guild and raises for a second.
    left = room.guild.voice_client
    if left is not None:
        await put_down(left)
    try:
        voice = await room.connect(cls=OpenVoice, timeout=patience.join_s, self_deaf=deaf)
    except (TimeoutError, discord.DiscordException, aiohttp.ClientError, OSError, IndexError) as error:
        raise Refused("booth_unanswered", channel=room.name) from error
    # Not an error where they do not come: the watch sees it, and a tale may begin later.
    await _until(lambda: voice.keyed or is_empty(room), patience.keys_s, patience.look_s / 5)
    return voice


async def put_down(voice: discord.VoiceProtocol) -> None:
    """Disconnect, whatever state it is in; waits for Discord's answer three seconds at most."""
    try:
        async with asyncio.timeout(3.0):
            await voice.disconnect(force=True)
    except (TimeoutError, discord.DiscordException, aiohttp.ClientError, OSError):
        voice.cleanup()  # else discord.py would keep it as this guild's client and refuse the next


async def take_floor(room: Room, patience: Patience) -> None:
    """Become a speaker where the channel is a stage; raises Refused `booth_audience`."""
    if not isinstance(room, discord.StageChannel) or _speaks(room):
        return
    me = room.guild.me
    try:
        if room.permissions_for(me).mute_members:
            await me.edit(suppress=False)
        else:
            await me.request_to_speak()
    except discord.HTTPException as error:
        raise Refused("booth_audience", channel=room.name) from error
    if not await _until(lambda: _speaks(room), patience.floor_s, patience.look_s):
        raise Refused("booth_audience", channel=room.name)


def listeners_in(room: Room) -> frozenset[int]:
    """Return who hears the bot: people in the channel who are not deaf."""
    guild = room.guild

    def hears(member: int, state: discord.VoiceState) -> bool:
        known = guild.get_member(member)  # None without the members intent: then it counts as a person
        return not (known is not None and known.bot) and not (state.deaf or state.self_deaf) and member != guild.me.id

    return frozenset(member for member, state in room.voice_states.items() if hears(member, state))


def is_empty(room: Room) -> bool:
    """Whether the bot is alone there, with nobody to agree on keys with."""
    return not set(room.voice_states) - {room.guild.me.id}


def _speaks(room: Room) -> bool:
    state = room.guild.me.voice
    return state is not None and not state.suppress


async def _until(true: Callable[[], bool], within_s: float, look_s: float) -> bool:
    until_s = time.monotonic() + within_s
    while not true():
        if time.monotonic() > until_s:
            return False
        await asyncio.sleep(look_s)
    return True
