"""Music for a mood, without a tale."""

from __future__ import annotations

import numpy as np

from pipeline.audio.dynamics import limited
from pipeline.audio.loudness import loudness
from pipeline.cancelled import Cancelled
from pipeline.errors import Refused
from pipeline.roles import Composer
from pipeline.tables import FALLBACK
from pipeline.words.mood import Feeling, Mood
from pipeline.words.score import Cue
from pipeline.words.sound import RATE_HZ, Samples
from pipeline.words.story import Beat, Facts, Passage, Person, Plan

LEAST_S, MOST_S = 2.0, 300.0
LUFS, CEILING = -18.0, 10 ** (-1.5 / 20)


def hold_to_length(seconds: float) -> None:
    """Raise Refused `music_length_out_of_bounds`."""
    if not LEAST_S <= seconds <= MOST_S:
        raise Refused("music_length_out_of_bounds", seconds=seconds, least=LEAST_S, most=MOST_S)


def cue_alone(composer: Composer, mood: Mood, hero: str, seed: int, seconds: float, check: Cancelled) -> Cue:
    """Compose one passage without a word, from its first bar to its cadence."""
    beats = (Beat(0, "alone", mood, 0),)
    plan = Plan("", FALLBACK, "alone", seed, Feeling(mood), Facts(Person(hero, "hero")), beats, seed % 12)
    passage = Passage(0, 0, "", (), mood, closes_scene=True, closes_tale=True)
    return composer.compose(plan, passage, (), round(seconds * RATE_HZ), {}, last=True, check=check)[0]


def levelled(cue: Cue) -> Samples:
    """Return bed, lead and what rings on, at one loudness."""
    whole = np.concatenate([cue.bed + cue.lead, cue.tail])
    gain = np.float32(10 ** ((LUFS - loudness(whole)) / 20))
    return limited(whole * gain, CEILING)
