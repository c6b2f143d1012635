"""What a worker tells the bot of itself."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.log import log_of
from pipeline.places import STANDING, Places
from pipeline.settings import Settings
from pipeline.shelf.errand import RunLimits
from pipeline.shelf.hardware import look
from pipeline.shelf.languages import languages_of
from pipeline.shelf.manifest import Manifest, read_manifest
from pipeline.shelf.profiles import Profile, choose, ensure_profile, entries_of, line_up, read_profiles
from pipeline.shelf.weights import bill, lacking
from pipeline.whole_file import write_whole
from pipeline.words.jsonable import to_json
from pipeline.words.standing import AtWork, BetterWriter, ExecutorInfo, InUse

SAY_EVERY_S = 1.0


EVERY_S = 5.0
log = log_of("reporting")


def arrive(settings: Settings, places: Places) -> StandingFile:
    """All that the profile lacks comes; a file beside the queue says who will serve, and how far their weights are."""
    manifest = read_manifest()
    profile = choose(look(places.weights), settings, read_profiles()).profile
    sum_up = bill(lacking(entries_of(profile, manifest, settings), places, manifest), places)
    wanted = 0 if settings.offline else sum_up.fetch_bytes
    board = StandingFile(places.state / STANDING, replace(_standing(profile, manifest, settings), wanted_bytes=wanted))
    board.say()
    if sum_up.models and not settings.offline:  # what a hub alone knows the size of counts nothing beforehand
        ensure_profile(profile, manifest, places, settings, board.progress, RunLimits())
        board.say(come_bytes=wanted)
    return board


def _standing(profile: Profile, manifest: Manifest, settings: Settings) -> ExecutorInfo:
    lines = line_up(profile, manifest, settings)
    firsts = {role: line[0] for role, line in lines.items() if line}
    models = tuple(InUse(role, one.id, one.licence, one.credit) for role, one in firsts.items())
    return ExecutorInfo(profile.name, models, languages_of(profile, manifest, settings))


@dataclass
class StandingFile:
    """What the bot reads of its executor, written anew whenever it changes."""

    file: Path
    standing: ExecutorInfo
    clock: Callable[[], float] = time.monotonic
    _came: dict[str, int] = field(default_factory=dict)
    _said_s: float = float("-inf")

    def progress(self, model: str, came: int) -> None:
        """From several threads; now and then is enough."""
        self._came[model] = came
        if self.clock() - self._said_s > SAY_EVERY_S:
            self.say(come_bytes=sum(list(self._came.values())))

    def say(self, come_bytes: int = 0) -> None:
        """Whole or not at all."""
        self._said_s = self.clock()
        self.standing = replace(self.standing, come_bytes=come_bytes)
        self._write()

    def offer(self, better: BetterWriter | None) -> None:
        """Say what better writer fits here."""
        self.standing = replace(self.standing, better=better)
        self._write()

    def _write(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.file, json.dumps(to_json(self.standing)))


@contextmanager
def reporting(look: Callable[[float], AtWork], file: Path, every_s: float = EVERY_S) -> Iterator[None]:
    """While the block lasts `file` says what is loaded; behind it it is gone, lest the dead pass for the living."""
    over = threading.Event()

    def repeat() -> None:
        while True:
            try:
                _say(look(time.time()), file)
            except (OSError, RuntimeError) as error:
                log.warning("status_file_not_written", why=str(error)[:200])
            if over.wait(every_s):
                return

    thread = threading.Thread(target=repeat, name="reporting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=every_s)
        file.unlink(missing_ok=True)


def _say(at_work: AtWork, file: Path) -> None:
    """Whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, json.dumps(to_json(at_work)))
