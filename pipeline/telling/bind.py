"""A tale in words alone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.audio.captions import webvtt
from pipeline.audio.container import FORMS, encode
from pipeline.audio.loudness import SILENCE_LUFS
from pipeline.audio.picture import BARS, Stretch, picture
from pipeline.telling.explain import looks
from pipeline.telling.mix import Mixed, kept_wish
from pipeline.telling.studio import Studio
from pipeline.words.prompt import Prompt
from pipeline.words.sound import RATE_HZ, Artifact
from pipeline.words.story import Plan, Story
from pipeline.words.tale import Master, Tale
from pipeline.words.timeline import Timeline

_SILENCE_S = 0.1
_LOW = 0.12
"""How high the bars of the picture stand where there is nothing to hear."""


def bind(prompt: Prompt, plan: Plan, story: Story, studio: Studio) -> Tale:
    """The story with the picture of its moods; what else a tale has is there and says nothing."""
    bound = studio.once("bind", "0", Mixed, lambda: _bound(plan, story, studio))
    whole = Timeline(whole=True)
    return Tale(kept_wish(prompt), plan, story, whole, bound.master, bound.captions, bound.picture, None)


def _bound(plan: Plan, story: Story, studio: Studio) -> Mixed:
    master = Master(_silence(studio), 0, SILENCE_LUFS, SILENCE_LUFS, 0.0)
    drawn = picture(np.full(BARS, _LOW), [*_stretches(story)])
    return Mixed(master, studio.keep(webvtt((), plan.language).encode(), ".vtt"), studio.keep(drawn, ".png"), None)


def _silence(studio: Studio) -> Artifact:
    with tempfile.TemporaryDirectory(prefix="echotales-bind-") as folder:
        file = Path(folder) / "silence.flac"
        encode(file, [np.zeros((round(_SILENCE_S * RATE_HZ), 2), np.float32)], FORMS[".flac"])
        return studio.keep.adopt(file, ".flac")


def _stretches(story: Story) -> Iterator[Stretch]:
    """Each passage as long as its words."""
    looking, passages = looks(), story.passages
    whole, before = max(1, sum(len(one.text) for one in passages)), 0
    for one in passages:
        yield Stretch(before / whole, looking[one.mood.emotion].colour)
        before += len(one.text)
