"""Pictures for the scenes of a tale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.artifacts import Artifacts
from pipeline.backends.illustrate_theatre import open_backend
from pipeline.cancelled import Cancelled
from pipeline.errors import Unserved
from pipeline.telling.illustrate import illustrate, views
from pipeline.telling.studio import Studio
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Prompt, Rating
from pipeline.words.story import Beat, Facts, Line, Passage, Person, Plan, Scene, Story

CALM = Mood.pure(Emotion.NEUTRAL)
TEXT = "In the forest Mira found an old key, and a fox looked on."
PLAN = Plan("", "en", "find", 3, Feeling(CALM), Facts(Person("Mira", "hero", "f")), (Beat(0, "", CALM, 10),), 0)
STORY = Story("", "", "en", (Scene(0, "", CALM, (Passage(0, 0, TEXT, (Line(TEXT),), CALM),)),))


def studio(folder: Path, served: bool = True) -> Studio:
    @contextmanager
    def borrow(role: Any, **_: Any) -> Iterator[Any]:
        if not served:
            raise Unserved("role_unserved", role="Illustrator")
        yield open_backend({}, 1)

    def once(_stage: str, _unit: str, _kind: Any, work: Callable[[], Any]) -> Any:
        return work()

    return Studio(borrow, Artifacts(folder), once, lambda _event: None, Cancelled())


def test_every_scene_gets_a_picture_with_its_description(tmp_path: Path) -> None:
    at_work = studio(tmp_path)
    (picture,) = illustrate(Prompt("", 1), PLAN, STORY, at_work)
    with Image.open(at_work.keep.path(picture.image)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (1_280, 720))
    assert "Mira" in picture.alt
    assert "key" in picture.alt


def test_without_an_illustrator_the_tale_has_no_pictures(tmp_path: Path) -> None:
    assert illustrate(Prompt("", 1), PLAN, STORY, studio(tmp_path, served=False)) == ()


def test_what_a_rating_forbids_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    class Strict:
        def stands_in(self, text: str, *_: object) -> bool:
            return text in ("key", "fox")

    monkeypatch.setattr("pipeline.telling.illustrate.forbidden", Strict)
    (view,) = views(PLAN, STORY, Rating.ALL)
    assert view.things == ()
    assert [one.name for one in view.figures] == ["Mira"]
