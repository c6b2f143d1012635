"""An executor, started by hand or kept alive."""

from __future__ import annotations

import argparse
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pipeline.artifacts import Artifacts, artifacts_of
from pipeline.cancelled import Cancelled
from pipeline.cli.here import Here, opened
from pipeline.cli.saying import run
from pipeline.cli.worker_status import StandingFile, arrive, reporting
from pipeline.cli.writer_offer import better_here
from pipeline.errors import Missing, TaleCancelled, TaleError
from pipeline.executor import ExecutorOptions, be_polite, serve
from pipeline.log import log_of, set_up_logging
from pipeline.places import AT_WORK, OURS_ALONE, Places
from pipeline.road.engine import connect
from pipeline.road.lanes import CPU, GPU
from pipeline.road.ledger import Ledger
from pipeline.road.workers import ask_to_drain
from pipeline.road.workshop import Leisure, ModelWorkshop
from pipeline.roles import Writer
from pipeline.settings import read_settings, secrets_of, sentry_of
from pipeline.shelf.profiles import tells_resident
from pipeline.tables import FALLBACK
from pipeline.telling.provenance import signed
from pipeline.telling.wake import wake
from pipeline.words.prompt import DEFAULT_WORDS
from pipeline.words.tale import Tale

DEPOT_EVERY_S = 3_600.0


def main(argv: Sequence[str]) -> int:
    """The verb `worker`."""
    args = _parser().parse_args(argv)
    return run(lambda: _drain(args) if args.drain else _work(args))


def database_url(places: Places) -> str:
    """The operator's, or a file beside the artifacts."""
    wished = read_settings().database_url
    if not wished:
        places.state.mkdir(parents=True, exist_ok=True)
    return places.road(wished)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="echotales.py worker", description="Make what is asked for, until stopped.")
    parser.add_argument("--name", default=socket.gethostname(), help="the worker's name; the machine's by default")
    parser.add_argument("--profile", help="tiny, embedded, gpu-8gb, gpu-24gb; chosen by the hardware when not given")
    parser.add_argument("--tales", type=int, metavar="N", help="tales to make at a time; the profile's by default")
    parser.add_argument("--budget-gb", type=float, help="memory its models may take together")
    parser.add_argument("--offline", action="store_true", help="open no connection")
    parser.add_argument("--drain", action="store_true", help="ask the running worker to finish its tales and stop")
    return parser


def _work(args: argparse.Namespace) -> int:
    os.umask(OURS_ALONE)
    if args.budget_gb:
        os.environ["ECHOTALES_BUDGET_GB"] = str(args.budget_gb)
    wished = read_settings()
    told = arrive(
        replace(wished, profile=args.profile or wished.profile, offline=args.offline or wished.offline), Places.here()
    )
    with opened(args.profile, offline=args.offline, yes=True, quiet=True) as here:
        settings = here.settings
        set_up_logging(settings.log_level, secrets=secrets_of(settings), sentry=sentry_of(settings))
        in_flight = args.tales or here.profile.tales_in_flight
        kind = GPU if here.profile.least_vram_mb else CPU
        key = here.settings.data_key
        post = ExecutorOptions(database_url(here.places), here.places.state, args.name, in_flight, kind, key)
        keep = artifacts_of(here.places.artifacts, here.settings.artifacts_url, here.settings.data_key)
        with _waking(here, told) as busy:
            tidy = Tidying(keep, here.settings.artifacts_gb)
            leisure = Leisure(lambda: here.shelf.held_s.get(Writer.__name__, 0.0))
            work = ModelWorkshop(
                here.shelf, _signing(here), keep.refuse_without_room, tidy, leisure, here.profile.order, busy.set
            )
            with reporting(here.at_work, here.places.state / AT_WORK):
                return serve(post, work, keep)


@contextmanager
def _waking(here: Here, told: StandingFile) -> Iterator[Cancelled]:
    """Models come while the first wish is awaited; where they must be swapped, none is worth more than another.

    Gives what the first job sets: nothing is tried any more from then on.
    """
    check, busy = Cancelled(), Cancelled()
    if tells_resident(here.profile, here.manifest, here.settings):
        threading.Thread(target=_wake, args=(here, told, check, busy), name="waking", daemon=True).start()
    try:
        yield busy
    finally:
        check.set()
        busy.set()


def _wake(here: Here, told: StandingFile, check: Cancelled, busy: Cancelled) -> None:
    be_polite()  # each thread by itself, and the models' threads come of this one
    try:
        wake(here.shelf, FALLBACK, check)
        told.offer(better_here(here, DEFAULT_WORDS, busy))
    except TaleCancelled:
        return
    except TaleError as error:
        # No harm yet: the tale that wants them says what it lacks.
        log_of("worker").warning("models_not_woken", code=error.code, **error.fields)


def _drain(args: argparse.Namespace) -> int:
    ledger = Ledger(connect(database_url(Places.here())))
    ledger.make()
    if not ask_to_drain(ledger, args.name):
        raise Missing("worker_unknown", name=args.name)
    return 0


@dataclass
class Tidying:
    """After a tale old sounds go over the ceiling; to count them takes a moment that no first word should wait."""

    keep: Artifacts
    most_gb: float
    clock: Callable[[], float] = time.monotonic
    _again_s: float = float("-inf")

    def __call__(self) -> None:
        """The machine's own each time; the shared store, all of which must be listed, once an hour."""
        try:
            gone = self.keep.trim(self.keep.ceiling_bytes(self.most_gb))
            if self.clock() >= self._again_s:
                self._again_s = self.clock() + DEPOT_EVERY_S
                gone += self.keep.trim_depot(int(self.most_gb * 1e9))
        except (OSError, TaleError) as error:
            log_of("worker").warning("artifacts_untrimmed", why=str(error))
            return
        if gone:
            log_of("worker").info("artifacts_trimmed", gone=gone)


def _signing(here: Here) -> Callable[[Tale], Tale]:
    def sign(tale: Tale) -> Tale:
        return signed(tale, here.profile.name, here.shelf.used, here.shelf.held_s, here.rights(tale))

    return sign
