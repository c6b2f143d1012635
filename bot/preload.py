"""What the first member need not wait for."""

from __future__ import annotations

from bot.actions.ideas import openings
from bot.actions.tale_choices import voice_table
from bot.commands.welcome import examples
from bot.library.records import Delivery, ServerSettings
from bot.ui.mood_style import colour_of
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
