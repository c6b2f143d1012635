"""What a server does to its bot."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tests.discord_double.members.person import Person
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.people import Application
from tests.discord_double.permissions import May

TAKEN = (
    May.SEND_MESSAGES, May.EMBED_LINKS, May.ATTACH_FILES, May.READ_MESSAGE_HISTORY, May.CREATE_PUBLIC_THREADS,
    May.SEND_MESSAGES_IN_THREADS, May.ADD_REACTIONS, May.VIEW_CHANNEL,
)  # fmt: skip


class Hardships:
    """Permissions that go and private messages that close, until `over`."""

    def __init__(self, guild: Neighbourhood, bot: Application, people: Sequence[Person]) -> None:
        self._guild, self._bot, self._people = guild, bot, people
        self._before = guild.text.overwrites.get(bot.id)
        self.met = 0

    def next(self, dice: random.Random) -> None:
        """One more of them."""
        self.met += 1
        if dice.random() < 0.5:
            dice.choice(self._people).user.closed_dms = True
        else:
            self._guild.owner.forbids(self._bot, self._guild.text, *dice.sample(TAKEN, dice.randint(1, 3)))

    def over(self) -> None:
        """All is as it was."""
        for one in self._people:
            one.user.closed_dms = False
        if self._before is None:
            self._guild.text.overwrites.pop(self._bot.id, None)
        else:
            self._guild.text.overwrites[self._bot.id] = self._before
