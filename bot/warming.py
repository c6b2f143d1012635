"""What the first member need not wait for."""

from __future__ import annotations

from bot.card.looks import colour_of
from bot.commands.choices import voice_table
from bot.commands.openings import openings
from bot.library.kept import Delivery, ServerSettings
from bot.welcome import examples
from pipeline.wording import locales, table_of
from pipeline.words.jsonable import make_ready
from pipeline.words.mood import Emotion
from pipeline.words.prompt import Prompt
from pipeline.words.standing import Standing
from pipeline.words.tale import Tale


def warm() -> None:
    """Tables are read and readers built that would hold the loop at the first tale; not for the loop itself."""
    make_ready(Prompt, Tale, Delivery, ServerSettings, Standing)
    for locale in locales():
        table_of(locale)
        openings(locale)
    for made in (voice_table, examples):
        made()
    colour_of(Emotion.NEUTRAL)
