"""A member of a guild, whole."""

from __future__ import annotations

from tests.discord_double.house import House
from tests.discord_double.members.talker import Talker
from tests.discord_double.members.writer import Writer
from tests.discord_double.people import Application, Channel, Guild, User
from tests.discord_double.permissions import May


class Person(Writer, Talker):
    """Writes and talks; as a moderator, moves and removes others."""

    def __init__(self, house: House, guild: Guild, user: User, channel: Channel) -> None:
        Writer.__init__(self, house, user, channel)
        Talker.__init__(self, house, guild, user)

    def moves(self, who: User | Application, channel: Channel | None) -> None:
        """Move somebody to another voice channel, or put them out of voice."""
        user = who.user if isinstance(who, Application) else who
        self._house.hall.move(self._guild, self._guild.members[user.id], channel)

    def silences(self, who: User | Application, *, mute: bool = True) -> None:
        """Mute somebody for everybody, or let them speak again (also: bring them up on a stage)."""
        user = who.user if isinstance(who, Application) else who
        state = self._guild.members[user.id].voice
        assert state is not None, f"{user.name} is not in voice"
        state.mute = mute
        state.suppress = mute and state.suppress
        self._house.hall.tell(self._guild, self._guild.members[user.id])

    def forbids(self, who: User | Application, channel: Channel, *denied: May) -> None:
        """Deny somebody permissions in a channel."""
        before = channel.overwrites.get(who.id, (0, 0))
        bits = before[1]
        for each in denied:
            bits |= each
        channel.overwrites[who.id] = (before[0] & ~bits, bits)
        channel.own_overwrites.add(who.id)
