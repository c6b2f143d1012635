"""Transcribes speakers' turns as they grow."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import dataclass, field

import numpy as np

from bot.pools import Pool, Pools
from bot.voice.listening.cleanup import Unfinished
from bot.voice.receive.opus import Pcm
from bot.voice.receive.speech import MemberUtterance
from pipeline.artifacts import Artifacts
from pipeline.errors import TaleError
from pipeline.log import log_of
from pipeline.words.answer import Transcribed
from pipeline.words.prompt import Said
from pipeline.words.sound import RATE_HZ, Artifact, Transcript

WriteDown = Callable[[int, Artifact], Awaitable[Transcribed]]
"""Transcribes a member's recording."""
TURN_S, APART_S = 26.0, 20.0
"""Seconds: a turn fits a transcriber's window of thirty, and holds no longer silence than the second."""
log = log_of("scribe")


@dataclass(eq=False)
class SpeakerTurn:
    """What one member says until another speaks; transcribed as a whole, since a transcriber needs the context."""

    member: int
    start_s: float
    """Since the listening began."""
    utterances: list[Pcm] = field(default_factory=list)
    """Freed once nothing more can be added."""
    length_s: float = 0.0
    """Seconds of its utterances, without the pauses between."""
    end_s: float = 0.0
    """Since the listening began."""
    recording: Artifact | None = None
    told: Transcribed | None = None
    """The latest transcript, which may be older than the recording."""
    stale: bool = False
    """Something was added that its recording does not hold yet."""
    whole: bool = False
    """All of it is transcribed."""
    handed_over: bool = False
    """It is part of a prompt, and erased with that prompt's recordings."""

    @property
    def text(self) -> str:
        """The words, where they are known and certain enough by now; else ""."""
        return self.transcript.sure_text if self.transcript else ""

    @property
    def transcript(self) -> Transcript | None:
        """The transcript; None where there is none yet."""
        return self.told.transcript if self.told else None

    def as_said(self, name: str, *, read_feeling: bool) -> Said:
        """Return it as part of a prompt; without words where it is not whole: those come with the tale."""
        assert self.recording is not None, "what was not kept is not handed over"
        told = self.told if self.whole else None
        felt = told.feeling if told and read_feeling else None
        return Said(self.recording, name, told.transcript if told else None, read_feeling, felt)

    def add(self, utterance: MemberUtterance) -> None:
        """Add an utterance of the same member, with nobody else's between."""
        self.utterances.append(utterance.pcm)
        self.length_s += utterance.seconds
        self.end_s = utterance.start_s + utterance.seconds
        self.stale, self.whole = True, False


class Scribe:
    """Keeps recordings and transcripts of one listening, until they are handed over or thrown away."""

    def __init__(
        self,
        artifacts: Artifacts,
        write_down: WriteDown,
        unfinished: Unfinished | None = None,
        files: Pool | None = None,
    ) -> None:
        self._artifacts, self._unfinished = artifacts, unfinished
        self._files = files or Pools().files
        self._write_down = write_down
        self._turns: list[SpeakerTurn] = []
        self._busy: set[SpeakerTurn] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def turns(self) -> list[SpeakerTurn]:
        """All turns, in the order in which they began."""
        return sorted(self._turns, key=lambda turn: turn.start_s)

    @property
    def handed_over(self) -> list[SpeakerTurn]:
        """Turns that became part of a prompt."""
        return [turn for turn in self.turns if turn.handed_over]

    @property
    def writing(self) -> bool:
        """Whether anything is still being transcribed."""
        return bool(self._tasks)

    def take(self, utterance: MemberUtterance) -> None:
        """Keep and transcribe an utterance, together with what the same member said just before."""
        turn = self._turn_for(utterance)
        turn.add(utterance)
        # One task a turn: what is added while it works makes the turn stale, and the task goes round again.
        if turn not in self._busy:
            self._busy.add(turn)
            task = asyncio.create_task(self._written_down(turn), name="turn")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def of_member(self, member: int) -> list[SpeakerTurn]:
        """Return the turns of a member."""
        return [turn for turn in self.turns if turn.member == member]

    async def finish(self, within_s: float) -> None:
        """Wait for the last transcripts; what does not come in time is transcribed with the tale."""
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=within_s)
        await self._stop()
        for turn in self._turns:
            if turn.stale:
                await self._keep(turn)

    async def said(self, names: Mapping[int, str], felt: Container[int]) -> tuple[Said, ...]:
        """Return what was said as a prompt, turn by turn; turns without words are erased instead.

        `felt` are those whose feeling may be read.
        """
        empty = [turn for turn in self._turns if turn.recording is None or (turn.whole and not turn.text)]
        await self._erase(empty)
        told = [turn for turn in self.turns if turn not in empty and turn.member in names]
        for turn in told:
            turn.handed_over = True
        # No longer unfinished: from here on the tale's row names the recordings, and its erase finds them.
        await asyncio.to_thread(self._settled, [turn.recording for turn in told if turn.recording])
        return tuple(turn.as_said(names[turn.member], read_feeling=turn.member in felt) for turn in told)

    async def forget(self, member: int | None = None) -> None:
        """Erase everything, or what one member said."""
        if member is None:
            await self._stop()
        gone = [turn for turn in self._turns if member in (None, turn.member)]
        self._turns = [turn for turn in self._turns if turn not in gone]
        await self._erase(gone)

    async def close(self) -> None:
        """Stop transcribing, and erase what was not handed over."""
        await self._stop()
        await self._erase([turn for turn in self._turns if not turn.handed_over])

    def _turn_for(self, utterance: MemberUtterance) -> SpeakerTurn:
        last = self.turns[-1] if self._turns else None
        goes_on = (
            last is not None
            and last.member == utterance.member
            and last.length_s + utterance.seconds <= TURN_S
            and utterance.start_s - last.end_s < APART_S
        )
        if last is not None and goes_on:
            return last
        # Nothing can be added to older turns any more: their samples would only fill the memory.
        for turn in self._turns:
            turn.utterances = turn.utterances if turn in self._busy else []
        fresh = SpeakerTurn(utterance.member, utterance.start_s)
        self._turns.append(fresh)
        return fresh

    async def _written_down(self, turn: SpeakerTurn) -> None:
        """Keep and transcribe a turn until nothing is missing; what is added meanwhile goes in one go."""
        try:
            while turn.stale and turn in self._turns:
                await self._keep(turn)
                await self._hear(turn)
        finally:
            self._busy.discard(turn)
            if turn not in self._turns:  # erased meanwhile: this task may have kept it once more
                await asyncio.shield(self._erase([turn]))

    async def _keep(self, turn: SpeakerTurn) -> None:
        parts, before = len(turn.utterances), turn.recording
        turn.recording = await self._files.run(self._kept, np.concatenate(turn.utterances))
        # Counted before the await: an utterance that came meanwhile is not in this recording.
        turn.stale = len(turn.utterances) > parts
        if before != turn.recording:
            await self._erased([before])

    def _kept(self, pcm: Pcm) -> Artifact:
        recording = self._artifacts(wav_of(pcm), ".wav")
        if self._unfinished is not None:
            self._unfinished.note(recording)
        return recording

    async def _hear(self, turn: SpeakerTurn) -> None:
        assert turn.recording is not None, "it was kept just now"
        try:
            turn.told = await self._write_down(turn.member, turn.recording)
            turn.whole = not turn.stale
        except TaleError as error:
            log.warning("transcription_failed", code=error.code)  # not lost: the tale transcribes it itself

    async def _stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _erase(self, turns: list[SpeakerTurn]) -> None:
        await self._erased([turn.recording for turn in turns])

    async def _erased(self, recordings: list[Artifact | None]) -> None:
        await self._files.run(self._gone, [one for one in recordings if one is not None])

    def _gone(self, recordings: list[Artifact]) -> None:
        self._artifacts.erase(recordings)
        self._settled(recordings)

    def _settled(self, recordings: list[Artifact]) -> None:
        if self._unfinished is not None:
            self._unfinished.forget(recordings)


def wav_of(pcm: Pcm) -> bytes:
    """Return samples, mono at 48 kHz, as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(pcm.tobytes())
    return file.getvalue()
