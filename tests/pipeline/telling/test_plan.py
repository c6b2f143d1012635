"""The tale before its first word."""

from __future__ import annotations

import pytest

from pipeline.errors import Refused
from pipeline.telling.plan import plan, planned_from
from pipeline.words.event import Event, Planned
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import STYLES, Before, Lately, Prompt
from pipeline.words.sound import Transcript
from pipeline.words.story import Line, Passage, Plan
from pipeline.writing.frames import frames_in
from pipeline.writing.titles import synopsis_of
from pipeline.writing.told_lines import plain_text
from tests.pipeline.writing.telling import CALM, planned, studio_of

STORM = "A lighthouse keeper befriends a storm"


def _text(made: Plan) -> str:
    return plain_text(" ".join(turn for beat in made.beats for turn in beat.turns))


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


@pytest.mark.parametrize("words", [90, 150, 220, 600, 1_200])
def test_the_scenes_share_the_asked_length(words: int) -> None:
    for seed in range(6):
        made = planned(Prompt(STORM, seed, words))
        assert abs(sum(beat.words for beat in made.beats) - words) <= 0.15 * words, made.recipe
        assert [beat.scene for beat in made.beats] == list(range(len(made.beats)))


@pytest.mark.parametrize("words", [30, 60, 6_000])
def test_the_shortest_and_the_longest_can_be_told(words: int) -> None:
    made = planned(Prompt(STORM, 1, words))
    assert made.beats
    assert (len(made.chosen) > 1) == (words > 300)
    assert words < 300 or abs(sum(beat.words for beat in made.beats) - words) <= 0.15 * words


def test_a_tale_of_several_episodes_keeps_its_hero_and_repeats_no_frame_at_once() -> None:
    made = planned(Prompt(STORM, 1, 1_200))
    frames = [one.frame for one in made.chosen]
    assert len(set(frames)) == len(frames)
    assert _text(made).count(made.facts.hero.name) > 10


def test_a_wish_in_a_language_nobody_writes_is_told_in_english_and_says_so() -> None:
    made = planned(Prompt("きつねが森にいました。", 1))
    assert made.language == "en"
    assert "language_unwritten" in made.notes


@pytest.mark.parametrize(
    ("wish", "frame"),
    [
        (STORM, "befriend"),
        ("a dragon who is afraid of candles", "afraid"),
        ("Um dragão com medo de vela", "afraid"),
        ("two rival bakers must share one oven", "quarrel"),
        ("a boy finds a key", "find"),
    ],
)
def test_a_wish_finds_its_frame_by_its_words_alone(wish: str, frame: str) -> None:
    assert frame in {planned(Prompt(wish, seed)).shape for seed in range(3)}


@pytest.mark.parametrize("style", STYLES)
def test_a_style_asked_for_weighs_in(style: str) -> None:
    told = {planned(Prompt("a fox", seed, style=style)).shape for seed in range(4)}
    frames = frames_in("en")
    suited = {name for name, frame in frames.items() if style in frame.about.styles}
    assert suited, style
    assert told <= suited


def test_a_server_hears_no_frame_twice_within_five_tales() -> None:
    recipes: list[str] = []
    for seed in range(12):
        recipes.insert(0, planned(Prompt("a fox finds a key", seed, lately=Lately(shapes=tuple(recipes[:20])))).recipe)
    frames = [recipe.split()[0] for recipe in recipes]
    for at, frame in enumerate(frames):
        assert frame not in frames[at + 1 : at + 6]


def test_a_mood_asked_for_colours_every_scene_and_the_end() -> None:
    sad = Feeling(Mood.pure(Emotion.SADNESS), rule="asked")
    made = planned(Prompt(STORM, 1, mood=Emotion.SADNESS), sad)
    assert made.ending is Emotion.SADNESS
    assert all(beat.target.weights[Emotion.SADNESS] >= 0.3 for beat in made.beats)


def test_the_wishs_people_and_thing_stand_in_the_tale() -> None:
    text = _text(planned(Prompt("Otto and Lin share one oven", 1)))
    for told in ("Otto", "Lin", "oven"):
        assert told in text, told


def test_grief_is_never_met_with_a_joke() -> None:
    made = planned(Prompt("my cat died", 3))
    assert made.shape == "goodbye"
    assert "cat" in _text(made)


def test_a_sequel_keeps_its_hero_and_takes_another_frame() -> None:
    before = Before("Mira and the Star", {"hero": "Mira", "helper": "the owl"}, "Mira found a star.", {})
    made = planned(Prompt("now they cross the sea", 1, before=before))
    assert made.facts.hero.name == "Mira"


@pytest.mark.parametrize(
    "wish",
    [
        "Hope and Will open a bakery", "Ana and Ana find a key", "why is the sky blue?", "knock knock who's there",
        "my grandmother died", "the moon landing", "🐉🏰", "a", "xqzv blorp fnord", "I hate everything", "12345",
        "Tell me about Anna, Ben, Cleo, Dan, Eve, Finn, Gus, Hal, Ida, Jon, Kit and Lee who find a map",
    ],
)  # fmt: skip
def test_whatever_is_wished_a_whole_tale_comes_of_it(wish: str) -> None:
    for seed in range(3):
        text = _text(planned(Prompt(wish, seed)))
        assert len(text.split()) > 100
        assert not set("{}[]@|") & set(text), text


def test_nothing_is_nothing_to_tell() -> None:
    with pytest.raises(Refused, match="prompt_empty"):
        planned(Prompt("", 1))


def test_a_title_begins_with_a_capital_and_changes_with_the_seed() -> None:
    titles = {planned(Prompt(STORM, seed)).title for seed in range(8)}
    assert all(title[0].isupper() for title in titles)
    assert len(titles) > 2


def test_a_plan_survives_json() -> None:
    from pipeline.words.jsonable import from_json, to_json

    made = planned(Prompt(STORM, 1))
    assert from_json(Plan, to_json(made)) == made


def test_a_first_sentence_that_is_heard_in_two_parts_is_one_in_the_synopsis() -> None:
    mood = Mood.pure(Emotion.JOY)
    parts = ("Everybody wants to know who has won,", "and hardly anybody asks.", "A fox stood last.")
    told = [Passage(int(at == 2), at, text, (Line(text),), mood) for at, text in enumerate(parts)]
    assert synopsis_of(told) == "Everybody wants to know who has won, and hardly anybody asks. A fox stood last."
