"""Who is in which voice channel."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass

from tests.discord_double import names, shapes
from tests.discord_double.people import Channel, Guild, Kind, Membership, VoiceState
from tests.discord_double.permissions import May
from tests.discord_double.refusal import Json
from tests.discord_double.voice.opcodes import Close
from tests.discord_double.voice.room import Room
from tests.discord_double.voice.sealing import MODES
from tests.discord_double.voice.seat import Seat
from tests.discord_double.world import Event, World

FIRST_SSRC = 7001  # one count for all rooms, so that an SSRC names one seat alone


@dataclass(frozen=True)
class Ticket:
    """What a voice token lets its bearer do."""

    guild_id: int
    channel_id: int
    user_id: int
    session_id: str


class Hall:
    """Voice states, tokens and rooms of every guild."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.rooms: dict[int, Room] = {}
        self.tickets: dict[str, Ticket] = {}
        self.seats: dict[str, Seat] = {}  # by voice token: the clients on a socket
        self.modes: tuple[str, ...] = MODES  # the transport encryptions on offer
        self.encrypts = True  # False: no end-to-end encryption anywhere, as before 2026
        self.endpoint = f"{names.VOICE}:443"
        self._ssrcs = itertools.count(FIRST_SSRC)
        self.hosts: dict[int, str] = {}  # by user: where clients without a resolver came in

    def room(self, channel: Channel) -> Room:
        """The call of a channel; those on a stage are not end-to-end encrypted."""
        if channel.id not in self.rooms:
            encrypted = self.encrypts and channel.kind is Kind.VOICE
            self.rooms[channel.id] = Room(channel.id, self._ssrcs, encrypted=encrypted)
        return self.rooms[channel.id]

    def request(self, guild: Guild, member: Membership, wanted: Json) -> None:
        """A bot's opcode 4: join, move, leave, or close ears and mouth. What is not allowed is met with silence."""
        ears = {"self_deaf": bool(wanted.get("self_deaf")), "self_mute": bool(wanted.get("self_mute"))}
        channel_id = wanted.get("channel_id")
        if channel_id is None:
            self.leave(guild, member)
            return
        channel = guild.channels.get(int(channel_id))
        if channel is None or not channel.is_spoken or not self._may_enter(member, channel):
            return
        already = member.voice is not None and member.voice.channel_id == channel.id
        self._enter(guild, member, channel, ears)
        if not already or not self._connected(member):
            self._issue(guild, member)

    def enter(self, guild: Guild, member: Membership, channel: Channel) -> Room:
        """A person joins a channel through a client of its own."""
        self._enter(guild, member, channel, {"self_deaf": False, "self_mute": False})
        return self.room(channel)

    def leave(self, guild: Guild, member: Membership) -> None:
        if member.voice is None:
            return
        room = self.rooms.get(member.voice.channel_id)
        member.voice = None
        if room is not None and member.user.id in room.participants:
            room.leave(room.participants[member.user.id])
        self.tell(guild, member)

    def move(self, guild: Guild, member: Membership, channel: Channel | None) -> None:
        """A moderator moves a member, or puts it out when there is no channel."""
        seat = self.seat_of(member)
        if channel is None:
            self.leave(guild, member)
        else:
            self._enter(guild, member, channel, {})
        if seat is not None:
            seat.close(Close.DISCONNECTED)
            if channel is not None:
                self._issue(guild, member)

    def remove(self, channel: Channel) -> None:
        """Delete a channel; whoever was in its call is out."""
        guild = self._world.guilds[channel.guild_id or 0]
        del guild.channels[channel.id]
        name = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
        self._world.emit(Event(name, shapes.channel(channel), guild.id))
        for member in guild.members.values():
            if member.voice is not None and member.voice.channel_id == channel.id:
                seat = self.seat_of(member)
                self.leave(guild, member)
                if seat is not None:
                    seat.close(Close.CALL_TERMINATED)
        self.rooms.pop(channel.id, None)

    def crash(self, guild: Guild, member: Membership, code: int = Close.CRASHED) -> None:
        """Cut a client's voice socket with a code; its seat and its session stay, to be resumed."""
        seat = self.seat_of(member)
        assert seat is not None, "this member has no voice socket"
        seat.close(code)

    def change_server(self, guild: Guild, member: Membership) -> None:
        """Discord moves a call to another voice server."""
        self.endpoint = f"{names.OTHER_VOICE}:443"
        self._issue(guild, member)

    def tell(self, guild: Guild, member: Membership) -> None:
        """Let everybody know the voice state as it is, and let the room act on it."""
        state = member.voice
        if state is not None:
            who = self.room(guild.channels[state.channel_id]).participants.get(member.user.id)
            if who is not None:
                who.muted, who.deafened = state.mute or state.suppress, state.deaf
        self._world.emit(Event("VOICE_STATE_UPDATE", shapes.voice_state(guild, member), guild.id))

    def seat_of(self, member: Membership) -> Seat | None:
        """The socket of a member in voice, when it has one."""
        if member.voice is None or member.voice.channel_id not in self.rooms:
            return None
        who = self.rooms[member.voice.channel_id].participants.get(member.user.id)
        return who if isinstance(who, Seat) else None

    def _connected(self, member: Membership) -> bool:
        seat = self.seat_of(member)
        return seat is not None and seat.open

    def _may_enter(self, member: Membership, channel: Channel) -> bool:
        allowed = self._world.may(member.user.id, channel)
        if not allowed & May.CONNECT:
            return False
        guild = self._world.guilds[channel.guild_id or 0]
        inside = [each for each in guild.members.values() if each.voice and each.voice.channel_id == channel.id]
        full = bool(channel.user_limit) and len(inside) >= channel.user_limit and member not in inside
        return not full or bool(allowed & May.MOVE_MEMBERS)

    def _enter(self, guild: Guild, member: Membership, channel: Channel, ears: dict[str, bool]) -> None:
        old = member.voice
        if old is not None and old.channel_id != channel.id:
            room = self.rooms.get(old.channel_id)
            if room is not None and member.user.id in room.participants:
                room.leave(room.participants[member.user.id])
        session = old.session_id if old else secrets.token_hex(16)
        may_speak = self._world.may(member.user.id, channel) & May.SPEAK
        silent = channel.kind is Kind.STAGE or not may_speak
        if old is not None and old.channel_id == channel.id:
            silent = old.suppress
        member.voice = VoiceState(channel.id, session, suppress=silent, **(ears or _ears_of(old)))
        if old is not None:
            member.voice.mute, member.voice.deaf = old.mute, old.deaf
        self.tell(guild, member)

    def _issue(self, guild: Guild, member: Membership) -> None:
        """A token for the voice server, told to the bot alone."""
        assert member.voice is not None
        token = secrets.token_hex(8)
        ticket = Ticket(guild.id, member.voice.channel_id, member.user.id, member.voice.session_id)
        self.tickets[token] = ticket
        host = self.hosts.get(member.user.id)
        endpoint = f"{host}/voice" if host else self.endpoint
        data = {"token": token, "guild_id": str(guild.id), "endpoint": endpoint}
        self._world.emit(Event("VOICE_SERVER_UPDATE", data, guild.id, only=member.user.id))


def _ears_of(old: VoiceState | None) -> dict[str, bool]:
    return {"self_deaf": bool(old and old.self_deaf), "self_mute": bool(old and old.self_mute)}
