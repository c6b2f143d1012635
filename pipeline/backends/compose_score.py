"""The score composer, in code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.cancelled import Cancelled
from pipeline.errors import Missing
from pipeline.music.figures import read_figures
from pipeline.music.font import FontPlayer
from pipeline.music.memory import memory_of
from pipeline.music.palette import read_palettes
from pipeline.music.perform import Player, perform
from pipeline.music.piece import Score
from pipeline.music.synth import OwnPlayer
from pipeline.words.score import Carry, Cue
from pipeline.words.sound import SpokenLine
from pipeline.words.story import Passage, Plan


class ScoreComposer:
    """Composes in milliseconds and plays with a SoundFont; its brake: one passage takes less than a second."""

    def __init__(self, player: Player) -> None:
        self._score = Score(read_palettes(), read_figures())
        self._player = player

    def intro(self, plan: Plan, seconds: float, check: Cancelled) -> tuple[Cue, Carry]:
        """Compose an opening for the mood alone, in whole bars, at least so long."""
        check()
        piece, memory = self._score.intro(plan, seconds)
        return perform(piece, self._player), memory.to_carry()

    def compose(
        self,
        plan: Plan,
        passage: Passage,
        lines: Sequence[SpokenLine],
        samples: int,
        carry: Carry,
        last: bool,
        check: Cancelled,
    ) -> tuple[Cue, Carry]:
        """Compose a passage's cue; an empty carry means that the intro was the last thing heard."""
        check()
        piece, memory = self._score.passage(plan, passage, lines, samples, memory_of(carry), last=last)
        check()
        return perform(piece, self._player), memory.to_carry()

    def close(self) -> None:
        """Let the synths and their font go."""
        self._player.close()


def open_backend(weights: Mapping[str, Path], threads: int) -> ScoreComposer:
    """Open the first SoundFont among the weights; without one, or a synth for it, use our own oscillators."""
    del threads  # one thread plays one passage
    return ScoreComposer(_player(next(iter(weights.values()), None)))


def _player(font: Path | None) -> Player:
    if font is None:
        return OwnPlayer()
    try:
        return FontPlayer(font)
    except Missing:
        return OwnPlayer()
