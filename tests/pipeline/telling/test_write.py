"""A plan into passages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

import pytest

from pipeline.backends.write_gguf import GgufWriter
from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled
from pipeline.roles import Ask, Kind, Turn, Writer
from pipeline.telling.write import Step, steps, story_of, write
from pipeline.words.event import Event, Written
from pipeline.words.jsonable import from_json, to_json
from pipeline.words.prompt import Prompt
from pipeline.words.story import Plan
from pipeline.writing.fill import BLANK
from pipeline.writing.told_lines import PASSAGE_WORDS
from pipeline.writing.tongue import count_words
from tests.pipeline.writing.telling import planned, studio_of, told

STORM = Prompt("A lighthouse keeper befriends a storm", 4)
Tale = tuple[Plan, list[Step]]


@pytest.fixture(scope="module")
def writer(lent: Callable[[str, str], GgufWriter]) -> GgufWriter:
    return lent("write_gguf", "smollm2-135m")


@pytest.fixture(scope="module")
def tale() -> Tale:
    return told(STORM, None)


def test_a_tale_has_its_length_its_opening_and_its_end(tale: Tale) -> None:
    plan, made = tale
    passages = [step.passage for step in made]
    words = sum(count_words(one.text) for one in passages)
    assert abs(words - STORM.words) <= 0.15 * STORM.words
    assert count_words(passages[0].text) <= 30
    assert [one.index for one in passages] == list(range(len(passages)))
    assert [one.closes_tale for one in passages] == [False] * (len(passages) - 1) + [True]
    assert {one.scene for one in passages if one.closes_scene} == {beat.scene for beat in plan.beats}


@pytest.mark.parametrize("seed", range(12))
def test_passages_are_short_and_lines_are_their_text(seed: int) -> None:
    for wish in ("Um gato que ensina a lua a miar", "Two rival bakers share one oven", "a ghost who lost a hat"):
        plan, made = told(replace(STORM, text=wish, seed=seed), None)
        people = {"narrator", plan.facts.hero.name, *(one.name for one in plan.facts.people)}
        for step in made:
            letters = [char for line in step.passage.lines for char in line.text if char.isalnum()]
            assert letters == [char for char in step.passage.text if char.isalnum()]
            assert {line.speaker for line in step.passage.lines} <= people
            assert count_words(step.passage.text) <= 3 * PASSAGE_WORDS, step.passage.text


def test_passages_are_said_as_they_are_finished() -> None:
    events: list[Event] = []
    passages = write(STORM, planned(STORM), studio_of(None, events))
    first = next(passages)
    assert events == [Written(first)]


def test_a_seed_gives_the_same_tale_after_another(writer: GgufWriter) -> None:
    def tell(prompt: Prompt) -> list[Step]:
        return list(steps(prompt, planned(prompt), studio_of(writer, reads_wishes=True)))

    first = tell(STORM)
    other = tell(replace(STORM, seed=5))
    assert tell(STORM) == first
    assert other != first


def test_a_writer_chooses_among_the_written_candidates_of_a_blank(writer: GgufWriter) -> None:
    prompt = _with_a_blank()
    asked: list[tuple[Turn, Ask]] = []

    class Watching:
        def complete(self, turn: Turn, ask: Ask, check: Cancelled) -> Iterator[str]:
            asked.append((turn, ask))
            return writer.complete(turn, ask, check)

    made = list(steps(prompt, planned(prompt), studio_of(cast(Writer, Watching()), reads_wishes=True)))
    text = " ".join(step.passage.text for step in made)
    assert asked
    for turn, ask in asked:
        assert ask.kind is Kind.CHOICE
        assert len(ask.options) >= 5
        assert any(option in text for option in ask.options)
        assert turn.told in text
    assert sum(step.blanks for step in made) == len(asked)


def _with_a_blank() -> Prompt:
    wished = (replace(STORM, text="a dragon who is afraid of candles", seed=seed) for seed in range(200))
    return next(one for one in wished if any(BLANK in turn for beat in planned(one).beats for turn in beat.turns))


def test_a_crashed_tale_goes_on_from_its_remembered_steps(tale: Tale) -> None:
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
    ends = list(steps(STORM, plan, replace(studio_of(None), once=cast(Any, once))))
    assert ends == whole
    assert written == [last]


def test_a_cancelled_tale_writes_no_further() -> None:
    check = Cancelled()
    passages = write(STORM, planned(STORM), studio_of(None, check=check))
    next(passages)
    check.set()
    with pytest.raises(TaleCancelled):
        next(passages)


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
