"""A story: planned, then written."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.world import Known

NARRATOR = "narrator"


@dataclass(frozen=True)
class Person:
    """Somebody in the tale."""

    name: str
    """As it stands in the text: `Mira`, `the owl`."""
    role: str = "other"
    """`hero`, `helper`, `other`."""
    gender: str = ""
    """`f`, `m` or empty where it is open."""
    kind: str = ""
    """What they are, for the cast: `old_woman`, `child`, `animal`, `giant`, or empty."""
    who: str = ""
    """What they are, in words: `a retired pirate`; empty where nothing says so."""


@dataclass(frozen=True)
class Facts:
    """What the prompt gives and the tale must keep."""

    hero: Person
    helper: Person | None = None
    place: str = ""
    wish: str = ""
    things: tuple[str, ...] = ()
    """The prompt's own nouns, to be met again in the tale."""
    people: tuple[Person, ...] = ()
    """The other named people."""


@dataclass(frozen=True)
class Beat:
    """One scene to come: what it is for and how it should feel."""

    scene: int
    intent: str
    """The scene's name in its frame: `calm`, `visit`, `dark`..."""
    target: Mood
    words: int
    """Its share of the asked length."""
    turns: tuple[str, ...] = ()
    """What happens, in words but for blanks and the marks of who speaks; see writing/told_lines."""
    fixed: tuple[int, ...] = ()
    """Which of the turns stand word for word, however freely a writer tells the others."""
    outline: str = ""
    """What happens, by the writer's own plan; then there are no turns."""
    silent: bool = False
    """Ambience alone: silence is the loudest cue."""


@dataclass(frozen=True)
class Chosen:
    """Which frame tells the tale, or an episode of it, and why."""

    frame: str
    fit: str
    """How the frame was found: by a `word` of the wish, by the `kind` of its matter, or `any` frame."""
    near: float
    """Likeness of the wish to the frame's example wishes, about 0..1."""
    parts: tuple[str, ...]
    """Which of the frame's variants were drawn: `afraid/set2`, `afraid/alt0`..."""
    among: tuple[tuple[str, float], ...] = ()
    """The five best frames with their weight."""


@dataclass(frozen=True)
class Plan:
    """The tale before its first word."""

    title: str
    language: str
    shape: str
    """The frame's id, or `as_written`."""
    seed: int
    feeling: Feeling
    facts: Facts
    beats: tuple[Beat, ...]
    home_key: int
    """Pitch class 0..11 of the key in which the tale's music begins and ends."""
    ending: Emotion = Emotion.JOY
    notes: tuple[str, ...] = ()
    """Codes of what the member should be told: `right_to_left`, `emoji_only`, `orders_ignored`..."""
    asked: str = ""
    """The wish in words, cleaned: typed and spoken together; with `as_written`, the tale itself."""
    persona: str = ""
    """Who tells it, where somebody is wished: `an old sailor`."""
    read: dict[str, str] = field(default_factory=dict)
    """What was read in the wish, in its own words: hero, who, deed, thing, other, place, how."""
    chosen: tuple[Chosen, ...] = ()
    """The frame of each episode."""
    closing: str = ""
    """The last picture of its own frame, where a sequel begins; empty where nobody wrote one."""
    reins: str = "tight"
    """How the words come about: `tight`, a frame's own; `loose`, the writer's after a frame; `free`, its plan too."""

    hero_seed: str = ""
    """What the hero's melody and look are drawn from, where an earlier tale drew them; empty for this tale's own."""
    recalled: tuple[Known, ...] = ()
    """Whom of the world the tale tells of again."""

    @property
    def hero_key(self) -> str:
        """What the hero's melody and look are drawn from."""
        return self.hero_seed or f"{self.seed}:{self.facts.hero.name}"

    @property
    def recipe(self) -> str:
        """The frame and what was drawn of it, in one line: a server keeps it to make its next tale unlike."""
        return " ".join([self.shape, *(part.partition("/")[2] for one in self.chosen[:1] for part in one.parts)])


@dataclass(frozen=True)
class Line:
    """One thing said by one voice."""

    text: str
    """For a character the words between the marks; for the narrator all but quoted speech."""
    speaker: str = NARRATOR
    manner: str = ""
    """How it is said: `whispered`, `growled`, `[sigh]`..., or empty."""
    language: str | None = None
    """Where it differs from the tale's."""


@dataclass(frozen=True)
class Passage:
    """One to three lines, at most eight seconds of speech, closed by a pause: the unit that stages work on."""

    scene: int
    index: int
    """Counts through the whole tale, from 0."""
    text: str
    """As the reader sees it, quotation marks and all."""
    lines: tuple[Line, ...]
    mood: Mood
    """The scene's target, or what was felt once it was whole."""
    closes_scene: bool = False
    closes_tale: bool = False
    ambience: tuple[str, ...] = ()
    """What the scene mentions: `rain`, `sea`..."""
    room: str = ""
    """Where the scene is, as its words say here or said before: `hall`, `cave`...; empty where they never did."""

    @property
    def heard_in(self) -> tuple[str, ...]:
        """What decides how its voices and effects sound."""
        return (self.room,) if self.room else self.ambience


@dataclass(frozen=True)
class Scene:
    """Passages under one mood."""

    index: int
    intent: str
    mood: Mood
    """As felt when it was whole."""
    passages: tuple[Passage, ...]
    picture: str = ""
    """One line that describes its picture."""

    @property
    def text(self) -> str:
        """As a reader sees it, in one paragraph."""
        return " ".join(passage.text for passage in self.passages)


@dataclass(frozen=True)
class Story:
    """The written tale."""

    title: str
    synopsis: str
    language: str
    scenes: tuple[Scene, ...]
    cast: dict[str, str] = field(default_factory=dict)
    """Character to voice id."""

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages of all scenes, in order."""
        return tuple(passage for scene in self.scenes for passage in scene.passages)
