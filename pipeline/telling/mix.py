"""Mixes a finished tale, once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.audio.captions import Shown, captions, webvtt
from pipeline.audio.container import FORMS, encode
from pipeline.audio.loudness import SILENCE_LUFS
from pipeline.audio.master import Mastered, master
from pipeline.audio.picture import BARS, Stretch, picture
from pipeline.audio.sum import Gains, Sum
from pipeline.audio.surroundings import named
from pipeline.music.midi import joined
from pipeline.telling.explain import looks
from pipeline.telling.studio import Studio
from pipeline.words.prompt import Prompt
from pipeline.words.sound import RATE_HZ, Artifact
from pipeline.words.story import Passage, Plan, Story
from pipeline.words.tale import Master, Tale
from pipeline.words.timeline import Timeline

_SILENCE_S = 0.1
_LOW = 0.12
"""Height of the picture's bars, 0..1, where there is no sound."""


@dataclass(frozen=True)
class Mixed:
    """Result of the durable step."""

    master: Master
    captions: Artifact
    picture: Artifact
    midi: Artifact | None


def mix(
    prompt: Prompt, plan: Plan, story: Story, timeline: Timeline, studio: Studio, gain_db: float | None = None
) -> Tale:
    """Make the whole timeline into one file, with captions, picture and notes; unsigned.

    `gain_db` is the file's gain where it must not be chosen anew.
    """
    whole = replace(timeline, whole=True)
    mixed = studio.once("mix", "0", Mixed, lambda: _mixed(prompt, plan, story, whole, studio, gain_db))
    return Tale(kept_wish(prompt), plan, story, whole, mixed.master, mixed.captions, mixed.picture, mixed.midi)


def kept_wish(prompt: Prompt) -> Prompt:
    """Return the prompt without what was read from voices: that is for their speakers alone."""
    return replace(prompt, said=tuple(replace(one, felt=None) for one in prompt.said))


def _mixed(
    prompt: Prompt, plan: Plan, story: Story, timeline: Timeline, studio: Studio, gain_db: float | None
) -> Mixed:
    passages = {passage.index: passage for passage in story.passages}
    made, finished = _mastered(timeline, studio, Gains(music=prompt.music), gain_db)
    said = webvtt(captions_of(plan, story, timeline), plan.language)
    drawn = picture(finished.heights, _stretches(timeline, passages))
    return Mixed(made, studio.keep(said.encode(), ".vtt"), studio.keep(drawn, ".png"), _midi(timeline, studio))


def captions_of(plan: Plan, story: Story, timeline: Timeline) -> list[Shown]:
    """Return the captions of the whole tale, with the names of what is heard beside its words."""
    sounds = {one.index: named(one.ambience, plan.language) for one in story.passages}
    happens = {one.kind for placed in timeline.placed for one in placed.scored.effects}
    effects = {kind: name for kind in happens for name in named((kind,), plan.language)}
    return captions(timeline, sounds, effects)


def _mastered(timeline: Timeline, studio: Studio, gains: Gains, gain_db: float | None) -> tuple[Master, Mastered]:
    tale = Sum(studio.keep.path)
    tale.grow(timeline)
    with tempfile.TemporaryDirectory(prefix="echotales-mix-") as folder:
        # On disk and then adopted: an hour's master never lies in memory.
        file = Path(folder) / "master.flac"
        done = master(tale, file, studio.check, gains, gain_db)
        artifact = studio.keep.adopt(file, ".flac")
    made = Master(artifact, done.samples, done.loudness_lufs, done.true_peak_dbtp, done.gain_db)
    return made, done


def _midi(timeline: Timeline, studio: Studio) -> Artifact | None:
    files = [studio.keep.path(placed.scored.midi) for placed in timeline.placed if placed.scored.midi]
    return studio.keep(joined([file.read_bytes() for file in files]), ".mid") if files else None


def _stretches(timeline: Timeline, passages: Mapping[int, Passage]) -> list[Stretch]:
    length, looking = max(1, timeline.samples), looks()
    spoken = [placed for placed in timeline.placed if placed.scored.passage in passages]
    moods = [passages[placed.scored.passage].mood.emotion for placed in spoken]
    return [Stretch(one.start / length, looking[mood].colour) for one, mood in zip(spoken, moods, strict=True)]


def bind(prompt: Prompt, plan: Plan, story: Story, studio: Studio) -> Tale:
    """Make a tale of words alone: a picture of its moods, and an empty sound in place of a master."""
    bound = studio.once("bind", "0", Mixed, lambda: _bound(plan, story, studio))
    whole = Timeline(whole=True)
    return Tale(kept_wish(prompt), plan, story, whole, bound.master, bound.captions, bound.picture, None)


def _bound(plan: Plan, story: Story, studio: Studio) -> Mixed:
    master = Master(_silence(studio), 0, SILENCE_LUFS, SILENCE_LUFS, 0.0)
    drawn = picture(np.full(BARS, _LOW), [*_lengths(story)])
    return Mixed(master, studio.keep(webvtt((), plan.language).encode(), ".vtt"), studio.keep(drawn, ".png"), None)


def _silence(studio: Studio) -> Artifact:
    with tempfile.TemporaryDirectory(prefix="echotales-bind-") as folder:
        file = Path(folder) / "silence.flac"
        encode(file, [np.zeros((round(_SILENCE_S * RATE_HZ), 2), np.float32)], FORMS[".flac"])
        return studio.keep.adopt(file, ".flac")


def _lengths(story: Story) -> Iterator[Stretch]:
    """Give each passage a stretch as long as its words."""
    looking, passages = looks(), story.passages
    whole, before = max(1, sum(len(one.text) for one in passages)), 0
    for one in passages:
        yield Stretch(before / whole, looking[one.mood.emotion].colour)
        before += len(one.text)
