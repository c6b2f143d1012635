"""What the road keeps of somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.privacy.store import Thing, Whose, rows_as
from pipeline.road.door import HOLDING, Door


@dataclass(frozen=True)
class Journeys:
    """Inputs, steps, events and results of jobs."""

    door: Door
    name: str = "road"
    holds: Sequence[str] = (*(f"road:{table}" for table in HOLDING), "home:state/road.db*")

    async def found(self, whose: Whose) -> list[Thing]:
        """Rows of their jobs, table by table."""
        rows = await self.door.keepsakes(whose.member, whose.errands)
        by_table = {table: [one.row for one in rows if one.table == table] for table in HOLDING}
        return [thing for table, found in by_table.items() for thing in rows_as(f"road/{table}.json", found)]

    async def erase(self, whose: Whose) -> None:
        """What runs is stopped first."""
        rows = await self.door.keepsakes(whose.member)
        theirs = {str(one.row["workflow_uuid"]) for one in rows if one.table == "workflow_status"}
        await self.door.let_go(theirs | whose.errands, packed=whose.thorough)
