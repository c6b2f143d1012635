"""Options that a member may choose."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from discord import app_commands

from bot.gate.caller import Asker
from bot.gate.gate import may_sound
from bot.library.records import DeliveryOptions, ServerSettings, TextShown, Where
from bot.uploads import Upload
from pipeline.errors import Refused
from pipeline.words.mood import Emotion
from pipeline.words.prompt import Before, Prompt, Rating, Said, Speaking, Storyteller
from pipeline.words.sound import Artifact
from pipeline.words.source import StorySource

MOST_CURVE = 200
"""Most characters of the line that shapes the voice."""
Pace = app_commands.Range[float, 0.7, 1.4]
Pitch = app_commands.Range[float, -4.0, 4.0]
Energy = app_commands.Range[float, -4.0, 4.0]
Curve = app_commands.Range[str, 1, MOST_CURVE]


RATINGS = (Rating.ALL, Rating.TEEN, Rating.ADULT)
"""From the mildest."""


@dataclass(frozen=True)
class ProsodyOptions:
    """How this tale is to be spoken; None leaves it as the member chose it for all their tales."""

    pace: float | None = None  # times the usual speed
    pitch_semitones: float | None = None
    energy_db: float | None = None
    curve: str | None = None

    @staticmethod
    def of(speaking: Speaking) -> ProsodyOptions:
        """Return options that ask for exactly this manner."""
        return ProsodyOptions(speaking.pace, speaking.pitch_semitones, speaking.energy_db, speaking.curve)

    def over(self, usual: Speaking) -> Speaking:
        """Return the usual manner with these options over it."""
        given = {name: value for name, value in vars(self).items() if value is not None}
        return replace(usual, **given)


@dataclass(frozen=True)
class Draft:
    """Words and recordings for a tale."""

    text: str = ""
    as_written: bool = False
    recording: Artifact | None = None
    upload: Upload | None = None
    """Recording that is kept once its tale is admitted."""
    read_feeling: bool = True
    before: Before | None = None
    names: tuple[str, ...] = ()
    """Names of the speakers, as the server shows them."""
    said: tuple[Said, ...] = ()
    """What was said in a call, each turn with its speaker's name."""
    people: tuple[str, ...] = ()
    """Ids of members whose words these are, besides those whom the text mentions."""
    source: StorySource | None = None
    """What it is made from; `text` then says what matters of it, or what a picture shows."""
    again: Prompt | None = None
    """A wish that is told once more, unchanged; the rest of the draft only repeats it."""


@dataclass(frozen=True)
class TaleOptions:
    """What a member chose for a tale; the rest is left to the server's settings and the writer."""

    words: int = 0  # 0 for the server's usual length
    style: str = ""
    mood: Emotion | None = None
    language: str = ""
    voice: str = ""
    where: Where | None = None
    only_me: bool = False
    text: TextShown | None = None
    tell_me: bool = False
    manner: ProsodyOptions = field(default_factory=ProsodyOptions)
    storyteller: Storyteller = field(default_factory=Storyteller)
    effects: bool = True
    """Whether things that happen are heard, where the server allows it."""


def delivery_of(chosen: TaleOptions, asker: Asker, rules: ServerSettings) -> DeliveryOptions:
    """Return how it is delivered: heard where the asker sits, then as a file; else as a file. Raises Refused."""
    where, text = where_of(chosen, asker, rules), chosen.text or rules.text
    if where is Where.WORDS and text is TextShown.NONE:
        text = TextShown.AT_ONCE  # neither sound nor text would be nothing at all
    return DeliveryOptions(where, chosen.only_me, text, chosen.tell_me, asker.locale, rules.plain, asker.upload_limit)


def where_of(chosen: TaleOptions, asker: Asker, rules: ServerSettings) -> Where:
    if rules.words_only or chosen.where is Where.WORDS:
        return Where.WORDS
    if chosen.only_me:
        return Where.UPLOAD  # a call has other listeners
    if chosen.where and chosen.where.aloud:
        if not asker.sits_in:
            raise Refused("booth_not_in_voice")
        if not may_sound(asker, rules):
            raise Refused("gate_voice", channel=f"<#{asker.sits_in}>")
    return chosen.where or (Where.BOTH if may_sound(asker, rules) else Where.UPLOAD)


def rating_of(asker: Asker, rules: ServerSettings) -> Rating:
    """Return the server's rating, at most TEEN where the channel is not for adults."""
    most = Rating.ADULT if asker.grown_up else Rating.TEEN
    return min(rules.rating, most, key=RATINGS.index)
