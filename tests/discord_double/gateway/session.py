"""A bot's session on the gateway."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque

from tests.discord_double import shapes
from tests.discord_double.gateway import intents
from tests.discord_double.gateway.intents import Intent
from tests.discord_double.people import Application
from tests.discord_double.refusal import Json
from tests.discord_double.world import Event, World

KEPT_FOR_REPLAY = 5000
READABLE = ("content", "embeds", "attachments", "components")
MESSAGES = ("MESSAGE_CREATE", "MESSAGE_UPDATE")


class Session:
    """What one IDENTIFY began: numbers its events and keeps them for a resume."""

    def __init__(self, world: World, bot: Application, wanted: int, shard: tuple[int, int]) -> None:
        self.id = secrets.token_hex(16)
        self.bot = bot
        self.intents = wanted
        self.shard = shard
        self.sequence = 0
        self.outbox: asyncio.Queue[Json | int] = asyncio.Queue()  # a number closes the socket with it
        self.connected = True
        self.holder: object = None  # the socket that has the session now
        self.dropped_s = 0.0  # when the socket was lost
        self._world = world
        self._sent: deque[Json] = deque(maxlen=KEPT_FOR_REPLAY)

    def tell(self, event: Event) -> None:
        """Send an event if this bot may have it."""
        if not self._concerned(event):
            return
        data = event.data
        if event.name == "GUILD_CREATE":
            known = self._guild(int(data["id"]))
            # Of a guild that a bot has just joined nobody says whether it is available: so clients tell it from others.
            data = {name: it for name, it in known.items() if name != "unavailable"} if data.get("new") else known
        elif event.name in MESSAGES:
            data = self._readable(data)
        self.dispatch(event.name, data)

    def dispatch(self, name: str, data: Json) -> None:
        self.sequence += 1
        payload = {"op": 0, "s": self.sequence, "t": name, "d": data}
        self._sent.append(payload)
        if self.connected:
            self.outbox.put_nowait(payload)

    def send(self, op: int, data: object = None) -> None:
        """A payload without a number."""
        self.outbox.put_nowait({"op": op, "d": data, "s": None, "t": None})

    def close(self, code: int) -> None:
        self.outbox.put_nowait(code)

    def replay(self, last_seen: int) -> bool:
        """Put what was missed into a fresh outbox; False when it was not kept."""
        missed = [each for each in self._sent if each["s"] > last_seen]
        if last_seen > self.sequence or len(missed) != self.sequence - last_seen:
            return False
        self.outbox = asyncio.Queue()
        for each in missed:
            self.outbox.put_nowait(each)
        self.connected = True
        self.dispatch("RESUMED", {"_trace": []})
        return True

    def holds(self, guild_id: int) -> bool:
        """Whether this shard is the one for a guild."""
        return (guild_id >> 22) % self.shard[1] == self.shard[0]

    def _concerned(self, event: Event) -> bool:
        if event.only is not None and event.only != self.bot.id:
            return False
        if event.guild_id is None:
            return event.only is not None or self._in_conversation(event)
        guild = self._world.guilds[event.guild_id]
        if self.bot.id not in guild.members or not self.holds(guild.id):
            return False
        if not self._sees(event):
            return False
        return intents.passes(self.intents, event.name, in_guild=True, about_itself=self._is_about_me(event.data))

    def _in_conversation(self, event: Event) -> bool:
        channel = self._world.private.get(event.channel_id or 0)
        inside = channel is not None and any(each.id == self.bot.id for each in channel.recipients)
        return inside and intents.passes(self.intents, event.name, in_guild=False, about_itself=False)

    def _sees(self, event: Event) -> bool:
        channel = self._world.channel(event.channel_id) if event.channel_id else None
        return channel is None or bool(self._world.may(self.bot.id, channel))

    def _is_about_me(self, data: Json) -> bool:
        about = data.get("user_id") or data.get("user", {}).get("id")
        return str(about) == str(self.bot.id)

    def _readable(self, data: Json) -> Json:
        """Without the message-content intent a bot reads its own messages, those that name it, and direct ones."""
        own = str(self.bot.id)
        named = any(each["id"] == own for each in data["mentions"])
        if self.intents & Intent.MESSAGE_CONTENT or data["author"]["id"] == own or named or "guild_id" not in data:
            return data
        return data | {key: "" if key == "content" else [] for key in READABLE}

    def _guild(self, guild_id: int) -> Json:
        every = bool(self.intents & Intent.GUILD_MEMBERS)
        voice = bool(self.intents & Intent.GUILD_VOICE_STATES)
        return shapes.guild(self._world.guilds[guild_id], self.bot.id, every_member=every, voice=voice)
