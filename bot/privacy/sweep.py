"""Erases what is past its time."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.library.backup import copies
from bot.privacy.scan import OURS
from bot.tracker.outputs import unsteady
from pipeline.log import log_of
from pipeline.places import OPENED

if TYPE_CHECKING:
    from bot.privacy.privacy import Privacy

DAY_S = 86_400.0
GRACE_S = 7 * DAY_S
"""A server that invites the bot again within this finds its tales again."""
MARKS_KEPT_S = 365 * DAY_S
"""How long marks of erased data are kept: longer than backups are of use."""
ROAD_KEEPS_S = 7 * DAY_S
"""How long a finished job's inputs, steps and events are kept; what it made is in the library."""
FIRST_S, EVERY_S = 300.0, 3_600.0
"""First soon after the start, then every hour: a bot that is started daily sweeps too."""
log = log_of("privacy")


@dataclass(frozen=True)
class Swept:
    """Counts of what was erased."""

    servers: int
    tales: int
    jobs: int
    sounds: int


async def sweep(privacy: Privacy, present: Iterable[str], now: float) -> Swept:
    """Erase servers left long ago, tales past their server's time, finished jobs, and sounds of nobody.

    `present` are the servers in which the bot is.
    """
    gone = await _left(privacy, set(present), now)
    for server in gone:
        await privacy.erase_server(server)
    old = [
        tale
        for server, settings in (await privacy.library.servers.decided()).items()
        if settings.retention_days
        for tale in await privacy.library.tales.older(server, now - settings.retention_days * DAY_S)
    ]
    await privacy.erase_tales(old)
    await asyncio.to_thread(_tidy_brief, Path(tempfile.gettempdir()), now)
    await privacy.door.forget_old(now)
    await privacy.library.erasing.forget_old(await _oldest_wanted(privacy, now))
    await privacy.library.tidy()
    jobs = await privacy.door.old_jobs(now - ROAD_KEEPS_S)
    await privacy.door.let_go(jobs)
    return Swept(len(gone), len(old), len(jobs), await privacy.let_orphans_go(now))


async def _oldest_wanted(privacy: Privacy, now: float) -> float:
    """Return the time before which marks may go: a year back, or the oldest known backup, less a day."""
    known = await copies(privacy.library)
    ages = await asyncio.to_thread(lambda: [one.stat().st_mtime for one in known if one.exists()])
    return min([now - MARKS_KEPT_S, *(age - DAY_S for age in ages)])


def _tidy_brief(folder: Path, now: float) -> None:
    """Remove temporary folders of a killed bot: deliveries and exports."""
    for left in set(folder.glob(OURS)) - set(folder.glob(f"{OPENED}*")):
        with suppress(OSError):  # somebody else's
            # A day old: younger ones may belong to another bot of this machine, at work.
            if left.is_dir() and not left.is_symlink() and left.stat().st_mtime < now - DAY_S:
                shutil.rmtree(left)


async def sweep_for_ever(
    privacy: Privacy,
    present: Callable[[], Iterable[str] | None],
    clock: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Sweep every hour; `present` gives None while it is not yet known where the bot is."""
    wait_s = FIRST_S
    while True:
        await sleep(wait_s)
        wait_s = EVERY_S
        servers = present()
        if servers is None:
            continue
        try:
            swept = await sweep(privacy, servers, clock())
        except unsteady() as error:
            log.warning("sweep_failed", why=type(error).__name__)
            continue
        if any(vars(swept).values()):
            log.info("old_data_removed", **vars(swept))


async def _left(privacy: Privacy, present: set[str], now: float) -> list[str]:
    """Return servers to erase; note those missing for the first time, and those that are back."""
    servers = privacy.library.servers
    known = await privacy.library.tales.servers() | set(await servers.decided())
    waiting = set(await servers.gone_since(now + 1))
    for server in known & present & waiting:
        await servers.came_back(server)
    for server in known - present - waiting:
        await servers.left(server, now)
    return [server for server in await servers.gone_since(now - GRACE_S) if server not in present]
