"""Music and effects for every passage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pipeline.audio.dress import dress_bed
from pipeline.audio.encode import stem_bytes
from pipeline.audio.room import room_of
from pipeline.effects.dress import dressed_effects
from pipeline.effects.placing import PlacedEffect, Stage, in_tale, placed_effects
from pipeline.music.ambience import KINDS, Ambiences
from pipeline.music.midi import midi_of
from pipeline.music.piece import INTRO_S
from pipeline.roles import Composer
from pipeline.telling.narrate import NarratedPassage
from pipeline.telling.studio import Studio
from pipeline.words.event import CueReady
from pipeline.words.mood import Mood
from pipeline.words.score import Cue, Effect, Scored
from pipeline.words.sound import RATE_HZ, Samples, Spoken
from pipeline.words.story import Passage, Plan

INTRO = -1
_AMBIENCE_MORE_S = 3.0
"""Seconds of ambience past the passage's end: for the join with the next, and for the vamp."""
_MOST_LIFT_DB = 2.0  # of the music, up or down, by the mood's arousal
_HUSH_SAMPLES = RATE_HZ // 2
_AIR = ("wind",)
"""Played where neither music nor place is heard: total silence would sound like a fault."""


@dataclass(frozen=True)
class Cued:
    """A passage with its voice and its music."""

    passage: Passage
    spoken: Spoken
    scored: Scored


@dataclass(frozen=True)
class Middle:
    """Where the music goes on, in a tale of which a part is told already."""

    carry: dict[str, Any] = field(default_factory=dict)
    happened: tuple[Effect, ...] = ()
    """Effects so far, with their places in the tale."""
    end: int = 0
    """First sample after what is told."""


@dataclass(frozen=True)
class ScoreStep:
    """What a durable step returns: the music, and all that the next passage needs to know."""

    scored: Scored
    carry: dict[str, Any] = field(default_factory=dict)
    """The composer's memory, which only it reads."""
    end: int = 0
    """Where the passage ends in the tale, in samples."""


def intro(plan: Plan, studio: Studio) -> Scored:
    """Compose an intro from the mood alone, so that there is sound while the first sentence is written."""

    def work() -> ScoreStep:
        with studio.borrow(Composer) as composer:
            cue, carry = composer.intro(plan, INTRO_S, studio.check)
        mood = plan.beats[0].target if plan.beats else plan.feeling.mood
        scored = _kept(cue, None, (), _Place(0, INTRO, mood, ()), studio)
        return ScoreStep(scored, carry, scored.samples)

    step = studio.once("intro", str(INTRO), ScoreStep, work)
    studio.say(CueReady(step.scored))
    return step.scored


def compose(
    plan: Plan,
    told: Iterable[NarratedPassage],
    studio: Studio,
    *,
    with_effects: bool = True,
    since: Middle | None = None,
) -> Iterator[Cued]:
    """Compose each passage's music, and what happens in it, as soon as its lines are spoken."""
    # All that one passage hands to the next goes through the durable step, so a recovery composes the same.
    ambiences = Ambiences(plan.seed)
    since = since or Middle()
    carry, happened, end = since.carry, [*since.happened], since.end
    for one in told:
        before = happened if with_effects else None
        step = _composed(plan, one, carry, end, before, ambiences, studio)
        studio.say(CueReady(step.scored))
        happened += in_tale(step.scored.effects, end)
        carry, end = step.carry, step.end
        yield Cued(one.passage, one.spoken, step.scored)


@dataclass(frozen=True)
class _Place:
    """Place of a cue in the tale, with its mood."""

    scene: int
    passage: int
    mood: Mood
    room: tuple[str, ...]
    last: bool = False


def _composed(
    plan: Plan,
    told: NarratedPassage,
    carry: dict[str, Any],
    start: int,
    before: Sequence[Effect] | None,
    ambiences: Ambiences,
    studio: Studio,
) -> ScoreStep:
    """`before` are the tale's effects so far; None for a tale without them."""
    passage, spoken = told.passage, told.spoken

    def work() -> ScoreStep:
        with studio.borrow(Composer) as composer:
            cue, after = composer.compose(
                plan, passage, spoken.lines, spoken.samples, carry, passage.closes_tale, studio.check
            )
        kinds = passage.ambience
        if not any(kind in KINDS for kind in kinds) and not passage.closes_tale and not cue.bed[-_HUSH_SAMPLES:].any():
            kinds = _AIR
        lines = [(line.start, line.end) for line in spoken.lines]
        heard = ambiences.around(kinds, start, _with_more(cue), _pauses(lines, len(cue.bed)))
        place = _Place(passage.scene, passage.index, passage.mood, passage.heard_in or kinds, passage.closes_tale)
        stage = Stage(plan.language, plan.shape, plan.seed)
        happens = placed_effects(spoken, passage.text, len(cue.bed), stage, before, start) if before is not None else []
        scored = _kept(cue, heard, lines, place, studio, happens)
        return ScoreStep(replace(scored, carry=after), after, start + scored.samples)

    return studio.once("compose", str(passage.index), ScoreStep, work)


def _with_more(cue: Cue) -> int:
    return len(cue.bed) + max(len(cue.vamp), round(_AMBIENCE_MORE_S * RATE_HZ))


def _pauses(lines: Sequence[tuple[int, int]], samples: int) -> list[tuple[int, int]]:
    starts = [0, *(end for _, end in lines)]
    ends = [*(start for start, _ in lines), samples]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if end > start]


def _kept(
    cue: Cue,
    ambience: Samples | None,
    lines: Sequence[tuple[int, int]],
    place: _Place,
    studio: Studio,
    happens: Sequence[PlacedEffect] = (),
) -> Scored:
    lift_db = _MOST_LIFT_DB * float(np.clip(2 * place.mood.arousal - 1, -1, 1))
    room = room_of(place.room, lift_db)
    effects = dressed_effects(happens, lines, len(cue.bed), room) if happens else None
    dressed = dress_bed(cue, ambience, lines, room, effects=effects, last=place.last)
    bed, tail, vamp = (studio.keep(stem_bytes(stem), ".wav") for stem in (dressed.bed, dressed.tail, dressed.vamp))
    return Scored(
        place.scene,
        place.passage,
        bed,
        tail,
        vamp,
        samples=len(dressed.bed),
        tail_samples=len(dressed.tail),
        vamp_samples=len(dressed.vamp),
        tempo=cue.tempo,
        midi=studio.keep(midi_of(cue), ".mid"),
        effects=tuple(one.effect for one in happens),
    )
