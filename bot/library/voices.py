"""Voices chosen, learnt and usual."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.library.database import tidy, writing
from bot.library.erasing import unchoose
from bot.library.records import KeptVoice
from bot.library.rows import Rows
from bot.library.tables import CHOSEN, USUAL, VOICES
from pipeline.words.prompt import Speaking


@dataclass(frozen=True)
class Voices:
    """Learnt voices, members' choices, and the usual tone of voices."""

    engine: AsyncEngine
    rows: Rows

    async def choose(self, member: str, voice: str) -> None:
        """Choose the narrator of a member's tales; "" lets the cast choose again."""
        await self._choose(member, voice=voice)

    async def chosen(self, member: str) -> str:
        """Return the id of the chosen voice, or ""."""
        async with self.engine.connect() as connection:
            return await connection.scalar(sa.select(CHOSEN.c.voice).where(CHOSEN.c.member == member)) or ""

    async def manner(self, member: str, speaking: Speaking) -> None:
        """Choose how a member's narrator speaks; a server's own pronunciations are no part of it."""
        await self._choose(member, speaking=self.rows.speaking_text(replace(speaking, say_as=())))

    async def speaking(self, member: str) -> Speaking:
        """Return how a member's narrator speaks."""
        async with self.engine.connect() as connection:
            kept = await connection.scalar(sa.select(CHOSEN.c.speaking).where(CHOSEN.c.member == member))
        return self.rows.speaking(kept or "")

    async def add(self, voice: KeptVoice) -> None:
        """Add a learnt voice; one with the same id is replaced."""
        async with writing(self.engine) as connection:
            await connection.execute(sa.delete(VOICES).where(VOICES.c.id == voice.id))
            await connection.execute(sa.insert(VOICES).values(self.rows.voice_row(voice)))

    async def get(self, voice: str, member: str, server: str = "") -> KeptVoice | None:
        """Return a learnt voice, if it is this member's own or its owner shares it in this server."""
        kept = await self._some(VOICES.c.id == voice)
        allowed = [one for one in kept if one.member == member or (server and server in one.servers)]
        return allowed[0] if allowed else None

    async def of_member(self, member: str) -> list[KeptVoice]:
        """Return the voices that a member owns."""
        return await self._some(VOICES.c.member == member)

    async def usable(self, member: str, server: str = "") -> list[KeptVoice]:
        """Return a member's own voices, then those shared in this server."""
        # `contains` looks for letters in JSON, so an id within a longer one is found too: hence the second look.
        lent = await self._some(VOICES.c.servers.contains(server)) if server else []
        others = [one for one in lent if server in one.servers and one.member != member]
        return [*await self.of_member(member), *others]

    async def share(self, voice: str, member: str, server: str, *, shared: bool) -> KeptVoice | None:
        """Share a voice in a server, or stop; returns it, or None where it is not the member's."""
        mine = [one for one in await self.of_member(member) if one.id == voice]
        for one in mine:
            others = tuple(each for each in one.servers if each != server)
            await self.add(replace(one, servers=(*others, server) if shared else others))
        return await self.get(voice, member) if mine else None

    async def every(self) -> list[KeptVoice]:
        """Return all learnt voices; for the bot's own use."""
        return await self._some(sa.true())

    async def remove(self, voice: str, member: str) -> bool:
        """Remove a voice for its owner; False where it is not theirs."""
        mine = (VOICES.c.id == voice, VOICES.c.member == member)
        async with writing(self.engine) as connection:
            if not (await connection.execute(sa.delete(VOICES).where(*mine))).rowcount:
                return False
            await unchoose(connection, CHOSEN.c.voice == voice)
        await tidy(self.engine, packed=False)
        return True

    async def hear(self, member: str, features: Sequence[float]) -> None:
        """Add a hearing of a voice, with consent, to its running mean."""
        mean, heard = await self._usual(member)
        # Another number of features is another model's reading: the mean begins anew.
        old = mean if len(mean) == len(features) else [0.0] * len(features)
        heard = heard if len(mean) == len(features) else 0
        new = [before + (now - before) / (heard + 1) for before, now in zip(old, features, strict=True)]
        row = {"mean": self.rows.seal.shut_bytes(struct.pack(f"<{len(new)}f", *new)), "heard": heard + 1}
        async with writing(self.engine) as connection:
            await connection.execute(sa.delete(USUAL).where(USUAL.c.member == member))
            await connection.execute(sa.insert(USUAL).values(row | {"member": member}))

    async def usual(self, member: str, least: int = 1) -> tuple[float, ...]:
        """Return the mean tone of a voice; empty where it was heard fewer than `least` times."""
        mean, heard = await self._usual(member)
        return mean if heard >= least else ()

    async def _choose(self, member: str, **row: str) -> None:
        """Write a member's choices; without any there is no row, and nothing to erase."""
        mine, nothing = CHOSEN.c.member == member, (CHOSEN.c.voice == "", CHOSEN.c.speaking == "")
        async with writing(self.engine) as connection:
            if not (await connection.execute(sa.update(CHOSEN).where(mine).values(row))).rowcount:
                whole = {"member": member, "voice": "", "speaking": ""} | row
                await connection.execute(sa.insert(CHOSEN).values(whole))
            await connection.execute(sa.delete(CHOSEN).where(mine, *nothing))

    async def _usual(self, member: str) -> tuple[tuple[float, ...], int]:
        async with self.engine.connect() as connection:
            row = (await connection.execute(sa.select(USUAL).where(USUAL.c.member == member))).first()
        if row is None:
            return (), 0
        packed = self.rows.seal.open_bytes(row.mean)
        return struct.unpack(f"<{len(packed) // 4}f", packed), int(row.heard)

    async def _some(self, *where: sa.ColumnElement[bool]) -> list[KeptVoice]:
        async with self.engine.connect() as connection:
            rows = await connection.execute(sa.select(VOICES).where(*where).order_by(VOICES.c.made_at))
            return [self.rows.voice(row) for row in rows.mappings()]
