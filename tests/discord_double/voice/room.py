"""One voice channel's call."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.discord_double.refusal import Json
from tests.discord_double.voice.group import Group
from tests.discord_double.voice.opcodes import Op
from tests.discord_double.voice.participant import Participant
from tests.discord_double.voice.rtp import OPUS, Frame

OVERTAKING_MOST = 5  # frames


class Room:
    """Forwards frames between its participants and tells them of each other."""

    def __init__(self, channel_id: int, ssrcs: Iterator[int], *, encrypted: bool) -> None:
        self.channel_id = channel_id
        self._ssrcs = ssrcs
        self._overtaking: dict[int, list[Frame]] = {}
        self.group = Group(channel_id) if encrypted else None
        self.participants: dict[int, Participant] = {}
        self.violations: list[str] = []  # what a client did that Discord would not stand
        self.watchers: list[Callable[[Participant, Frame], None]] = []  # told of every frame sent, as it was sent

    def next_ssrc(self) -> int:
        return next(self._ssrcs)

    def join(self, who: Participant) -> None:
        others = [each for each in self.participants.values() if each.user_id != who.user_id]
        stale = self.participants.get(who.user_id)
        if stale is not None:
            self.leave(stale)
        self.participants[who.user_id] = who
        if others:
            who.text(Op.CLIENTS, {"user_ids": [str(each.user_id) for each in others]})
        for each in others:
            each.text(Op.CLIENTS, {"user_ids": [str(who.user_id)]})
        if self.group is not None:
            self.group.join(who)

    def leave(self, who: Participant) -> None:
        if self.participants.get(who.user_id) is not who:
            return
        del self.participants[who.user_id]
        self._overtaking.pop(who.user_id, None)
        for each in self.participants.values():
            each.text(Op.CLIENT_GONE, {"user_id": str(who.user_id)})
        if self.group is not None:
            self.group.leave(who)

    def speaking(self, who: Participant, flags: int) -> None:
        who.announced = True
        self.tell_others(who, Op.SPEAKING, {"user_id": str(who.user_id), "ssrc": who.ssrc, "speaking": flags})
        for frame in self._overtaking.pop(who.user_id, []):
            self.forward(who, frame)

    def tell_others(self, who: Participant, op: Op, data: Json) -> None:
        for each in self.participants.values():
            if each is not who:
                each.text(op, data)

    def forward(self, who: Participant, frame: Frame) -> None:
        """Give a frame to everybody else, as the weather lets it through."""
        if self.participants.get(who.user_id) is not who:
            return
        if not who.announced:
            self._hold(who, frame)
            return
        for watcher in self.watchers:
            watcher(who, frame)
        if who.muted:
            return
        arriving = who.sky.through(frame) if frame.payload_type == OPUS else (frame,)
        for arrived in arriving:
            for each in list(self.participants.values()):
                if each is not who and not each.deafened:
                    each.hear(who, arrived)

    def _hold(self, who: Participant, frame: Frame) -> None:
        """A datagram may overtake SPEAKING, which goes another way; audio without SPEAKING is not forwarded."""
        held = self._overtaking.setdefault(who.user_id, [])
        if len(held) < OVERTAKING_MOST:
            held.append(frame)
        elif len(held) == OVERTAKING_MOST:
            held.append(frame)
            self.violations.append(f"{who.user_id} sent audio before SPEAKING")
