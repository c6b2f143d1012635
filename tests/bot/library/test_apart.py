"""Nobody reads what is not theirs."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.library.library import Library, open_library
from bot.library.records import DeliveryOptions, KeptTale, Page, TaleState, Viewer
from bot.library.tables import METADATA
from tests.bot.library.samples import told

SERVERS, CHANNELS, MEMBERS = ("", "1", "2"), ("10", "11", "20"), ("100", "200")
tales = st.builds(
    lambda server, channel, member, only_me, state: told(
        server=server, channel=channel, member=member, delivery=DeliveryOptions(only_me=only_me), state=state
    ),
    st.sampled_from(SERVERS),
    st.sampled_from(CHANNELS),
    st.sampled_from(MEMBERS),
    st.booleans(),
    st.sampled_from([TaleState.DONE, TaleState.DONE, TaleState.OPEN, TaleState.ERASED]),
)
viewers = st.builds(
    Viewer, st.sampled_from(MEMBERS), st.sampled_from(SERVERS), st.frozensets(st.sampled_from(CHANNELS))
)


def may(viewer: Viewer, tale: KeptTale) -> bool:
    """The rule, in plain words of its own."""
    if tale.member == viewer.member and tale.server in (viewer.server, ""):
        return True
    if not viewer.server:
        return tale.member == viewer.member
    return tale.server == viewer.server and tale.channel in viewer.channels and not tale.delivery.only_me


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.lists(tales, max_size=14), viewers), min_size=3, max_size=3))
def test_every_list_shows_exactly_what_the_viewer_may_see(rounds: list[tuple[list[KeptTale], Viewer]]) -> None:
    async def looked() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with open_library(folder) as library:
                for kept, viewer in rounds:
                    await _emptied(library)
                    await _one_round(library, kept, viewer)

    asyncio.run(looked())


async def _one_round(library: Library, kept: list[KeptTale], viewer: Viewer) -> None:
    for tale in kept:
        await library.tales.add(tale)
        await library.tales.heart(tale.id, viewer.member)
    finished = {tale.id: tale for tale in kept if tale.state == TaleState.DONE}
    allowed = {name for name, tale in finished.items() if may(viewer, tale)}
    read = library.tales
    assert await _all(lambda page: read.search(viewer, "lamp", page)) == allowed
    assert await _all(lambda page: read.hearted(viewer, page)) == allowed
    here = {name for name in allowed if finished[name].server == viewer.server}
    assert await _all(lambda page: read.of_server(viewer, page)) == here
    mine = {tale.id for tale in finished.values() if tale.member == viewer.member}
    in_place = {name for name in mine if not viewer.server or finished[name].server == viewer.server}
    assert await _all(lambda page: read.of_member(viewer, page)) == in_place
    assert {tale.id for tale in kept if await read.seen(tale.id, viewer)} == {t.id for t in kept if may(viewer, t)}


async def _all(read: Callable[[int], Awaitable[Page]]) -> set[str]:
    found: set[str] = set()
    number, more = 0, True
    while more:
        page = await read(number)
        found |= {tale.id for tale in page.tales}
        number, more = number + 1, page.more
    return found


async def _emptied(library: Library) -> None:
    async with library.engine.begin() as connection:
        table: Any
        for table in reversed(METADATA.sorted_tables):
            await connection.execute(table.delete())
