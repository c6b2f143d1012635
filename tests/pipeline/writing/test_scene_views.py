"""What a scene's words put into its picture."""

from __future__ import annotations

from pipeline.pictures.alt_text import alt_of
from pipeline.pictures.figures import is_being, seen_as
from pipeline.pictures.scenery import places
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.picture import SceneView
from pipeline.words.story import Beat, Facts, Line, Passage, Person, Plan, Scene, Story
from pipeline.writing.scene_views import Shapes, views_of

MIRA = Person("Mira", "hero", "f")
CALM = Mood.pure(Emotion.NEUTRAL)
SHAPES = Shapes(seen_as, is_being, places().places, places().alike, places().work)


def seen(*texts: str, who: str = "", people: tuple[Person, ...] = ()) -> tuple[SceneView, ...]:
    facts = Facts(MIRA, people=people)
    beats = tuple(Beat(nth, "", CALM, 10) for nth in range(len(texts)))
    plan = Plan("", "en", "find", 3, Feeling(CALM), facts, beats, 0, read={"who": who})
    scenes = tuple(
        Scene(nth, "", CALM, (Passage(nth, nth, text, (Line(text),), CALM),)) for nth, text in enumerate(texts)
    )
    return views_of(plan, Story("", "", "en", scenes), SHAPES)


def names(view: SceneView) -> list[str]:
    return [name for name, _ in view.things]


def test_what_stands_in_the_text_stands_in_the_picture() -> None:
    (view,) = seen("In the forest Mira found an old key and a lantern, and a fox looked on.")
    assert view.place == "forest"
    assert names(view) == ["key", "lantern"]
    assert [one.what for one in view.figures][1:] == ["fox"]


def test_what_is_only_spoken_of_is_left_out() -> None:
    (view,) = seen("Without a lantern, and as quiet as a mouse, she went well around the table.")
    assert names(view) == ["table"]
    assert [one.name for one in view.figures] == ["Mira"]


def test_the_hero_is_what_the_wish_calls_them() -> None:
    (view,) = seen("Mira went home.", who="lighthouse keeper")
    assert (view.figures[0].what, view.figures[0].name, view.place) == ("lighthouse keeper", "Mira", "lighthouse")


def test_place_and_hour_last_until_others_are_named() -> None:
    first, second, third = seen(
        "At midnight she came to the beach.", "She waited.", "In the morning she sat in the kitchen."
    )
    assert (first.place, first.hour) == ("beach", "night")
    assert (second.place, second.hour) == ("beach", "night")
    assert (third.place, third.hour) == ("kitchen", "morning")


def test_of_a_fish_market_the_market_is_seen() -> None:
    (view,) = seen("They walked to the fish market.")
    assert view.place == "market"
    assert len(view.figures) == 1


def test_a_thing_among_the_people_has_no_face_until_it_speaks() -> None:
    (view,) = seen("Mira opened the bottle.", people=(Person("the bottle"),))
    assert [one.name for one in view.figures] == ["Mira"]
    assert names(view) == ["bottle"]


def test_weather_is_read_from_the_words() -> None:
    (view,) = seen("The snow fell on the village.")
    assert (view.weather, view.place) == ("snow", "village")


def test_other_languages_see_by_their_own_words() -> None:
    facts = Facts(Person("Lena", "hero", "f"))
    plan = Plan("", "de", "find", 3, Feeling(CALM), facts, (Beat(0, "", CALM, 10),), 0)
    text = "Im Wald fand Lena einen Schlüssel, und der Fuchs sah zu. Es war Nacht."
    scene = Scene(0, "", CALM, (Passage(0, 0, text, (Line(text),), CALM),))
    (view,) = views_of(plan, Story("", "", "de", (scene,)), SHAPES)
    assert (view.place, view.hour, names(view)) == ("forest", "night", ["key"])
    assert [one.what for one in view.figures] == ["person", "fox"]
    said = alt_of(view, "de")
    assert "Schlüssel" in said
    assert "key" not in said
