"""Learning a member's voice, and whose it is."""

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
"""The press that began it can be answered for fifteen minutes."""


@dataclass(frozen=True)
class CloneRequest:
    """Whose voice, and what they were to say."""

    member: str
    server: str
    language: str
    sentence: str


@dataclass(frozen=True)
class Learning:
    """The recording lives as long as the job; nothing of the errand is left behind."""

    door: Door
    artifacts: Artifacts
    unfinished: Unfinished
    files: Pool
    """Threads for kept files."""

    async def learnt(self, wish: CloneRequest, pcm: Pcm) -> Cloned:
        """A voice, or the nearest of ours; raises TaleError with what to mend."""
        job, recording = uuid.uuid4().hex, await self.files.run(self._kept, pcm)
        asked = Asked(job, Clone(recording, wish.sentence, wish.language), wish.server, wish.member)
        await asyncio.to_thread(self.unfinished.began, job)
        try:
            async with asyncio.timeout(WITHIN_S):
                return await self.door.answered(asked, Cloned, self.artifacts)
        except TimeoutError as error:
            raise Unwell("cloning_late") from error
        finally:
            await asyncio.shield(self._put_away(job, recording))

    def _kept(self, pcm: Pcm) -> Artifact:
        recording = self.artifacts(wav_of(pcm), ".wav")
        self.unfinished.note(recording)
        return recording

    async def _put_away(self, job: str, recording: Artifact) -> None:
        """The voice itself stays; its recording, its answer and its rows go."""
        await self.files.run(self.artifacts.erase, [recording])
        await self.door.tell_erased([recording])
        await asyncio.to_thread(self.unfinished.forget, [recording])
        await tidied(self.door, self.artifacts, self.files, job)
        await asyncio.to_thread(self.unfinished.ended, job)


def voice_of(told: Cloned, member: str, name: str, language: str, now: float) -> KeptVoice:
    """As the library keeps it; of the recording no more than its fingerprint, since it is gone by now."""
    if told.learnt is not None:
        return KeptVoice(told.voice, member, name, language, told.reference, told.learnt, made_at=now)
    own = f"{LEARNT}-{uuid.uuid4().hex}"
    return KeptVoice(own, member, name, language, told.reference, blend=told.voice, made_at=now)


async def keep(library: Library, privacy: Privacy, voice: KeptVoice) -> None:
    """Theirs from now on, and the only one: what was learnt of them before goes."""
    voices = library.voices
    old = [one for one in await voices.of_member(voice.member) if one.id != voice.id]
    chosen = await voices.chosen(voice.member)
    await library.consents.give(voice.member, Consent.CLONE)
    await voices.add(voice)
    for one in old:
        await privacy.erase_voice(one)
    if chosen in {one.id for one in old}:
        await voices.choose(voice.member, voice.id)


async def delete(library: Library, privacy: Privacy, member: str) -> int:
    """All that was ever learnt of them, and the leave to learn it; says how many voices went."""
    mine = await library.voices.of_member(member)
    for one in mine:
        await privacy.erase_voice(one)
    await library.consents.withdraw(member, [Consent.CLONE])
    return len(mine)
