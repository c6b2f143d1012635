"""Scenes cut from paper."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

from pipeline.pictures.alt_text import alt_of
from pipeline.pictures.cutouts import PaperCutter, things, wardrobe
from pipeline.pictures.figures import figure_svg, is_being, seen_as
from pipeline.pictures.paper import flattened
from pipeline.pictures.papers import Papers
from pipeline.pictures.scenery import places
from pipeline.pictures.stage import PaperStage
from pipeline.tables import language_file
from pipeline.words.mood import Emotion
from pipeline.words.picture import PaperSheet, PictureFigure, SceneView

SIZE = (320, 180)
MIRA = PictureFigure("girl", "Mira", "f", "person", 7)


def sheets(view: SceneView) -> list[PaperSheet]:
    return PaperStage(view, *SIZE).sheets()


def test_every_shape_and_every_person_can_be_cut() -> None:
    cutter = PaperCutter(Papers(Emotion.JOY, "day"), Emotion.JOY)
    for shape in things().values():
        assert cutter.cut(shape).startswith("<")
    for name in wardrobe().people:
        assert figure_svg(PictureFigure(name, name, seed=1), cutter)


def test_the_tables_hold_as_many_as_promised() -> None:
    nouns = tomllib.loads(language_file("en", "lexicon").read_text("utf-8"))
    cut = [name for name in nouns if seen_as(name, "") == name or name in wardrobe().alike]
    beings = [name for name in cut if is_being(seen_as(name, ""))]
    assert len(cut) - len(beings) >= 150
    assert len(beings) >= 40
    assert len([name for name in nouns if name in places().places or name in places().alike]) >= 25


def test_every_name_in_the_tables_of_places_is_known() -> None:
    known = places()
    for place in known.places.values():
        for name in (*place.row, *place.front, *place.hangs, *filter(None, [place.stands])):
            assert name in things(), name
    assert {*known.alike.values(), *known.work.values()} <= set(known.places)


@pytest.mark.parametrize("place", ["forest", "kitchen", "underwater", "space", "sea"])
def test_a_place_is_a_whole_scene_without_a_hole(place: str) -> None:
    scene = sheets(SceneView(Emotion.FEAR, place, "night", "storm", (MIRA,), (("key", "treasure"),), 3))
    back = scene[0]
    assert back.pixels[..., 3].min() == 255
    assert back.left <= 0
    assert back.left + back.pixels.shape[1] >= SIZE[0]


def test_the_same_view_is_the_same_scene() -> None:
    view = SceneView(Emotion.JOY, "village", figures=(MIRA,), things=(("kite", "object"), ("tree", "plant")), seed=5)
    first, second = (np.asarray(flattened(sheets(view), *SIZE)) for _ in range(2))
    assert np.array_equal(first, second)


def test_the_hero_looks_the_same_in_every_scene() -> None:
    papers = [Papers(Emotion.JOY, "day"), Papers(Emotion.JOY, "day")]
    here, there = (figure_svg(MIRA, PaperCutter(one, Emotion.JOY)) for one in papers)
    other = figure_svg(PictureFigure("girl", "Ada", "f", "person", 8), PaperCutter(papers[0], Emotion.JOY))
    assert here == there != other


def test_seven_moods_are_told_apart_by_their_papers() -> None:
    means = {}
    for mood in Emotion:
        scene = flattened(sheets(SceneView(mood, "land", figures=(MIRA,), seed=2)), *SIZE)
        means[mood] = np.asarray(scene.convert("LAB")).reshape(-1, 3).mean(axis=0)
    for mood, one in means.items():
        others = [float(np.linalg.norm(one - other)) for name, other in means.items() if name is not mood]
        assert min(others) > 6, mood


def test_what_the_words_name_changes_the_picture() -> None:
    bare = SceneView(Emotion.NEUTRAL, "land", figures=(MIRA,), seed=4)
    with_key = SceneView(Emotion.NEUTRAL, "land", figures=(MIRA,), things=(("key", "treasure"),), seed=4)
    assert len(sheets(with_key)) == len(sheets(bare)) + 1


def test_an_unknown_noun_is_shown_by_its_kind_or_not_at_all() -> None:
    assert seen_as("quokka", "small_animal") == "mouse"
    assert seen_as("burglar", "person") == "thief"
    assert seen_as("entropy", "word") == ""


def test_a_picture_is_described_for_who_cannot_see_it() -> None:
    view = SceneView(Emotion.SADNESS, "beach", "evening", figures=(MIRA,), things=(("letter", "paper"),))
    said = alt_of(view, "en")
    assert "Mira" in said
    assert "letter" in said
    assert "beach" in said
    assert alt_of(view, "ja") == said
