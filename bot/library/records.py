"""Values that the library keeps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.library.scheduled import Scheduled
from pipeline.tables import FALLBACK
from pipeline.words.prompt import Prompt, Rating
from pipeline.words.sound import Artifact
from pipeline.words.world import Meets, WorldPlace


class Where(StrEnum):
    """Where a tale is told."""

    HERE = "here"
    """In the voice channel where the asker sits."""
    UPLOAD = "upload"
    """As a file."""
    BOTH = "both"
    WORDS = "words"
    """As words alone, without narration."""

    @property
    def aloud(self) -> bool:
        """Whether somebody is to hear it while it is made."""
        return self in (Where.HERE, Where.BOTH)


class TextShown(StrEnum):
    """How much of the story's text the card shows, and when."""

    FOLLOW = "follow"
    """With the voice, so that nothing is spoiled."""
    AT_ONCE = "at_once"
    SPOILER = "spoiler"
    """At once, behind spoiler bars."""
    NONE = "none"


class TaleState(StrEnum):
    """How far a tale has come."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    UNFIT = "unfit"
    """Must not be told: it is to be erased, by the next bot if this one dies first."""
    EARLIER = "earlier"
    """An earlier version of a tale that was changed; it can be brought back."""
    ERASED = "erased"
    """Its words are erased; its row stays until its card is taken down too."""


class Music(StrEnum):
    """How loud the score is under the voice."""

    FULL = "full"
    SOFT = "soft"
    OFF = "off"


class Consent(StrEnum):
    """What a member may agree to, each on its own."""

    LISTEN = "listen"
    """To be heard in a voice channel."""
    FEELING = "feeling"
    """Their feeling to be read from their voice."""
    USUAL = "usual"
    """What their voice is like at rest to be kept."""
    CLONE = "clone"
    """Their voice to be learnt."""


@dataclass(frozen=True)
class DeliveryOptions:
    """How a member wants a tale delivered."""

    where: Where = Where.BOTH
    only_me: bool = False  # nobody else sees or hears it
    text: TextShown = TextShown.FOLLOW
    tell_me: bool = False
    """Mention the asker when it is done."""
    locale: str = FALLBACK
    """Discord's locale of the asker."""
    plain: bool = False  # without pictures
    limit_bytes: int = 0
    """The largest file that the interaction takes, by Discord when it was asked; 0 where unknown."""
    named: tuple[str, ...] = ()
    """Marks of the members whom the wish names, made for this tale alone: no id of theirs is kept."""
    webhook: str = ""
    """Where the open door says that it is done; "" for nowhere."""


@dataclass(frozen=True)
class KeptTale:
    """A wish and what became of it."""

    id: str
    """The job's id (uuid4 hex); the custom ids of buttons carry it."""
    server: str
    """Discord id as text; "" in direct messages."""
    channel: str
    """Where it was asked."""
    member: str
    """Who asked."""
    prompt: Prompt
    delivery: DeliveryOptions = DeliveryOptions()
    state: TaleState = TaleState.OPEN
    card_message: str = ""
    """"" until posted."""
    card_channel: str = ""
    interaction_token: str = ""
    """Good for 15 minutes; forgotten when the tale ends."""
    asked_at: float = 0.0
    """Seconds since the epoch."""
    title: str = ""
    synopsis: str = ""
    text: str = ""
    language: str = ""
    mood: str = ""
    """The leading feeling, as `Emotion` names it."""
    opening: str = ""
    """Its first sentence; with hero and frame it keeps the next tales from being alike."""
    hero: str = ""
    shape: str = ""
    """Its frame; an older word for it, which rows and backups keep."""
    artifact: Artifact | None = None
    """tale.json."""
    delivered: tuple[str, ...] = ()
    """`channel/message`; of earlier versions the message alone, which stood in the card's channel.
    While it is being delivered `part:channel:message`, so that no later try posts a part twice."""
    finished_at: float = 0.0
    """Seconds since the epoch; 0 while it is open."""
    hearts: int = 0
    shared: bool = False
    first: str = ""
    """Id of the tale of which this is a changed version; "" for a tale as it was first told."""


WEB = "web"
"""The channel of what is asked for through the open door."""


@dataclass(frozen=True)
class Viewer:
    """A member who looks, with what they may see."""

    member: str
    server: str = ""
    """"" in direct messages."""
    channels: frozenset[str] = frozenset()
    """Those of the server that they can read."""


@dataclass(frozen=True)
class Page:
    """A page of a list."""

    tales: tuple[KeptTale, ...]
    number: int
    """From 0."""
    more: bool
    """Whether another page follows."""


@dataclass(frozen=True)
class RoleShare:
    """Quota of each member with a role, in place of everybody's."""

    role: str
    a_day: int | None = None
    """Tales in 24 hours; 0 for no limit, None as everybody."""
    a_minute: int | None = None
    """Tales in a minute; likewise."""


class HeardAs(StrEnum):
    """How a tale was heard."""

    FINISHED = "finished"
    AGAIN = "again"
    SKIPPED = "skipped"
    HEARTED = "hearted"
    """A heart; it stands in a table of its own."""


@dataclass(frozen=True)
class ServerSettings:
    """Settings of a server; every field has a default that serves as it is."""

    roles: tuple[str, ...] = ()
    """Roles that may ask; empty for everybody."""
    channels: tuple[str, ...] = ()
    """Channels where they may; empty for everywhere."""
    never_here: tuple[str, ...] = ()
    """Channels in which the bot stays silent."""
    voice_allowed: bool = True
    """Whether tales may be told in voice channels."""
    voice_roles: tuple[str, ...] = ()
    """Roles that may call the bot into one; empty for all who may ask."""
    listening: bool = True
    """Whether it may listen there, with everybody's consent."""
    read_feeling: bool = True
    """Whether feeling may be read from voices; without it recordings give their words alone."""
    cloning: bool = False
    """Whether members may have their voice learnt."""
    blocked_members: tuple[str, ...] = ()
    blocked_roles: tuple[str, ...] = ()
    most_words: int = 1_300
    """Words of the longest tale."""
    most_waiting: int = 3
    """Tales of one member that may wait at once."""
    most_a_day: int = 0
    """Tales of one member in 24 hours; 0 for no limit."""
    cooldown_s: int = 0  # seconds between two tales of one member
    most_a_minute: int = 6
    """Tales of one member in a minute; 0 for no limit."""
    server_a_minute: int = 30
    """Tales of all members together in a minute; 0 for no limit."""
    server_a_day: int = 0
    """The same in 24 hours."""
    special_roles: tuple[str, ...] = ()
    """Roles whose members have a quota of their own."""
    special_a_day: int = 0
    """That quota, in place of `most_a_day`; 0 for no limit."""
    role_shares: tuple[RoleShare, ...] = ()
    """Quotas of single roles; a member with several has the most generous."""
    language: str = ""
    """ISO 639-1; empty to follow the prompt."""
    voice: str = ""
    """The narrator's id; empty to let the cast choose."""
    words: int = 160
    """Words of a tale whose asker chose no length."""
    music: Music = Music.FULL
    effects: bool = True  # whether things that happen in a tale are heard
    text: TextShown = TextShown.FOLLOW
    text_in_thread: bool = False
    """Long texts stand in a thread of their own."""
    plain: bool = False  # without pictures
    words_only: bool = False
    """Text alone, no sound."""
    pictures: bool = False  # one for each scene, with its description
    rating: Rating = Rating.TEEN
    """A ceiling that no member can raise."""
    quiet_from: str = ""
    """`22:00`: from then on nothing plays in voice channels; empty for never."""
    quiet_to: str = ""
    timezone: str = "UTC"
    """As the tz database names it."""
    retention_days: int = 0
    """Tales older than this are erased; 0 keeps them."""
    mod_log: str = ""
    """Channel in which every change and refusal is noted."""
    bad_words: tuple[str, ...] = ()
    """Words refused here besides those of the rating."""
    say_as: tuple[tuple[str, str], ...] = ()
    """The server's words and how they are pronounced."""
    remembers: bool = True
    """Whether later tales may know whom earlier ones told of."""
    meets: Meets = Meets.SOMETIMES
    worlds: tuple[WorldPlace, ...] = ()
    feeds: tuple[str, ...] = ()
    schedules: tuple[Scheduled, ...] = ()
    counts_heard: bool = False
    """Whether it is counted who heard which tale to its end, again, or skipped it, for *For you*."""


LEARNT = "learnt"
"""Prefix of the ids of learnt voices."""


@dataclass(frozen=True)
class KeptVoice:
    """A voice learnt from its owner."""

    id: str
    """As prompts name it."""
    member: str
    name: str
    """As its owner calls it."""
    language: str
    recording: Artifact
    """The spoken consent sentence: its name alone, since the file is erased once it was checked."""
    learnt: Artifact | None = None
    """What the narrator learnt, where it can learn."""
    blend: str = ""
    """The nearest of the ready voices, as a prompt names it, where it cannot."""
    servers: tuple[str, ...] = ()
    """Where it may be used by others; empty for its owner alone."""
    made_at: float = 0.0
