"""Whose voice it is, from first to last."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from bot.library.records import LEARNT, Consent, KeptVoice
from pipeline.words.answer import Cloned

if TYPE_CHECKING:
    from bot.library.library import Library
    from bot.privacy.privacy import Privacy


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
    await library.consents.withdraw(member, Consent.CLONE)
    return len(mine)
