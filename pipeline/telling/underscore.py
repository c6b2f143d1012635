"""Music and place alone, part by part."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.audio.dress import dress_bed
from pipeline.audio.encode import stem_bytes
from pipeline.audio.room import room_of
from pipeline.audio.surroundings import read_surroundings
from pipeline.effects.dress import dressed_effects
from pipeline.effects.mentions import mentions
from pipeline.effects.placing import PlacedEffect
from pipeline.effects.recipes import body_samples, effect_sound
from pipeline.errors import Unserved
from pipeline.music.ambience import Ambiences
from pipeline.music.repeats import Bar, bars_of, first_fresh
from pipeline.roles import Composer, TextReader
from pipeline.tables import FALLBACK
from pipeline.telling.studio import Studio
from pipeline.words.answer import Underscored
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.request import Underscore
from pipeline.words.score import Carry, Cue, Effect
from pipeline.words.sound import RATE_HZ, Samples
from pipeline.words.story import Beat, Facts, Passage, Person, Plan

PARTS_A_SCENE = 2
"""Parts after which key, mode, metre and tempo are drawn anew: about a minute."""
MORE_S = 3.0  # of ambience past a part, for the join with the next
EFFECT_EVERY_S = 14.0
"""About; each comes at a moment drawn by the seed."""
OF_PLACES = {
    "rain": ("thunder", "drip"), "wind": ("gust", "creak"), "sea": ("splash", "oars"), "fire": ("snap", "match"),
    "forest": ("snap", "wings"), "night": ("wings", "rustle"), "cave": ("drip", "chain"),
    "crowd": ("dishes", "applause"),
}  # fmt: skip
"""What happens now and then in a place that was asked for; a word for a thing that happens brings that thing."""


def underscored(wish: Underscore, studio: Studio) -> Underscored:
    """Compose one part as four tracks at their levels: bed, melody, place, effects."""
    mood = wish.mood or _read(wish, studio)
    kinds = read_surroundings().heard_in(wish.words, wish.language)
    passage, samples, before = passage_of(wish, mood), round(wish.seconds * RATE_HZ), wish.carry.get("composer", {})
    with studio.borrow(Composer) as composer:

        def made(nth: int) -> tuple[tuple[Cue, Carry], list[Bar]]:
            plan = plan_of(wish, mood, nth)
            cue, after = composer.compose(plan, passage, (), samples, before, last=False, check=studio.check)
            return (cue, after), bars_of(cue.notes, cue.tempo.bpm, cue.tempo.metre, cue.tempo.bars)

        (cue, after), heard = first_fresh(made, wish.carry.get("heard", []))
    length = len(cue.bed)
    ambience = Ambiences(wish.seed).around(kinds, wish.at, length + round(MORE_S * RATE_HZ), [(0, length)])
    happens = dressed_effects(_happening(wish, kinds, length), (), length, room_of(kinds))
    still = np.zeros_like(cue.bed)
    alone = replace(cue, lead=still), replace(cue, bed=still, tail=cue.tail[:0])
    silent = replace(cue, bed=still, lead=still, tail=cue.tail[:0])
    tracks = (_dressed(alone[0]), _dressed(alone[1]), _dressed(silent, ambience), _dressed(silent, None, happens))
    kept = tuple(studio.keep(stem_bytes(one), ".wav") for one in tracks)
    return Underscored(kept, length, mood, {"composer": after, "heard": heard})


def _dressed(cue: Cue, ambience: Samples | None = None, effects: Samples | None = None) -> Samples:
    """Return one track with what of it rings on."""
    made = dress_bed(cue, ambience, (), room_of(()), effects=effects)
    return np.concatenate([made.bed, made.tail])


def plan_of(wish: Underscore, mood: Mood, nth: int = 0) -> Plan:
    """Return a plan of this scene and the next, in a key of its own; of more, one in five would be left in silence."""
    scene = wish.part // PARTS_A_SCENE
    beats = tuple(Beat(one, "alone", mood, 0) for one in (scene, scene + 1))
    # Harmony is drawn by plan and scene, bar by bar, and comes round: so each part has another seed, `nth` by `nth`.
    seed = random.Random(f"{wish.seed}:{wish.part}:{nth}").getrandbits(31)
    key = random.Random(f"{wish.seed}:{scene}:key").randrange(12)
    hero = Facts(Person("score", "hero"))
    return Plan("", FALLBACK, "alone", seed, Feeling(mood), hero, beats, key % 12, hero_seed=f"{wish.seed}:score")


def passage_of(wish: Underscore, mood: Mood) -> Passage:
    """Return the passage that a part is, without a word."""
    closes = wish.part % PARTS_A_SCENE == PARTS_A_SCENE - 1
    return Passage(wish.part // PARTS_A_SCENE, wish.part, "", (), mood, closes_scene=closes)


def _read(wish: Underscore, studio: Studio) -> Mood:
    """Return the mood of the words; a calm one where nobody here reads them."""
    try:
        with studio.borrow(TextReader) as reader:
            return reader.read([wish.words], wish.language, studio.check)[0]
    except Unserved:
        return Mood.pure(Emotion.NEUTRAL)


def _happening(wish: Underscore, kinds: Sequence[str], length: int) -> list[PlacedEffect]:
    """Return what happens in this part: what was named, and what belongs to the place, each time another sound."""
    words = re.findall(r"[^\W\d_]+", wish.words)
    named = [one.kind for one in mentions(words, wish.language)]
    kinds_here = [*named, *(one for kind in kinds for one in OF_PLACES.get(kind, ()))]
    dice = random.Random(f"{wish.seed}:{wish.part}:happens")
    found: list[PlacedEffect] = []
    at_s = dice.uniform(2.0, EFFECT_EVERY_S)
    while kinds_here and at_s * RATE_HZ < length:
        kind = dice.choice(kinds_here)
        rng = np.random.default_rng([wish.seed, wish.part, len(found), *kind.encode()])
        sound = effect_sound(kind, rng)
        effect = Effect(kind, "", round(at_s * RATE_HZ), body_samples(sound))
        found.append(PlacedEffect(effect, sound, dice.uniform(-0.45, 0.45)))
        at_s += dice.uniform(0.6, 1.4) * EFFECT_EVERY_S
    return found
