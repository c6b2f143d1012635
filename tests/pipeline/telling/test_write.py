"""A plan into passages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from pipeline.backends.write_gguf import GgufWriter, open_backend
from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled
from pipeline.roles import Ask, Turn
from pipeline.telling.write import Step, steps, story_of, write
from pipeline.words.event import Event, Written
from pipeline.words.jsonable import from_json, to_json
from pipeline.words.prompt import Prompt
from pipeline.words.story import Plan
from pipeline.writing.pace import PASSAGE_WORDS
from pipeline.writing.starters import Starter
from pipeline.writing.tongue import count_words
from tests.pipeline.writing.telling import planned, studio_of, told

STORM = Prompt("A lighthouse keeper befriends a storm", 4, words=60)
Tale = tuple[Plan, list[Step]]


@pytest.fixture(scope="module")
def writer(weights: Callable[[str], Mapping[str, Path]]) -> Iterator[GgufWriter]:
    opened = open_backend(weights("smollm2-135m"), 1)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def tale(writer: GgufWriter) -> Tale:
    return told(STORM, writer)


def test_a_tale_has_its_length_its_opening_and_its_end(tale: Tale) -> None:
    plan, made = tale
    passages = [step.passage for step in made]
    words = sum(count_words(one.text) for one in passages)
    assert abs(words - STORM.words) <= 0.15 * STORM.words
    assert count_words(passages[0].text) <= 11
    assert [one.index for one in passages] == list(range(len(passages)))
    assert [one.closes_tale for one in passages] == [False] * (len(passages) - 1) + [True]
    assert {one.scene for one in passages if one.closes_scene} == {beat.scene for beat in plan.beats}
    assert max(count_words(one.text) for one in passages[1:]) <= PASSAGE_WORDS + 10


def test_lines_are_the_text_and_speech_has_its_speaker(writer: GgufWriter) -> None:
    plan, made = told(replace(STORM, words=150), writer)
    facts = plan.facts
    assert facts.helper is not None
    spoken = 0
    for step in made:
        letters = [char for line in step.passage.lines for char in line.text if char.isalnum()]
        assert letters == [char for char in step.passage.text if char.isalnum()]
        for line in step.passage.lines:
            assert line.speaker in {"narrator", facts.hero.name, facts.helper.name}
            spoken += line.speaker != "narrator"
    assert spoken >= 2


def test_passages_are_said_as_they_are_finished(writer: GgufWriter) -> None:
    events: list[Event] = []
    passages = write(STORM, planned(STORM), studio_of(writer, events))
    first = next(passages)
    assert events == [Written(first)]


def test_a_seed_gives_the_same_tale_after_another(writer: GgufWriter, tale: Tale) -> None:
    other = told(replace(STORM, seed=5, words=30), writer)
    assert told(STORM, writer) == tale
    assert other != tale


def test_a_crashed_tale_goes_on_from_its_remembered_steps(writer: GgufWriter, tale: Tale) -> None:
    plan, whole = tale
    remembered = {str(step.passage.index): to_json(step) for step in whole}
    written: list[str] = []

    def once(_stage: str, unit: str, kind: Any, work: Callable[[], Any]) -> Any:
        if unit not in remembered:
            written.append(unit)
            return work()
        return from_json(kind, remembered[unit])

    again = list(steps(STORM, plan, replace(studio_of(None), once=cast(Any, once))))
    assert again == whole
    assert not written
    last = remembered.popitem()[0]
    ends = list(steps(STORM, plan, replace(studio_of(writer), once=cast(Any, once))))
    assert ends[:-1] == whole[:-1]
    assert written == [last]


def test_a_cancelled_tale_writes_no_further(writer: GgufWriter) -> None:
    check = Cancelled()
    passages = write(STORM, planned(STORM), studio_of(writer, check=check))
    next(passages)
    check.set()
    with pytest.raises(TaleCancelled):
        next(passages)


def test_the_context_grows_byte_for_byte(writer: GgufWriter) -> None:
    turns: list[Turn] = []

    class Watching(GgufWriter):
        def __init__(self) -> None:
            pass

        def settle(self, system: str) -> None:
            writer.settle(system)

        def complete(self, turn: Turn, ask: Ask, check: Cancelled) -> Iterator[str]:
            turns.append(turn)
            return writer.complete(turn, ask, check)

    plan, made = told(STORM, Watching())
    begun = [Starter.unpacked(one).lead for beat in plan.beats for one in beat.starters]
    assert len({(turn.system, turn.user) for turn in turns}) == 1
    whole = "\n\n".join(
        " ".join(step.passage.text for step in made if step.passage.scene == beat.scene) for beat in plan.beats
    )
    for turn in turns:
        since = max(turn.told.rfind(lead) for lead in begun)  # words of its own may follow: a sentence without its end
        assert whole.startswith(turn.told[:since].rstrip())


def test_a_story_has_a_title_a_synopsis_and_a_picture_for_every_scene(tale: Tale) -> None:
    plan, made = tale
    story = story_of(plan, [step.passage for step in made])
    assert story.title == plan.title
    assert 10 < len(story.synopsis) <= 201
    assert "\n" not in story.synopsis
    assert all(scene.picture for scene in story.scenes)
    assert [scene.intent for scene in story.scenes] == [beat.intent for beat in plan.beats]


def test_words_as_written_are_told_in_a_language_nobody_here_writes() -> None:
    wish = Prompt("きつねが森にいました。", 1, language="ja", as_written=True)
    assert [step.passage.text for step in steps(wish, planned(wish), studio_of(None))] == [wish.text]
