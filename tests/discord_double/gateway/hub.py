"""All sessions of all bots."""

from __future__ import annotations

from tests.discord_double import shapes
from tests.discord_double.gateway.session import Session
from tests.discord_double.people import Application
from tests.discord_double.voice.hall import Hall
from tests.discord_double.voice.opcodes import Close
from tests.discord_double.world import Event, World

RESUMABLE_FOR_S = 180.0
API_VERSION = 10


class Hub:
    """Passes the world's events to the sessions that should have them."""

    def __init__(self, world: World, hall: Hall) -> None:
        self._world, self._hall = world, hall
        self.sessions: dict[str, Session] = {}
        self.identifies = 0  # IDENTIFY calls so far
        self.resumes = 0  # successful RESUME calls so far
        world.listeners.append(self._pass_on)

    def identify(self, bot: Application, intents: int, shard: tuple[int, int], resume_url: str) -> Session:
        """A new session: READY, then its guilds."""
        session = Session(self._world, bot, intents, shard)
        self.sessions[session.id] = session
        self.identifies += 1
        mine = [each for each in self._world.guilds.values() if bot.id in each.members and session.holds(each.id)]
        ready = {
            "v": API_VERSION,
            "user": shapes.own_user(bot.user),
            "guilds": [{"id": str(each.id), "unavailable": True} for each in mine],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": resume_url,
            "shard": list(shard),
            "application": {"id": str(bot.id), "flags": 0},
            "private_channels": [],
            "relationships": [],
            "presences": [],
        }
        session.dispatch("READY", ready)
        for guild in mine:
            if guild.available:
                session.tell(Event("GUILD_CREATE", {"id": str(guild.id)}, guild.id, only=bot.id))
        self._world.bell.ring()
        return session

    def resume(self, session_id: str, token: str, last_seen: int) -> Session | None:
        """The session to go on with, or None when it is no more."""
        session = self.sessions.get(session_id)
        if session is None or session.bot.token != token:
            return None
        late = not session.connected and self._world.clock.now_s() - session.dropped_s > RESUMABLE_FOR_S
        if late or not session.replay(last_seen):
            self.end(session)
            return None
        self.resumes += 1
        self._world.bell.ring()
        return session

    def drop(self, session: Session) -> None:
        """Its socket is lost; it may be resumed for a while."""
        session.connected = False
        session.dropped_s = self._world.clock.now_s()
        self._world.bell.ring()

    def end(self, session: Session) -> None:
        """The session is over, and with it the bot's place in voice."""
        self.sessions.pop(session.id, None)
        if any(each.bot is session.bot for each in self.sessions.values()):
            return
        for guild in self._world.guilds.values():
            member = guild.members.get(session.bot.id)
            if member is not None and member.voice is not None:
                seat = self._hall.seat_of(member)
                self._hall.leave(guild, member)
                if seat is not None:
                    seat.close(Close.DISCONNECTED)
        self._world.bell.ring()

    def of(self, bot: Application) -> list[Session]:
        return [each for each in self.sessions.values() if each.bot is bot]

    def _pass_on(self, event: Event) -> None:
        for session in list(self.sessions.values()):
            session.tell(event)
