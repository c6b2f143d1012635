"""One prompt, one tale, at a terminal."""

from __future__ import annotations

import argparse
import json
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.artifacts import Artifacts
from pipeline.cancelled import Cancelled
from pipeline.cli.book import is_book, tell_book
from pipeline.cli.here import Here, opened
from pipeline.cli.outputs import folder_for, whole_folder, writable, write_tale
from pipeline.cli.progress import shown
from pipeline.cli.saying import run
from pipeline.cli.wish import parser, prompt_of
from pipeline.cli.writer_offer import offer_after
from pipeline.errors import TaleCancelled, TaleError
from pipeline.film.reel import suffix_here
from pipeline.telling.film_tale import film
from pipeline.telling.in_memory import InMemory
from pipeline.telling.line import tell
from pipeline.telling.provenance import signed
from pipeline.telling.studio import Studio
from pipeline.wording import note, sentence, terminal_locale
from pipeline.words.event import CueReady, Event
from pipeline.words.prompt import Prompt
from pipeline.words.tale import Tale


def main(argv: Sequence[str]) -> int:
    """The verb `tell`."""
    args = parser().parse_args(argv)
    return run(lambda: _tell(args), as_json=args.json)


class Stopwatch:
    """When the first word could be heard, and how long all of it took."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self.since_s = clock()
        self.first_word_s: float | None = None

    def __call__(self, event: Event) -> None:
        """Take one event in."""
        if isinstance(event, CueReady) and event.scored.passage == 0 and self.first_word_s is None:
            self.first_word_s = self.seconds

    @property
    def seconds(self) -> float:
        """Seconds since this watch was made."""
        return self._clock() - self.since_s


def told_here(here: Here, prompt: Prompt, keep: Artifacts, say: Callable[[Event], None], check: Cancelled) -> Tale:
    """The tale, made on this machine and signed with what made it."""
    in_memory = InMemory(here.shelf, keep, say, check)
    tale = tell(prompt, in_memory.studio)
    return signed(tale, here.profile.name, here.shelf.used, in_memory.seconds, here.rights(tale))


def _tell(args: argparse.Namespace) -> int:
    seed = args.seed if args.seed is not None else secrets.randbelow(2**31)
    # A folder nobody can write to is refused now, not after minutes of work.
    if args.out is not None:
        writable(args.out)
    if args.as_written and not args.prompt and is_book(args.as_written):
        return _read_book(args, seed)
    with tempfile.TemporaryDirectory(prefix="echotales-") as scratch:
        keep = Artifacts(Path(scratch))
        prompt = prompt_of(args, keep, seed)
        with opened(args.profile, offline=args.offline, yes=args.yes, quiet=args.quiet) as here, _ctrl_c() as check:
            watch = Stopwatch()
            with shown(prompt.words, args.quiet or args.json) as show:
                tale = told_here(here, prompt, keep, _both(show, watch), check)
            folder = args.out or folder_for(tale.story.title)
            told = write_tale(tale, keep, folder, args.format)
            notes = _filmed(args, tale, folder, InMemory(here.shelf, keep, watch, check).studio) if args.film else ()
            _report(args, folder, told, watch, tale, (*notes, *(("card_left",) if here.left() else ())))
            if not (args.quiet or args.json or args.yes):
                offer_after(here, prompt.words)
    return 0


def _filmed(args: argparse.Namespace, tale: Tale, folder: Path, studio: Studio) -> tuple[str, ...]:
    """Write the film beside the tale, which lies there already; what stops a film is told and stops nothing else."""
    limit = round(args.film_mb * 1e6) if args.film_mb else None
    since_s = time.perf_counter()

    def progress(share: float) -> None:
        if sys.stderr.isatty() and not args.quiet and not args.json:
            left_s = (time.perf_counter() - since_s) * (1 - share) / max(0.01, share)
            print(f"\rfilm: {share:4.0%}, {left_s:3.0f} s  ", end="", file=sys.stderr, flush=True)

    with whole_folder(folder) as half:
        try:
            return film(tale, half / f"tale{suffix_here()[0]}", args.film, studio, limit, progress)
        except TaleError as error:
            if isinstance(error, TaleCancelled):
                raise
            print(sentence(error, terminal_locale()), file=sys.stderr)
            return ()


def _read_book(args: argparse.Namespace, seed: int) -> int:
    watch = Stopwatch()
    with opened(args.profile, offline=args.offline, yes=args.yes, quiet=args.quiet) as here, _ctrl_c() as check:

        def told(prompt: Prompt, keep: Artifacts) -> Tale:
            return told_here(here, prompt, keep, watch, check)

        said = tell_book(args, seed, told, (lambda _line: None) if args.quiet or args.json else print)
    said |= {"seed": seed, "first_word_s": round(watch.first_word_s or 0.0, 3), "tale_s": round(watch.seconds, 3)}
    print(json.dumps(said, ensure_ascii=False) if args.json else f"{said['audio']}  {said['seconds']:.0f} s")
    return 0


def _report(
    args: argparse.Namespace, folder: Path, told: dict[str, Any], watch: Stopwatch, tale: Tale, notes: Sequence[str]
) -> None:
    audio = folder / told["audio"]["file"]
    if args.json:
        said = {
            "folder": str(folder),
            "audio": str(audio),
            "files": {file.name: str(file) for file in sorted(folder.iterdir())},
            "title": told["title"],
            "seed": tale.prompt.seed,
            "tale_s": round(watch.seconds, 3),
            "first_word_s": round(watch.first_word_s or 0.0, 3),
            "made_by": told["made_by"],
        }
        print(json.dumps(said, ensure_ascii=False))
    elif not args.quiet:
        for code in (*tale.plan.notes, *notes):
            print(note(code, terminal_locale()))
        print(f"{audio}  {told['audio']['duration_s']:.0f} s, told in {watch.seconds:.0f} s, seed {tale.prompt.seed}")


def _both(*listeners: Callable[[Event], None]) -> Callable[[Event], None]:
    def say(event: Event) -> None:
        for listener in listeners:
            listener(event)

    return say


@contextmanager
def _ctrl_c() -> Iterator[Cancelled]:
    """Ctrl-C asks every model to stop; a second one stops Python itself."""
    check = Cancelled()

    def asked(_number: int, _frame: object) -> None:
        if check:
            raise KeyboardInterrupt
        check.set()

    before = signal.signal(signal.SIGINT, asked)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)
