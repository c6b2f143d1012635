"""Members are offered what they may like."""

from __future__ import annotations

import numpy as np
import sqlalchemy as sa

from bot.library.library import Library
from bot.library.records import HeardAs, Viewer
from bot.library.tables import HEARD
from bot.library.taste import HeardTale, ranked_for
from tests.bot.library.samples import told

ANA = Viewer("5", "1", frozenset({"10"}))


def _centres(count: int = 12) -> dict[str, np.typing.NDArray[np.float32]]:
    """Tales of two kinds, by turns."""
    rng = np.random.default_rng(3)
    kinds = rng.standard_normal((2, 384))
    rows = [kinds[at % 2] + 0.3 * rng.standard_normal(384) for at in range(count)]
    return {f"t{at}": (row / np.linalg.norm(row)).astype(np.float32) for at, row in enumerate(rows)}


def test_what_is_like_the_liked_comes_first_and_what_was_heard_not_at_all() -> None:
    events = [HeardTale("ana", "t0", 2.0), HeardTale("ana", "t2", 1.0), HeardTale("ana", "t1", -1.0)]
    ranked = ranked_for("ana", events, _centres())
    assert not {"t0", "t1", "t2"} & set(ranked)
    assert {int(one[1:]) % 2 for one in ranked[:4]} == {0}


def test_with_little_to_go_by_what_is_loved_here_comes_first() -> None:
    events = [HeardTale("ben", "t7", 2.0), HeardTale("eve", "t7", 2.0), HeardTale("ana", "t1", 2.0)]
    assert ranked_for("ana", events, _centres())[0] == "t7"
    assert ranked_for("nobody", [], {}) == []


def test_who_likes_alike_is_listened_to() -> None:
    alone = {f"t{at}": row for at, row in enumerate(np.eye(384, dtype=np.float32)[:8])}
    mine = [HeardTale("ana", "t0", 2.0), HeardTale("ana", "t1", 2.0)]
    theirs = [HeardTale("ben", tale, 2.0) for tale in ("t0", "t1", "t5")]
    assert ranked_for("ana", [*mine, *theirs], alone)[0] == "t5"


async def test_for_you_is_of_this_server_of_others_and_seen(library: Library) -> None:
    open_, hidden = told(title="Open"), told(channel="66")
    elsewhere, own = told(server="2"), told(member="5")
    for tale in (open_, hidden, elsewhere, own):
        await library.tales.add(tale)
    assert await library.taste.for_you(ANA, "m") == [open_.id]


async def test_what_was_heard_is_counted_and_goes_with_its_member_and_its_tale(library: Library) -> None:
    first, second = told(), told()
    for tale in (first, second):
        await library.tales.add(tale)
        for _ in range(2):
            await library.taste.count(tale.id, "1", ["5", "6"], HeardAs.FINISHED)
    await library.taste.count("gone", "1", ["5"], HeardAs.SKIPPED)
    await library.erasing.tales([first.id])
    await library.erasing.member("5")
    async with library.engine.connect() as connection:
        rows = (await connection.execute(sa.select(HEARD.c.tale, HEARD.c.member, HEARD.c.times))).all()
    assert [tuple(row) for row in rows] == [(second.id, "6", 2)]
