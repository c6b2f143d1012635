"""Datagrams in, members' sound out."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Protocol

from bot.voice.receive.align import AlignedSound, Spurts
from bot.voice.receive.decrypt import EndToEnd, Transport, Unlock
from bot.voice.receive.jitter import Jitter
from bot.voice.receive.packet import Packet, PacketKind, kind_of, packet_of

WAITING_MOST = 8_000
"""Datagrams that wait for work (sixteen seconds of ten speakers); beyond them the newest are dropped."""
Sounds = list[tuple[int, AlignedSound]]
"""Each with the member it is from."""


SESSION, SPEAKING, CLIENT_GONE = 4, 5, 13
"""The voice gateway's opcodes that matter here."""
HELD_MOST: Final = 50
"""Packets of a stranger (a second), kept sealed until the gateway says whose they are."""
HELD_S: Final = 2.0
"""Seconds; a packet that waited longer for its name is no beginning of what is said now."""
_STRANGERS_MOST: Final = 32
"""SSRCs without a name that are kept: forged packets must not fill the memory."""


class PacketSource(EndToEnd, Protocol):
    """A call, as its connection shows it."""

    def key(self) -> bytes | None:
        """The voice server's present key."""

    def own_ssrc(self) -> int | None:
        """The bot's own SSRC."""

    def speakers(self) -> Mapping[int, int]:
        """Members by SSRC, of whom the gateway has spoken already."""


class _Stream:
    """Sound of one SSRC."""

    def __init__(self, member: int, began_s: float) -> None:
        self.member = member
        self.jitter = Jitter()
        self.spurts = Spurts(began_s)
        self.over = False

    def sounds(self, now_s: float) -> Iterator[AlignedSound]:
        """Give what is in order by now; all of it, once nothing more comes."""
        now_s = float("inf") if self.over else now_s
        for slot in self.jitter.take(now_s):
            yield from self.spurts.take(slot)
        yield from self.spurts.settle(now_s)


class Hearing:
    """Everything between a call's socket and sound on one clock; a bad packet is counted and costs nothing else.

    `packet` and `told` may be called from any thread and only queue; `work` does the work, on one thread.
    """

    def __init__(self, wire: PacketSource, clock: Callable[[], float]) -> None:
        self._wire = wire
        self._clock = clock
        self.began_s = clock()
        self.counts: Counter[str] = Counter()
        """What came, by kind, and what became of it."""
        self.opened: Counter[int] = Counter()
        """Frames taken out of their encryption, by member."""
        # A deque's append and popleft are atomic: the socket's thread and the working one need no lock.
        self._waiting: deque[tuple[float, Transport | None, bytes] | tuple[int, dict[str, Any]]] = deque()
        self._consenting: Mapping[int, float] = {}
        """Since when each member consents: what was said before is never decrypted."""
        self._roster = Roster(wire.speakers())
        self._unlock = Unlock(wire, self.counts)
        self._streams: dict[int, _Stream] = {}
        key = wire.key()
        self._transport = Transport(key) if key else None

    def hears(self, members: frozenset[int]) -> None:
        """Set who consents from now on; of everybody else not even the encryption is taken off."""
        now_s, before = self._clock(), self._consenting
        # Replaced, never changed: the working thread may be reading it just now.
        self._consenting = {member: before.get(member, now_s) for member in members}

    def packet(self, datagram: bytes) -> None:
        """Queue a datagram; called on the socket's thread. A flood costs datagrams and no message of the gateway."""
        # With the key of this moment: once it is worked on, another connection may have another.
        if len(self._waiting) < WAITING_MOST:
            self._waiting.append((self._clock(), self._transport, datagram))

    def told(self, opcode: int, message: dict[str, Any]) -> None:
        """Queue a message of the voice gateway."""
        if opcode == SESSION:
            key = bytes(message["secret_key"])
            self._transport = Transport(key) if key else None
        if opcode in (SESSION, SPEAKING, CLIENT_GONE):
            self._waiting.append((opcode, message))

    def work(self) -> Sounds:
        """Return all that came since, as far as it is in order."""
        for _ in range(len(self._waiting)):  # counted first: a flood that goes on would never let it end
            match self._waiting.popleft():
                case (int(opcode), dict(message)):
                    self._learn(opcode, message)
                case (float(at_s), transport, bytes(datagram)):
                    self._take(at_s, transport, datagram)
        self._drop_unheard()
        return self._sounds(self._clock())

    def finish(self) -> Sounds:
        """Return what is still under way, since nothing more comes."""
        sounds = self.work()
        for stream in self._streams.values():
            stream.over = True
        return [*sounds, *self._sounds(float("inf"))]

    def _sounds(self, now_s: float) -> Sounds:
        sounds = [(stream.member, placed) for stream in self._streams.values() for placed in stream.sounds(now_s)]
        self._streams = {ssrc: stream for ssrc, stream in self._streams.items() if not stream.over}
        return sounds

    def _take(self, at_s: float, transport: Transport | None, datagram: bytes) -> None:
        kind = kind_of(datagram)
        self.counts[kind] += 1
        packet = packet_of(datagram) if kind is PacketKind.SOUND else None
        if packet is None or transport is None or packet.ssrc == self._wire.own_ssrc():
            return  # malformed, before the first key, or an echo of what the bot sends
        member = self._roster.member_of(packet.ssrc)
        if member is None:
            self._roster.hold(at_s, packet, transport)
            self.counts["held"] += 1
        else:
            self._hear(member, at_s, packet, transport)

    def _hear(self, member: int, at_s: float, packet: Packet, transport: Transport) -> None:
        # By when it came, not by now: a packet that waited for work may be older than the consent.
        if at_s < self._consenting.get(member, float("inf")):
            self.counts["unconsented"] += 1
            return
        for arrived in self._unlock.frames(member, packet, transport, at_s):
            self.opened[member] += 1
            self._stream_of(packet.ssrc, member).jitter.put(arrived)

    def _stream_of(self, ssrc: int, member: int) -> _Stream:
        stream = self._streams.get(ssrc)
        if stream is None or stream.over or stream.member != member:
            stream = self._streams[ssrc] = _Stream(member, self.began_s)
        return stream

    def _learn(self, opcode: int, message: dict[str, Any]) -> None:
        if opcode == SESSION:
            self.counts["sessions"] += 1
            self._roster.clear()
            self._end(set(self._streams))
        elif "user_id" not in message:
            return
        elif opcode == CLIENT_GONE:
            member = int(message["user_id"])
            self._unlock.forget(member)
            self._end(self._roster.gone(member))
        elif "ssrc" in message:
            self.counts["named"] += 1
            member = int(message["user_id"])
            for at_s, packet, transport in self._roster.named(int(message["ssrc"]), member, self._clock()):
                self._hear(member, at_s, packet, transport)

    def _end(self, ssrcs: Iterable[int]) -> None:
        """Close these streams; what they said last is still given."""
        for ssrc in ssrcs:
            if ssrc in self._streams:
                self._streams[ssrc].over = True

    def _drop_unheard(self) -> None:
        """Drop all that is under way of members who took their consent back."""
        for ssrc, stream in list(self._streams.items()):
            if stream.member not in self._consenting:
                self._unlock.forget(stream.member)
                del self._streams[ssrc]


Waiting = tuple[float, Packet, Transport]
"""When it came (seconds on the listener's clock), and the key of the connection it came over."""


class Roster:
    """Members by SSRC, as the voice gateway names them; keeps encrypted packets that came before their name."""

    def __init__(self, known: Mapping[int, int]) -> None:
        self._members = dict(known)
        self._held: dict[int, deque[Waiting]] = {}

    def member_of(self, ssrc: int) -> int | None:
        """Return whose SSRC this is; None for one not named yet."""
        return self._members.get(ssrc)

    def hold(self, at_s: float, packet: Packet, transport: Transport) -> None:
        """Keep a packet whose SSRC has no name yet; of too many SSRCs the oldest is dropped."""
        if packet.ssrc not in self._held and len(self._held) >= _STRANGERS_MOST:
            del self._held[next(iter(self._held))]
        self._held.setdefault(packet.ssrc, deque(maxlen=HELD_MOST)).append((at_s, packet, transport))

    def named(self, ssrc: int, member: int, now_s: float) -> list[Waiting]:
        """Note whose SSRC it is, and return the packets that waited for the name, but not for long."""
        self._members[ssrc] = member
        return [one for one in self._held.pop(ssrc, ()) if now_s - one[0] < HELD_S]

    def gone(self, member: int) -> list[int]:
        """Remove a member who left, and return the SSRCs that were theirs."""
        theirs = [ssrc for ssrc, who in self._members.items() if who == member]
        for ssrc in theirs:
            del self._members[ssrc]
        return theirs

    def clear(self) -> None:
        """Forget all names: another voice server gives the numbers anew."""
        self._members.clear()
        self._held.clear()
