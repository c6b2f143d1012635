"""Downloads at a terminal: told, asked, shown."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from pipeline.errors import TaleCancelled
from pipeline.places import CHECKOUT, Places
from pipeline.settings import Settings
from pipeline.shelf.better_writer import tried_pace, wanted_writer
from pipeline.shelf.errand import RunLimits
from pipeline.shelf.manifest import Manifest, ModelEntry
from pipeline.shelf.profiles import Profile, ensure_profile, entries_of
from pipeline.shelf.weights import MEND, Bill, bill, ensure, lacking
from pipeline.wording import locales, table_of

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

GB, MB = 1_000_000_000, 1_000_000
PULL_LOG = "writer-pull.log"
"""In the folder of state: what the pull of a wanted writer said."""


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


def go_on_pulling(manifest: Manifest, settings: Settings, places: Places) -> None:
    """A wanted writer whose weights were cut off comes on from where they were, and is then tried."""
    entry = wanted_writer(manifest, settings, places)
    if entry is None or (settings.offline and lacking([entry], places, manifest)):
        return
    if lacking([entry], places, manifest) or not tried_pace(places, entry.id):
        pull_aside(places, entry.id)


def pull_aside(places: Places, model: str) -> None:
    """By a process of its own, which outlives this one; where one pulls already, it is left to it."""
    places.weights.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(places.weights / ".pull.lock").acquire(timeout=0):
            pass
    except Timeout:
        return
    places.state.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(CHECKOUT / "echotales.py"), "models", "pull", model, "--yes"]
    with (places.state / PULL_LOG).open("wb") as out:
        subprocess.Popen(
            command,
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=sys.platform != "win32",
        )


def ask_for(sum_up: Bill) -> None:
    """Show what it comes to and ask, where somebody sits; raises TaleCancelled for a no."""
    if sum_up.models:
        print(_bill_said(sum_up), file=sys.stderr)
        if not _agreed():
            raise TaleCancelled


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
    return sys.stdin.readline().strip().lower() in {"", *yes_words()}


def yes_words() -> frozenset[str]:
    """How people say yes, in every language that the faces speak."""
    return frozenset(word for code in locales() for word in table_of(code)["language"]["yes"].split())
