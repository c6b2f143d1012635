"""A piece as stems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pipeline.music.hush import DYING_S
from pipeline.music.notes import RING_S, Note, Part, PassageScore
from pipeline.music.synth import play_texture
from pipeline.words.score import Cue
from pipeline.words.sound import RATE_HZ, Samples

_FADE_S, _LAST_FADE_S = 0.8, 1.2


DECAY_S = 1.1
"""Until the answer has fallen by 60 dB."""
_WET = 0.22
_GAP_S = 0.018
_DARK_HZ, _CLEAR_HZ = 4_200.0, 180.0
_WALL_HZ = RATE_HZ // 2
_BLOCKS = (65_536, 98_304, 131_072, 196_608, 262_144, 393_216)


class Player(Protocol):
    """Whoever turns notes into sound."""

    def play(self, notes: Sequence[Note], programs: Mapping[int, int], samples: int) -> Samples: ...

    def close(self) -> None: ...


def perform(piece: PassageScore, player: Player) -> Cue:
    """Bed, lead, tail and vamp at the mood's level."""
    gain = np.float32(10 ** (piece.gain_db / 20))
    ring = round(piece.ring_s * RATE_HZ)
    bed = _played(piece.bed, piece, player, piece.samples + ring)
    lead = _sung(piece, player, piece.samples + ring)
    # The hall answers both; its answer to the lead lies in the bed, so one transform serves them.
    bed = (in_hall(bed + lead) - lead) * gain
    lead *= gain
    for stem in (bed, lead):
        _end(stem, piece)
    tail = _faded(bed[piece.samples :] + lead[piece.samples :], _FADE_S)
    notes = tuple(sorted((*piece.bed, *piece.lead)))
    stems = (bed[: piece.samples], lead[: piece.samples], tail, _vamp(piece, player) * gain)
    return Cue(*stems, piece.tempo, notes, dict(piece.programs))


def _end(stem: Samples, piece: PassageScore) -> None:
    """To nothing where the tale ends, and where a line is left to itself."""
    if not piece.ring_s:
        _faded(stem, _LAST_FADE_S)
    if piece.hush_s is not None:
        gone = round(piece.hush_s * RATE_HZ)
        _faded(stem[:gone], DYING_S)
        stem[gone:] = 0


def _vamp(piece: PassageScore, player: Player) -> Samples:
    if not piece.vamp_samples:
        return np.zeros((0, 2), np.float32)
    ring = round(RING_S * RATE_HZ)
    return _looped(in_hall(_played(piece.vamp, piece, player, piece.vamp_samples + ring)), piece.vamp_samples)


def _played(notes: Sequence[Note], piece: PassageScore, player: Player, samples: int) -> Samples:
    textured = [note for note in notes if note.channel == Part.TEXTURE]
    out = player.play([note for note in notes if note.channel != Part.TEXTURE], piece.programs, samples)
    if textured:
        out += play_texture(textured, piece.texture, samples)
    return out


def _sung(piece: PassageScore, player: Player, samples: int) -> Samples:
    """The lead, played only from its first note to its last: silence costs nothing."""
    out = np.zeros((samples, 2), np.float32)
    if not piece.lead:
        return out
    first = min(note.on_s for note in piece.lead)
    start = round(first * RATE_HZ)
    shifted = [note._replace(on_s=note.on_s - first, off_s=note.off_s - first) for note in piece.lead]
    last = round(max(note.off_s for note in shifted) * RATE_HZ)
    sung = player.play(shifted, piece.programs, min(samples - start, last + round(RING_S * RATE_HZ)))
    out[start : start + len(sung)] = sung
    return out


def _looped(played: Samples, samples: int) -> Samples:
    """What rings beyond the loop's end is heard at its beginning, as if it had turned before."""
    loop = played[:samples].copy()
    for start in range(samples, len(played), samples):
        ringing = played[start : start + samples]
        loop[: len(ringing)] += ringing
    return loop


def _faded(sound: Samples, over_s: float) -> Samples:
    """To silence at its end, in place, whatever still rings."""
    fade = min(len(sound), round(over_s * RATE_HZ))
    sound[len(sound) - fade :] *= (np.cos(np.linspace(0, np.pi, fade, dtype=np.float32)) * 0.5 + 0.5)[:, None]
    return sound


Mono = npt.NDArray[np.float32]


def in_hall(dry: Samples) -> Samples:
    """Stereo with its answer added, as long as it was; each side has its own answer, so mono instruments widen."""
    # What goes to the walls is mono, and dark enough for half the rate: one short transform forth, two back.
    even = len(dry) & ~1
    sent = (dry[0:even:2, 0] + dry[1:even:2, 0] + dry[0:even:2, 1] + dry[1:even:2, 1]) * np.float32(0.25)
    size = _block(len(sent))
    step = size - int(DECAY_S * _WALL_HZ)
    out = dry.copy()
    wet = np.zeros((2, len(sent) + size), np.float32)
    for at in range(0, len(sent), step):
        spectrum = np.fft.rfft(sent[at : at + step], size)
        for side, answer in enumerate(_answers(size)):
            wet[side, at : at + size] += np.fft.irfft(spectrum * answer, size)
    for side in (0, 1):
        _add_doubled(out[:even, side], wet[side, : len(sent)])
    return out


def _add_doubled(out: Mono, wet: Mono) -> None:
    """Back at the full rate: between two samples lies their mean."""
    out[0::2] += wet
    out[1:-1:2] += (wet[:-1] + wet[1:]) * np.float32(0.5)
    out[-1:] += wet[-1:]


def _block(samples: int) -> int:
    """A transform that takes all at once where that is not too long."""
    wanted = samples + int(DECAY_S * _WALL_HZ)
    return next((size for size in _BLOCKS if size >= wanted), _BLOCKS[-1])


@lru_cache(maxsize=8)
def _answers(size: int) -> tuple[npt.NDArray[np.complex64], npt.NDArray[np.complex64]]:
    length = int(DECAY_S * _WALL_HZ)
    chance = np.random.default_rng(7)
    decay = np.exp(-6.9 * np.arange(length, dtype=np.float32) / length)
    hz = np.fft.rfftfreq(size, 1 / _WALL_HZ)
    colour = hz / (hz + _CLEAR_HZ) / (1 + (hz / _DARK_HZ) ** 2)
    sides = []
    for _ in range(2):
        answer = chance.standard_normal(length).astype(np.float32) * decay
        answer[: int(_GAP_S * _WALL_HZ)] = 0
        answer *= _WET * 1.4 / np.sqrt(np.square(answer).sum())
        sides.append((np.fft.rfft(answer, size) * colour).astype(np.complex64))
    return sides[0], sides[1]
