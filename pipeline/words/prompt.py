"""What a member asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.words.mood import Emotion, Feeling
from pipeline.words.sound import Artifact, Transcript
from pipeline.words.source import StorySource
from pipeline.words.world import Known


class Harm(StrEnum):
    """Kinds of wish, the harmless first."""

    HARMLESS = "harmless"
    ADULT = "adult"
    HATEFUL = "hateful"
    VIOLENT = "violent"
    """Asks how to hurt somebody, rather than for a story in which somebody is hurt."""
    DANGER = "danger"
    """Says that the member who asks is in danger."""


MAX_PROMPT_CHARS = 4_000
"""For a wish; a text that is told as it is written is bounded by LEAST_WORDS and MOST_WORDS alone."""
MAX_PERSONA_CHARS = 60
LEAST_WORDS, MOST_WORDS = 30, 6_000
DEFAULT_WORDS = 220
"""About eighty seconds of speech: a shorter tale has no room for its turns."""
STYLES = (
    "bedtime", "comedy", "epic", "fable", "fairy_tale", "ghost_story", "homecoming", "memory", "mystery", "news_tale",
    "quest", "riddle",
)  # fmt: skip
"""What a tale may be asked to be; frames say which of them they suit."""
WORDS_PER_MINUTE = 160
"""Words in a minute of narrated tale, pauses included; turns asked seconds into asked words."""
WRITING_SHARE = 0.4
"""Roughly the share of writing in the work of a whole tale; the rest is voice and music."""
_LETTERS_A_WORD = 8
"""Where words stand without spaces between them, so many letters count as one."""


class Order(StrEnum):
    """In which order the stages run: part of the request, so that a replay runs them the same way."""

    FLOW = "flow"
    """Passage by passage: sound from the first seconds."""
    LIST = "list"
    """PaperStage by stage: fewest model swaps on a small card."""


class Rating(StrEnum):
    """Who may hear it."""

    ALL = "all"
    TEEN = "teen"
    ADULT = "adult"


@dataclass(frozen=True)
class Lately:
    """What the server's last forty tales used, so that the next is unlike them."""

    openings: tuple[str, ...] = ()
    heroes: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    """Recipes of the tales, the last one first: a frame and what was drawn of it, `afraid set2 alt0 order1`."""


APART = "|"
"""Between what is kept of somebody in Before: name, gender, kind."""


@dataclass(frozen=True)
class Before:
    """A tale this one continues."""

    title: str
    facts: dict[str, str]
    """Hero, who, helper, place, wish and thing; `met`, somebody; `closing`, its last picture; `frame`.

    `gender`, `figure` and `seed` are the hero's: see Known.
    """
    synopsis: str
    cast: dict[str, str]
    """Character to voice id."""


@dataclass(frozen=True)
class Speaking:
    """How the narrator is to speak, beside what mood and text decide."""

    pace: float = 1.0
    """0.7 to 1.4 times the usual speed."""
    pitch_semitones: float = 0.0
    """-4 to 4, added to the voice's own pitch."""
    energy_db: float = 0.0
    """-4 to 4, added to its level."""
    curve: str = ""
    """One line over the whole tale: `slow ... faster! ... hush`."""
    say_as: tuple[tuple[str, str], ...] = ()
    """The server's words and how they are said: a respelling, or IPA between slashes."""
    heard_back: bool | None = None
    """Whether every line is transcribed again and respoken where words are lost; None: where the machine is fast."""


@dataclass(frozen=True)
class Storyteller:
    """Who tells the tale in writing, and how boldly."""

    daring: float = 0.0
    """-1..1: from what one expects to what surprises."""
    persona: str = ""
    """At most MAX_PERSONA_CHARS: `an old sailor`; empty for nobody in particular."""


@dataclass(frozen=True)
class Said:
    """One thing that somebody said of a spoken prompt."""

    recording: Artifact
    name: str = ""
    """The speaker's, as the server shows it; empty where nobody knows."""
    heard: Transcript | None = None
    """What it says, where that was written down already."""
    read_feeling: bool = True
    """Whether this speaker's feeling may be read from their voice."""
    felt: Feeling | None = None
    """How their voice sounds, where it was read already; no tale keeps it."""


class Edit(StrEnum):
    """What is done to a stretch of a told tale."""

    FEEL = "feel"
    """Told again towards another feeling."""
    SHORTER = "shorter"
    VOICE = "voice"
    """Another voice."""
    WORDS = "words"
    """Other words."""
    AGAIN = "again"
    """Spoken and scored once more."""


@dataclass(frozen=True)
class Change:
    """A change to a told tale; all outside of it stays as it was."""

    tale: Artifact
    """tale.json of the version that is changed."""
    first: int
    last: int
    """The passages that are made anew, both included."""
    how: Edit
    number: int
    """Of the version that comes of it: the first change makes 1."""
    size: int = 0
    """Words of the stretch, as a measure of the work."""
    mood: Emotion | None = None
    words: str = ""
    voice: str = ""


@dataclass(frozen=True)
class Prompt:
    """One wish for a tale, complete: the same prompt on the same machine is the same tale."""

    text: str
    """At most 4,000 characters; with `as_written`, the tale itself, as long as a tale may be."""
    seed: int
    words: int = DEFAULT_WORDS
    """Asked length of the story."""
    language: str | None = None
    """ISO 639-1; None to detect it."""
    style: str | None = None
    """One of STYLES, or None."""
    mood: Emotion | None = None
    """Asked for; None to read it from the words."""
    voice: str | None = None
    """The narrator's voice id, or None to let the cast choose."""
    as_written: bool = False
    """Tell these very words, every word once."""
    recording: Artifact | None = None
    """A spoken prompt; `text` may then be empty."""
    said: tuple[Said, ...] = ()
    """A prompt that several spoke, or one in several goes, in order; then `recording` is not looked at."""
    read_feeling: bool = True
    """Whether feeling may be read from the recording's voice."""
    order: Order = Order.FLOW
    rating: Rating = Rating.ALL
    lately: Lately = Lately()
    before: Before | None = None
    known: tuple[Known, ...] = ()
    """Of whom and what the world knows that the wish may mean; at most MOST_ROWS."""
    meets: str = ""
    """The id of one of them who may come by where the wish names nobody of them."""
    names: tuple[str, ...] = ()
    """Who spoke or was named in the prompt, as the server shows them."""
    candidates: int = 1
    """Drafts per scene; fixed and recorded, never decided by a clock."""
    storyteller: Storyteller = Storyteller()
    speaking: Speaking = Speaking()
    music: float = 1.0
    """How loud the music of its file is, 0..1; live, each listening server has its own say."""
    effects: bool = True
    """Whether things that happen in it are heard: a knock, a bell, steps in snow."""
    words_only: bool = False
    """Written and no more: nobody narrates it, and it has no music."""
    learnt: Artifact | None = None
    """What a narrator learnt of `voice`, where that is none of ours."""
    pictures: bool = False
    """Whether each scene gets its picture, once all is told."""

    change: Change | None = None
    """Told already, and changed in one place; the rest of the wish is as it was."""
    source: StorySource | None = None
    """What the tale is made from; `text` then says what matters of it, or what a picture shows."""

    @property
    def work(self) -> int:
        """How much there is to do, in words of a whole tale."""
        if self.change is not None:
            return max(1, self.change.size)
        return max(1, round(self.words * WRITING_SHARE)) if self.words_only else self.words

    @property
    def spoken(self) -> tuple[Said, ...]:
        """All recordings of it, in order."""
        if self.said:
            return self.said
        return (Said(self.recording),) if self.recording is not None else ()


def told_words(text: str) -> int:
    """How many words a text takes to tell as it is written."""
    return max(len(text.split()), len(text) // _LETTERS_A_WORD)
