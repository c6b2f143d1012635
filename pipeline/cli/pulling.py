"""Downloads at a terminal: told, asked, shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.errors import TaleCancelled
from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf.errand import RunLimits
from pipeline.shelf.manifest import Manifest, ModelEntry
from pipeline.shelf.profiles import Profile, ensure_profile, entries_of
from pipeline.shelf.weights import MEND, Bill, bill, ensure, lacking
from pipeline.wording import locales, table_of

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

GB, MB = 1_000_000_000, 1_000_000


def bring_profile(
    profile: Profile, manifest: Manifest, places: Places, settings: Settings, *, yes: bool = False, quiet: bool = False
) -> list[ModelEntry]:
    """All that the profile lacks, after saying so once; answers the models that serve, stand-ins included."""
    firsts = entries_of(profile, manifest, settings)
    sum_up = bill(lacking(firsts, places, manifest), places)
    with _told(sum_up, settings, yes=yes, quiet=quiet) as progress:
        served = ensure_profile(profile, manifest, places, settings, progress, RunLimits())
    if not quiet:
        _say_who_stands_in(firsts, served)
    return served


def _say_who_stands_in(firsts: Sequence[ModelEntry], served: Sequence[ModelEntry]) -> None:
    for gone in (entry for entry in firsts if entry not in served):
        other = next((entry.id for entry in served if gone.role in entry.roles), "")
        instead = f"{other} serves" if other else "tales go on without it"
        print(f"{gone.id} is not here; {instead} until: {MEND.format(model=gone.id)}", file=sys.stderr)


def bring(
    entries: Sequence[ModelEntry], manifest: Manifest, places: Places, settings: Settings, *, yes: bool, quiet: bool
) -> Bill:
    """These models, after saying so once; answers what it came to."""
    sum_up = bill(lacking(entries, places, manifest), places)
    with _told(sum_up, settings, yes=yes, quiet=quiet) as progress:
        ensure(entries, places, settings, progress, RunLimits(), manifest)
    return sum_up


def size(number: float) -> str:
    """A size as people say it."""
    return f"{number / GB:.2f} GB" if number >= GB else f"{number / MB:.0f} MB"


@contextmanager
def _told(sum_up: Bill, settings: Settings, *, yes: bool, quiet: bool) -> Iterator[Callable[[str, int], None]]:
    """Say and ask before the block, show bars on standard error while it runs; silent when nothing is to come."""
    if not sum_up.models or settings.offline:
        yield lambda *_: None
        return
    if not quiet:
        print(_bill_said(sum_up), file=sys.stderr)
    if not (yes or _agreed()):
        raise TaleCancelled
    bars = _bars(quiet=quiet or not sys.stderr.isatty())
    with bars:
        rows = {model: bars.add_task(model, total=known or None) for model, known in sum_up.models}
        yield _shower(bars, rows, dict(sum_up.models))


def _bars(*, quiet: bool) -> Progress:
    # Loaded when something comes: most runs have all they need, and the bars cost a tenth of a second.
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=Console(stderr=True), disable=quiet)


def _shower(bars: Progress, rows: dict[str, TaskID], totals: dict[str, int]) -> Callable[[str, int], None]:
    def show(model: str, came: int) -> None:
        # Clients keep what they unpack beside what they fetched: the bar never runs over its end.
        bars.update(rows[model], completed=min(came, totals[model]) if totals[model] else came)

    return show


def _bill_said(sum_up: Bill) -> str:
    rows = [
        f"  {model:<24} {size(known) if known else 'size known to its hub alone':>9}" for model, known in sum_up.models
    ]
    left = sum_up.free_bytes - sum_up.disk_bytes
    ends = f"to {sum_up.folder}: {size(sum_up.disk_bytes)} on disk, {size(left)} stay free."
    return "\n".join(["To be fetched once, then kept:", *rows, f"  {size(sum_up.fetch_bytes)} in all, {ends}"])


def _agreed() -> bool:
    """Asked once where somebody sits; a script without a terminal goes on."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    print("Fetch it now? [Y/n] ", end="", file=sys.stderr, flush=True)
    yes = {word for code in locales() for word in table_of(code)["language"]["yes"].split()}
    return sys.stdin.readline().strip().lower() in {"", *yes}
