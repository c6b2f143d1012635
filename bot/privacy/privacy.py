"""Shown, exported, erased: somebody's data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.library.kept import KeptTale, KeptVoice, TaleState
from bot.library.library import Library
from bot.privacy.registry import stores
from bot.privacy.sounds import Sounds, artifacts_in
from bot.privacy.store import Store, Thing, Whose
from pipeline.artifacts import Artifacts
from pipeline.road.door import Door
from pipeline.words.sound import Artifact


@dataclass(frozen=True)
class Privacy:
    """Knows every store by the registry, and none by name."""

    library: Library
    door: Door
    artifacts: Artifacts
    home: Path

    async def found(self, member: str) -> Mapping[str, list[Thing]]:
        """What is kept of a member, store by store."""
        whose = await self.whose(member)
        return {store.name: await store.found(whose) for store in self._stores}

    async def erase_member(self, member: str) -> list[KeptTale]:
        """Everywhere; says which tales went, so that their messages can be taken down."""
        return await self._erase(await self.whose(member), await self.library.tales.asked_by(member))

    async def erase_server(self, server: str) -> list[KeptTale]:
        """All that was asked there, and its settings."""
        tales = await self.library.tales.asked_in(server)
        return await self._erase(await self._belongings(Whose(server=server), tales), tales)

    async def erase_tales(self, tales: Iterable[KeptTale]) -> list[KeptTale]:
        """These alone."""
        every = list(tales)
        return await self._erase(await self._belongings(Whose(), every), every) if every else []

    async def let_orphans_go(self, now: float) -> int:
        """Sounds that no tale, voice or open job names any more; says how many."""
        tales, voices = await self.library.tales.every(), await self.library.voices.every()
        wanted = await self._sounds.hashes_in(_wholes(tales)) | _spoken_hashes(tales, voices)
        waiting = [tale.id for tale in tales if tale.state is TaleState.OPEN]
        rows = [one.row for one in await self.door.keepsakes("", waiting)]
        return await self._sounds.orphans(wanted | {one.sha256 for one in artifacts_in(rows)}, now)

    async def whose(self, member: str) -> Whose:
        """All by which this member's things are known."""
        return await self._belongings(Whose(member), await self.library.tales.asked_by(member))

    async def _erase(self, whose: Whose, tales: list[KeptTale]) -> list[KeptTale]:
        for store in self._stores:
            await store.erase(whose)
        return tales

    async def _belongings(self, who: Whose, tales: list[KeptTale]) -> Whose:
        jobs = frozenset(tale.id for tale in tales)
        voices = await self.library.voices.of_member(who.member) if who.member else []
        spoken = {one for voice in voices for one in (voice.recording, voice.learnt) if one}
        spoken |= {tale.prompt.recording for tale in tales if tale.prompt.recording}
        rows = [one.row for one in await self.door.keepsakes(who.member, jobs)]
        mine = set(artifacts_in(rows)) | spoken | await self._sounds.named_in(_wholes(tales))
        return Whose(who.member, who.server, jobs, await self._own(mine, jobs, who.member))

    async def _own(self, mine: set[Artifact], jobs: frozenset[str], member: str) -> frozenset[Artifact]:
        """Without what somebody else's tale holds too, such as the same silence."""
        others = [tale for tale in await self.library.tales.every() if tale.id not in jobs]
        voices = [one for one in await self.library.voices.every() if one.member != member]
        theirs = await self._sounds.hashes_in(_wholes(others)) | _spoken_hashes(others, voices)
        return frozenset(one for one in mine if one.sha256 not in theirs)

    @property
    def _stores(self) -> Iterable[Store]:
        return stores(self.library, self.door, self.artifacts, self.home)

    @property
    def _sounds(self) -> Sounds:
        return Sounds(self.artifacts, self.home / "artifacts")


def _spoken_hashes(tales: Iterable[KeptTale], voices: Iterable[KeptVoice]) -> set[str]:
    recordings = {one.sha256 for voice in voices for one in (voice.recording, voice.learnt) if one}
    return recordings | {tale.prompt.recording.sha256 for tale in tales if tale.prompt.recording}


def _wholes(tales: Iterable[KeptTale]) -> list[Artifact]:
    return [tale.artifact for tale in tales if tale.artifact]
