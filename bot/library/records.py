"""What the library keeps of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.words.prompt import Prompt, Rating
from pipeline.words.sound import Artifact


class Where(StrEnum):
    """Where the tale is told."""

    HERE = "here"
    """In the voice channel where the asker sits."""
    UPLOAD = "upload"
    """As a file."""
    BOTH = "both"
    WORDS = "words"
    """As words alone, that nobody narrates."""

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
    """Must not be: nothing of it is to stay, whatever befell the bot that found so."""
    ERASED = "erased"
    """Its words went; its row stays until its card is taken down too."""


class Music(StrEnum):
    """How loud the score is under the voice."""

    FULL = "full"
    SOFT = "soft"
    OFF = "off"


class Consent(StrEnum):
    """What somebody may agree to, each for itself."""

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
    """How somebody wishes to have a tale."""

    where: Where = Where.BOTH
    only_me: bool = False
    """Nobody else sees or hears it."""
    text: TextShown = TextShown.FOLLOW
    tell_me: bool = False
    """Mention the asker when it is done."""
    locale: str = "en"
    """Discord's locale of the asker."""
    plain: bool = False
    """Without pictures."""
    limit_bytes: int = 0
    """The largest file that the interaction takes, as Discord said when it was asked; 0 where nobody knows."""
    named: tuple[str, ...] = ()
    """Marks of the members whom the wish names, good for this tale alone: no id of theirs is kept."""


@dataclass(frozen=True)
class KeptTale:
    """One wish and what became of it."""

    id: str
    """The job's id (uuid4 hex); the custom ids of buttons carry it."""
    server: str
    """Snowflakes as text; "" in direct messages."""
    channel: str
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
    """Its first sentence."""
    hero: str = ""
    shape: str = ""
    artifact: Artifact | None = None
    """tale.json."""
    delivered: tuple[str, ...] = ()
    """`channel/message`; of earlier versions the message alone, which stood in the card's channel.

    While it is being delivered `part:channel:message`: whoever goes on with it posts no part twice.
    """
    finished_at: float = 0.0
    hearts: int = 0
    shared: bool = False


def posted(channel: int, message: int) -> str:
    """As `delivered` names a message."""
    return f"{channel}/{message}"


def posts_of(tale: KeptTale) -> tuple[tuple[int, int], ...]:
    """Channel and message of all that stands of a tale, the card last."""
    around = tale.card_channel or tale.channel
    every = dict.fromkeys([*(_place(one, around) for one in tale.delivered), (around, tale.card_message)])
    return tuple(
        (int(channel), int(message)) for channel, message in every if channel.isdecimal() and message.isdecimal()
    )


def _place(delivered: str, around: str) -> tuple[str, str]:
    *before, message = delivered.replace(":", "/").split("/")
    return (before[-1] if before else around), message


@dataclass(frozen=True)
class Viewer:
    """Who looks, from where, and what they may see there."""

    member: str
    server: str = ""
    """"" in direct messages."""
    channels: frozenset[str] = frozenset()
    """Those of the server that they can read."""


@dataclass(frozen=True)
class Page:
    """A stretch of a list."""

    tales: tuple[KeptTale, ...]
    number: int
    """From 0."""
    more: bool
    """Whether another page follows."""


@dataclass(frozen=True)
class RoleShare:
    """What each member with a role may ask for, in place of what everybody may."""

    role: str
    a_day: int | None = None
    """Tales in 24 hours; 0 for no limit, None as everybody."""
    a_minute: int | None = None


@dataclass(frozen=True)
class ServerSettings:
    """What a server's managers decided; every field has a default that pleases."""

    roles: tuple[str, ...] = ()
    """Who may ask; empty for everybody."""
    channels: tuple[str, ...] = ()
    """Where; empty for everywhere."""
    never_here: tuple[str, ...] = ()
    """Channels in which the bot stays silent."""
    voice_allowed: bool = True
    """Whether tales may be told in voice channels."""
    voice_roles: tuple[str, ...] = ()
    """Who may call the bot into one; empty for all who may ask."""
    listening: bool = True
    """Whether it may listen there, with everybody's consent."""
    read_feeling: bool = True
    """Whether feeling may be read from voices; without it recordings give their words alone."""
    cloning: bool = False
    """Whether members may have their voice learnt."""
    blocked_members: tuple[str, ...] = ()
    blocked_roles: tuple[str, ...] = ()
    most_words: int = 1_300
    """The longest tale."""
    most_waiting: int = 3
    """Tales of one member that may wait at once."""
    most_a_day: int = 0
    """Tales of one member in 24 hours; 0 for no limit."""
    cooldown_s: int = 0
    """Between two tales of one member."""
    most_a_minute: int = 6
    """Tales of one member in a minute; 0 for no limit."""
    server_a_minute: int = 30
    """Tales of all members together."""
    server_a_day: int = 0
    special_roles: tuple[str, ...] = ()
    """Whose members have a share of their own."""
    special_a_day: int = 0
    """Theirs, in place of `most_a_day`; 0 for no limit."""
    role_shares: tuple[RoleShare, ...] = ()
    """Of single roles; whoever has several has the most generous."""
    language: str = ""
    """ISO 639-1; empty to follow the prompt."""
    voice: str = ""
    """The narrator's id; empty to let the cast choose."""
    words: int = 160
    """Length of a tale nobody gave a length."""
    music: Music = Music.FULL
    text: TextShown = TextShown.FOLLOW
    text_in_thread: bool = False
    """Long texts stand in a thread of their own."""
    plain: bool = False
    """Without pictures."""
    words_only: bool = False
    """Text alone, no sound."""
    rating: Rating = Rating.TEEN
    """A ceiling no member can raise."""
    quiet_from: str = ""
    """`22:00`: from then on nothing sounds in voice channels; empty for never."""
    quiet_to: str = ""
    timezone: str = "UTC"
    """As the tz database names it."""
    retention_days: int = 0
    """Tales older than this go; 0 keeps them."""
    mod_log: str = ""
    """Channel in which every change and refusal is noted."""
    bad_words: tuple[str, ...] = ()
    """Refused here beside what the rating refuses."""
    say_as: tuple[tuple[str, str], ...] = ()
    """The server's words and how they are said."""


LEARNT = "learnt"
"""How the ids of learnt voices begin."""


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
    """The consent sentence, spoken: its name alone, for it goes when it was checked."""
    learnt: Artifact | None = None
    """What the narrator learnt, where it can learn."""
    blend: str = ""
    """The nearest of the ready voices, as a prompt names it, where it cannot."""
    servers: tuple[str, ...] = ()
    """Where it may be used by others; empty for its owner alone."""
    made_at: float = 0.0


@dataclass(frozen=True)
class Given:
    """One consent that stands."""

    member: str
    what: Consent
    server: str
    """"" where it holds everywhere."""
    at: float
