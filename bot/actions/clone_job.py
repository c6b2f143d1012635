"""Learns a member's voice, and keeps it."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.library.records import LEARNT, Consent, KeptVoice
from bot.pools import Pool
from bot.voice.listening.cleanup import Unfinished
from bot.voice.listening.transcription import wav_of
from bot.voice.listening.transcription_job import tidied
from bot.voice.receive.opus import Pcm
from pipeline.artifacts import Artifacts
from pipeline.errors import Unwell
from pipeline.road.door import Door
from pipeline.words.answer import Cloned
from pipeline.words.request import Asked, Clone
from pipeline.words.sound import Artifact

if TYPE_CHECKING:
    from bot.library.library import Library
    from bot.privacy.privacy import Privacy

WITHIN_S = 10 * 60.0
"""Seconds: the interaction that began it can be answered for fifteen minutes, and the reading took some."""


@dataclass(frozen=True)
class CloneRequest:
    """Voice to learn, with the sentence its owner was asked to read."""

    member: str
    server: str
    language: str
    sentence: str  # drawn for this request: a recording of it cannot have existed before


@dataclass(frozen=True)
class Learning:
    """Learns voices by a job on the road; its recording and its rows are erased with the answer."""

    door: Door
    artifacts: Artifacts
    unfinished: Unfinished
    files: Pool
    """Threads that read and write kept files."""

    async def learnt(self, wish: CloneRequest, pcm: Pcm) -> Cloned:
        """Return the learnt voice, or the nearest stock voice; raises TaleError with what to do better."""
        job, recording = uuid.uuid4().hex, await self.files.run(self._kept, pcm)
        asked = Asked(job, Clone(recording, wish.sentence, wish.language), wish.server, wish.member)
        await asyncio.to_thread(self.unfinished.began, job)
        try:
            async with asyncio.timeout(WITHIN_S):
                return await self.door.answered(asked, Cloned, self.artifacts)
        except TimeoutError as error:
            raise Unwell("cloning_late") from error
        finally:
            # Shielded: a member who leaves, or a bot that stops, must not leave a recording behind.
            await asyncio.shield(self._put_away(job, recording))

    def _kept(self, pcm: Pcm) -> Artifact:
        recording = self.artifacts(wav_of(pcm), ".wav")
        self.unfinished.note(recording)
        return recording

    async def _put_away(self, job: str, recording: Artifact) -> None:
        """Erase the recording, the answer and the job's rows; the voice itself stays."""
        await self.files.run(self.artifacts.erase, [recording])
        await self.door.tell_erased([recording])
        await asyncio.to_thread(self.unfinished.forget, [recording])
        await tidied(self.door, self.artifacts, self.files, job)
        await asyncio.to_thread(self.unfinished.ended, job)


def voice_of(told: Cloned, member: str, name: str, language: str, now: float) -> KeptVoice:
    """Return the voice as the library keeps it; of the recording only its hash is left by now."""
    if told.learnt is not None:
        return KeptVoice(told.voice, member, name, language, told.reference, told.learnt, made_at=now)
    own = f"{LEARNT}-{uuid.uuid4().hex}"
    return KeptVoice(own, member, name, language, told.reference, blend=told.voice, made_at=now)


async def keep(library: Library, privacy: Privacy, voice: KeptVoice) -> None:
    """Keep a voice as its owner's only one: what was learnt of them before is erased."""
    voices = library.voices
    old = [one for one in await voices.of_member(voice.member) if one.id != voice.id]
    chosen = await voices.chosen(voice.member)
    await library.consents.give(voice.member, Consent.CLONE)
    await voices.add(voice)
    # The new one first: killed in between, they have two voices and not none.
    for one in old:
        await privacy.erase_voice(one)
    if chosen in {one.id for one in old}:
        await voices.choose(voice.member, voice.id)


async def delete(library: Library, privacy: Privacy, member: str) -> int:
    """Erase all voices learnt of a member, with the consent to learn them; returns how many there were."""
    mine = await library.voices.of_member(member)
    for one in mine:
        await privacy.erase_voice(one)
    await library.consents.withdraw(member, [Consent.CLONE])
    return len(mine)
