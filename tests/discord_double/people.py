"""Users, guilds, channels: what Discord remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from tests.discord_double.refusal import Json

MIB = 1 << 20
UPLOAD_BY_TIER = {0: 10 * MIB, 1: 10 * MIB, 2: 50 * MIB, 3: 100 * MIB}


class Kind(IntEnum):
    """Channel types."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    NEWS = 5
    NEWS_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    STAGE = 13


THREADS = (Kind.NEWS_THREAD, Kind.PUBLIC_THREAD, Kind.PRIVATE_THREAD)
SPOKEN = (Kind.VOICE, Kind.STAGE)


@dataclass
class User:
    """A person or a bot."""

    id: int
    name: str
    bot: bool = False
    locale: str = "en-US"
    closed_dms: bool = False  # refuses direct messages from bots (50007)
    apps: set[int] = field(default_factory=set)  # installed for themselves, at hand everywhere


@dataclass
class Role:
    """A role; the one whose id is the guild's own is @everyone."""

    id: int
    name: str
    permissions: int
    position: int = 0


@dataclass
class VoiceState:
    """Where a member is in voice, and how open are ears and mouth."""

    channel_id: int
    session_id: str
    self_deaf: bool = False
    self_mute: bool = False
    self_video: bool = False
    deaf: bool = False
    mute: bool = False
    suppress: bool = False


@dataclass
class Membership:
    """A user in a guild."""

    user: User
    roles: set[int] = field(default_factory=set)
    nick: str | None = None
    voice: VoiceState | None = None


@dataclass
class Channel:
    """A text, voice or stage channel, a thread or a direct conversation."""

    id: int
    kind: Kind
    name: str
    guild_id: int | None = None
    parent_id: int | None = None
    topic: str | None = None
    status: str | None = None  # voice channels only
    overwrites: dict[int, tuple[int, int]] = field(default_factory=dict)  # role or member: allowed, denied
    own_overwrites: set[int] = field(default_factory=set)  # those of `overwrites` that are members
    recipients: list[User] = field(default_factory=list)  # direct conversations only
    user_limit: int = 0
    archived: bool = False
    locked: bool = False  # threads only: who does not manage threads can no longer speak there
    owner_id: int | None = None  # threads only
    joined: set[int] = field(default_factory=set)  # threads only

    @property
    def is_thread(self) -> bool:
        return self.kind in THREADS

    @property
    def is_spoken(self) -> bool:
        return self.kind in SPOKEN


@dataclass
class Guild:
    """A server."""

    id: int
    name: str
    owner_id: int
    tier: int = 0
    locale: str = "en-US"
    available: bool = True
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Membership] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)

    @property
    def upload_limit(self) -> int:
        """Bytes that one file may have."""
        return UPLOAD_BY_TIER[self.tier]


@dataclass
class Message:
    """A message as the API shows it, and who may see it."""

    data: Json
    born_s: float = 0.0  # by the double's clock
    visible_to: int | None = None  # the one user that sees an ephemeral message
    reactions: dict[str, list[int]] = field(default_factory=dict)
    deleted: bool = False

    @property
    def id(self) -> int:
        return int(self.data["id"])

    @property
    def channel_id(self) -> int:
        return int(self.data["channel_id"])

    @property
    def author_id(self) -> int:
        return int(self.data["author"]["id"])

    @property
    def flags(self) -> int:
        return int(self.data["flags"])


@dataclass
class Application:
    """A bot's application: its user and token, and which privileged intents it was granted."""

    user: User
    token: str
    privileged_intents: int = 0
    commands: dict[int, Json] = field(default_factory=dict)  # by command id; those of a guild carry guild_id
    owner: User | None = None  # who made it; the bot itself where nobody asks

    @property
    def id(self) -> int:
        return self.user.id
