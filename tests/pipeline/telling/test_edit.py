"""Promises of a change in a told tale."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.artifacts import Artifacts
from pipeline.audio.decode import blocks_of
from pipeline.cancelled import Cancelled
from pipeline.cli.here import Here
from pipeline.errors import Missing, Refused
from pipeline.roles import Narrator
from pipeline.shelf.turnstile import Errand
from pipeline.telling.in_memory import InMemory
from pipeline.telling.line import tell
from pipeline.words.event import Event, Narrated, Written
from pipeline.words.jsonable import from_json, to_json
from pipeline.words.mood import Emotion
from pipeline.words.prompt import Change, Edit, Prompt
from pipeline.words.sound import Artifact, Samples
from pipeline.words.tale import Tale
from tests.pipeline.telling.studios import told

STORY = (
    "Anna went up to the old mill. The wind was warm that evening. She carried a lantern; it swung on her arm.\n\n"
    '"Who is there?" asked the miller. Nobody answered him. The wheel turned slowly. He closed the door and slept.'
)


@pytest.fixture(scope="module")
def mill(here: Here, tmp_path_factory: pytest.TempPathFactory) -> tuple[Tale, Artifact, Path]:
    folder = tmp_path_factory.mktemp("mill")
    tale, _ = told(here, Prompt(STORY, seed=7, words=50, as_written=True, language="en"), folder, [])
    return tale, kept_tale(tale, folder), folder


def kept_tale(tale: Tale, folder: Path) -> Artifact:
    return Artifacts(folder)(json.dumps(to_json(tale)).encode(), ".json")


def changed(here: Here, mill: tuple[Tale, Artifact, Path], how: Edit, first: int, last: int, **more: object) -> Tale:
    tale, whole, folder = mill
    change = replace(Change(whole, first, last, how, 1, 10), **more)  # type: ignore[arg-type] # names of its fields
    return told(here, replace(tale.prompt, change=change), folder, [])[0]


def sound(tale: Tale, folder: Path) -> Samples:
    return np.concatenate(list(blocks_of(Artifacts(folder).path(tale.master.audio))))


def test_all_outside_the_change_is_the_same_to_the_sample(here: Here, mill: tuple[Tale, Artifact, Path]) -> None:
    old, _, folder = mill
    new = changed(here, mill, Edit.WORDS, 1, 1, words="It rained, and it rained, and it would not end that night.")
    assert new.story.passages[1].text.startswith("It rained")
    before, after = {one.scored.passage: one for one in old.timeline.placed}, new.timeline.placed
    for one in after:
        if one.scored.passage != 1:
            was = before[one.scored.passage]
            assert (one.spoken and one.spoken.voice, one.scored.bed) == (
                was.spoken and was.spoken.voice,
                was.scored.bed,
            )
    mine = next(one for one in after if one.scored.passage == 1)
    was = before[1]
    first, second = sound(old, folder), sound(new, folder)
    assert np.array_equal(first[: was.start], second[: mine.start])
    # Behind it the changed music still rings, and the limiter remembers it for some seconds.
    rings = max(mine.scored.tail_samples, was.scored.tail_samples) + 4 * 48_000
    assert np.array_equal(first[was.end + rings :], second[mine.end + rings :])
    assert len(first) - was.end - rings > 48_000, "there is something behind it to be the same"
    assert new.master.gain_db == old.master.gain_db


def test_a_scene_told_sadder_keeps_its_words_and_is_sadder(here: Here, mill: tuple[Tale, Artifact, Path]) -> None:
    old = mill[0]
    scene = [one.index for one in old.story.passages if one.scene == 1]
    new = changed(here, mill, Edit.FEEL, scene[0], scene[-1], mood=Emotion.SADNESS)
    assert [one.text for one in new.story.passages] == [one.text for one in old.story.passages]
    assert {one.mood.emotion for one in new.story.passages if one.scene == 1} == {Emotion.SADNESS}
    assert new.story.scenes[1].mood.emotion is Emotion.SADNESS
    assert new.timeline.placed[-1].scored.bed != old.timeline.placed[-1].scored.bed


def test_another_voice_speaks_its_line_and_no_other(here: Here, mill: tuple[Tale, Artifact, Path]) -> None:
    old = mill[0]
    voices = {line.voice for one in old.timeline.placed if one.spoken for line in one.spoken.lines}
    with here.shelf.borrow(Narrator, Cancelled(), Errand(tale="here"), language="en") as narrator:
        other = next(one.id for one in narrator.voices() if one.id not in voices and one.language == "en")
    new = changed(here, mill, Edit.VOICE, 0, 0, voice=other)
    spoken = {one.scored.passage: one.spoken for one in new.timeline.placed if one.spoken}
    assert {line.voice for line in spoken[0].lines} == {other}
    assert other not in {line.voice for index, one in spoken.items() if index for line in one.lines}
    with pytest.raises(Missing, match="voice_unknown"):
        changed(here, mill, Edit.VOICE, 0, 0, voice="nobody")


def test_a_line_said_again_runs_only_the_stages_it_touches(here: Here, mill: tuple[Tale, Artifact, Path]) -> None:
    tale, whole, folder = mill
    events: list[Event] = []
    change = Change(whole, 0, 0, Edit.AGAIN, 1, 10)
    at_work = InMemory(here.shelf, Artifacts(folder), events.append, Cancelled())
    new = tell(replace(tale.prompt, change=change), at_work.studio)
    takes = [next(one.spoken for one in each.timeline.placed if one.scored.passage == 0) for each in (tale, new)]
    assert takes[0] is not None
    assert takes[1] is not None
    assert takes[0].voice != takes[1].voice, "the same words, said otherwise"
    assert [line.text for line in takes[0].lines] == [line.text for line in takes[1].lines]
    assert set(at_work.seconds) == {"rewrite", "narrate", "compose", "mix"}
    assert len([one for one in events if isinstance(one, Narrated)]) == len(tale.story.passages)
    assert [one.passage.index for one in events if isinstance(one, Written)] == list(range(len(tale.story.passages)))


def test_what_cannot_be_changed_is_refused_in_a_sentence(here: Here, mill: tuple[Tale, Artifact, Path]) -> None:
    with pytest.raises(Refused, match="edit_nowhere"):
        changed(here, mill, Edit.AGAIN, 7, 90)


def test_a_change_survives_its_way_through_json() -> None:
    change = Change(Artifact("a", ".json", 1), 0, 1, Edit.FEEL, 1, mood=Emotion.JOY)
    prompt = Prompt("x", 1, change=change)
    assert from_json(Prompt, to_json(prompt)) == prompt
