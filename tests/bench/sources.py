"""What becomes of files, news and hours."""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from pipeline.artifacts import Artifacts
from pipeline.cancelled import Cancelled
from pipeline.cli.book import chapters_of
from pipeline.cli.here import opened
from pipeline.errors import TaleCancelled
from pipeline.road.desk import Desk
from pipeline.road.engine import connect, launched
from pipeline.road.timetable import Recurring
from pipeline.shelf.budget import MB, resident_mb
from pipeline.sources.facts import numbers_in, source_of
from pipeline.sources.kinds import kind_of
from pipeline.sources.news import groups_of
from pipeline.sources.reading import read_source, read_whole
from pipeline.telling.in_memory import InMemory
from pipeline.telling.line import tell
from pipeline.words.event import CueReady, Event
from pipeline.words.prompt import Prompt, told_words
from pipeline.words.source import Document, Section, SourceKind, StorySource, TellerManner
from pipeline.writing.retell import retelling_of
from tests.bench._machine import reference, reference_lines
from tests.bench._news_items import STORIES, news
from tests.bench._papers import PAPERS
from tests.harm.training import rows_of
from tests.pipeline.sources.making import MAKERS, Paper, pdf

ITEMS, RETELLINGS, PAGES, DAYS = 500, 20, 300, 30
_HEARD_PASSAGES = 6
"""Of the book: memory is looked at until then."""


def main(argv: list[str]) -> int:
    """`bench sources [--without-book] [--json]`: exits 1 where a file was mistaken, a number wrong, an hour lost."""
    parser = argparse.ArgumentParser(prog="bench sources", description=__doc__)
    parser.add_argument("--without-book", action="store_true", help="leave out what needs the narrator's weights")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="bench-sources-") as folder:
        figures = kinds(Path(folder)) | retellings(Path(folder)) | duplicates() | hours(Path(folder))
        figures |= {} if args.without_book else book(Path(folder))
    if args.json:
        print(json.dumps(figures | reference()))
    else:
        for name, value in figures.items():
            print(f"{name:<20} {value}")
        print(reference_lines())
    wrong = figures["numbers_wrong"] or figures["missed"] or figures["doubled"] or figures["kinds_right"] < 1
    return int(bool(wrong))


def kinds(folder: Path) -> dict[str, Any]:
    """Sixty files, each under the name of another kind."""
    endings = cycle(suffix for suffix, _ in MAKERS.values())
    next(endings)
    right = 0
    for at, paper in enumerate(PAPERS):
        for kind, (suffix, make) in MAKERS.items():
            path = folder / f"{at}-{kind}{suffix}"
            make(path, paper)
            other = path.rename(folder / f"{at}-{kind}-called{next(endings)}")
            right += kind_of(other) is kind
    return {"files": len(PAPERS) * len(MAKERS), "kinds_right": right / (len(PAPERS) * len(MAKERS))}


def retellings(folder: Path) -> dict[str, Any]:
    """Facts of the papers in twenty retellings, at the usual length; numbers that the source does not have."""
    kept = facts = wrong = strange = 0
    for source, manner in _sources(folder):
        told = retelling_of(replace(source, manner=manner), source.words, seed=kept)
        known = set(source.numbers) | set(numbers_in(f"{source.title} {source.origin}"))
        wrong += sum(number not in known for number in numbers_in(told.text))
        facts += len(source.facts)
        kept += sum(fact.text.rstrip(".") in told.text for fact in source.facts)
        strange += sum(name not in source.text for name in _names(told.text))
    return {
        "retellings": RETELLINGS,
        "facts_kept": round(kept / facts, 3),
        "numbers_wrong": wrong,
        "strangers": strange,
    }


def _names(text: str) -> tuple[str, ...]:
    return source_of(Document(SourceKind.TEXT, "", (Section("", text),)), "").people


def _sources(folder: Path) -> Iterator[tuple[StorySource, TellerManner]]:
    manners = cycle(TellerManner)
    suffixes = (".pdf", ".docx", ".epub", ".html")
    for nth in range(RETELLINGS):
        paper, suffix = PAPERS[nth % len(PAPERS)], suffixes[nth % len(suffixes)]
        path = folder / f"retold-{nth}"
        next(make for ending, make in MAKERS.values() if ending == suffix)(path, paper)
        yield read_source(path, "a paper"), next(manners)


def duplicates() -> dict[str, Any]:
    """Five hundred items, of which many tell again in other words what one before them told."""
    items = news(STORIES, ITEMS, seed=7)
    rows = np.asarray(rows_of([text for _, text in items]), np.float32)
    groups = groups_of([text for _, text in items], rows)
    dropped = {at for group in groups for at in group[1:]}
    seen: set[int] = set()
    again = {at for at, (event, _) in enumerate(items) if event in seen or seen.add(event)}  # type: ignore[func-returns-value] # adds, and says nothing
    found, false = len(dropped & again) / len(again), len(dropped - again) / (len(items) - len(again))
    return {"items": len(items), "duplicates_found": round(found, 3), "duplicates_false": round(false, 3)}


def hours(folder: Path) -> dict[str, Any]:
    """Thirty days over two clock changes, a restart every day, and an outage of an hour when something is due."""
    url = f"sqlite:///{folder / 'road.db'}"
    Desk(url).close()
    with launched(connect(url), "bench", {"live.cpu": 1}, lambda *_: None):
        pass
    wanted = told = doubled = 0
    for cron in ("0 20 * * *", "30 2 * * *", "15 7 * * 1,2,3,4,5"):
        for month, day in ((3, 14), (10, 17)):
            zone = ZoneInfo("Europe/Berlin")
            begin = datetime(2027, month, day, 12, tzinfo=zone)
            found = [at.astimezone(zone).date() for at in _simulated(url, cron, begin)]
            days = [(begin + timedelta(days=one)).date() for one in range(1, DAYS // 2 + 1)]
            days = [begin.date(), *days] if cron.startswith("0 20") else days
            due = [one for one in days[: DAYS // 2] if not cron.endswith("5") or one.isoweekday() < 6]
            wanted, told, doubled = (
                wanted + len(due),
                told + len({*due} & {*found}),
                doubled + len(found) - len({*found}),
            )
    return {"due": wanted, "missed": wanted - told, "doubled": doubled}


def _simulated(url: str, cron: str, begin: datetime) -> list[datetime]:
    what = Recurring(f"server-1-{cron[:2].strip()}-{begin.month}", cron, str(begin.tzinfo))
    found: list[datetime] = []
    now = since = begin.astimezone(UTC)
    for day in range(DAYS // 2):
        desk = Desk(url)
        for _ in range(24):
            now += timedelta(hours=1)
            if day == 5 and (now - timedelta(hours=1)).astimezone(begin.tzinfo).hour in {2, 7, 20}:
                continue
            due = desk.due(what, since, now)
            found += due
            since = due[-1] if due else since
        desk.close()
    return found


def book(folder: Path) -> dict[str, Any]:
    """A PDF of three hundred pages: until its first word sounds, and what memory grows by beside a short tale."""
    sentences = " ".join(PAPERS[0].paragraphs)
    chapters = tuple((f"Chapter {nth}", (sentences, sentences)) for nth in range(1, 31))
    pdf(folder / "book.pdf", Paper("A long harbour", chapters), pages_each=PAGES // len(chapters))
    with opened(quiet=True, yes=True) as here:

        def heard(prompt: Prompt, passages: int) -> float:
            check, since_s = Cancelled(), time.perf_counter()
            first: list[float] = []

            def say(event: Event) -> None:
                if isinstance(event, CueReady) and event.scored.passage >= 0:
                    first.append(time.perf_counter() - since_s)
                    if event.scored.passage >= passages:
                        check.set()

            with suppress(TaleCancelled):
                tell(prompt, InMemory(here.shelf, Artifacts(folder / "kept"), say, check).studio)
            return first[0]

        short = heard(Prompt(sentences, 1, told_words(sentences), as_written=True), _HEARD_PASSAGES)
        base_mb, began_s = resident_mb(), time.perf_counter()
        chapter = chapters_of(read_whole(folder / "book.pdf"))[0]
        read_s = time.perf_counter() - began_s
        first_s = heard(Prompt(chapter.text, 1, told_words(chapter.text), as_written=True), _HEARD_PASSAGES)
        grown_mb = resident_mb() - base_mb
    child_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / MB
    return {
        "pages": PAGES,
        "first_word_s": round(read_s + first_s, 1),
        "short_first_word_s": round(short, 1),
        "read_s": round(read_s, 1),
        "grown_mb": round(grown_mb),
        "reader_mb": round(child_mb),
    }
