"""How a mood sounds."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import Refused
from pipeline.music.harmony import MODES
from pipeline.music.notes import Part
from pipeline.places import DATA
from pipeline.tables import read_table
from pipeline.words.mood import Emotion, Mood

_MAJOR_THIRD = 4


@dataclass(frozen=True)
class Palette:
    """One feeling's `music` table in data/moods.toml."""

    modes: tuple[str, ...]
    bpm: tuple[float, float, float]
    """Least, wanted, most."""
    metres: tuple[int, ...]
    """Beats in a bar; one is drawn per scene."""
    pad: tuple[int, ...]
    figure: tuple[int, ...]
    bass: tuple[int, ...]
    lead: tuple[int, ...]
    """General MIDI programs; one of each is drawn per tale."""
    texture: str
    """A texture of pipeline/music/synth.py, or `none`."""
    figure_pattern: str
    bass_pattern: str
    drums: str
    """Names in data/figures.toml."""
    lead_octave: int
    """MIDI key of the octave in which the motif starts."""
    velocity: float
    register: tuple[int, int]
    """Lowest and highest MIDI key of the pad."""
    swing: float
    """How late an off-beat comes, as a share of a beat."""
    gain_db: float
    """How much louder than the middle this feeling is."""
    trim_db: float
    """What its instruments lack, as measured, to sound as loud as the other palettes."""
    prompt: str
    """The same feeling in words, for models that compose from words."""

    def bright(self, mode: str) -> bool:
        """Whether a mode of it has the major third."""
        return MODES[mode][2] == _MAJOR_THIRD


@dataclass(frozen=True)
class _Feeling:
    music: Palette


Palettes = dict[Emotion, Palette]


def read_palettes(path: Path = DATA / "moods.toml") -> Palettes:
    """The seven palettes; refused with file and key where one does not fit."""
    feelings = read_table(path, dict[Emotion, _Feeling])
    for emotion in Emotion:
        if emotion not in feelings:
            raise Refused("table_invalid", file=str(path), key=f"{emotion}.music", why="missing")
        for mode in feelings[emotion].music.modes:
            if mode not in MODES:
                raise Refused("table_invalid", file=str(path), key=f"{emotion}.music.modes", why=mode)
    return {emotion: feeling.music for emotion, feeling in feelings.items()}


def blended(palettes: Palettes, mood: Mood) -> Palette:
    """The leading feeling's players and touch; tempo and loudness drawn towards the others by their share."""
    leading = palettes[mood.emotion]
    mixed = _mean_of(palettes, mood)
    least, _, most = leading.bpm
    return replace(
        leading,
        bpm=(least, min(max(mixed(lambda one: one.bpm[1]), least), most), most),
        gain_db=mixed(lambda one: one.gain_db),
    )


def _mean_of(palettes: Palettes, mood: Mood) -> Callable[[Callable[[Palette], float]], float]:
    total = sum(mood.weights.values()) or 1.0
    shares = {emotion: weight / total for emotion, weight in mood.weights.items()} or {mood.emotion: 1.0}

    def mean(of: Callable[[Palette], float]) -> float:
        return sum(share * of(palettes[emotion]) for emotion, share in shares.items())

    return mean


def programs_of(palette: Palette, seed: str) -> dict[int, int]:
    """Who plays in this tale."""
    rng = random.Random(f"{seed}:players")
    return {
        int(part): rng.choice(choices)
        for part, choices in (
            (Part.PAD, palette.pad),
            (Part.FIGURE, palette.figure),
            (Part.BASS, palette.bass),
            (Part.LEAD, palette.lead),
        )
    } | {int(Part.TIMPANI): 47, int(Part.TEXTURE): 89}
