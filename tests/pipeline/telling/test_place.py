"""A passage and the place it knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.audio.decode import read_stem
from pipeline.audio.dress import dress_voice
from pipeline.audio.room import STUDIO, Acoustics, room_of
from pipeline.backends.narrate_espeak import EspeakNarrator
from pipeline.telling import performance
from pipeline.telling.write import write
from pipeline.words.prompt import Prompt
from pipeline.words.sound import RATE_HZ, Samples
from pipeline.words.story import Passage
from tests.pipeline.telling.test_narrate import PLAN, Studios
from tests.pipeline.writing.telling import planned, studio_of

IN_A_CAVE = "Mira went down into the cave."
PROMPT = Prompt(f"{IN_A_CAVE}\n\nShe sat at a table and had some tea.", 7, as_written=True)


@pytest.fixture(scope="module")
def written() -> list[Passage]:
    return list(write(PROMPT, planned(PROMPT), studio_of(None)))


def test_a_passage_is_written_with_the_place_that_it_mentions(written: list[Passage]) -> None:
    assert [one.ambience for one in written] == [("cave",), ()]


def test_a_step_of_an_earlier_release_learns_its_place(written: list[Passage]) -> None:
    studio = studio_of(None)

    def remembered(stage: str, unit: str, kind: type[Any], work: Callable[[], Any]) -> Any:
        step = studio.once(stage, unit, kind, work)
        return replace(step, passage=replace(step.passage, ambience=()))

    assert list(write(PROMPT, planned(PROMPT), replace(studio, once=remembered))) == written


def test_a_passage_in_a_cave_is_heard_in_the_caves_room(
    written: list[Passage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms: list[Acoustics] = []

    def dressed(placed: Sequence[tuple[int, Samples, float]], samples: int, room: Acoustics) -> Samples:
        rooms.append(room)
        return dress_voice(placed, samples, room)

    def answer(folder: str) -> float:
        """Energy of the quarter of a second after her last word."""
        studios = Studios(tmp_path / folder, EspeakNarrator())
        (told,) = studios.told(PROMPT, written[:1], PLAN)
        end = told.spoken.lines[-1].end
        stem = read_stem(studios.artifacts.path(told.spoken.voice))
        return float(np.square(stem[end : end + RATE_HZ // 4]).sum())

    monkeypatch.setattr(performance, "dress_voice", dressed)
    in_cave = answer("cave")
    monkeypatch.setattr(performance, "room_of", lambda _: STUDIO)
    in_studio = answer("studio")
    assert rooms == [room_of(("cave",)), STUDIO]
    assert in_cave > 2 * in_studio
