"""Plays a guild's queue of tales."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from bot.library.records import HeardAs
from bot.voice.call import Call, Health
from bot.voice.join import room_of
from bot.voice.player.interruptions import Interruptions
from bot.voice.player.queue_item import LiveTale, QueueItem
from bot.voice.player.quiet_hours import check_allowed
from bot.voice.player.status import Now, now_of
from bot.voice.player.tale_source import Mouth
from bot.voice.player.timings import FOR_ALL, LEVELS, Around, Manners
from bot.voice.player.trouble import trouble_of
from bot.voice.player.vote_skip import By, PlayerAction, Vote
from pipeline.audio.sum import Gains
from pipeline.errors import Refused, TaleError
from pipeline.log import log_of
from pipeline.words.event import Event, Stopped
from pipeline.words.sound import RATE_HZ
from pipeline.words.timeline import Timeline

WHO = "booth"  # the player's name among the call's holders
BACK_S = 15
"""Seconds that one press of Back goes back."""
log = log_of("booth")


class Booth:
    """Queue of tales for one call; `hear` and every wish return at once."""

    def __init__(self, call: Call, around: Around, manners: Manners | None = None) -> None:
        self._call, self._around, self._manners = call, around, manners or Manners()
        self._clock = around.clock
        self._turns: list[QueueItem] = []
        # Dropped, but still served until their last frames, which fade, are played.
        self._fading: list[Mouth] = []
        self._working: asyncio.Task[None] | None = None
        self._poked = asyncio.Event()
        self._gains = Gains()
        self._level = 1.0
        self._free_s = self._clock()
        self._interruptions = Interruptions(call, self._manners)
        self._line_at = -1

    def line_up(self, tale: LiveTale, timeline: Timeline | None = None) -> None:
        """Add a tale to the queue; a finished one brings its timeline."""
        # A finished tale may be asked for again while it waits or plays.
        if any(turn.tale.id == tale.id for turn in self._turns):
            return
        turn = QueueItem.of(tale, self._around.machine)
        if timeline is not None:
            turn.timeline = timeline
            turn.pace.grew(timeline, self._clock())
        if tale.at_once:
            turn.pace.begun(self._clock())
        self._turns.append(turn)
        if self._working is None or self._working.done():
            # As if the last tale had ended a breath ago: the first one need not wait for it.
            self._free_s = self._clock() - self._manners.breath_s
            self._working = asyncio.create_task(self._work(), name="booth")

    def hear(self, tale: str, event: Event) -> None:
        """Take an event of a tale; never waits."""
        for turn in list(self._turns):
            if turn.tale.id == tale:
                if isinstance(event, Stopped):
                    self._drop(turn)
                    return
                turn.hear(event, self._clock())
                self._poked.set()

    def named(self, tale: str, title: str) -> None:
        """Set the title of a tale in the queue."""
        for turn in self._turns:
            if turn.tale.id == tale:
                turn.title = title

    @property
    def busy(self) -> bool:
        """Whether something is told, waits, or was just told."""
        return self._working is not None and not self._working.done()

    @property
    def turn(self) -> QueueItem | None:
        """The tale whose turn it is."""
        return self._turns[0] if self._turns else None

    @property
    def now(self) -> Now:
        """What plays, as it is to be shown."""
        turn, room = self.turn, self._call.room
        names = tuple(one.title for one in self._turns[1:])
        return now_of(turn, self._call.health, room.id if room else 0, names, self._gains, self._wait_s(turn))

    def wish(self, verb: PlayerAction, by: By, gains: Gains | None = None) -> Vote:
        """Do what a member asks, or count it as a vote; raises Refused."""
        turn = self.turn
        if turn is None or turn.mouth is None:
            raise Refused("booth_silent")
        wish = f"{verb} {gains}" if gains else str(verb)
        vote = turn.votes.count(wish, verb, by, turn.tale.member, self._call.listeners, self._call.room_name)
        if vote.carried:
            self._do(verb, turn, turn.mouth, gains)
            self._poked.set()
        return vote

    def silence(self) -> None:
        """Drop every tale, and leave once the last one has faded."""
        for one in list(self._turns):
            self._drop(one)
        # Nearly at the end of the idle time: only the fade is waited for before the bot leaves.
        self._free_s = self._clock() - self._manners.idle_s + self._manners.fade_s
        self._poked.set()

    async def close(self) -> None:
        """Fall silent at once; what was being told is remembered."""
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)
        self._fading += [turn.mouth for turn in self._turns if turn.mouth is not None]
        await self._call.release(WHO)
        self._unserve(self._fading)

    def _do(self, verb: PlayerAction, turn: QueueItem, mouth: Mouth, gains: Gains | None) -> None:
        match verb:
            case PlayerAction.PAUSE:
                self._interruptions.pause(mouth, self._clock())
            case PlayerAction.GO_ON:
                self._interruptions.go_on(mouth)
            case PlayerAction.BACK:
                mouth.seek(mouth.at - BACK_S * RATE_HZ)
            case PlayerAction.REPLAY:
                self._around.counted(turn.tale.id, HeardAs.AGAIN, self._call.listeners)
                mouth.seek(0)
            case PlayerAction.SKIP:
                self._around.counted(turn.tale.id, HeardAs.SKIPPED, self._call.listeners)
                self._drop(turn)
            case PlayerAction.STOP:
                self.silence()
            case PlayerAction.VOLUME:
                self._gains = gains or Gains()
                mouth.hear_as(self._levels())

    def _levels(self) -> Gains:
        """Return the listeners' volumes times the server's."""
        return replace(self._gains, music=self._gains.music * self._level)

    async def _work(self) -> None:
        """Play until the queue has been empty for the idle time."""
        while True:
            while self._turns or self._clock() - self._free_s < self._manners.idle_s:
                # Cleared before the look: what comes during it must not be slept through.
                self._poked.clear()
                if self._turns:
                    await self._tend(self._turns[0])
                await self._moment()
                self._unserve([mouth for mouth in self._fading if mouth.over])
            await self._call.release(WHO)
            self._unserve(self._fading)
            # A tale may have come while the call was left: `line_up` saw this task alive and began none.
            if not self._turns:
                return

    async def _moment(self) -> None:
        """Wait for the next look, or less where there is news."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._manners.look_s):
                await self._poked.wait()

    async def _tend(self, turn: QueueItem) -> None:
        """Look once at the tale whose turn it is."""
        try:
            if turn.mouth is None:
                await self._begin(turn)
            if turn.mouth is not None and self._interruptions.heard(turn, turn.mouth, self._clock()):
                self._told(turn, turn.mouth)
            turn.unsteady_since_s = None
        except TaleError as error:
            # What is wrong with the call ends every tale in line, what is wrong with a tale ends that one.
            for one in list(self._turns) if error.code in FOR_ALL else [turn]:
                self._give_up(one, error)
        except Exception as error:  # noqa: BLE001 - a booth whose task ends leaves its bot sitting in the call
            if turn.unsteady_for_s(self._clock(), error) > self._manners.waits_s:
                self._give_up(turn, trouble_of(error))

    async def _begin(self, turn: QueueItem) -> None:
        """Join when the first line is near, begin when nothing will interrupt it; do not sit in the call for less."""
        now_s = self._clock()
        if turn.timeline.whole and not turn.timeline.placed:
            self._drop(turn)  # told in words alone, or failed before its first passage
            return
        # Both: how far the first line is, and how much must be buffered before it on a slow machine.
        if turn.pace.first_line_in_s(now_s) > self._manners.near_s or self._wait_s(turn) > self._manners.near_s:
            if now_s - self._free_s > self._manners.idle_s:
                await self._call.release(WHO)
            return
        if not turn.timeline.placed and not await self._around.able():
            return  # weights are still being downloaded: nobody sits silent in a call for minutes
        # Asked when its turn comes, not when it was queued: settings and quiet hours may have changed.
        if not turn.invited:
            rules = await self._around.rules()
            room = room_of(self._call.client, turn.tale.channel_id)
            check_allowed(rules, room.id, room.name, self._around.today())
            self._level, turn.invited = LEVELS[rules.music], True
        elif self._call.why is not None and self._call.health is Health.LOST:
            raise self._call.why
        await self._call.enter(turn.tale.channel_id, WHO)
        # Looked at anew: joining took seconds, in which the tale may have been skipped.
        early = self._wait_s(turn) > 0 or self._clock() - self._free_s < self._manners.breath_s
        if early or turn not in self._turns or not turn.timeline.placed:
            return
        self._interruptions.clear()
        mouth = Mouth(turn.tale.path_of, self._around.blocks, begin_at=turn.tale.begin_at)
        turn.mouth = mouth
        # Volumes before the first sample: a server without music must not hear its first moment.
        mouth.hear_as(self._levels())
        mouth.grow(turn.timeline)
        self._around.blocks.add(mouth)
        log.info("tale_begun", job=turn.tale.id, channel=turn.tale.channel_id)

    def _wait_s(self, turn: QueueItem | None) -> float:
        """Return how long a tale still buffers before it begins, in seconds."""
        return turn.pace.wait_s(turn.tale.begin_at) if turn is not None and turn.mouth is None else 0.0

    def _told(self, turn: QueueItem, mouth: Mouth) -> None:
        """Keep it playing; report to its followers where it is, and what of it cannot be heard."""
        if mouth.loss is not None and not turn.loss_said:
            turn.loss_said = True
            log.warning("sound_lost", job=turn.tale.id, why=mouth.loss.code)
            turn.tale.follow.without_voice(mouth.loss.code, **mouth.loss.fields)
        if mouth.over:
            if mouth.trouble is not None:
                raise mouth.trouble
            self._around.counted(turn.tale.id, HeardAs.FINISHED, self._call.listeners)
            self._drop(turn)
            return
        self._interruptions.starved(turn, mouth, self._clock())
        if not mouth.paused:
            self._call.play(mouth)  # at every look: a reconnect brings a voice client that plays nothing
        turn.tale.follow.heard_to(turn.at_s)
        if turn.line_start != self._line_at:
            self._line_at = turn.line_start
            self._around.noted(turn)

    def _give_up(self, turn: QueueItem, error: TaleError) -> None:
        """Stop playing a tale; its card says why, and it comes as a file."""
        log.info("tale_not_told_here", job=turn.tale.id, why=error.code)
        turn.tale.follow.without_voice(error.code, **error.fields)
        self._drop(turn)

    def _drop(self, turn: QueueItem) -> None:
        """End the turn of a tale; what plays fades."""
        if turn in self._turns:
            self._turns.remove(turn)
        if turn.mouth is not None:
            turn.mouth.finish()
            self._fading.append(turn.mouth)
            self._free_s = self._clock()
        self._around.ended(turn.tale.id)

    def _unserve(self, mouths: Sequence[Mouth]) -> None:
        for mouth in mouths:
            self._around.blocks.remove(mouth)
        self._fading = [mouth for mouth in self._fading if mouth not in mouths]
