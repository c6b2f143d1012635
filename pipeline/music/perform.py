"""A piece as stems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from pipeline.music.hall import in_hall
from pipeline.music.hush import DYING_S
from pipeline.music.notes import RING_S, Note, Part, Piece
from pipeline.music.synth import play_texture
from pipeline.words.score import Cue
from pipeline.words.sound import RATE_HZ, Samples

_FADE_S, _LAST_FADE_S = 0.8, 1.2


class Player(Protocol):
    """Whoever turns notes into sound."""

    def play(self, notes: Sequence[Note], programs: Mapping[int, int], samples: int) -> Samples: ...

    def close(self) -> None: ...


def perform(piece: Piece, player: Player) -> Cue:
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


def _end(stem: Samples, piece: Piece) -> None:
    """To nothing where the tale ends, and where a line is left to itself."""
    if not piece.ring_s:
        _faded(stem, _LAST_FADE_S)
    if piece.hush_s is not None:
        gone = round(piece.hush_s * RATE_HZ)
        _faded(stem[:gone], DYING_S)
        stem[gone:] = 0


def _vamp(piece: Piece, player: Player) -> Samples:
    if not piece.vamp_samples:
        return np.zeros((0, 2), np.float32)
    ring = round(RING_S * RATE_HZ)
    return _looped(in_hall(_played(piece.vamp, piece, player, piece.vamp_samples + ring)), piece.vamp_samples)


def _played(notes: Sequence[Note], piece: Piece, player: Player, samples: int) -> Samples:
    textured = [note for note in notes if note.channel == Part.TEXTURE]
    out = player.play([note for note in notes if note.channel != Part.TEXTURE], piece.programs, samples)
    if textured:
        out += play_texture(textured, piece.texture, samples)
    return out


def _sung(piece: Piece, player: Player, samples: int) -> Samples:
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
