"""Wishes, spoken by the house's own narrator."""

from __future__ import annotations

import numpy as np

from pipeline.backends.narrate_kokoro import open_backend
from pipeline.cancelled import Cancelled
from pipeline.roles import Delivery
from pipeline.words.sound import RATE_HZ
from tests.discord_double.members.opus import Samples
from tests.mood.reading import weights

LINES = (
    "Tell me about a lighthouse keeper who befriends a storm.",
    "One winter the storm brings him letters from people who were lost at sea.",
    "He reads them by the lamp and answers every one of them before morning.",
    "His daughter thinks that he is writing to nobody, and she is worried about him.",
    "Then an old woman comes to the island with a letter in her hand.",
    "She says that her brother wrote to her after forty years of silence.",
    "Please make it gentle, and let it end with the sea going quiet.",
    "The narrator should be an old man who is never in a hurry.",
)
VOICE, PAUSE_S, LEVEL = "bm_fable", 0.7, 24_000
Wish = list[tuple[str, Samples]]


def spoken_lines(count: int) -> Wish:
    """Lines with their sound, as a microphone gives it: 48 kHz, stereo, 16 bit."""
    narrator = open_backend(weights("kokoro-82m"), 1)
    delivery = Delivery(VOICE, "en")
    told: Wish = []
    for line in LINES[:count]:
        pieces = [one.samples for one in narrator.speak(line, delivery, Cancelled())]
        mono = np.asarray(np.clip(np.concatenate(pieces), -1, 1) * LEVEL, np.int16)
        told.append((line, np.stack([mono, mono], axis=1)))
    narrator.close()
    return told


def in_one(lines: Wish) -> tuple[str, Samples]:
    """All of them, with a breath between."""
    pause = np.zeros((round(PAUSE_S * RATE_HZ), 2), np.int16)
    return " ".join(text for text, _ in lines), np.concatenate([part for _, sound in lines for part in (sound, pause)])
