"""Patterns a chord is played in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pipeline.places import DATA
from pipeline.tables import read_table


class Onset(NamedTuple):
    """One onset of a figure or a bass."""

    at: float
    """In eighths from the downbeat."""
    length: float
    """In eighths."""
    tones: tuple[int, ...]
    force: float
    """Share of the mood's velocity."""


class Stroke(NamedTuple):
    """One onset of the drums."""

    at: float
    """In eighths from the downbeat."""
    key: int
    """General MIDI percussion; 0 for the timpani."""
    velocity: int
    arousal: float
    """Played only from here upwards."""


@dataclass(frozen=True)
class Figure:
    """A bar of steps, free and beneath a line."""

    open: tuple[Onset, ...]
    under: tuple[Onset, ...]
    chance: float = 1.0
    """That a step sounds at all."""
    octave: int = 0
    roll_s: float = 0.0
    """How far the tones of one step lie apart."""


@dataclass(frozen=True)
class Drums:
    """A bar of strokes, free and beneath a line."""

    open: tuple[Stroke, ...]
    under: tuple[Stroke, ...]


@dataclass(frozen=True)
class Figures:
    """data/figures.toml."""

    figures: dict[str, Figure]
    basses: dict[str, Figure]
    drums: dict[str, Drums]


def read_figures(path: Path = DATA / "figures.toml") -> Figures:
    """All patterns; refused with file and key where one does not fit."""
    return read_table(path, Figures)
