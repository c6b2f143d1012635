"""Finds the ready voice nearest to a member's."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from pipeline.errors import Missing
from pipeline.roles import Voice
from pipeline.speaking.voices import VoiceBook, voice_book
from pipeline.words.sound import RATE_HZ, Samples

_ONE_ALONE = 0.85
"""A voice with so large a share speaks alone: the rest would not be heard."""
_EVERY = 6
_LEAST_HZ, _MOST_HZ = 60, 420
_WINDOW, _HOP = 320, 160
_CLEAR = 0.5
_LEAST_LOUD = 0.1
"""Both are mild: strict ones leave only the stressed vowels, which lie up to seven semitones above the rest."""


def nearest(speech: Samples, language: str, voices: Sequence[Voice], book: VoiceBook | None = None) -> str:
    """One voice, or a blend of the two whose pitches lie about the speaker's; raises Missing `language_unspoken`.

    `speech` is mono at 48 kHz. Only pitch is matched: it is a likeness, never a clone.
    """
    book = book or voice_book()
    speaking = [one for one in voices if one.language == language]
    if not speaking:
        raise Missing("language_unspoken", language=language)
    measured = [one for one in speaking if book.traits(one.id).pitch_hz and book.traits(one.id).age != "child"]
    wished_hz = _pitch_hz(speech)
    # With nothing to compare, the clearest voice of the language is the best guess.
    if not measured or not wished_hz:
        return max(speaking, key=lambda one: book.traits(one.id).grade).id
    return _between(wished_hz, {one.id: book.traits(one.id).pitch_hz for one in measured}, book)


def _between(wished_hz: float, pitches_hz: dict[str, float], book: VoiceBook) -> str:
    def cost(name: str) -> float:
        """Semitones away, and an unclear voice counts as one farther off."""
        return abs(12 * math.log2(pitches_hz[name] / wished_hz)) + 2 * (1 - book.traits(name).grade)

    below = min((name for name, hz in pitches_hz.items() if hz <= wished_hz), key=cost, default="")
    above = min((name for name, hz in pitches_hz.items() if hz > wished_hz), key=cost, default="")
    if not below or not above:
        return below or above
    # Blends move their pitch along the scale of semitones, so the share is measured on it, too.
    share = math.log2(wished_hz / pitches_hz[below]) / math.log2(pitches_hz[above] / pitches_hz[below])
    if max(share, 1 - share) > _ONE_ALONE:
        return above if share > 0.5 else below
    return f"{below}:{1 - share:.2f},{above}:{share:.2f}"


def _pitch_hz(speech: Samples) -> float:
    """The pitch of speech in Hz; 0 where nothing in it is clearly voiced."""
    try:
        return pitch_hz(speech)
    except ValueError:
        return 0.0


def pitch_hz(voice: Samples) -> float:
    """Mean pitch in Hz over the voiced frames, taken on the scale of semitones; raises ValueError where none is."""
    rate = RATE_HZ // _EVERY
    slow = voice[: len(voice) // _EVERY * _EVERY].reshape(-1, _EVERY).mean(axis=1)
    longest = rate // _LEAST_HZ
    frames = np.lib.stride_tricks.sliding_window_view(slow, _WINDOW + longest + 1)[::_HOP]
    loud = np.sqrt((frames**2).mean(axis=1))
    found = [_period(frame, rate) for frame in frames[loud > _LEAST_LOUD * loud.max()]]
    periods = [period for period in found if period]
    if not periods:
        raise ValueError("no voiced frame")
    return float(rate / np.exp(np.mean(np.log(periods))))


def _period(frame: Samples, rate: int) -> float:
    """The period of a frame in samples, by YIN; 0 where the frame does not repeat itself."""
    head = frame[:_WINDOW]
    lags = np.arange(len(frame) - _WINDOW)
    apart = np.array([float(((head - frame[lag : lag + _WINDOW]) ** 2).sum()) for lag in lags])
    mean = np.cumsum(apart[1:]) / lags[1:]
    dip = np.concatenate([[1.0], apart[1:] / np.maximum(mean, 1e-9)])
    first = rate // _MOST_HZ
    below = np.flatnonzero(dip[first:-1] < _CLEAR)
    if not len(below):
        return 0.0
    at = first + int(below[0])
    while at + 2 < len(dip) and dip[at + 1] < dip[at]:
        at += 1
    # A parabola through the three lags about the dip finds the period between two samples.
    left, here, right = dip[at - 1], dip[at], dip[at + 1]
    bend = left - 2 * here + right
    return at + (0.5 * (left - right) / bend if bend > 0 else 0.0)
