"""Scores a passage to its locked picture."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.music.arrange import arrange
from pipeline.music.figures import Figures
from pipeline.music.frame import Frame, Slot, Span, merged
from pipeline.music.grid import fit_bars
from pipeline.music.harmony import Chord, cadence, dominant_of, harmony_at
from pipeline.music.hush import REST_S, hush_from_s, hushed
from pipeline.music.keys import is_silent, is_turn, mode_of, target_of, tonic_of, turns_suddenly
from pipeline.music.melody import sing
from pipeline.music.memory import Memory
from pipeline.music.motif import motif_of
from pipeline.music.notes import RING_S, Note, Part, PassageScore, beat_s
from pipeline.music.palette import Palette, Palettes, blended, programs_of
from pipeline.words.mood import Mood
from pipeline.words.score import Tempo
from pipeline.words.sound import RATE_HZ, SpokenLine
from pipeline.words.story import Passage, Plan

INTRO_S = 1.5
"""Seconds of the intro: one bar, over before the first line is spoken, so that nobody waits for its end."""
_LEAST_ENDING_S = 2.6
"""Seconds from the last word to the last sample: the chord is held, then dies away."""
_AFTER_LAST_WORD_S = 0.1
_FAREWELL_S = 1.0
"""Seconds between the motif's last note and the tale's end."""
_LEAST_REST_S, _SCENE_REST_S, _PAUSE_SHARE = 0.92, 0.6, 0.08
"""A scene closes with a rest for the motif; with a longer one while the tale's pauses stay below this share."""
_SHORT_SCENE_S = 6.0  # too short for the ear to find a tempo of its own in
_VAMP_S = 2.4  # about; rounded to whole bars


_LATE_S, _MOST_LATE_S = 0.005, 0.01  # a hand's spread in time, and its limit
_TOUCH = 3.0  # and in strength, in steps of MIDI's 127
_HELD = frozenset({Part.PAD, Part.TEXTURE})  # long notes: an uneven touch would be heard as a fault
_GAP_S = 0.004  # between two notes of one key: a synthesiser needs the release before the next attack


@dataclass(frozen=True)
class Score:
    """Composes notes from plan and picture; the same inputs give the same notes."""

    palettes: Palettes
    figures: Figures

    def intro(self, plan: Plan, seconds: float = INTRO_S) -> tuple[PassageScore, Memory]:
        """Compose an intro from the mood alone, before any line exists."""
        memory = _entered(plan, 0, target_of(plan, 0), Memory(), self.palettes)
        samples = round(seconds * RATE_HZ)
        return self._scored(plan, -1, target_of(plan, 0), memory, _Picture(samples, (), ""))

    def passage(
        self, plan: Plan, passage: Passage, lines: Sequence[SpokenLine], samples: int, memory: Memory, *, last: bool
    ) -> tuple[PassageScore, Memory]:
        """Compose a passage's music; an empty memory begins after the intro."""
        memory = memory if memory.voices else self.intro(plan)[1]
        speech = merged(Span(line.start / RATE_HZ, line.end / RATE_HZ) for line in lines)
        words_s = sum(span.end_s - span.start_s for span in speech)
        if passage.scene != memory.scene:
            short = passage.closes_scene and samples < _SHORT_SCENE_S * RATE_HZ
            memory = _entered(plan, passage.scene, passage.mood, memory, self.palettes, keep_tempo=short)
        # Only a closing passage may be longer than its speech: within a scene the words set the pace.
        close = "tale" if last else "scene" if passage.closes_scene else ""
        wanted = _with_rest(samples, speech, words_s, memory) if close == "scene" else samples
        if close == "scene" and speech and is_turn(plan, passage.scene):
            close, wanted = "turn", max(wanted, round((speech[-1].end_s + REST_S) * RATE_HZ))
        piece, memory = self._scored(plan, passage.index, passage.mood, memory, _Picture(wanted, speech, close))
        told_s = memory.told_s + piece.samples / RATE_HZ
        return piece, replace(memory, told_s=told_s, spoken_s=memory.spoken_s + words_s)

    def _scored(
        self, plan: Plan, index: int, mood: Mood, memory: Memory, picture: _Picture
    ) -> tuple[PassageScore, Memory]:
        palette = blended(self.palettes, mood)
        tempo = _tempo(plan, palette, memory, picture)
        chords = _chords(plan, memory, tempo, picture)
        frame = Frame(f"{plan.seed}:{index}", palette, mood.arousal, tempo, chords, picture.speech)
        after = replace(memory, place=memory.place + len(chords), bpm=memory.bpm or tempo.bpm)
        bed, voices = arrange(frame, self.figures, memory.voices)
        vamp, vamp_bars = ([], 0) if picture.ends_tale else self._vamp(frame, voices)
        ring_s = 0.0 if picture.ends_tale else RING_S
        if is_silent(plan, memory.scene):
            return PassageScore(tempo, vamp_bars=vamp_bars, ring_s=ring_s), replace(after, voices=voices)
        motif = motif_of(plan.hero_key)
        lead, returns = sing(frame, motif, memory.returns, picture.sung_until_s(frame.end_s))
        bed = hushed(frame, bed, voices) if picture.turns else bed
        piece = PassageScore(
            tempo,
            polished(bed, frame.seed),
            polished(lead, frame.seed + ":lead"),
            polished(vamp, frame.seed + ":vamp"),
            vamp_bars,
            programs_of(palette, f"{plan.seed}:{mood.emotion}"),
            palette.texture,
            palette.gain_db + palette.trim_db,
            ring_s,
            hush_from_s(frame) if picture.turns else None,
        )
        return piece, replace(after, voices=voices, returns=returns)

    def _vamp(self, frame: Frame, voices: tuple[int, ...]) -> tuple[list[Note], int]:
        """Compose bars on the last chord that may repeat until the next passage comes: accompaniment, no motif."""
        bars = max(1, round(_VAMP_S / (frame.tempo.metre * frame.beat_s)))
        beats = bars * frame.tempo.metre
        chord = frame.slots[-1].chord
        slots = tuple(Slot(start, length, chord) for start, length in _slots(beats, frame.tempo.metre))
        waiting = Span(0.0, beats * frame.beat_s)
        looped = replace(frame, seed=frame.seed + ":vamp", slots=slots, speech=(waiting,))
        return arrange(looped, self.figures, voices)[0], bars


@dataclass(frozen=True)
class _Picture:
    """The passage that the music must fit."""

    samples: int
    """Its length, at 48 kHz."""
    speech: tuple[Span, ...]
    close: str
    """What ends with it: `scene`, `turn` (a scene at which the tale turns), `tale` or ""."""

    @property
    def ends_tale(self) -> bool:
        """Whether the tale ends with it."""
        return self.close == "tale"

    @property
    def turns(self) -> bool:
        """Whether its last line is left without music."""
        return self.close == "turn"

    def sung_until_s(self, end_s: float) -> float:
        """Return when the motif must be over."""
        return self.speech[-1].end_s if self.turns else end_s - (_FAREWELL_S if self.ends_tale else 0.0)

    @property
    def rest_s(self) -> float:
        """When the last word is over."""
        last_s = self.speech[-1].end_s if self.speech else self.samples / RATE_HZ - _LEAST_ENDING_S
        return max(0.0, last_s) + _AFTER_LAST_WORD_S


def _entered(
    plan: Plan, scene: int, mood: Mood, memory: Memory, palettes: Palettes, *, keep_tempo: bool = False
) -> Memory:
    """Enter a new scene: its mode, metre and tempo; a scene too short for its own tempo keeps its neighbour's."""
    palette = blended(palettes, mood)
    mode = mode_of(plan, scene, palette.modes)
    if keep_tempo and memory.bpm:
        return replace(memory, scene=scene, place=0, mode=mode)
    metre = palette.metres[(plan.seed + scene) % len(palette.metres)]
    return replace(memory, scene=scene, place=0, bpm=0.0, metre=metre, mode=mode)


def _with_rest(samples: int, speech: Sequence[Span], words_s: float, memory: Memory) -> int:
    """Return samples with room for the motif at a scene's end; more as far as the tale's share of pauses allows."""
    told_s = memory.told_s + samples / RATE_HZ
    spare_s = (memory.spoken_s + words_s) / (1 - _PAUSE_SHARE) - told_s
    last_word_s = speech[-1].end_s if speech else 0.0
    least = round((last_word_s + _LEAST_REST_S) * RATE_HZ)
    return max(least, samples + round(max(0.0, min(_SCENE_REST_S, spare_s)) * RATE_HZ))


def _tempo(plan: Plan, palette: Palette, memory: Memory, picture: _Picture) -> Tempo:
    samples = picture.samples
    if picture.ends_tale:
        samples = max(samples, round((picture.rest_s + _LEAST_ENDING_S) * RATE_HZ))
    tempo = fit_bars(samples, memory.metre, palette.bpm, memory.bpm or None)
    return replace(tempo, tonic=tonic_of(plan, memory.scene), mode=memory.mode)


def _chords(plan: Plan, memory: Memory, tempo: Tempo, picture: _Picture) -> tuple[Slot, ...]:
    beats = told = tempo.bars * tempo.metre
    if picture.ends_tale:
        told = min(beats - 1, math.ceil(picture.rest_s / beat_s(tempo) - 1e-9))
    seed = f"{plan.seed}:harmony:{memory.scene}"
    slots = [
        Slot(start, length, harmony_at(seed, tempo.tonic, tempo.mode, memory.place + place))
        for place, (start, length) in enumerate(_slots(told, memory.metre))
    ]
    if picture.ends_tale:
        return _closed(slots, tempo, told, beats)
    if picture.close in ("scene", "turn"):
        slots[-1] = _joined(plan, memory.scene, slots[-1], tempo)
    return tuple(slots)


def _slots(beats: int, metre: int) -> list[tuple[int, int]]:
    """Return (start, length) of chords, a bar of the scene each; a single beat left over lengthens the last."""
    lengths = [metre] * (beats // metre)
    left = beats % metre
    if left == 1 and lengths:
        lengths[-1] += 1
    elif left:
        lengths.append(left)
    return [(sum(lengths[:place]), length) for place, length in enumerate(lengths)]


def _closed(slots: list[Slot], tempo: Tempo, told: int, beats: int) -> tuple[Slot, ...]:
    """Lead away and to the dominant, and home from the first beat after the last word."""
    away = cadence(tempo.tonic, tempo.mode, 3)
    home: Chord = away.pop()
    for place, chord in zip(range(len(slots) - 1, -1, -1), reversed(away), strict=False):
        slots[place] = slots[place]._replace(chord=chord)
    return (*slots, Slot(told, beats - told, home, closing=True))


def _joined(plan: Plan, scene: int, slot: Slot, tempo: Tempo) -> Slot:
    """Let a scene's last chord lead into the next scene's key, unless the mood changes suddenly."""
    if turns_suddenly(target_of(plan, scene), target_of(plan, scene + 1)):
        return slot._replace(chord=harmony_at("pedal", tempo.tonic, tempo.mode, 0), bare=True)
    return slot._replace(chord=dominant_of(tonic_of(plan, scene + 1)))


def polished(notes: Iterable[Note], seed: str) -> tuple[Note, ...]:
    """Return the notes in order, a little early or late, harder or softer; no key is struck while it still sounds."""
    rng = random.Random(f"{seed}:hand")
    return _untangled(sorted(_by_hand(note, rng) for note in sorted(notes)))


def _by_hand(note: Note, rng: random.Random) -> Note:
    late = max(-_MOST_LATE_S, min(_MOST_LATE_S, rng.gauss(0.0, _LATE_S)))
    harder = round(rng.gauss(0.0, _TOUCH))
    if note.channel in _HELD:
        return note
    on = max(0.0, note.on_s + late)
    return note._replace(on_s=on, off_s=max(on + 0.03, note.off_s), velocity=max(1, min(127, note.velocity + harder)))


def _untangled(notes: list[Note]) -> tuple[Note, ...]:
    by_key: dict[tuple[int, int], list[int]] = {}
    for place, note in enumerate(notes):
        by_key.setdefault((note.channel, note.key), []).append(place)
    for places in by_key.values():
        for first, second in pairwise(places):
            if notes[first].off_s > notes[second].on_s - _GAP_S:
                notes[first] = notes[first]._replace(off_s=max(notes[first].on_s, notes[second].on_s - _GAP_S))
    return tuple(note for note in notes if note.off_s > note.on_s)
