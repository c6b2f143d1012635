"""A member who left traces everywhere."""

from __future__ import annotations

from uuid import uuid4

from bot.library.records import Consent, KeptTale, KeptVoice, TaleState
from bot.privacy.privacy import Privacy
from pipeline.road.listener import LAST
from pipeline.words.event import Done
from pipeline.words.prompt import Prompt
from pipeline.words.request import Asked, Tell
from pipeline.words.sound import Artifact
from tests.bot.library.samples import wished
from tests.bot.privacy.conftest import snowflake


async def lived(privacy: Privacy, member: str) -> KeptTale:
    """A member told a tale, gave a heart, let their voice be learnt."""
    sound = privacy.artifacts(member.encode(), ".ogg")
    tale = wished(member=member, server=snowflake(), prompt=Prompt(f"canary {uuid4().hex}", seed=1, recording=sound))
    library = privacy.library
    await library.tales.add(tale)
    await library.tales.heart(tale.id, member)
    await library.consents.give(member, Consent.CLONE)
    await library.voices.choose(member, "bm_fable")
    await library.voices.hear(member, [1.0, 2.0])
    await library.voices.add(KeptVoice(f"learnt-{member}", member, "Me", "en", sound))
    await privacy.door.ask(Asked(tale.id, Tell(tale.prompt), "1", member))
    return await library.tales.change(
        tale.id, state=TaleState.DONE, artifact=await finished(privacy, tale.id), title=tale.prompt.text, text="Once."
    )


async def finished(privacy: Privacy, job: str) -> Artifact:
    """What a job made, once it has."""
    async for told in privacy.door.follow(job):
        if isinstance(told.event, LAST):
            assert isinstance(told.event, Done)
            return told.event.tale
    raise AssertionError("a job has a last word")
