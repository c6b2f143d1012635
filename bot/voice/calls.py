"""One call in each guild, for whoever needs it."""

from __future__ import annotations

import discord

from bot.voice.call import Call


class Calls:
    """Who tells and who listens share a guild's only place in voice."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._calls: dict[int, Call] = {}

    def of(self, guild: int) -> Call:
        """Its call, joined or not."""
        if guild not in self._calls:
            self._calls[guild] = Call(self._client)
        return self._calls[guild]
