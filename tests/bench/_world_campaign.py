"""Ten tales of one world, written down."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.actions.world_files import written
from bot.library.library import open_library
from bot.library.records import KeptTale, ServerSettings, TaleState
from bot.library.worlds import WorldOf
from bot.request_tale.recalled import picked
from pipeline.words.prompt import Lately, Prompt
from pipeline.words.world import KnownKind, Meets
from tests.bench._stories import Teller
from tests.bench._world_tales import WORDS, WorldTale, cast_names, tale_of, tell

WISHES = (
    "a fox named Renske carries soup to the old lighthouse keeper",
    "a lighthouse keeper named Otto is afraid of candles",
    "the fox from last week finds a key under the snow", "Renske and the storm", "Otto wants to learn to whistle",
    "a ferrywoman named Odile cannot sleep", "Otto loses his lamp", "Renske opens a shop for hats",
    "a dragon moves into the empty mill", "Renske sets out to the end of the world",
)  # fmt: skip


async def campaign(teller: Teller, to: Path, seed: int) -> None:
    """Tell ten tales in a row as one server would, and write each down with the world that they leave."""
    told: list[str] = []
    rules, world = ServerSettings(meets=Meets.OFTEN), WorldOf("campaign")
    with tempfile.TemporaryDirectory() as home:
        async with open_library(Path(home)) as library:
            shapes: list[str] = []
            for at, wish in enumerate(WISHES):
                entries = await library.worlds.entries(world)
                known, meets = picked(entries, wish, "1", rules.meets, seed + at)
                lately = Lately(shapes=tuple(reversed(shapes)))
                one = tell(teller, Prompt(wish, seed + at, WORDS, "en", lately=lately, known=known, meets=meets))
                shapes.append(one.plan.recipe)
                told.append(_page(at + 1, one))
                row = KeptTale(
                    f"c{at}", "campaign", "1", "1", Prompt(wish, seed), state=TaleState.DONE, finished_at=at + 1.0
                )
                await library.tales.add(row)
                await library.worlds.remember(row, tale_of(one, cast_names(one.plan)), rules)
            entries = await library.worlds.entries(world)
    lines = [
        f"- **{one.trace.name}** ({one.trace.kind}): {one.trace.said_in('en').who or '—'}; "
        f"voice {one.trace.said_in('en').voice or '—'}; told of {len(one.tales)} times. “{one.trace.sentence}”"
        for one in entries
        if one.trace.kind in (KnownKind.PERSON, KnownKind.BOND)
    ]
    await asyncio.to_thread(_keep, to, told, lines, written(entries))


def _keep(to: Path, told: Sequence[str], lines: Sequence[str], world: bytes) -> None:
    to.mkdir(parents=True, exist_ok=True)
    (to / "tales.md").write_text("\n\n".join(["# Ten tales of one world", *told]) + "\n", encoding="utf-8")
    (to / "world.md").write_text("\n".join(["# Its world", "", *lines]) + "\n", encoding="utf-8")
    (to / "world.json").write_bytes(world + b"\n")


def _page(number: int, one: WorldTale) -> str:
    again = ", ".join(known.name for known in one.plan.recalled) or "nobody"
    return "\n\n".join([f"## {number}. {one.plan.title}", f"Asked: {one.wish}. Told again of: {again}.", *one.scenes])
