"""State of a card, folded from events."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby

from bot.library.records import KeptTale, TextShown
from bot.ui.pages import sentences
from pipeline.words.event import (
    CueReady,
    Done,
    Event,
    Failed,
    Felt,
    Narrated,
    Planned,
    Queued,
    StageStarted,
    Stopped,
    Written,
)  # fmt: skip
from pipeline.words.mood import Emotion
from pipeline.words.prompt import WRITING_SHARE
from pipeline.words.sound import RATE_HZ, Artifact, Jsonable
from pipeline.words.story import Passage
from pipeline.words.timeline import Placed, Timeline

TOLD_MOST = 0.97
"""Largest share shown before the tale is reported as done: the master and its files come after the passages."""
_NEARLY_S = 0.5
"""Seconds before the last word at which the voice counts as done: its place is asked only now and then."""
_PLANNED = 0.06
"""Share of the work that lies before the first written word."""


class Phase(StrEnum):
    """What is being done; each has its words under [card.phase]."""

    WAITING = "waiting"
    HEARING = "hearing"
    PLANNING = "planning"
    WRITING = "writing"
    NARRATING = "narrating"
    COMPOSING = "composing"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def over(self) -> bool:
        """Whether no more events will come."""
        return self in (Phase.DONE, Phase.FAILED, Phase.STOPPED)


_BEGUN = {"hear": Phase.HEARING}
"""Phases by the stage that reports its start; the others show by what they bring."""


@dataclass(frozen=True)
class CardState:
    """What is known of a tale that is being made; an event that comes twice changes nothing."""

    tale: str
    """Its id."""
    prompt: str
    words: int
    """Length as asked, then as planned."""
    text: TextShown
    follows_voice: bool
    """Somebody is to hear it while it is made, so its text comes with the voice."""
    silent: bool = False
    """It is told in words alone, which are shown as soon as they are written."""
    phase: Phase = Phase.WAITING
    place: int = 0
    """How many tales are before it."""
    least_s: float = 0.0
    """Shortest time it may still wait in the queue."""
    most_s: float = 0.0
    """Longest time it may still wait; 0 where nobody knows."""
    pace_s: tuple[float, float] = (0.0, 0.0)
    """Seconds that a word takes here, least and most."""
    title: str = ""
    notes: tuple[str, ...] = ()
    """Codes of what the asker should know about how the wish was understood."""
    felt: Emotion | None = None
    """Feeling of the wish."""
    scenes: dict[int, Emotion] = field(default_factory=dict)
    """Feelings of the scenes begun so far, as played and painted; a later second reading changes neither."""
    passages: tuple[Passage, ...] = ()
    narrated: int = 0
    """Number of passages that are spoken."""
    share: float = 0.0
    """Share of the work that is done, 0..1; never falls."""
    timeline: Timeline = field(default_factory=Timeline)
    heard_s: float = 0.0
    """How far the voice has come in the tale."""
    trouble: tuple[str, Jsonable] | None = None
    """Why it is not told in voice after all: a code of [errors] with its fields."""
    failure: tuple[str, Jsonable] | None = None
    """Why it failed, likewise."""
    artifact: Artifact | None = None
    """tale.json, once the tale is done."""

    @staticmethod
    def of(tale: KeptTale) -> CardState:
        """Return the state of a tale before its first event."""
        wish = tale.prompt
        live = tale.delivery.where.aloud
        return CardState(tale.id, wish.text, wish.words, tale.delivery.text, live, silent=wish.words_only)

    def after(self, event: Event) -> CardState:
        """Return the state after an event."""
        if self.phase.over:
            return self  # a stop and the last event may cross: the first to come stands
        known = replace(self._after(event), timeline=self.timeline.after(event))
        return replace(known, share=max(self.share, known._share()))

    def heard_to(self, at_s: float) -> CardState:
        """Return the state once the voice has come so far."""
        return replace(self, heard_s=max(self.heard_s, at_s))

    def without_voice(self, code: str, fields: Jsonable) -> CardState:
        """Return the state of a tale that is not, or not wholly, heard; its text no longer waits for a voice."""
        return replace(self, follows_voice=False, trouble=(code, fields))

    def paced(self, least_s: float, most_s: float) -> CardState:
        """Return the state with the seconds that a word of a tale takes here."""
        return replace(self, pace_s=(least_s, most_s))

    @property
    def left_s(self) -> tuple[float, float]:
        """Seconds until it is done, least and most; zeros where nobody knows."""
        words = self.words * (1 - self.share) * (WRITING_SHARE if self.silent else 1.0)
        return words * self.pace_s[0], words * self.pace_s[1]

    @property
    def arc(self) -> tuple[Emotion, ...]:
        """Feelings of its scenes, or the wish's own while there are none."""
        if self.scenes:
            return tuple(self.scenes[scene] for scene in sorted(self.scenes))
        return (self.felt,) if self.felt else ()

    @property
    def awaits_voice(self) -> bool:
        """Whether some of its text must not be seen before it is heard."""
        last = next((one for one in reversed(self.timeline.placed) if one.spoken and one.spoken.lines), None)
        if not self.follows_voice or self.text is not TextShown.FOLLOW or last is None or last.spoken is None:
            return False
        return self.heard_s < (last.start + last.spoken.lines[-1].end) / RATE_HZ - _NEARLY_S

    def paragraphs(self, most: int | None = None) -> tuple[str, ...]:
        """Return the text that may be seen now, a paragraph for each scene; at most the `most` newest."""
        if self.text is TextShown.NONE:
            return ()
        placed = {one.scored.passage: one for one in self.timeline.placed}
        # From the end: a long tale's card needs the last paragraph, at every edit.
        found: list[str] = []
        for _, scene in groupby(reversed(self.passages), key=lambda one: one.scene):
            seen = [text for one in scene if (text := self._visible(one, placed.get(one.index)))]
            if seen:
                found.append(" ".join(reversed(seen)))
            if len(found) == most:
                break
        return tuple(reversed(found))

    def _after(self, event: Event) -> CardState:
        match event:
            case Queued(place=place, least_s=least_s, most_s=most_s):
                return replace(self, place=place, least_s=least_s, most_s=most_s)
            case StageStarted(stage=stage):
                return replace(self, phase=_BEGUN.get(stage, self.phase))
            case Felt(feeling=feeling):
                return replace(self, phase=Phase.PLANNING, felt=feeling.mood.emotion)
            case Planned(plan=plan):
                words = sum(beat.words for beat in plan.beats) or self.words
                return replace(self, phase=Phase.WRITING, title=plan.title, notes=plan.notes, words=words)
            case Done(tale=artifact):
                return replace(self, phase=Phase.DONE, artifact=artifact)
            case Failed(code=code, fields=fields):
                return replace(self, phase=Phase.FAILED, failure=(code, fields))
            case Stopped():
                return replace(self, phase=Phase.STOPPED)
            case _:
                return self._with_passage(event)

    def _with_passage(self, event: Event) -> CardState:
        match event:
            case Written(passage=passage) if passage.index not in {one.index for one in self.passages}:
                scenes = {passage.scene: passage.mood.emotion} | self.scenes
                phase = Phase.WRITING if self.silent else Phase.NARRATING
                return replace(self, phase=phase, scenes=scenes, passages=(*self.passages, passage))
            case Narrated(spoken=spoken) if spoken.passage >= self.narrated:
                return replace(self, phase=Phase.COMPOSING, narrated=spoken.passage + 1)
            case CueReady(scored=scored) if scored.passage >= 0:
                return replace(self, phase=Phase.WRITING)
            case _:
                return self

    def _share(self) -> float:
        if self.phase is Phase.DONE:
            return 1.0
        scored = {one.scored.passage for one in self.timeline.placed}
        counts = [(len(one.text.split()), one.index) for one in self.passages]
        # Each word counts when it is written, when it is spoken and when it is scored.
        done = sum(n * (1 + (index < self.narrated) + (index in scored)) for n, index in counts)
        begun = {Phase.WAITING: 0.0, Phase.HEARING: 0.01, Phase.PLANNING: 0.04}
        whole = done / ((1 if self.silent else 3) * max(1, self.words))
        return min(TOLD_MOST, begun.get(self.phase, _PLANNED + (1 - _PLANNED) * whole))

    def _visible(self, passage: Passage, placed: Placed | None) -> str:
        if self.text is not TextShown.FOLLOW or self.silent:
            return passage.text
        if placed is None:
            return ""
        return _heard(passage.text, placed, self.heard_s) if self.follows_voice else passage.text


def _heard(text: str, placed: Placed, heard_s: float) -> str:
    """Return the sentences whose first word the voice has reached."""
    begin_s = placed.start / RATE_HZ
    lines = placed.spoken.lines if placed.spoken else ()
    first_s, last_s = (lines[0].start / RATE_HZ, lines[-1].end / RATE_HZ) if lines else (0.0, 0.0)
    if heard_s < begin_s + first_s:
        return ""
    # Lines have times, sentences within them not: their place is estimated by their share of the letters.
    said, whole, at = [], max(1, len(text)), 0
    for sentence in sentences(text):
        if heard_s < begin_s + first_s + (last_s - first_s) * at / whole:
            break
        said.append(sentence)
        at += len(sentence) + 1
    return " ".join(said)
