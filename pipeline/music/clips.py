"""Generated clips laid under a passage."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Protocol

import numpy as np

from pipeline.cancelled import Cancelled
from pipeline.music.grid import fit_bars
from pipeline.music.keys import is_silent, mode_of, target_of, tonic_of
from pipeline.music.notes import beat_s, samples_of
from pipeline.music.palette import Palettes, blended
from pipeline.roles import Leanable, Offloadable
from pipeline.words.mood import Mood
from pipeline.words.score import Carry, Cue, Tempo
from pipeline.words.sound import RATE_HZ, Samples, SpokenLine
from pipeline.words.story import Passage, Plan

_VAMP_S, _ENDING_S = 2.4, 2.0
_SEAM_S = 0.05


@dataclass(frozen=True)
class ClipRequest:
    """A clip that is wanted."""

    prompt: str
    seed: int
    step: int
    """How often the scene's first clip has been continued; 0 for that clip itself."""
    seconds: float


class Clips(Protocol):
    """A model that makes sound from words."""

    def clip(self, wish: ClipRequest, check: Cancelled) -> Samples:
        """Stereo at 48 kHz, near `seconds` long where the model can; the same wish is the same sound."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class _Memory:
    scene: int = -1
    step: int = 0
    bpm: float = 0.0
    metre: int = 4


class ClipComposer:
    """A Composer whose music comes in clips: looped in whole bars, one crossfaded into the next on the beat."""

    def __init__(self, clips: Clips, palettes: Palettes) -> None:
        self._clips = clips
        self._palettes = palettes
        if isinstance(clips, Offloadable):  # the shelf asks whether we can rest: we can where the model can
            self.doze, self.wake = clips.doze, clips.wake

    def intro(self, plan: Plan, seconds: float, check: Cancelled) -> tuple[Cue, Carry]:
        """The first scene's clip, before any line exists."""
        mood = target_of(plan, 0)
        memory = self._entered(plan, 0, mood)
        cue, memory = self._cue(plan, mood, memory, round(seconds * RATE_HZ), check)
        return cue, asdict(memory)

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
        """The passage's stretch of the scene's clips; the tale's last one fades once the last word is said."""
        memory = _Memory(**carry) if carry else self._entered(plan, 0, target_of(plan, 0))
        if passage.scene != memory.scene:
            memory = self._entered(plan, passage.scene, passage.mood)
        wanted = samples + (round(_ENDING_S * RATE_HZ) if last else 0)
        cue, memory = self._cue(plan, passage.mood, memory, wanted, check)
        if last:
            cue = _ended(cue, max((line.end for line in lines), default=0))
        return cue, asdict(memory)

    def lean(self) -> None:
        """Less memory from now on, where the model knows how."""
        if isinstance(self._clips, Leanable):
            self._clips.lean()

    def close(self) -> None:
        """Let the model go."""
        self._clips.close()

    def _entered(self, plan: Plan, scene: int, mood: Mood) -> _Memory:
        metres = blended(self._palettes, mood).metres
        return _Memory(scene, metre=metres[(plan.seed + scene) % len(metres)])

    def _cue(self, plan: Plan, mood: Mood, memory: _Memory, samples: int, check: Cancelled) -> tuple[Cue, _Memory]:
        palette = blended(self._palettes, mood)
        mode = mode_of(plan, memory.scene, palette.modes)
        tempo = fit_bars(samples, memory.metre, palette.bpm, memory.bpm or None)
        tempo = replace(tempo, tonic=tonic_of(plan, memory.scene), mode=mode)
        after = replace(memory, step=memory.step + 1, bpm=memory.bpm or tempo.bpm)
        length = samples_of(tempo, tempo.bars)
        if is_silent(plan, memory.scene):
            nothing = np.zeros((length, 2), np.float32)
            return Cue(nothing, nothing, nothing[:0], nothing[: samples_of(tempo, 1)], tempo), after
        prompt = f"{palette.prompt}, {'major' if palette.bright(mode) else 'minor'} key, {round(after.bpm)} bpm"
        seed = (plan.seed * 1_000 + memory.scene) % 2**31
        clip = self._clips.clip(ClipRequest(prompt, seed, memory.step, length / RATE_HZ), check)
        return laid(_in_bars(clip, tempo), tempo), after


def laid(loop: Samples, tempo: Tempo) -> Cue:
    """A cue made of one loop: it fades in over a beat, and its tail fades out over one beneath what follows."""
    length, beat = samples_of(tempo, tempo.bars), round(beat_s(tempo) * RATE_HZ)
    vamp_bars = max(1, round(_VAMP_S / (tempo.metre * beat_s(tempo))))
    vamp = samples_of(tempo, vamp_bars)
    run = np.tile(loop, (-(-(length + max(beat, vamp + _seam())) // len(loop)), 1))
    slope = np.sqrt(np.linspace(0, 1, beat, dtype=np.float32))[:, None]
    bed = run[:length].copy()
    bed[:beat] *= slope[: len(bed)]
    tail = run[length : length + beat] * slope[::-1]
    return Cue(bed, np.zeros_like(bed), tail, _closed(run[length : length + vamp + _seam()], vamp), tempo)


def _in_bars(clip: Samples, tempo: Tempo) -> Samples:
    """As many whole bars as the clip holds, closed to a loop; a clip shorter than a bar is its own bar."""
    bar = samples_of(tempo, 1)
    bars = (len(clip) - _seam()) // bar
    return _closed(clip, bars * bar if bars else max(1, len(clip) - _seam()))


def _closed(sound: Samples, length: int) -> Samples:
    """A loop of this length: what comes after its end is heard, fading, at its beginning."""
    loop = sound[:length].copy()
    after = sound[length : length + _seam()]
    slope = np.sqrt(np.linspace(0, 1, len(after), dtype=np.float32))[:, None]
    overlap = min(len(after), len(loop))
    loop[:overlap] = loop[:overlap] * slope[:overlap] + after[:overlap] * slope[::-1][:overlap]
    return loop


def _seam() -> int:
    return round(_SEAM_S * RATE_HZ)


def _ended(cue: Cue, last_word: int) -> Cue:
    """Down to nothing between the last word and the last sample."""
    bed = cue.bed.copy()
    fade = len(bed) - min(last_word, len(bed) - 1)
    bed[-fade:] *= (np.cos(np.linspace(0, math.pi, fade, dtype=np.float32)) * 0.5 + 0.5)[:, None]
    return replace(cue, bed=bed, tail=cue.tail[:0], vamp=cue.vamp[:0])
