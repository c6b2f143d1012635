"""One browser, one person in the little Discord."""

from __future__ import annotations

import asyncio
import base64
import collections
import contextlib
import json
from collections.abc import Awaitable, Callable

import numpy as np
from aiohttp import WSMsgType, web

from tests.discord_double.bell import NeverSeen
from tests.discord_double.double import LoopbackDiscord
from tests.discord_double.members.asking import Attachment, NotOffered
from tests.discord_double.members.opus import Decoder, Encoder
from tests.discord_double.members.person import Person
from tests.discord_double.members.reply import Reply
from tests.discord_double.members.shown import Shown
from tests.discord_double.neighbourhood import Neighbourhood
from tests.discord_double.people import Channel
from tests.discord_double.post import CDN
from tests.discord_double.refusal import Json
from tests.discord_double.voice.rtp import FRAME_SAMPLES, SILENCE
from tests.discord_double.window.typed import read_line

AT_MOST_EVERY_S = 0.03
KEPT_ON_SCREEN = 200


class Live:
    """Shows the screen as it changes, carries sound both ways, and does what the page asks."""

    def __init__(
        self, double: LoopbackDiscord, guild: Neighbourhood, you: Person, socket: web.WebSocketResponse
    ) -> None:
        self._double, self._guild, self._you, self._socket = double, guild, you, socket
        self._decoders: dict[int, Decoder] = {}
        self._encoder = Encoder()
        self._modal: Reply | None = None
        self._heard = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._acts: dict[str, Callable[[Json], Awaitable[Reply | None]]] = {
            "write": self._write,
            "press": self._press,
            "choose": self._choose,
            "submit": self._submit,
            "suggest": self._suggest,
            "open": self._open,
            "join": self._join,
            "leave": self._leave,
        }

    async def serve(self) -> None:
        """Until the page is closed."""
        showing = asyncio.create_task(self._show(), name="the screen")
        try:
            async for message in self._socket:
                if message.type is WSMsgType.TEXT:
                    # Each in a task of its own: an answer may take its three seconds.
                    self._start(self._do(json.loads(message.data)))
                elif message.type is WSMsgType.BINARY:
                    self._speak(message.data)
        finally:
            for task in (showing, *self._tasks):
                task.cancel()
            await asyncio.gather(showing, *self._tasks, return_exceptions=True)
            await self._you.leaves()

    def _start(self, doing: Awaitable[None]) -> None:
        task = asyncio.ensure_future(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _do(self, wanted: Json) -> None:
        try:
            reply = await self._acts[wanted["do"]](wanted)
        except (NotOffered, NeverSeen, AssertionError, ValueError) as no:
            await self._send({"problem": str(no)})
            return
        if reply is None:
            return
        if reply.modal is not None:
            self._modal = reply
            await self._send({"modal": reply.modal})
        elif reply.failed:
            await self._send({"problem": reply.text})

    async def _write(self, wanted: Json) -> Reply | None:
        files = [Attachment(each["name"], base64.b64decode(each["data"])) for each in wanted.get("files") or []]
        if not wanted["text"].startswith("/"):
            self._you.writes(wanted["text"], *files)
            return None
        path, options = read_line(wanted["text"], self._commands(), files)
        return await self._you.slash(path, **options)

    async def _press(self, wanted: Json) -> Reply | None:
        return await self._you.press(wanted["label"], on=self._message(wanted))

    async def _choose(self, wanted: Json) -> Reply | None:
        return await self._you.choose(*wanted["labels"], on=self._message(wanted), menu=wanted["menu"])

    async def _submit(self, wanted: Json) -> Reply | None:
        reply, self._modal = self._modal, None
        assert reply is not None, "there is no form to send"
        return await self._you.submits(reply, **wanted["fields"])

    async def _suggest(self, wanted: Json) -> Reply | None:
        path, options = read_line(wanted["text"], self._commands(), [])
        options.pop(wanted["option"], None)
        choices = await self._you.typing(path, wanted["option"], wanted["so_far"], **options)
        await self._send({"choices": choices, "option": wanted["option"]})
        return None

    async def _open(self, wanted: Json) -> Reply | None:
        self._you.opens(self._channel(wanted))
        self._double.world.bell.ring()
        return None

    async def _join(self, wanted: Json) -> Reply | None:
        voice = await self._you.joins(self._channel(wanted))
        self._heard, self._decoders = len(voice.heard), {}
        return None

    async def _leave(self, wanted: Json) -> Reply | None:
        await self._you.leaves()
        return None

    def _channel(self, wanted: Json) -> Channel:
        return self._guild.guild.channels[int(wanted["channel"])]

    def _message(self, wanted: Json) -> Shown:
        return next(each for each in self._you.screen() if each.id == int(wanted["message"]))

    def _speak(self, pcm: bytes) -> None:
        """20 ms of the microphone: 48 kHz, mono, 16 bit."""
        voice = self._you.voice
        if voice is None or len(pcm) != 2 * FRAME_SAMPLES:
            return
        mono = np.frombuffer(pcm, np.int16)
        voice.say_now(self._encoder.frames(np.stack([mono, mono], axis=1))[0])

    async def _show(self) -> None:
        """Send the screen whenever it looks otherwise, and the sound as it comes."""
        last = ""
        while True:
            screen = json.dumps(self._screen())
            if screen != last:
                await self._socket.send_str(screen)
                last = screen
            await self._sound()
            with contextlib.suppress(NeverSeen):
                await self._double.world.bell.rung(within_s=1.0)
            await asyncio.sleep(AT_MOST_EVERY_S)

    async def _sound(self) -> None:
        voice = self._you.voice
        if voice is None:
            return
        fresh, self._heard = voice.heard[self._heard :], len(voice.heard)
        for frame in fresh:
            if frame.opus != SILENCE:
                decoder = self._decoders.setdefault(frame.sender_id, Decoder())
                await self._socket.send_bytes(decoder.decode(frame.opus).tobytes())

    async def _send(self, data: Json) -> None:
        if not self._socket.closed:
            await self._socket.send_json(data)

    def _commands(self) -> list[Json]:
        bots = self._double.world.applications.values()
        return [each for bot in bots for each in bot.commands.values() if each["type"] == 1]

    def _screen(self) -> Json:
        members = self._guild.guild.members.values()
        present: dict[int, list[str]] = collections.defaultdict(list)
        for each in members:
            if each.voice is not None:
                present[each.voice.channel_id].append(each.user.name)
        channels = [_channel_shape(room, present[room.id]) for room in self._guild.guild.channels.values()]
        messages = [_message_shape(each) for each in self._you.screen()[-KEPT_ON_SCREEN:]]
        online = bool(self._double.sessions())
        here = {"you": self._you.user.name, "open": str(self._you.channel.id), "online": online}
        return {"screen": here | {"channels": channels, "messages": messages, "commands": self._commands()}}


def _channel_shape(room: Channel, present: list[str]) -> Json:
    about = {"id": str(room.id), "name": room.name, "spoken": room.is_spoken}
    return about | {"present": present, "status": room.status}


def _message_shape(shown: Shown) -> Json:
    data = shown.message.data
    files = [each | {"url": each["url"].removeprefix(CDN)} for each in data["attachments"]]
    return data | {"attachments": files, "reactions": shown.reactions, "loading": shown.loading}
