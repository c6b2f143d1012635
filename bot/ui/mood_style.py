"""How feelings look on a card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from bot.ui.message import ButtonAction, Press
from bot.wording import language_of
from pipeline.places import DATA
from pipeline.tables import read_table
from pipeline.wording import mood_name
from pipeline.words.mood import Emotion

SQUARES: dict[Emotion, str] = {
    Emotion.ANGER: "🟥", Emotion.DISGUST: "🟩", Emotion.FEAR: "🟪", Emotion.JOY: "🟨",
    Emotion.NEUTRAL: "⬜", Emotion.SADNESS: "🟦", Emotion.SURPRISE: "🟧",
}  # fmt: skip
MOST_NAMED = 4
"""Feelings of an arc told in words; more are told by the first, the last and what lies between them."""

IN_A_ROW = 4


@dataclass(frozen=True)
class _Look:
    colour: str


@dataclass(frozen=True)
class _Looks:
    look: _Look


def colour_of(emotion: Emotion) -> int:
    """As Discord takes colours."""
    return int(_looks()[emotion].look.colour.removeprefix("#"), 16)


def name_of(emotion: Emotion, locale: str) -> str:
    """What the feeling is called."""
    return mood_name(emotion, language_of(locale))


def arc(emotions: Sequence[Emotion], locale: str, pictures: bool = True) -> str:
    """`🟨🟪 joy → fear`: a square a scene, and the same in words; without pictures the words alone."""
    steps = [one for nth, one in enumerate(emotions) if not nth or emotions[nth - 1] != one]
    named = [name_of(one, locale) for one in steps]
    if len(named) > MOST_NAMED:
        named = [*named[: MOST_NAMED - 2], "…", named[-1]]
    words = " → ".join(named)
    return f"{''.join(SQUARES[one] for one in emotions)} {words}" if pictures else words


@cache
def _looks() -> dict[Emotion, _Looks]:
    return read_table(DATA / "moods.toml", dict[Emotion, _Looks])


def mood_buttons(tale: str, locale: str) -> list[Press]:
    """Each tells the tale again in its mood."""
    return [
        Press(ButtonAction.AGAIN, tale, name_of(one, locale), detail=str(one), row=nth // IN_A_ROW)
        for nth, one in enumerate(Emotion)
    ]
