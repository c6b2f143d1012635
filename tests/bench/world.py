"""A server's world, measured."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from bot.library.library import Library, open_library
from bot.library.meaning import MeaningIndex, parts_of
from bot.library.records import DeliveryOptions, HeardAs, KeptTale, ServerSettings, TaleState, Viewer
from bot.library.tables import HEARD, SCENES, WORLD_NOTES
from bot.library.worlds import WorldOf
from bot.request_tale.recalled import entries_for
from pipeline.backends.text_e5 import open_backend
from pipeline.places import CHECKOUT
from pipeline.roles import Embedder
from pipeline.words.prompt import Prompt
from tests.bench._machine import reference
from tests.bench._stories import Teller, weights_path, wishes_in
from tests.bench._world_campaign import campaign
from tests.bench._world_score import repeats_in_an_hour
from tests.bench._world_tales import WorldTale, cast_names, plan_extra_s, sequels, tale_of, tell_all
from tests.bench._world_taste import hit_rates

WISHES, QUESTIONS = (CHECKOUT / "tests" / "bench" / f"world_{name}.tsv" for name in ("wishes", "questions"))
AT_ONCE = 16
SCENES_IN_ALL = 10_000
SEED = 77
Figures = dict[str, float | int]
MODEL = "bench"


def main(argv: Sequence[str]) -> int:
    """Print a table, or one flat object with --json."""
    parser = argparse.ArgumentParser(prog="echotales.py bench world")
    parser.add_argument("--questions", type=Path, default=QUESTIONS, help="id, whose, question, in a line each")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--tales", type=int, default=0, help="how many of the 200; 0 for all")
    parser.add_argument("--campaign", type=Path, help="only tell ten tales of one world into this folder")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(list(argv))
    embedder = open_backend({"model.bin": weights_path("e5-small")}, 1)
    teller = Teller(None, embedder)
    if asked.campaign:
        asyncio.run(campaign(teller, asked.campaign, asked.seed))
        return 0
    told = tell_all(teller, wishes_in(WISHES)[: asked.tales or None], asked.seed)
    names = {f"t{at:03}": one for at, one in enumerate(told)}
    placed = _placed(embedder, names)
    index = MeaningIndex()
    index.update((), {name: (placed[name], f"{one.wish}\n{one.plan.title}\n{one.text}") for name, one in names.items()})
    questions = [line.split("\t") for line in asked.questions.read_text(encoding="utf-8").splitlines()]
    questions = [one for one in questions if one[0] in names]
    centres = {name: centre for name in names if (centre := index.centre(name)) is not None}
    figures: Figures = {"tales": len(told), "questions": len(questions)}
    figures |= _recall(embedder, index, questions) | _search_ms(embedder, placed, names, questions)
    figures |= sequels(teller, told, 20, asked.seed) | {
        "plan_extra_s": round(plan_extra_s(teller, told, asked.seed), 4)
    }
    figures |= repeats_in_an_hour(asked.seed)
    figures |= hit_rates(told, centres, asked.seed) | asyncio.run(_leaks(told, placed)) | reference()
    print(json.dumps(figures)) if asked.json else _show(figures)
    return 0


def _placed(embedder: Embedder, names: Mapping[str, WorldTale]) -> dict[str, list[tuple[int, bytes]]]:
    parts = [(name, *part) for name, one in names.items() for part in parts_of(one.wish, one.plan.title, one.scenes)]
    texts = [text for _, _, text in parts]
    rows = _embedded(embedder, texts)
    found: dict[str, list[tuple[int, bytes]]] = {name: [] for name in names}
    for (name, at, _), row in zip(parts, rows, strict=True):
        found[name].append((at, row))
    print(f"{len(texts)} places", file=sys.stderr)
    return found


def _embedded(embedder: Embedder, texts: Sequence[str]) -> list[bytes]:
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))  # of one length together: nothing is padded
    rows: dict[int, bytes] = {}
    for first in range(0, len(order), AT_ONCE):
        some = order[first : first + AT_ONCE]
        made = embedder.embed([texts[at] for at in some])
        whole = np.rint(made * (127 / np.abs(made).max(axis=1, keepdims=True))).astype(np.int8)
        rows |= {at: row.tobytes() for at, row in zip(some, whole, strict=True)}
    return [rows[at] for at in range(len(texts))]


def _recall(embedder: Embedder, index: MeaningIndex, questions: Sequence[Sequence[str]]) -> Figures:
    """Whether the tale a question is about is among the first ten; by whose questions, too."""
    found: dict[str, list[bool]] = {}
    asked = _embedded(embedder, [words for _, _, words in questions])
    for (name, whose, words), place in zip(questions, asked, strict=True):
        ranked = [one.tale for one in index.ranked(place, words, index.tales)]
        found.setdefault(whose, []).append(name in ranked[:10])
        if name not in ranked[:10]:
            print(f"missed {name} at {ranked.index(name) + 1}: {words}", file=sys.stderr)
    every = [one for some in found.values() for one in some]
    by_whose = {f"recall_at_10_{whose}": float(np.mean(some)) for whose, some in found.items()}
    return {"recall_at_10": float(np.mean(every))} | by_whose


def _search_ms(
    embedder: Embedder,
    placed: Mapping[str, Sequence[tuple[int, bytes]]],
    names: Mapping[str, WorldTale],
    questions: Sequence[Sequence[str]],
) -> Figures:
    """A question placed and ranked among ten thousand scenes, in milliseconds."""
    index, chance = MeaningIndex(), np.random.default_rng(1)
    come, scenes, nth = {}, 0, 0
    while scenes < SCENES_IN_ALL:
        for name, one in names.items():
            noise = [chance.integers(-9, 9, 384) for _ in placed[name]]
            rows = [
                (at, np.clip(np.frombuffer(row, np.int8).astype(np.int16) + more, -127, 127).astype(np.int8).tobytes())
                for (at, row), more in zip(placed[name], noise, strict=True)
            ]
            come[f"{name}-{nth}"] = (rows, one.text)
            scenes += len(one.scenes)
        nth += 1
    index.update((), come)
    took = []
    for _, _, words in questions:
        began_s = time.perf_counter()
        [place] = _embedded(embedder, [words])
        index.ranked(place, words, index.tales)
        took.append(1000 * (time.perf_counter() - began_s))
    return {
        "search_ms_p50": float(np.percentile(took, 50)),
        "search_ms_p99": float(np.percentile(took, 99)),
        "scenes": scenes,
    }


async def _leaks(told: Sequence[WorldTale], placed: Mapping[str, Sequence[tuple[int, bytes]]]) -> Figures:
    """Two servers, a private channel and private tales: whoever sees what they may not is a leak."""
    rules = ServerSettings(counts_heard=True)
    with tempfile.TemporaryDirectory() as home:
        async with open_library(Path(home)) as library:
            kept = [await _kept(library, one, at, placed[f"t{at:03}"], rules) for at, one in enumerate(told)]
            leaks = 0
            for member, server in (("m0", "A"), ("m1", "A"), ("m2", "B"), ("m3", "")):
                viewer = Viewer(member, server, frozenset({f"{server}-open"}))
                may = {tale.id for tale in kept if _may(tale, viewer)}
                ranked = await library.scenes.ranked(viewer, MODEL, placed["t000"][0][1], "the")
                leaks += len({one.tale for one in ranked} - may)
                leaks += len(set(await library.taste.for_you(viewer, MODEL)) - may) if server else 0
                for only_me in (False, True):
                    where = (server, f"{server}-open", member)
                    entries = await entries_for(library, rules, where, viewer.channels, only_me=only_me)
                    leaks += len({tale for entry in entries for tale in entry.tales} - may)
            await library.erasing.member("m0")
            await library.erasing.server("B")
            left = await _left(library, kept)
    return {"leaks": leaks, "left_after_erase": left}


async def _kept(
    library: Library, one: WorldTale, at: int, places: Sequence[tuple[int, bytes]], rules: ServerSettings
) -> KeptTale:
    server = ("A", "B", "A", "")[at % 4]
    room = "hidden" if at % 8 == 2 else "open"
    options = DeliveryOptions(only_me=at % 5 == 0)
    row = KeptTale(
        f"t{at:03}", server, f"{server}-{room}", f"m{at % 7}", Prompt(one.wish, at), options, TaleState.DONE,
        title=one.plan.title, text=one.text, language=one.plan.language, finished_at=float(at + 1),
    )  # fmt: skip
    await library.tales.add(row)
    await library.worlds.remember(row, tale_of(one, cast_names(one.plan)), rules)
    await library.scenes.put(row.id, MODEL, places)
    if server:
        await library.taste.count(row.id, server, [f"m{n}" for n in range(7)], HeardAs.FINISHED)
    return row


def _may(tale: KeptTale, viewer: Viewer) -> bool:
    if tale.member == viewer.member:
        return tale.server in (viewer.server, "") or not viewer.server
    return (
        bool(viewer.server)
        and tale.server == viewer.server
        and tale.channel in viewer.channels
        and not tale.delivery.only_me
    )


async def _left(library: Library, kept: Sequence[KeptTale]) -> int:
    """Return how many rows of the erased stay, in any table of the world."""
    gone = [tale.id for tale in kept if tale.member == "m0" or tale.server == "B"]
    left = 0
    async with library.engine.connect() as connection:
        for table in (WORLD_NOTES, SCENES, HEARD):
            count = sa.select(sa.func.count()).select_from(table)
            left += await connection.scalar(count.where(table.c.tale.in_(gone))) or 0
            if "member" in table.c:
                left += await connection.scalar(count.where(table.c.member == "m0")) or 0
    left += sum("m0" in one.members for one in await library.worlds.entries(WorldOf("A")))
    return left


def _show(figures: Figures) -> None:
    for name, value in figures.items():
        print(f"{name:<28}{value:12.4f}" if isinstance(value, float) else f"{name:<28}{value:>12}")
