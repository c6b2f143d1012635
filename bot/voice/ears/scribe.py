"""Utterances, written down as they come."""

from __future__ import annotations

import asyncio
import io
import uuid
import wave
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.voice.ears.opus import Pcm
from bot.voice.ears.utterances import Utterance
from pipeline.artifacts import Artifacts
from pipeline.errors import TaleError
from pipeline.log import log_of
from pipeline.road.door import Door
from pipeline.words.answer import Transcribed
from pipeline.words.prompt import Said
from pipeline.words.request import Asked, Transcribe
from pipeline.words.sound import RATE_HZ, Artifact, Transcript

WriteDown = Callable[[Artifact], Awaitable[Transcribed]]
LEAST_SURE = 0.25
"""Below this it is noise or music that was taken for words."""
log = log_of("scribe")


@dataclass(eq=False)
class Turn:
    """One utterance with what became of it."""

    utterance: Utterance
    recording: Artifact | None = None
    told: Transcribed | None = None
    handed_over: bool = False
    """It is part of a prompt, and goes when that is told."""

    @property
    def text(self) -> str:
        """What was said, where it is known and sure enough by now."""
        transcript = self.transcript
        return transcript.text if transcript and transcript.certainty >= LEAST_SURE else ""

    @property
    def transcript(self) -> Transcript | None:
        """What was heard; None where it is not written down yet."""
        return self.told.transcript if self.told else None


class Scribe:
    """Keeps recordings and transcripts of one listening, until they are told or thrown away."""

    def __init__(self, artifacts: Artifacts, write_down: WriteDown) -> None:
        self._artifacts = artifacts
        self._write_down = write_down
        self._turns: list[Turn] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def turns(self) -> list[Turn]:
        """In the order in which they began."""
        return sorted(self._turns, key=lambda turn: turn.utterance.start_s)

    @property
    def writing(self) -> bool:
        """Whether anything is still being written down."""
        return bool(self._tasks)

    def take(self, utterance: Utterance) -> None:
        """Another one; it is kept and written down aside."""
        turn = Turn(utterance)
        self._turns.append(turn)
        task = asyncio.create_task(self._written_down(turn), name="utterance")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def of_member(self, member: int) -> list[Turn]:
        """What one of them said."""
        return [turn for turn in self.turns if turn.utterance.member == member]

    async def finish(self, within_s: float) -> None:
        """Wait for what is still being written down; what does not come in time is heard again with the tale."""
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=within_s)
        await self._stop()

    async def said(self, names: dict[int, str], *, read_feeling: bool) -> tuple[Said, ...]:
        """The prompt that they spoke, in their turns; what holds no words is no part of it, and is let go."""
        empty = [turn for turn in self._turns if turn.recording is None or (turn.told is not None and not turn.text)]
        await self._erase(empty)
        told = [turn for turn in self.turns if turn not in empty and turn.utterance.member in names]
        for turn in told:
            turn.handed_over = True
        return tuple(
            Said(turn.recording, names[turn.utterance.member], turn.transcript, read_feeling)
            for turn in told
            if turn.recording is not None
        )

    async def forget(self, member: int | None = None) -> None:
        """All of it, or what one of them said, as if it had never been."""
        if member is None:
            await self._stop()
        gone = [turn for turn in self._turns if member in (None, turn.utterance.member)]
        self._turns = [turn for turn in self._turns if turn not in gone]
        await self._erase(gone)

    async def close(self) -> None:
        """Nothing more is written down; what was not handed over is gone."""
        await self._stop()
        await self._erase([turn for turn in self._turns if not turn.handed_over])

    async def _written_down(self, turn: Turn) -> None:
        data = await asyncio.to_thread(wav_of, turn.utterance.pcm)
        turn.recording = await asyncio.to_thread(self._artifacts, data, ".wav")
        turn.utterance = Utterance(turn.utterance.member, turn.utterance.start_s, turn.utterance.pcm[:0])
        if turn not in self._turns:  # taken back in the meantime
            await self._erase([turn])
            return
        try:
            turn.told = await self._write_down(turn.recording)
        except TaleError as error:
            log.warning("utterance_unwritten", code=error.code)

    async def _stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _erase(self, turns: list[Turn]) -> None:
        kept = [turn.recording for turn in turns if turn.recording is not None]
        await asyncio.to_thread(self._artifacts.erase, kept)


def by_road(door: Door, artifacts: Artifacts, server: str, *, read_feeling: bool) -> WriteDown:
    """Written down by the executor; nothing of the errand is left behind."""

    async def write_down(recording: Artifact) -> Transcribed:
        job = uuid.uuid4().hex
        wish = Asked(job, Transcribe(recording, read_feeling=read_feeling), server)
        try:
            return await door.answered(wish, Transcribed, artifacts)
        finally:
            await asyncio.shield(door.let_go([job]))

    return write_down


def wav_of(pcm: Pcm) -> bytes:
    """Mono at 48 kHz."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(pcm.tobytes())
    return file.getvalue()
