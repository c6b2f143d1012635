"""The tale before its first word."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, cast

import pytest

from pipeline.errors import Refused, Unserved
from pipeline.telling.plan import plan, planned_from
from pipeline.words.event import Event, Planned
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Before, Prompt
from pipeline.words.sound import Transcript
from pipeline.words.story import Plan
from pipeline.writing.shapes import shapes
from pipeline.writing.starters import Starter
from tests.pipeline.writing.telling import CALM, planned, studio_of

STORM = "A lighthouse keeper befriends a storm"


def test_a_plan_is_made_without_a_model_and_said_once_it_stands() -> None:
    events: list[Event] = []
    made = plan(Prompt(STORM, 1), None, CALM, studio_of(None, events))
    assert events == [Planned(made)]


def test_the_same_prompt_is_the_same_plan_and_another_seed_another() -> None:
    assert planned(Prompt(STORM, 1)) == planned(Prompt(STORM, 1))
    assert planned(Prompt(STORM, 1)) != planned(Prompt(STORM, 2))


def test_what_was_said_is_told_in_its_language() -> None:
    said = Transcript("Um robô velho aprende a plantar um jardim na lua", "pt", 0.9)
    made = planned_from(Prompt("", 1), said, CALM)
    assert made.language == "pt"
    assert made.facts.place == "na lua"


@pytest.mark.parametrize("words", [30, 60, 150, 600, 6_000])
def test_the_beats_share_the_asked_length(words: int) -> None:
    made = planned(Prompt(STORM, 1, words))
    assert abs(sum(beat.words for beat in made.beats) - words) <= len(made.beats)
    assert max(beat.words for beat in made.beats) <= 400
    assert [beat.scene for beat in made.beats] == list(range(len(made.beats)))


def test_where_no_writer_knows_the_language_the_tale_is_english_and_says_so() -> None:
    def borrow(role: type[Any], **needs: str) -> AbstractContextManager[Any]:
        if needs.get("language") != "en" or "reads" in needs:
            raise Unserved("role_unserved", role=role.__name__, **needs)
        return nullcontext()

    studio = replace(studio_of(None), borrow=cast(Any, borrow))
    made = plan(Prompt("Um robô velho aprende a plantar um jardim na lua", 1), None, CALM, studio)
    assert made.language == "en"
    assert made.notes == ("language_unwritten",)


def test_words_of_the_prompt_call_their_shape() -> None:
    assert planned(Prompt("A ghost in a haunted house", 1)).shape == "ghost_story"
    assert planned(Prompt("Una detective busca una pista en el museo", 1)).shape == "mystery"


@pytest.mark.parametrize("style", shapes())
def test_a_style_asked_for_is_told(style: str) -> None:
    assert planned(Prompt(STORM, 1, style=style)).shape == style


def test_a_mood_asked_for_colours_every_beat_and_the_end() -> None:
    sad = Feeling(Mood.pure(Emotion.SADNESS), rule="asked")
    made = planned(Prompt(STORM, 1, mood=Emotion.SADNESS), sad)
    assert made.ending is Emotion.SADNESS
    assert all(beat.target.weights[Emotion.SADNESS] >= 0.3 for beat in made.beats)


def test_the_prompts_things_and_people_stand_in_the_starters() -> None:
    made = planned(Prompt("Anna, Boris and Chloe hide a silver flute and a golden egg", 1, words=300))
    begun = " ".join(Starter.unpacked(one).text for beat in made.beats for one in beat.starters)
    for told in ("Anna", "Boris", "Chloe", "silver flute", "golden egg"):
        assert told in begun, told


def test_every_scene_is_bound_to_name_its_hero() -> None:
    made = planned(Prompt(STORM, 3))
    for beat in made.beats:
        musts = [one for one in map(Starter.unpacked, beat.starters) if one.must]
        assert any(made.facts.hero.name in one.text for one in musts), beat.intent


@pytest.mark.parametrize("style", shapes())
@pytest.mark.parametrize("words", [150, 600])
def test_nobody_met_on_the_way_speaks_before_being_met(style: str, words: int) -> None:
    made = planned(Prompt("rain", 3, words, style=style))
    assert made.facts.helper is not None
    starters = [Starter.unpacked(one) for beat in made.beats for one in beat.starters]
    met = next(at for at, one in enumerate(starters) if one.slot == "meet")
    assert starters[met].must
    assert all(one.speaker != made.facts.helper.name for one in starters[:met])


def test_a_sequel_keeps_its_hero() -> None:
    before = Before("Mira and the Star", {"hero": "Mira", "helper": "the owl"}, "Mira found a star.", {})
    assert planned(Prompt("now they cross the sea", 1, before=before)).facts.hero.name == "Mira"


def test_nothing_is_nothing_to_tell() -> None:
    with pytest.raises(Refused, match="prompt_empty"):
        planned(Prompt("", 1))


def test_a_title_names_its_hero() -> None:
    titles = {planned(Prompt(STORM, seed)).title for seed in range(8)}
    assert all(title[0].isupper() for title in titles)
    assert len(titles) > 2


def test_a_plan_survives_json() -> None:
    from pipeline.words.jsonable import from_json, to_json

    made = planned(Prompt(STORM, 1))
    assert from_json(Plan, to_json(made)) == made
