"""What happens goes through the whole tale."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio.captions import captions, webvtt
from pipeline.audio.decode import read_stem
from pipeline.audio.encode import stem_bytes
from pipeline.audio.live import Live
from pipeline.audio.sum import Sum
from pipeline.cli.outputs import tale_json
from pipeline.telling.compose import Cued, compose
from pipeline.telling.mix import mix
from pipeline.telling.narrate import NarratedPassage
from pipeline.words.event import Narrated
from pipeline.words.jsonable import from_json, to_json
from pipeline.words.prompt import Prompt
from pipeline.words.score import Scored
from pipeline.words.sound import RATE_HZ
from pipeline.words.story import Plan, Scene, Story
from pipeline.words.timeline import Timeline
from tests.pipeline.effects.test_placing import said
from tests.pipeline.music.tales import random_tale
from tests.pipeline.telling.test_compose import Stage

TEXTS = ("She knocked on the door, and waited.", "Nobody came.", "Then the bell rang.")


def tale(folder: Path, *, with_effects: bool) -> tuple[Stage, Plan, list[Cued]]:
    stage = Stage(folder)
    plan, pictures = random_tale(3, scenes=3)
    told = []
    for passage, text in enumerate(TEXTS):
        spoken = said(text, 0.4, passage=passage)
        voice = stage.studio.keep(stem_bytes(np.zeros(spoken.samples, np.float32)), ".wav")
        whole = replace(pictures[passage].passage, text=text, index=passage, scene=0)
        told.append(NarratedPassage(whole, replace(spoken, voice=voice)))
    return stage, plan, list(compose(plan, told, stage.studio, with_effects=with_effects))


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stage, Plan, list[Cued]]:
    return tale(tmp_path_factory.mktemp("heard"), with_effects=True)


def timeline_of(cued: list[Cued], stage: Stage) -> Timeline:
    timeline = Timeline()
    for one, event in zip(cued, stage.said, strict=True):
        timeline = timeline.after(Narrated(one.spoken)).after(event)
    return replace(timeline, whole=True)


def test_what_happens_is_published_with_its_music_and_survives_a_restart(heard: tuple[Stage, Plan, list[Cued]]) -> None:
    stage, _, cued = heard
    assert [[one.kind for one in each.scored.effects] for each in cued] == [["knock"], [], ["bell"]]
    assert all(from_json(Scored, to_json(one.scored, Scored)) == one.scored for one in cued)
    again, _, recovered = tale(stage.folder, with_effects=True)
    assert [one.scored for one in recovered] == [one.scored for one in cued]
    assert again.said == stage.said


def test_it_is_in_the_bed_and_nowhere_when_turned_off(heard: tuple[Stage, Plan, list[Cued]], tmp_path: Path) -> None:
    stage, _, cued = heard
    other, _, silent = tale(tmp_path, with_effects=False)
    assert not any(one.scored.effects for one in silent)
    for one, bare in zip(cued, silent, strict=True):
        loud = read_stem(stage.studio.keep.path(one.scored.bed))
        plain = read_stem(other.studio.keep.path(bare.scored.bed))
        assert loud.shape == plain.shape, "no passage grows by what happens in it"
        assert (np.abs(loud - plain).max() > 1e-3) == bool(one.scored.effects)


def test_who_listens_live_hears_the_same_as_the_file(heard: tuple[Stage, Plan, list[Cued]]) -> None:
    stage, _, cued = heard
    timeline = timeline_of(cued, stage)
    whole, live = Sum(stage.studio.keep.path), Live(stage.studio.keep.path)
    whole.grow(timeline)
    live.grow(timeline)
    assert (live.next(whole.samples) == whole.block(0, whole.samples)).all()


def test_captions_name_it_when_it_is_heard_and_the_paper_lists_it(heard: tuple[Stage, Plan, list[Cued]]) -> None:
    stage, plan, cued = heard
    timeline = timeline_of(cued, stage)
    vtt = webvtt(captions(timeline, {}, {"knock": "knocking", "bell": "bell rings"}), "en")
    assert vtt.count("[knocking]") == vtt.count("[bell rings]") == 1
    passages = tuple(one.passage for one in cued)
    story = Story("", "", "en", (Scene(0, "", passages[0].mood, passages),))
    made = mix(Prompt("", 3), plan, story, timeline, stage.studio)
    told = tale_json(made, "tale.opus")["effects"]
    assert [one["kind"] for one in told] == ["knock", "bell"]
    assert all(0 <= one["start_s"] <= timeline.samples / RATE_HZ for one in told)
    assert "[knocking]" in stage.studio.keep.path(made.captions).read_text(encoding="utf-8")
