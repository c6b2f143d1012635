"""An explanation as a picture."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from pipeline.audio.picture import Stretch, picture
from pipeline.telling.explain import looks
from pipeline.words.mood import Emotion, Evidence, Feeling

_WORD = re.compile(r"[^\W\d_][\w'’-]*")
STEP = 16
"""Points a word takes, so that it stands as a block and not as a peak."""
LEAST = 0.04
"""A word that moved nothing is still a low bar."""


def picture_of(feeling: Feeling, text: str) -> bytes:
    """PNG: a bar for each word in its order, or for each stretch of voice; what spoke against the feeling is grey."""
    told = _words_in_order(feeling.evidence, text) or _voice_in_order(feeling.evidence)
    weights = np.array([one.weight for one in told]) if told else np.zeros(1)
    tallest = float(np.abs(weights).max()) or 1.0
    heights = np.maximum(np.abs(weights) / tallest, LEAST)
    return picture(np.repeat(heights, STEP), tuple(_stretches(told)))


def _stretches(told: Sequence[Evidence]) -> list[Stretch]:
    palette = looks()
    colours = [palette[one.emotion if one.weight > 0 else Emotion.NEUTRAL].colour for one in told]
    return [Stretch(at / len(told), colour) for at, colour in enumerate(colours)]


def _words_in_order(evidence: Sequence[Evidence], text: str) -> list[Evidence]:
    left = [one for one in evidence if one.kind == "word"]
    told = []
    for word in _WORD.findall(text):
        found = next((one for one in left if one.what == word), None)
        if found:
            left.remove(found)
            told.append(found)
    return told


def _voice_in_order(evidence: Sequence[Evidence]) -> list[Evidence]:
    return sorted((one for one in evidence if one.kind == "voice"), key=lambda one: one.start_s or 0.0)
