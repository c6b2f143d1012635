"""A better writer, offered and taken up."""

from __future__ import annotations

import sys

from pipeline.cancelled import Cancelled
from pipeline.cli.here import Here
from pipeline.cli.pulling import pull_aside, size, yes_words
from pipeline.cli.writer_trial import pace_of
from pipeline.errors import TaleError
from pipeline.places import Places
from pipeline.roles import Writer
from pipeline.shelf.better_writer import (
    WriterOffer,
    decline_writer,
    hub_answers,
    note_pace,
    offer_for,
    want_writer,
)
from pipeline.wording import note, terminal_locale
from pipeline.words.standing import BetterWriter


def offer_after(here: Here, words: int) -> None:
    """Offer it once after a tale, where somebody sits at the terminal: one line, one key."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        return
    better = better_here(here, words, Cancelled())
    if better is None:
        return
    print(f"{said(better)} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() in yes_words():
        take_up(here.places, better.model)
        print(note("writer_coming", terminal_locale()), file=sys.stderr)
    else:
        decline_writer(here.places, better.model)


def better_here(here: Here, words: int, check: Cancelled) -> BetterWriter | None:
    """What fits this machine and can be had from a hub, its pace tried once; None where there is nothing."""

    def offered() -> WriterOffer | None:
        # As the memory was before this process took of it: the models in use are counted by the profile.
        return offer_for(here.manifest, here.settings, here.profile, here.places, words, lambda: here.free_mb)

    offer = offered()
    if offer is None or not hub_answers(offer.entry, here.places):
        return None
    if not offer.tale_s and (pace := pace_here(here, check)):
        note_pace(here.places, pace)
        offer = offered()
    return BetterWriter(offer.entry.id, offer.fetch_bytes, offer.entry.licence, offer.tale_s) if offer else None


def said(better: BetterWriter) -> str:
    """One line: what, how large, how long a tale takes here."""
    told = note("writer_offered", terminal_locale())
    pace = f"{better.tale_s:.0f} s" if better.tale_s else "?"
    return told.format(model=better.model, size=size(better.fetch_bytes), licence=better.licence, tale=pace)


def pace_here(here: Here, check: Cancelled) -> float:
    """Tokens a second of the writer in use, tried for ten seconds; 0 where nobody writes, or a tale came."""
    try:
        with here.shelf.borrow(Writer, check) as writer:
            return pace_of(writer, check)
    except TaleError:
        return 0.0


def take_up(places: Places, model: str) -> None:
    """It comes in the background, and takes over between two tales."""
    want_writer(places, model)
    pull_aside(places, model)
