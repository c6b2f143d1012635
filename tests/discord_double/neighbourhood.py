"""A guild and the people in it."""

from __future__ import annotations

from tests.discord_double import shapes
from tests.discord_double.house import House
from tests.discord_double.members.person import Person
from tests.discord_double.people import Application, Channel, Kind, Membership, Role, User
from tests.discord_double.voice.hall import Hall
from tests.discord_double.voice.seat import Seat
from tests.discord_double.world import Event


class Neighbourhood:
    """A guild with `text` and `voice` channels, an owner, and bots; `member` lets people in."""

    def __init__(
        self, house: House, name: str, bots: list[Application], *, tier: int = 0, locale: str = "en-US"
    ) -> None:
        self._house = house
        self.people: list[Person] = []
        world = house.world
        keeper = world.user("Keeper")
        self.guild = world.guild(name, keeper, tier=tier, locale=locale)
        self.text = world.room(self.guild, Kind.TEXT, "stories")
        self.voice = world.room(self.guild, Kind.VOICE, "Fireside")
        self.owner = self._person(keeper)
        for bot in bots:
            world.join(self.guild, bot.user)

    @property
    def id(self) -> int:
        return self.guild.id

    def member(self, name: str, *, locale: str = "en-US", roles: tuple[Role, ...] = ()) -> Person:
        """A person joins."""
        user = self._house.world.user(name, locale=locale)
        return self.lets_in(user, roles)

    def lets_in(self, user: User, roles: tuple[Role, ...] = ()) -> Person:
        """A user who may be in other guilds already joins this one."""
        membership = self._house.world.join(self.guild, user)
        membership.roles |= {each.id for each in roles}
        return self._person(user)

    def invites(self, bot: Application) -> None:
        """A bot joins."""
        self._house.world.join(self.guild, bot.user)

    def removes(self, bot: Application) -> None:
        """A bot is put out of the guild."""
        member = self.guild.members[bot.id]
        self._house.hall.leave(self.guild, member)
        self._house.world.part(self.guild, bot.user)

    def role(self, name: str, permissions: int) -> Role:
        fresh = Role(self._house.world.mint.next(), name, permissions, len(self.guild.roles))
        self.guild.roles[fresh.id] = fresh
        data = {"guild_id": str(self.id), "role": shapes.role(fresh)}
        self._house.world.emit(Event("GUILD_ROLE_CREATE", data, self.id))
        return fresh

    def channel(self, kind: Kind, name: str) -> Channel:
        """One more channel."""
        return self._house.world.room(self.guild, kind, name)

    def deletes(self, channel: Channel) -> None:
        self._house.hall.remove(channel)

    def goes_dark(self) -> None:
        """An outage: the guild is unavailable to its bots."""
        self.guild.available = False
        self._tell_bots("GUILD_DELETE", {"id": str(self.id), "unavailable": True})

    def comes_back(self) -> None:
        self.guild.available = True
        self._tell_bots("GUILD_CREATE", {"id": str(self.id)})

    @property
    def hall(self) -> Hall:
        """Voice states and rooms."""
        return self._house.hall

    def me(self, bot: Application) -> Membership:
        """A bot as a member."""
        return self.guild.members[bot.id]

    def seat_of(self, bot: Application) -> Seat:
        """The bot's seat in voice: its datagrams counted, its socket to be cut."""
        seat = self._house.hall.seat_of(self.guild.members[bot.id])
        assert seat is not None, f"{bot.user.name} is not connected to voice"
        return seat

    async def empty(self) -> None:
        """Everybody leaves voice."""
        for each in self.people:
            await each.leaves()

    def _tell_bots(self, name: str, data: dict[str, object]) -> None:
        for user_id in self.guild.members:
            if user_id in self._house.world.applications:
                self._house.world.emit(Event(name, data, self.id, only=user_id))

    def _person(self, user: User) -> Person:
        fresh = Person(self._house, self.guild, user, self.text)
        self.people.append(fresh)
        return fresh
