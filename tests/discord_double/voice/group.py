"""DAVE: the gateway's part in end-to-end encryption."""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterable

from tests.discord_double.voice import mls
from tests.discord_double.voice.mls import Change, ExternalSender, Proposal
from tests.discord_double.voice.mls_wire import CommitWelcome, NotMls, read_commit_welcome, read_key_package
from tests.discord_double.voice.opcodes import Op
from tests.discord_double.voice.participant import Participant

VERSION = 1
NEW_GROUP = 1  # the epoch that says so
LIVES_FOR_EVER = (0, 2**64 - 1)
GARBAGE = b"\x00\x01\x00\x01garbage"
log = logging.getLogger(__name__)


class Group:
    """Proposes joiners and leavers, lets the first whole commit win, and times the transitions."""

    def __init__(self, channel_id: int) -> None:
        self.sender = ExternalSender(channel_id)
        self.version = VERSION
        self.history: list[str] = []  # what happened, for tests: "commit 3 epoch 1"
        self._seats: dict[int, Participant] = {}
        self._packages: dict[int, bytes] = {}
        self._proposals: list[Proposal] = []
        self._transition = 0
        self._awaited: dict[int, tuple[int, set[int]]] = {}  # transition: version after it, who is not ready

    def join(self, who: Participant) -> None:
        self._seats[who.user_id] = who
        who.binary(Op.EXTERNAL_SENDER, self.sender.package)

    def leave(self, who: Participant) -> None:
        self._seats.pop(who.user_id, None)
        self._packages.pop(who.user_id, None)
        for transition in list(self._awaited):
            self._mark_ready(transition, who.user_id)
        self._withdraw(who.user_id)
        if who.user_id in self.sender.members:
            self._remove(who.user_id)

    def key_package(self, who: Participant, package: bytes) -> None:
        """A member is ready to be added, or to be added anew."""
        leaf = read_key_package(package)
        if int.from_bytes(leaf.identity, "big") != who.user_id:
            raise NotMls("a key package of somebody else")
        if (leaf.not_before, leaf.not_after) != LIVES_FOR_EVER:
            raise NotMls("a key package with a lifetime")
        self._packages[who.user_id] = package
        self._withdraw(who.user_id)
        fresh = [self.sender.remove(who.user_id)] if who.user_id in self.sender.members else []
        fresh.append(self.sender.add(who.user_id, package))
        in_flight = list(self._proposals)
        self._propose(fresh, but=who)
        if not self.sender.established and in_flight:
            who.binary(Op.PROPOSALS, mls.appended(in_flight))

    def commit(self, who: Participant, message: bytes) -> None:
        """Somebody's commit: the first that carries every proposal of this epoch wins."""
        offered = read_commit_welcome(message)
        if offered.group_id != self.sender.group_id or offered.epoch != self.sender.epoch:
            self.history.append(f"late commit of {who.user_id} for epoch {offered.epoch}")
            return
        wanted = self._wanted_of(who)
        if offered.references != {each.reference for each in wanted}:
            self.history.append(f"incomplete commit of {who.user_id} for epoch {offered.epoch}")
            return
        self._accept(who, offered, wanted)

    def ready(self, who: Participant, transition: int) -> None:
        self._mark_ready(transition, who.user_id)

    @property
    def pending(self) -> bool:
        """Whether anybody is still to be added or removed, or a transition to be executed."""
        return bool(self._proposals or self._packages or self._awaited)

    def awaits(self, transition: int) -> bool:
        """Whether this transition is still to be executed."""
        return transition in self._awaited

    def invalid(self, who: Participant, transition: int) -> None:
        """A member could not follow: its next key package brings it back."""
        self.history.append(f"invalid {who.user_id} transition {transition}")
        self._mark_ready(transition, who.user_id)

    def restart(self) -> None:
        """A new group for everybody, in mid-speech."""
        self.sender.restart()
        self._proposals.clear()
        self._packages.clear()
        self._awaited.clear()
        self._transition += 1
        self.history.append("restart")
        for seat in self._seats.values():
            self._begin_epoch(seat, self._transition)

    def downgrade(self) -> None:
        """Announce the end of end-to-end encryption, and end it when everybody is ready."""
        self._announce(0)

    def break_commit(self, who: Participant) -> None:
        """Send one member a commit that cannot be processed."""
        self._transition += 1
        who.binary(Op.ANNOUNCE_COMMIT, struct.pack(">H", self._transition) + GARBAGE)

    def _begin_epoch(self, seat: Participant, transition: int) -> None:
        data = {"protocol_version": VERSION, "epoch": NEW_GROUP, "transition_id": transition}
        seat.text(Op.PREPARE_EPOCH, data)
        seat.binary(Op.EXTERNAL_SENDER, self.sender.package)

    def _announce(self, version: int) -> None:
        self._transition += 1
        self._awaited[self._transition] = (version, set(self._seats))
        for seat in self._seats.values():
            seat.text(Op.PREPARE_TRANSITION, {"protocol_version": version, "transition_id": self._transition})

    def _remove(self, user_id: int) -> None:
        rest = [each for each in self.sender.members if each in self._seats]
        if len(rest) == 1:
            self._start_over(self._seats[rest[0]])
        elif rest:
            self._propose([self.sender.remove(user_id)])
        else:
            self.sender.restart()
            self._proposals.clear()

    def _start_over(self, last: Participant) -> None:
        """The one who is left alone begins a group of one."""
        self.sender.restart()
        self._packages.pop(last.user_id, None)
        self._proposals.clear()
        self.history.append(f"alone {last.user_id}")
        for user_id, package in self._packages.items():  # who was waiting still waits, for the new group
            self._propose([self.sender.add(user_id, package)], but=self._seats[user_id])
        self._begin_epoch(last, 0)
        last.text(Op.PREPARE_TRANSITION, {"protocol_version": VERSION, "transition_id": 0})

    def _propose(self, proposals: list[Proposal], but: Participant | None = None) -> None:
        self._proposals += proposals
        self._send_proposals(mls.appended(proposals), but)

    def _withdraw(self, user_id: int) -> None:
        """Revoke what is proposed about a member that is gone or starts afresh."""
        stale = [each for each in self._proposals if each.user_id == user_id]
        if stale:
            self._proposals = [each for each in self._proposals if each not in stale]
            self._send_proposals(mls.revoked(stale), self._seats.get(user_id))

    def _send_proposals(self, body: bytes, but: Participant | None) -> None:
        for seat in self._voters():
            if seat is not but:
                seat.binary(Op.PROPOSALS, body)

    def _voters(self) -> Iterable[Participant]:
        """Members of the group; before there is one, whoever waits for it."""
        of = self.sender.members if self.sender.established else list(self._packages)
        return [self._seats[each] for each in of if each in self._seats]

    def _wanted_of(self, who: Participant) -> list[Proposal]:
        """All proposals; who founds the group does not add itself."""
        if self.sender.established:
            return list(self._proposals)
        return [each for each in self._proposals if each.user_id != who.user_id]

    def _accept(self, who: Participant, offered: CommitWelcome, wanted: list[Proposal]) -> None:
        before = set(self.sender.members) or {who.user_id}
        added = {each.user_id for each in wanted if each.change is Change.ADD}
        self.sender.apply(who.user_id, wanted)
        self._proposals.clear()
        self._packages.clear()
        self._transition += 1
        self.history.append(f"commit of {who.user_id} to epoch {self.sender.epoch}")
        self._awaited[self._transition] = (VERSION, set(self.sender.members) & set(self._seats))
        tag = struct.pack(">H", self._transition)
        for user_id, seat in list(self._seats.items()):
            if user_id in added:
                seat.binary(Op.WELCOME, tag + offered.welcome)
            elif user_id in before:
                seat.binary(Op.ANNOUNCE_COMMIT, tag + offered.commit)

    def _mark_ready(self, transition: int, user_id: int) -> None:
        if transition not in self._awaited:
            return
        version, unready = self._awaited[transition]
        unready.discard(user_id)
        if unready:
            return
        del self._awaited[transition]
        self.version = version
        self.history.append(f"execute {transition} version {version}")
        for seat in self._seats.values():
            seat.text(Op.EXECUTE_TRANSITION, {"transition_id": transition})
