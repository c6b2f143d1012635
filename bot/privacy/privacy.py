"""Shows, exports and erases members' data."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.library.library import Library
from bot.library.records import KeptTale, KeptVoice
from bot.pools import Pool
from bot.privacy.registry import stores
from bot.privacy.sounds import Sounds, artifacts_in
from bot.privacy.store import ExportedItem, Store, Whose
from pipeline.artifacts import Artifacts
from pipeline.road.door import Door, Keepsake
from pipeline.words.sound import Artifact

PACKED_EVERY_S = 3_600.0  # packing writes the whole library anew, and nobody else can write meanwhile


@dataclass(frozen=True)
class Privacy:
    """Finds and erases members' data in every store of the registry."""

    library: Library
    door: Door
    artifacts: Artifacts
    home: Path
    first: tuple[Callable[[Iterable[str]], None], ...] = ()
    """Called with ids of tales before they are erased: stop playing them, stop asking about them."""
    files: Pool | None = None
    """Threads that read and write kept files."""
    clock: Callable[[], float] = time.monotonic
    named: dict[str, frozenset[bytes]] = field(default_factory=dict)
    """Hashes that each tale.json names, once it was read (sounds.py)."""
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One erase at a time: each looks into every tale."""
    _packed: dict[str, float] = field(default_factory=dict)
    """When databases were last packed, by member; forgotten with the process."""

    async def found(self, member: str) -> Mapping[str, list[ExportedItem]]:
        """Return what is kept of a member, store by store."""
        whose = await self.whose(member)
        return {store.name: await store.found(whose) for store in self._stores}

    async def erase_member(self, member: str) -> list[KeptTale]:
        """Erase a member everywhere; returns their tales, so that their messages can be taken down.

        Asked again within the hour it erases as thoroughly, but does not pack the databases, which locks out writers.
        """
        async with self._one:
            await self._halt(await self.library.tales.asked_by(member), await self.door.jobs_of(member))
            lately = self.clock() - self._packed.get(member, float("-inf")) < PACKED_EVERY_S
            # Listed again after the halt: what was made until then is found too.
            whose = replace(await self.whose(member), packed=not lately)
            gone = await self._erase(whose, await self.library.tales.asked_by(member))
            if not lately:
                self._packed[member] = self.clock()
        return gone

    async def erase_server(self, server: str) -> list[KeptTale]:
        """Erase all that was asked in a server, and its settings."""
        async with self._one:
            await self._halt(await self.library.tales.asked_in(server))
            tales = await self.library.tales.asked_in(server)
            return await self._erase(await self._belongings(Whose(server=server), tales), tales)

    async def erase_tales(self, tales: Iterable[KeptTale]) -> list[KeptTale]:
        """Erase these tales with all their versions, and nothing else."""
        every = [version for tale in tales for version in (await self.library.tales.versions(tale) or [tale])]
        if not every:
            return []
        async with self._one:
            await self._halt(every)
            return await self._erase(await self._belongings(Whose(), every), every)

    async def erase_voice(self, voice: KeptVoice) -> None:
        """Erase a learnt voice: its row, what was learnt, the sentence, and the job that learnt it."""
        sounds = _sounds_of(voice)
        rows = await self.door.keepsakes(voice.member)
        jobs = {_job_of(one) for one in rows if voice.recording.sha256 in str(one.row)} - {""}
        # A tale of theirs may name the same recording; it is theirs to keep.
        tales = {tale.id for tale in await self.library.tales.asked_by(voice.member)}
        async with self._one:
            await self.door.halt(jobs - tales)
            await self.library.voices.remove(voice.id, voice.member)
            whose = await self._own(Whose(jobs=frozenset(jobs - tales), sounds=sounds, voice=voice.id), sounds)
            for store in self._stores:
                await store.erase(whose)
            await self.door.tell_erased(whose.sounds)

    async def erase_refused(self, sound: Artifact, tale: str) -> None:
        """Erase a recording whose tale was refused, unless something else names it, too."""
        if sound.sha256 not in await self._named_by_all_but((tale,)):
            await self._sounds.erase(Whose(sounds=frozenset({sound})))
            await self.door.tell_erased([sound])

    async def let_orphans_go(self, now: float) -> int:
        """Erase sounds that no tale, voice or open job names any more; returns how many."""
        wanted = await self._named_by_all_but()
        waiting = [tale.id for tale in await self.library.tales.open_ones()]
        rows = [one.row for one in await self.door.keepsakes("", waiting)]
        loose = await self.door.loose_ones()
        gone = await self._sounds.orphans(wanted | {one.sha256 for one in artifacts_in(rows)}, now, loose)
        await self.door.tell_erased(gone)
        await self.door.forget_loose(loose)
        return len(gone)

    async def whose(self, member: str) -> Whose:
        """Return all by which a member's data is found."""
        return await self._belongings(Whose(member), await self.library.tales.asked_by(member))

    async def _halt(self, tales: Iterable[KeptTale], jobs: Iterable[str] = ()) -> None:
        """Stop jobs before anything is listed: a sound made after the list would be named by nobody."""
        await self.door.halt({*Whose(jobs=frozenset(tale.id for tale in tales)).errands, *jobs})

    async def _erase(self, whose: Whose, tales: list[KeptTale]) -> list[KeptTale]:
        """Erase in every store; what others hold too is looked for only now, since it reads every tale."""
        voices = await self.library.voices.of_member(whose.member) if whose.member else []
        only_theirs = await self._own(whose, frozenset().union(*(_sounds_of(one) for one in voices)))
        for let_go in self.first:
            let_go(only_theirs.jobs)
        # In the registry's order; a bot killed in between leaves rows, by which the next erase finds the rest.
        for store in self._stores:
            await store.erase(only_theirs)
        await self.door.tell_erased(only_theirs.sounds)
        return tales

    async def _belongings(self, who: Whose, tales: list[KeptTale]) -> Whose:
        jobs = frozenset(tale.id for tale in tales)
        voices = await self.library.voices.of_member(who.member) if who.member else []
        spoken = {one for voice in voices for one in _sounds_of(voice)}
        spoken |= {one.recording for tale in tales for one in tale.prompt.spoken}
        asked = Whose(jobs=jobs).errands
        rows = [one.row for one in await self.door.keepsakes(who.member, asked)]
        mine = set(artifacts_in(rows)) | spoken | await self._sounds.named_in(_wholes(tales))
        return Whose(who.member, who.server, jobs, frozenset(mine))

    async def _own(self, whose: Whose, voice: frozenset[Artifact]) -> Whose:
        """Leave out sounds that somebody else's tale holds too, such as the same silence; a shared voice goes."""
        theirs = await self._named_by_all_but(whose.jobs, whose.member)
        return replace(whose, sounds=voice | {one for one in whose.sounds if one.sha256 not in theirs})

    async def _named_by_all_but(self, jobs: Collection[str] = (), member: str = "") -> set[str]:
        wholes, spoken = await self.library.tales.naming(without=jobs)
        voices = [voice for voice in await self.library.voices.every() if voice.member != member]
        learnt = {one.sha256 for voice in voices for one in _sounds_of(voice)}
        return await self._sounds.hashes_in(wholes) | spoken | learnt

    @property
    def _stores(self) -> Iterable[Store]:
        return stores(self.library, self.door, self.artifacts, self.home, self.files)

    @property
    def _sounds(self) -> Sounds:
        return Sounds(self.artifacts, self.files, known=self.named)


def _sounds_of(voice: KeptVoice) -> frozenset[Artifact]:
    return frozenset(one for one in (voice.recording, voice.learnt) if one)


def _job_of(keepsake: Keepsake) -> str:
    return str(keepsake.row.get("workflow_uuid") or "")


def _wholes(tales: Iterable[KeptTale]) -> list[Artifact]:
    return [tale.artifact for tale in tales if tale.artifact]
