"""Starters, in every language and shape."""

from __future__ import annotations

import re

import pytest

from pipeline.words.mood import Emotion
from pipeline.words.prompt import Lately, Prompt
from pipeline.words.story import NARRATOR
from pipeline.writing.choices import OPENING_WORDS
from pipeline.writing.shapes import shapes
from pipeline.writing.starters import FIELD, SPEAKERS, Starter, skeleton
from pipeline.writing.tongue import count_words, tongues
from tests.pipeline.writing.telling import planned

FIELDS = {"N", "R", "H", "h", "a_h", "O", "t", "a_t", "wish", "at", "At", "says", "said", "name"}
EVERY = [
    (language, slot, template)
    for language, tongue in tongues().items()
    for table in (tongue.slots, *(one.starters[language] for one in shapes().values()))
    for slot, templates in table.items()
    for template in templates
]


def test_every_shape_speaks_every_language() -> None:
    for name, shape in shapes().items():
        assert set(shape.starters) == set(tongues()), name
        assert set(shape.cues) == set(tongues()), name


@pytest.mark.parametrize("language", tongues())
def test_every_slot_of_every_shape_can_be_begun(language: str) -> None:
    for name, shape in shapes().items():
        known = {*shape.starters[language], *tongues()[language].slots}
        for beat in shape.beats:
            for spec in beat.slots:
                assert set(spec.rstrip("!*").split("/")) <= known, f"{name}: {spec}"


def test_every_template_has_one_blank_known_fields_and_paired_marks() -> None:
    for language, slot, template in EVERY:
        where = f"{language} {slot}: {template}"
        assert template.count("_") == 1 + sum(field.count("_") for field in FIELD.findall(template)), where
        assert set(FIELD.findall(template)) <= FIELDS, where
        assert template.count('"') % 2 == 0, where


def test_every_spoken_blank_has_a_speaker() -> None:
    for language, slot, template in EVERY:
        lead = re.split(r"_(?![a-z])", template.replace("{a_h}", "{h}").replace("{a_t}", "{t}"))[0]
        if lead.count('"') % 2:
            outside = re.sub(r'"[^"]*"?', " ", template)
            assert set(FIELD.findall(outside)) & set(SPEAKERS), f"{language} {slot}: {template}"


def test_every_mood_has_its_verbs_in_every_language() -> None:
    for tongue in tongues().values():
        assert set(tongue.says) == set(tongue.said) == set(tongue.moods) == set(Emotion)


def test_a_starter_survives_being_packed() -> None:
    starter = Starter("hsay", 'The owl whispered, "_"', "the owl", "whispered", must=False)
    assert Starter.unpacked(starter.packed()) == starter
    assert starter.spoken
    assert (starter.lead, starter.tail) == ('The owl whispered, "', '"')


def test_a_skeleton_knows_the_sentences_begun_with_it() -> None:
    begun = skeleton("Long ago, there lived {R} named {N} _?")
    assert begun.match("Long ago, there lived a tall baker named Ivy by the sea.")
    assert not begun.match("Long ago, Ivy baked.")


@pytest.mark.parametrize("language", tongues())
def test_the_mood_asked_for_chooses_the_verbs(language: str) -> None:
    def verbs(mood: Emotion) -> set[str]:
        return set(tongues()[language].says[mood]) | set(tongues()[language].said[mood])

    for one, two in ((Emotion.JOY, Emotion.ANGER), (Emotion.FEAR, Emotion.JOY)):
        assert not verbs(one) & verbs(two)


@pytest.mark.parametrize("language", tongues())
def test_of_twenty_tales_in_a_row_no_opening_and_no_hero_comes_twice(language: str) -> None:
    openings: list[str] = []
    heroes: list[str] = []
    told: list[str] = []
    for seed in range(40):
        lately = Lately(tuple(openings[-20:]), tuple(heroes[-20:]), tuple(told[-20:]))
        plan = planned(Prompt("?!", 9, language=language, lately=lately, words=100 + seed % 2))
        openings.append(Starter.unpacked(plan.beats[0].starters[0]).text.replace("_?", "").replace("_", ""))
        heroes.append(plan.facts.hero.name)
        told.append(plan.shape)
    for at in range(20):
        window = slice(at, at + 20)
        skeletons = [one.replace(hero, "") for one, hero in zip(openings[window], heroes[window], strict=True)]
        assert len(set(skeletons)) == len(skeletons)
        assert len(set(heroes[window])) == 20
        assert max(told[window].count(one) for one in told[window]) <= 3


@pytest.mark.parametrize("language", tongues())
@pytest.mark.parametrize("style", shapes())
def test_every_shape_opens_in_nine_words_and_lets_its_people_speak(language: str, style: str) -> None:
    plan = planned(Prompt("x", 5, language=language, style=style, words=200))
    opening = Starter.unpacked(plan.beats[0].starters[0])
    assert opening.slot == "opening"
    assert count_words(opening.text) <= OPENING_WORDS
    speakers = {Starter.unpacked(one).speaker for beat in plan.beats for one in beat.starters} - {NARRATOR}
    assert plan.facts.helper is not None
    assert speakers == {plan.facts.hero.name, plan.facts.helper.name}
