"""A person's ears, mouth, camera in a call."""

from __future__ import annotations

import asyncio
import logging
import random
import struct
from collections.abc import Callable

from tests.discord_double.clock import Clock
from tests.discord_double.members.heard import HeardFrame
from tests.discord_double.members.lock import CannotOpen, Lock
from tests.discord_double.refusal import Json
from tests.discord_double.voice.opcodes import Op
from tests.discord_double.voice.participant import Participant
from tests.discord_double.voice.room import Room
from tests.discord_double.voice.rtp import FRAME_S, FRAME_SAMPLES, OPUS, SILENCE, VIDEO, Frame
from tests.discord_double.voice.weather import FAIR, Weather

NEAR_THE_END_SEQUENCE, NEAR_THE_END_TIMESTAMP = 65_520, 0xFFFF_F000  # both wrap early, on purpose
FAREWELL = (SILENCE,) * 5
CATCHES_UP_S = 0.1
VIDEO_S, VIDEO_BYTES = 1 / 30, 1100
VIDEO_SSRC_OFFSET = 100_000
log = logging.getLogger(__name__)
Parcel = tuple[Op, "Json | bytes | None"]


class Voice(Participant):
    """Holds its end of the encryption as a Discord client does, through its own inbox."""

    def __init__(self, user_id: int, room: Room, clock: Clock, lock: Lock, changed: Callable[[], None]) -> None:
        super().__init__(user_id, room.next_ssrc())
        self.room, self.lock = room, lock
        self.heard: list[HeardFrame] = []
        self.unopened: list[str] = []  # why a frame could not be decrypted
        self.told: list[tuple[Op, Json]] = []  # the gateway's JSON messages
        self.timestamps_stand_still = False  # in pauses, as those of some clients do
        self._clock, self._changed = clock, changed
        self._inbox: asyncio.Queue[Parcel] = asyncio.Queue()
        self._reader: asyncio.Task[None] | None = None
        self._sequence, self._timestamp = NEAR_THE_END_SEQUENCE, NEAR_THE_END_TIMESTAMP
        self._said_s = 0.0
        self._introduced = False  # has given its first key package
        self._coming: int | None = None  # the transition whose execution is waited for
        self._deferred: list[tuple[Op, bytes]] = []  # what is done when it comes
        self._too_early: list[tuple[float, int, Frame]] = []  # frames under a key that comes with it

    @property
    def keyed(self) -> bool:
        """Whether this one has the keys of the call as it stands, with no change of them under way."""
        return self.lock.ready and self._coming is None and self._inbox.empty()

    def enter(self) -> None:
        self._reader = asyncio.create_task(self._read(), name=f"voice inbox of {self.user_id}")
        if self.room.group is not None:
            self.lock.begin(self.user_id, self.room.channel_id, self.ssrc)
        self.room.join(self)

    async def leave(self) -> None:
        self.room.leave(self)
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    def text(self, op: Op, data: Json | None) -> None:
        self._inbox.put_nowait((op, data))

    def binary(self, op: Op, body: bytes) -> None:
        self._inbox.put_nowait((op, body))

    def hear(self, sender: Participant, frame: Frame) -> None:
        if frame.payload_type != OPUS or not frame.payload:
            return
        self._open(self._clock.now_s(), sender.user_id, frame)

    def _open(self, at_s: float, sender_id: int, frame: Frame) -> None:
        try:
            clear = frame.payload if frame.payload == SILENCE else self.lock.decrypt(sender_id, frame.payload)
        except CannotOpen as error:
            if self._coming is not None:
                self._too_early.append((at_s, sender_id, frame))
            else:
                self.unopened.append(str(error))
            return
        self.heard.append(HeardFrame(at_s, sender_id, frame.sequence, frame.timestamp, clear))
        self._changed()

    async def say(self, frames: list[bytes], weather: Weather = FAIR, announced_after: int = 0) -> None:
        """Send Opus frames in their time; SPEAKING goes out before frame number `announced_after`."""
        self.sky.change(weather)
        self._advance_clock()
        start_s = self._clock.now_s()
        for number, frame in enumerate([*frames, *FAREWELL]):
            if number == announced_after:
                self.room.speaking(self, 1)
            self.announced = True
            self._send(frame)
            due_s = start_s + (number + 1) * FRAME_S
            # Who was held up goes on from there: a flood of old frames would drown the hearer's socket.
            start_s += max(0.0, self._clock.now_s() - due_s - CATCHES_UP_S)
            await self._clock.sleep_until(due_s)
        self._said_s = self._clock.now_s()

    def say_now(self, frame: bytes) -> None:
        """Send one frame as it comes from a microphone; the caller keeps the time."""
        if not self.announced:
            self.room.speaking(self, 1)
        self._send(frame)
        self._said_s = self._clock.now_s()

    async def film(self, seconds: float) -> None:
        """A camera goes on: others are told of a second SSRC, and packets of another kind come among the audio."""
        ssrc = self.ssrc + VIDEO_SSRC_OFFSET
        stream = {"type": "video", "rid": "100", "ssrc": ssrc, "active": True, "quality": 100, "rtx_ssrc": ssrc + 1}
        about = {"user_id": str(self.user_id), "audio_ssrc": self.ssrc, "video_ssrc": ssrc, "rtx_ssrc": ssrc + 1}
        self.room.tell_others(self, Op.VIDEO, about | {"streams": [stream]})
        dice = random.Random(self.ssrc)
        start_s = self._clock.now_s()
        for number in range(round(seconds / VIDEO_S)):
            payload = dice.randbytes(VIDEO_BYTES)
            self.room.forward(self, Frame(ssrc, number & 0xFFFF, number * 3000, payload, VIDEO))
            await self._clock.sleep_until(start_s + (number + 1) * VIDEO_S)

    def _send(self, opus: bytes) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + FRAME_SAMPLES) & 0xFFFF_FFFF
        body = self.lock.encrypt(opus) if self.lock.ready else opus
        self.room.forward(self, Frame(self.ssrc, self._sequence, self._timestamp, body))

    def _advance_clock(self) -> None:
        """Between two things said the timestamps run on, unless this client's stand still."""
        if self._said_s and not self.timestamps_stand_still:
            silent_frames = int((self._clock.now_s() - self._said_s) / FRAME_S)
            self._timestamp = (self._timestamp + silent_frames * FRAME_SAMPLES) & 0xFFFF_FFFF

    async def _read(self) -> None:
        # A task of its own: a proposal reaches everybody before anybody's commit comes back.
        while True:
            op, body = await self._inbox.get()
            if isinstance(body, bytes):
                self._take_binary(op, body)
            else:
                self._take_text(op, body or {})
            self._changed()

    def _take_text(self, op: Op, data: Json) -> None:
        self.told.append((op, data))
        group = self.room.group
        if group is None:
            return
        if op == Op.PREPARE_EPOCH or (op == Op.EXECUTE_TRANSITION and data["transition_id"] == self._coming):
            self._execute()
        if op == Op.PREPARE_EPOCH and data["epoch"] == 1:
            self.lock.begin(self.user_id, self.room.channel_id, self.ssrc)
            group.key_package(self, self.lock.key_package())
        elif op == Op.PREPARE_TRANSITION and data["transition_id"]:
            group.ready(self, data["transition_id"])

    def _take_binary(self, op: Op, body: bytes) -> None:
        group = self.room.group
        if group is None:
            return
        if self._coming is not None:
            self._deferred.append((op, body))
        elif op == Op.EXTERNAL_SENDER:
            self.lock.external_sender(body)
            if not self._introduced:
                self._introduced = True
                group.key_package(self, self.lock.key_package())
        elif op == Op.PROPOSALS:
            commit = self.lock.proposals(body, list(self.room.participants))
            if commit:
                group.commit(self, commit)
        elif op in (Op.ANNOUNCE_COMMIT, Op.WELCOME):
            self._prepare(op, body)

    def _prepare(self, op: Op, body: bytes) -> None:
        """Say ready, and take up the new keys when everybody is: until then others could not open our frames."""
        group, transition = self.room.group, struct.unpack_from(">H", body)[0]
        assert group is not None
        if not group.awaits(transition):
            self._follow(op, transition, body[2:])
            return
        self._coming, self._deferred = transition, [(op, body)]
        group.ready(self, transition)

    def _execute(self) -> None:
        """Do in order what was put off, and try again to open what came too early."""
        deferred, self._deferred, self._coming = self._deferred, [], None
        for op, body in deferred[:1]:
            self._follow(op, struct.unpack_from(">H", body)[0], body[2:])
        for op, body in deferred[1:]:
            self._take_binary(op, body)
        early, self._too_early = self._too_early, []
        for at_s, sender_id, frame in early:
            self._open(at_s, sender_id, frame)

    def _follow(self, op: Op, transition: int, message: bytes) -> None:
        group = self.room.group
        assert group is not None
        try:
            if op == Op.ANNOUNCE_COMMIT:
                self.lock.commit(message)
            else:
                self.lock.welcome(message, list(self.room.participants))
        except ValueError:
            log.debug("member %s cannot follow transition %s", self.user_id, transition)
            group.invalid(self, transition)
            self.lock.begin(self.user_id, self.room.channel_id, self.ssrc)
            group.key_package(self, self.lock.key_package())
            return
        group.ready(self, transition)
