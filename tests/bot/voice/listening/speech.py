"""Speech for tests, spoken on the spot."""

from __future__ import annotations

from functools import cache

import numpy as np

from pipeline.backends.narrate_espeak import open_backend
from pipeline.cancelled import Cancelled
from pipeline.roles import Delivery
from tests.discord_double.members.opus import Samples

LINE = "A lighthouse keeper befriends a storm, and the storm brings him letters from the sea."
LEVEL = 20_000


@cache
def spoken(text: str = LINE, gender: str = "m") -> Samples:
    """A line as a microphone gives it: 48 kHz, stereo, 16 bit."""
    delivery = Delivery(f"espeak_en_{gender}", "en")
    pieces = [one.samples for one in open_backend({}, 1).speak(text, delivery, Cancelled())]
    mono = np.asarray(np.concatenate(pieces) * LEVEL, np.int16)
    return np.stack([mono, mono], axis=1)


def silence(seconds: float) -> Samples:
    """Nothing at all."""
    return np.zeros((round(seconds * 48_000), 2), np.int16)
