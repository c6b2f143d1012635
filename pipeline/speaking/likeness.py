"""The blend of our voices that comes nearest."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pipeline.errors import Missing
from pipeline.roles import Voice
from pipeline.speaking.pitch import pitch_hz
from pipeline.speaking.voices import VoiceBook, voice_book
from pipeline.words.sound import Samples

_ONE_ALONE = 0.85
"""A voice with so large a share speaks alone: the rest would not be heard."""


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
    share = math.log2(wished_hz / pitches_hz[below]) / math.log2(pitches_hz[above] / pitches_hz[below])
    if max(share, 1 - share) > _ONE_ALONE:
        return above if share > 0.5 else below
    return f"{below}:{1 - share:.2f},{above}:{share:.2f}"


def _pitch_hz(speech: Samples) -> float:
    """0 where nothing in it is clearly voiced."""
    try:
        return pitch_hz(speech)
    except ValueError:
        return 0.0
