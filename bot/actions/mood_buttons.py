"""A button for each mood."""

from __future__ import annotations

from bot.ui.message import Press, Verb
from bot.ui.mood_style import name_of
from pipeline.words.mood import Emotion

IN_A_ROW = 4


def mood_buttons(tale: str, locale: str) -> list[Press]:
    """Each tells the tale again in its mood."""
    return [
        Press(Verb.AGAIN, tale, name_of(one, locale), detail=str(one), row=nth // IN_A_ROW)
        for nth, one in enumerate(Emotion)
    ]
