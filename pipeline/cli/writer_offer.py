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


def offer_after(here: Here, words: int) -> None:
    """Offer it once after a tale, where somebody sits at the terminal: one line, one key."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        return
    offer = offer_for(here.manifest, here.settings, here.profile, here.places, words)
    if offer is None or not hub_answers(offer.entry, here.places):
        return
    if not offer.tale_s:
        note_pace(here.places, pace_here(here))
        offer = offer_for(here.manifest, here.settings, here.profile, here.places, words)
    if offer is None:
        return
    print(f"{said(offer)} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() in yes_words():
        take_up(here.places, offer.entry.id)
        print(note("writer_coming", terminal_locale()), file=sys.stderr)
    else:
        decline_writer(here.places, offer.entry.id)


def said(offer: WriterOffer) -> str:
    """One line: what, how large, how long a tale takes here."""
    told = note("writer_offered", terminal_locale())
    pace = f"{offer.tale_s:.0f} s" if offer.tale_s else "?"
    return told.format(model=offer.entry.id, size=size(offer.fetch_bytes), licence=offer.entry.licence, tale=pace)


def pace_here(here: Here) -> float:
    """Tokens a second of the writer in use, tried for ten seconds; 0 where nobody writes."""
    try:
        with here.shelf.borrow(Writer, Cancelled()) as writer:
            return pace_of(writer)
    except TaleError:
        return 0.0


def take_up(places: Places, model: str) -> None:
    """It comes in the background, and takes over between two tales."""
    want_writer(places, model)
    pull_aside(places, model)
