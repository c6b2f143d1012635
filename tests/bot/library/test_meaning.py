"""Tales are found by what they mean."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

from bot.library.library import Library
from bot.library.meaning import PER_SCENE, WISH, MeaningIndex, parts_of
from bot.library.records import KeptTale, Viewer
from bot.library.rows import Rows
from pipeline.errors import Damaged
from pipeline.seal import Seal
from pipeline.words.prompt import Prompt
from tests.bot.library.samples import told
from tests.bot.troupe import place_of

ANA = Viewer("5", "1", frozenset({"10"}))
KEY = "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def _place(text: str) -> bytes:
    return base64.b64decode(place_of(text))


async def _kept(library: Library, title: str, text: str, model: str = "m", **row: Any) -> KeptTale:
    tale = told(title=title, text=text, prompt=Prompt(title, seed=1), **row)
    await library.tales.add(tale)
    if model:
        parts = parts_of(title, title, text.split("\n\n"))
        await library.scenes.put(tale.id, model, [(at, _place(part)) for at, part in parts])
    return tale


def test_a_tale_is_placed_by_its_wish_its_scenes_and_their_stretches() -> None:
    parts = parts_of("a fox", "The Fox", ["One. Two. Three. Four. Five.", "Six."])
    assert parts[0] == (WISH, "The Fox. a fox")
    assert (0, "One. Two. Three. Four. Five.") in parts
    assert (1, "One. Two. Three.") in parts
    assert parts[-1] == (PER_SCENE, "Six.")


async def test_the_scene_that_answers_is_named(library: Library) -> None:
    kept = await _kept(library, "Tea", "A kettle boiled.\n\nIt rained and nobody apologised.")
    await _kept(library, "Snow", "A horse slept.\n\nThe stars came out.")
    best = (await library.scenes.ranked(ANA, "m", _place("rained nobody apologised"), "rained"))[0]
    assert (best.tale, best.scene) == (kept.id, 1)


async def test_nobody_finds_what_they_may_not_see(library: Library) -> None:
    await _kept(library, "Rain", "It rained.", channel="66")
    await _kept(library, "Rain", "It rained.", server="2")
    own = await _kept(library, "Rain", "It rained.", channel="66", member="5")
    for question in (_place("it rained"), None):
        found = await library.scenes.ranked(ANA, "m", question, "rained")
        assert {one.tale for one in found} <= {own.id}


async def test_tales_without_a_place_are_found_by_their_words(library: Library) -> None:
    old = await _kept(library, "Rain", "It rained.", model="an older embedder")
    new = await _kept(library, "Sun", "It shone.")
    found = await library.scenes.ranked(ANA, "m", _place("storm"), "rained")
    assert {one.tale for one in found} == {old.id, new.id}
    assert found[0].tale == old.id
    assert await library.scenes.lacking("m", 9) == [old.id]


async def test_places_made_anew_take_the_old_ones_place(library: Library) -> None:
    tale = await _kept(library, "Rain", "It rained.", model="old")
    await library.scenes.ranked(ANA, "m", None, "rain")
    await library.scenes.put(tale.id, "m", [(0, _place("it rained"))])
    index = await library.scenes.index(ANA, "m")
    assert index.placed(tale.id)
    assert await library.scenes.lacking("m", 9) == []


async def test_an_erased_tale_is_found_no_more(library: Library) -> None:
    tale = await _kept(library, "Rain", "It rained.")
    await library.scenes.ranked(ANA, "m", _place("rained"), "rained")
    await library.erasing.tales([tale.id])
    assert await library.scenes.ranked(ANA, "m", _place("rained"), "rained") == []


async def test_places_are_encrypted_with_the_rest(library: Library) -> None:
    sealed = type(library.scenes)(library.engine, Rows(Seal(KEY)))
    tale = told()
    await library.tales.add(tale)
    await sealed.put(tale.id, "m", [(0, _place("it rained"))])
    with pytest.raises(Damaged):
        await library.scenes.index(ANA, "m")


def test_ten_thousand_scenes_are_ranked_and_the_right_one_is_first() -> None:
    rng = np.random.default_rng(1)
    rows = rng.integers(-127, 127, (10_000, 384), np.int8)
    index = MeaningIndex()
    index.update(
        (), {f"t{n}": ([(at, rows[5 * n + at].tobytes()) for at in range(5)], f"word{n}") for n in range(2_000)}
    )
    best = index.ranked(rows[7_003].tobytes(), "", index.tales)[0]
    assert (best.tale, best.scene) == ("t1400", 0)
