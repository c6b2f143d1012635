"""A whole tale, told by real small models."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio.decode import read_upload
from pipeline.cancelled import Cancelled
from pipeline.cli.here import Here
from pipeline.cli.outputs import tale_json
from pipeline.errors import Refused, TaleCancelled
from pipeline.roles import TextReader
from pipeline.words.event import CueReady, Event, Felt, Narrated, Planned, Written, key_of
from pipeline.words.prompt import Order, Prompt
from pipeline.words.sound import RATE_HZ
from pipeline.words.tale import Tale
from pipeline.words.timeline import Timeline
from tests.pipeline.telling.studios import SHORT, told

PROMPT = Prompt(SHORT, seed=7, words=30)
AS_WRITTEN = 'The sea was grey. "Are you there?" asked Mira. Nobody answered.\n\nShe went home, and slept.'


@pytest.fixture(scope="module")
def once(here: Here, tmp_path_factory: pytest.TempPathFactory) -> tuple[Tale, list[Event], Path]:
    events: list[Event] = []
    folder = tmp_path_factory.mktemp("once")
    tale, _ = told(here, PROMPT, folder, events)
    return tale, events, folder


@pytest.fixture(scope="module")
def spoken_after(here: Here, once: tuple[Tale, list[Event], Path], tmp_path_factory: pytest.TempPathFactory) -> Tale:
    """Words as written, told once the first tale was."""
    return told(here, Prompt(AS_WRITTEN, seed=1, as_written=True), tmp_path_factory.mktemp("written"))[0]


def test_a_tale_has_words_voice_music_and_one_file(once: tuple[Tale, list[Event], Path]) -> None:
    tale, _, folder = once
    text = " ".join(passage.text for passage in tale.story.passages)
    assert 20 <= len(text.split()) <= 60
    assert tale.story.title
    assert re.search(r"[.!?\"”]$", text.strip())
    samples = read_upload(folder / tale.master.audio.sha256[:2] / f"{tale.master.audio.sha256}.flac", RATE_HZ)
    assert abs(len(samples) - tale.master.samples) <= 1
    assert np.isfinite(samples).all()
    assert -17 <= tale.master.loudness_lufs <= -15
    assert tale.master.true_peak_dbtp <= -1


def test_the_choice_of_the_frame_and_its_reason_stand_in_tale_json(once: tuple[Tale, list[Event], Path]) -> None:
    writing = tale_json(once[0], "tale.opus")["writing"]
    assert writing["reins"] == "tight"
    assert writing["read"]["who"] in PROMPT.text
    assert writing["frames"][0]["frame"] == once[0].plan.shape
    assert writing["frames"][0]["among"][0][0] == once[0].plan.shape


def test_every_line_is_heard_where_the_timeline_says(once: tuple[Tale, list[Event], Path]) -> None:
    tale, _, _ = once
    spoken = [line for placed in tale.timeline.placed if placed.spoken for line in placed.spoken.lines]
    written = [line.text for passage in tale.story.passages for line in passage.lines]
    assert [line.text for line in spoken] == written
    for placed in tale.timeline.placed:
        ends = [line.end for line in placed.spoken.lines] if placed.spoken else [0]
        assert placed.scored.samples >= max(ends)
    times = [word.start_s for word in tale.timeline.captions()]
    assert times == sorted(times)


def test_news_come_in_order_and_fold_to_the_tales_own_timeline(once: tuple[Tale, list[Event], Path]) -> None:
    tale, events, _ = once
    keys = [key_of(event) for event in events]
    assert max(Counter(keys).values()) == 1
    kinds = [type(event) for event in events if isinstance(event, (Felt, Planned, Written, Narrated, CueReady))]
    assert kinds[:3] == [Felt, Planned, CueReady], "the intro sounds before the first word is written"
    assert kinds[3:6] == [Written, Narrated, CueReady], "passages flow one by one"
    timeline = Timeline()
    for event in events:
        timeline = timeline.after(event)
    assert timeline.placed == tale.timeline.placed


def test_words_alone_are_written_and_nobody_speaks(
    here: Here, once: tuple[Tale, list[Event], Path], tmp_path: Path
) -> None:
    tale, _, _ = once
    events: list[Event] = []
    silent, keep = told(here, replace(PROMPT, words_only=True), tmp_path, events)
    assert [scene.passages for scene in silent.story.scenes] == [scene.passages for scene in tale.story.scenes]
    assert not [event for event in events if isinstance(event, (Narrated, CueReady))]
    assert (silent.silent, silent.timeline.placed, silent.master.samples) == (True, (), 0)
    assert keep.path(silent.picture).read_bytes().startswith(b"\x89PNG")


def test_a_seed_is_the_same_tale_also_with_another_one_between(
    here: Here, once: tuple[Tale, list[Event], Path], spoken_after: Tale, tmp_path: Path
) -> None:
    tale, _, _ = once
    assert spoken_after.master != tale.master, "other words were spoken and played between the two"
    other, _ = told(here, replace(PROMPT, seed=8, text="Two rival bakers", words_only=True), tmp_path)
    again, _ = told(here, PROMPT, tmp_path)
    assert other.story != tale.story
    assert again.story == tale.story
    assert again.master == tale.master
    assert again.timeline == tale.timeline


@pytest.mark.slow
def test_stage_by_stage_is_the_same_tale_as_passage_by_passage(
    here: Here, once: tuple[Tale, list[Event], Path], tmp_path: Path
) -> None:
    tale, _, _ = once
    events: list[Event] = []
    listed, _ = told(here, replace(PROMPT, order=Order.LIST), tmp_path, events)
    assert listed.story == tale.story
    assert listed.master == tale.master
    kinds = [type(event).__name__ for event in events if isinstance(event, (Written, Narrated))]
    assert kinds == sorted(kinds, reverse=True), "all is written before anything is narrated"


def test_words_as_written_are_each_told_once(spoken_after: Tale) -> None:
    spoken = " ".join(word.text for word in spoken_after.timeline.captions())
    assert Counter(re.findall(r"\w+", spoken)) == Counter(re.findall(r"\w+", AS_WRITTEN))
    assert len(spoken_after.story.scenes) == 2


def test_a_cancelled_tale_stops_and_the_shelf_goes_on(here: Here, tmp_path: Path) -> None:
    cancelled = Cancelled()
    timer = threading.Timer(0.8, cancelled.set)
    timer.start()
    events: list[Event] = []
    with pytest.raises(TaleCancelled):
        told(here, replace(PROMPT, words=400, seed=99), tmp_path, events, cancelled)
    assert sum(isinstance(event, Written) for event in events) < 20, "most of the tale was never written"
    with here.shelf.borrow(TextReader, Cancelled()) as reader:
        assert reader.languages, "the shelf was not left locked"


@pytest.mark.parametrize(("text", "code"), [("", "prompt_empty"), ("x" * 4_001, "prompt_too_long")])
def test_a_wish_that_cannot_be_told_is_refused_before_any_model(
    here: Here, tmp_path: Path, text: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        told(here, Prompt(text, seed=1), tmp_path)
    assert refused.value.code == code
