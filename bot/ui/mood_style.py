"""Colours and names of moods."""

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
"""Most feelings of an arc that are named; of more, the first ones and the last."""

IN_A_ROW = 4  # buttons; five fit, but seven look better as four and three


@dataclass(frozen=True)
class _Look:
    colour: str


@dataclass(frozen=True)
class _Looks:
    look: _Look


def colour_of(emotion: Emotion) -> int:
    """Return a feeling's colour as Discord takes it."""
    return int(_looks()[emotion].look.colour.removeprefix("#"), 16)


def name_of(emotion: Emotion, locale: str) -> str:
    """Return the feeling's name."""
    return mood_name(emotion, language_of(locale))


def arc(emotions: Sequence[Emotion], locale: str, pictures: bool = True) -> str:
    """Draw `🟨🟪 joy → fear`: a square for each scene, and the same in words; without pictures the words alone."""
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
    """Return buttons that each tell the tale again in one mood."""
    return [
        Press(ButtonAction.AGAIN, tale, name_of(one, locale), detail=str(one), row=nth // IN_A_ROW)
        for nth, one in enumerate(Emotion)
    ]
