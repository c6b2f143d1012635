"""Buttons under a listening."""

from __future__ import annotations

import discord

from bot.voice.listening.live_listening import Ended
from bot.wording import said

MARK = "echo:ears:"
"""Prefix of their custom ids; the name of the action follows."""
LISTEN = "listen"
_WHILE = ("consent", "always", "revoke", "finish", "discard")
_AFTER = ("mine", "revoke", LISTEN)
_STYLES = {
    "consent": discord.ButtonStyle.success,
    "revoke": discord.ButtonStyle.danger,
    "finish": discord.ButtonStyle.primary,
    LISTEN: discord.ButtonStyle.primary,
}


def buttons(ended: Ended | None, locale: str) -> discord.ui.View:
    """Return the buttons of a listening's panel, while it runs and after."""
    view = discord.ui.View(timeout=None)  # they are answered by their custom id, after a restart too
    for deed in _WHILE if ended is None else _AFTER:
        view.add_item(button(deed, locale))
    return view


def button(deed: str, locale: str) -> discord.ui.Button[discord.ui.View]:
    """Return one button; LISTEN may stand under any message of the bot."""
    style = _STYLES.get(deed, discord.ButtonStyle.secondary)
    return discord.ui.Button(label=said(f"ears.press.{deed}", locale), style=style, custom_id=MARK + deed)
