"""How each writer here begins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any, TypeVar, Unpack, cast

from pipeline.cancelled import Cancelled
from pipeline.cli.here import Here, opened
from pipeline.cli.writer_offer import pace_here
from pipeline.errors import TaleError
from pipeline.roles import Embedder, Needs
from pipeline.shelf.better_writer import note_pace
from pipeline.shelf.manifest import ModelEntry
from pipeline.shelf.weights import lacking
from pipeline.tables import FALLBACK
from pipeline.telling.plan import plan
from pipeline.telling.studio import Studio, remembered
from pipeline.telling.write import write
from pipeline.wording import sentence, terminal_locale
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Prompt
from pipeline.writing.reins.asking import FREE, LOOSE, TIGHT

WISHES = (
    "A lighthouse keeper befriends a storm",
    "A dragon who is afraid of candles",
    "Two rival bakers share one oven",
)
LOOKED_AT = 4
"""Passages of a tale: its opening, which is always written, and the writer's first words."""
SEED = 7
_REINS = {
    TIGHT: "which reads wishes and chooses among words that people wrote",
    LOOSE: "in its own words after a frame",
    FREE: "in its own words after its own plan",
}
R = TypeVar("R")


def show_openings(*, as_json: bool) -> int:
    """Print the pace of the writer in use, and how every writer that is here begins three tales."""
    with opened(quiet=True) as here:
        pace = pace_here(here, Cancelled())
        note_pace(here.places, pace)
        told = {entry.id: list(_openings(here, entry)) for entry in _writers(here)}
        reins = {entry.id: _reins_of(here, entry) for entry in _writers(here)}
    if as_json:
        print(json.dumps({"tokens_per_s": round(pace, 2), "openings": told}, ensure_ascii=False))
        return 0
    print(f"The writer in use makes {pace:.1f} tokens a second here.")
    for model, openings in told.items():
        print(f"\n{model}, {_REINS[reins[model]]}")
        for text in openings:
            print(f"  - {text}")
    return 0


def _writers(here: Here) -> list[ModelEntry]:
    writers = here.manifest.of_role("Writer")
    return [one for one in writers if one.members and not lacking([one], here.places, here.manifest)]


def _reins_of(here: Here, entry: ModelEntry) -> str:
    return here.settings.reins or entry.reins


def _openings(here: Here, entry: ModelEntry) -> Iterator[str]:
    for wish in WISHES:
        prompt = Prompt(wish, SEED, language=FALLBACK, words_only=True)
        try:
            studio = _studio(here, entry)
            planned = plan(prompt, None, Feeling(Mood.pure(Emotion.NEUTRAL)), studio)
            passages = islice(write(prompt, planned, studio), LOOKED_AT)
            yield " ".join(one.text for one in passages if one.text)
        except TaleError as error:
            yield sentence(error, terminal_locale())


def _studio(here: Here, entry: ModelEntry) -> Studio:
    """One that lends this writer alone, by its own reins."""

    def borrow(role: type[R], **needs: Unpack[Needs]) -> AbstractContextManager[R]:
        if role is Embedder:
            return here.shelf.borrow(role, check)
        if needs.get("reins", own) != own:
            return here.shelf.borrow(role, check, model=entry.id, reins=needs["reins"])
        return here.shelf.borrow(role, check, model=entry.id)

    check, own = Cancelled(), _reins_of(here, entry)
    nothing = cast(Any, None)
    once = cast(Any, lambda _stage, _unit, kind, work: remembered(kind, work()))
    return Studio(cast(Any, borrow), nothing, once, lambda _event: None, check)
