"""Everything Discord remembers, in one place."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.discord_double import permissions, shapes
from tests.discord_double.bell import Bell
from tests.discord_double.clock import Clock
from tests.discord_double.people import Application, Channel, Guild, Kind, Membership, Message, Role, User
from tests.discord_double.refusal import Json
from tests.discord_double.snowflake import Mint


@dataclass(frozen=True)
class Event:
    """Something that bots are told over the gateway."""

    name: str
    data: Json
    guild_id: int | None = None  # told to the bots of this guild
    only: int | None = None  # told to this application alone
    channel_id: int | None = None  # told to those who may see this channel


class World:
    """Users, guilds, channels, messages and files; `emit` tells the bots what changed, `bell` everybody else."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.mint = Mint(clock)
        self.bell = Bell()
        self.users: dict[int, User] = {}
        self.applications: dict[int, Application] = {}
        self.guilds: dict[int, Guild] = {}
        self.private: dict[int, Channel] = {}  # direct conversations
        self.messages: dict[int, Message] = {}
        self.files: dict[str, bytes] = {}  # CDN path to bytes
        self.listeners: list[Callable[[Event], None]] = []

    def emit(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)
        self.bell.ring()

    def user(self, name: str, *, bot: bool = False, locale: str = "en-US") -> User:
        fresh = User(self.mint.next(), name, bot=bot, locale=locale)
        self.users[fresh.id] = fresh
        return fresh

    def application(self, name: str, privileged_intents: int = 0) -> Application:
        token = secrets.token_urlsafe(24)
        fresh = Application(self.user(name, bot=True), token, privileged_intents)
        self.applications[fresh.id] = fresh
        return fresh

    def by_token(self, token: str) -> Application | None:
        return next((each for each in self.applications.values() if each.token == token), None)

    def guild(self, name: str, owner: User, *, tier: int = 0, locale: str = "en-US") -> Guild:
        fresh = Guild(self.mint.next(), name, owner.id, tier, locale)
        fresh.roles[fresh.id] = Role(fresh.id, "@everyone", permissions.EVERYBODY)
        fresh.members[owner.id] = Membership(owner)
        self.guilds[fresh.id] = fresh
        return fresh

    def room(self, guild: Guild, kind: Kind, name: str, parent_id: int | None = None, begun: int = 0) -> Channel:
        """A new channel of a guild, its bots told; a thread bears the number of the message it was `begun` from."""
        fresh = Channel(begun or self.mint.next(), kind, name, guild.id, parent_id)
        guild.channels[fresh.id] = fresh
        name = "THREAD_CREATE" if fresh.is_thread else "CHANNEL_CREATE"
        self.emit(Event(name, shapes.channel(fresh), guild.id, channel_id=fresh.id))
        return fresh

    def channel(self, channel_id: int) -> Channel | None:
        holders = (guild.channels for guild in self.guilds.values())
        return next((held[channel_id] for held in (self.private, *holders) if channel_id in held), None)

    def conversation(self, one: User, other: User) -> Channel:
        """The direct conversation of two users, opened when there is none."""
        both = {one.id, other.id}
        for held in self.private.values():
            if {each.id for each in held.recipients} == both:
                return held
        fresh = Channel(self.mint.next(), Kind.DM, "", recipients=[one, other])
        self.private[fresh.id] = fresh
        return fresh

    def messages_of(self, channel_id: int) -> Iterator[Message]:
        """The messages of a channel that stand, oldest first, ephemeral ones included."""
        return (each for each in self.messages.values() if each.channel_id == channel_id and not each.deleted)

    def join(self, guild: Guild, user: User) -> Membership:
        """Let a user into a guild, its bots told."""
        fresh = guild.members[user.id] = Membership(user)
        if user.id in self.applications:
            self.emit(Event("GUILD_CREATE", {"id": str(guild.id), "new": True}, guild.id, only=user.id))
        else:
            joined = shapes.member(fresh) | {"guild_id": str(guild.id)}
            self.emit(Event("GUILD_MEMBER_ADD", joined, guild.id))
        return fresh

    def part(self, guild: Guild, user: User) -> None:
        """Let a user leave a guild; a bot that is put out is told GUILD_DELETE."""
        del guild.members[user.id]
        if user.id in self.applications:
            self.emit(Event("GUILD_DELETE", {"id": str(guild.id)}, only=user.id))
        else:
            self.emit(Event("GUILD_MEMBER_REMOVE", {"guild_id": str(guild.id), "user": shapes.user(user)}, guild.id))

    def may(self, user_id: int, channel: Channel) -> permissions.May:
        """What a user may do in a channel; in a direct conversation, everything."""
        if channel.guild_id is None:
            inside = any(each.id == user_id for each in channel.recipients)
            return permissions.May(permissions.EVERYTHING if inside else 0)
        return permissions.May(permissions.of(self.guilds[channel.guild_id], user_id, channel))

    def meet(self, users: list[User]) -> bool:
        """Whether there is a guild with all of them in it."""
        return any(all(one.id in guild.members for one in users) for guild in self.guilds.values())

    def is_inside(self, application: Application, channel: Channel) -> bool:
        """Whether a bot is where the channel is; elsewhere only who installed it for themselves may ask it."""
        if channel.guild_id is None:
            return any(each.id == application.id for each in channel.recipients)
        return application.id in self.guilds[channel.guild_id].members

    def upload_limit(self, guild_id: int | None) -> int:
        """Bytes one file may have there."""
        return self.guilds[guild_id].upload_limit if guild_id in self.guilds else 10 << 20
