"""Frames looked at by whoever writes them."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from pipeline.cancelled import Cancelled
from pipeline.cli import speak
from pipeline.cli.here import opened
from pipeline.cli.saying import run
from pipeline.errors import Refused
from pipeline.roles import Embedder
from pipeline.tables import FALLBACK, language_file
from pipeline.writing.cast_tale import Casting
from pipeline.writing.choose_frame import INDEX, Array, examples, make_index
from pipeline.writing.fill import NotThere
from pipeline.writing.frame_faults import doubts_about, faults_of
from pipeline.writing.frames import ANY, TALES, TaleFrame, frames_in, read_frame
from pipeline.writing.read_plainly import read_plainly
from pipeline.writing.readings import WishReading, done_of
from pipeline.writing.told_lines import plain_text
from pipeline.writing.tongue import tongues
from pipeline.writing.weave import spoken_words, woven

SHOWN = 3
"""Tales printed where no wish is given."""


def main(argv: Sequence[str]) -> int:
    """`check FRAME` or its file: what it lacks, and tales; `list`: all of them; `index`: learn their wishes."""
    parser = argparse.ArgumentParser(prog="echotales.py frames", description=__doc__)
    parser.add_argument("verb", choices=["check", "list", "index"])
    parser.add_argument("frame", nargs="?", default="")
    parser.add_argument("--language", default=FALLBACK)
    parser.add_argument("--wish", action="append", default=[], help="tell this; may be given several times")
    parser.add_argument("--hero", help="instead of reading the wish: who the hero is, `a mermaid`")
    parser.add_argument("--thing", help="instead of reading the wish: its {T}, `a clock that runs backwards`")
    parser.add_argument("--deed", help="instead of reading the wish: `sells bread to statues`")
    parser.add_argument("--other", default="", help="instead of reading the wish: its {O}, `the wind`")
    parser.add_argument("--place", default="", help="instead of reading the wish: `at the harbour`")
    parser.add_argument("--set", type=int, default=0, help="tell it by this set, counted from 1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--words", type=int, default=220)
    parser.add_argument("--aloud", type=Path, metavar="FOLDER", help="also speak the tales shown, as wav files there")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(list(argv))
    verbs = {"check": lambda: _check(asked), "list": lambda: _list(asked.json), "index": _index}
    return run(verbs[asked.verb])


def _index() -> int:
    """Read every example wish by the embedder, and keep what tells the frames apart."""
    found = examples()
    with opened("embedded", yes=True, quiet=True) as here, here.shelf.borrow(Embedder, Cancelled()) as embedder:
        first = here.profile.models[Embedder.__name__][0]
        weights = repr(sorted(one.sha256 for one in here.manifest.models[first].all_members.values()))
        INDEX.write_bytes(make_index(remembering(embedder.embed, weights, here.places.cache / "wish_rows.npz")))
    print(f"{len(found)} wishes of {len({frame for frame, _ in found})} frames")
    return 0


def remembering(embed: Callable[[Sequence[str]], Array], weights: str, file: Path) -> Callable[[Sequence[str]], Array]:
    """Embed each text once on this machine: all of them take minutes, and few change at a time."""
    kept: dict[str, Array] = {}
    if file.is_file():
        with np.load(file) as lain:
            kept = dict(zip(lain["keys"].tolist(), lain["rows"], strict=True))

    def remembered(texts: Sequence[str]) -> Array:
        keys = [hashlib.sha256(f"{weights}\n{text}".encode()).hexdigest()[:20] for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in kept}
        if new:
            kept.update(zip(new, embed(list(new.values())), strict=True))
            file.parent.mkdir(parents=True, exist_ok=True)
            np.savez(file, keys=np.array(list(kept)), rows=np.array(list(kept.values())))
        return np.array([kept[key] for key in keys])

    return remembered


def _list(as_json: bool) -> int:
    found: dict[str, list[str]] = {file.stem: [] for file in sorted(TALES.glob("*.toml"))}
    for code in tongues():
        for name in frames_in(code):
            found[name].append(code)
    print(json.dumps(found) if as_json else "\n".join(f"{name:<16}{' '.join(codes)}" for name, codes in found.items()))
    return 0


def _check(asked: argparse.Namespace) -> int:
    written = Path(asked.frame)
    file = written if written.suffix == ".toml" else language_file(asked.language, f"tales/{asked.frame}")
    if not file.is_file():
        raise Refused("table_invalid", file=str(file), key="frame", why="there is no such file")
    frame = read_frame(file.resolve())
    faults, doubts = list(faults_of(frame)), list(doubts_about(frame))
    print("\n".join([*(f"- {fault}" for fault in faults), *(f"? {doubt}" for doubt in doubts)]))
    if asked.set:
        frame = replace(frame, sets=(replace(frame.sets[asked.set - 1], fits=(ANY,)),))
    wishes = asked.wish or [frame.wishes[(asked.seed + at * 5) % len(frame.wishes)] for at in range(SHOWN)]
    for at, wish in enumerate(wishes):
        text = _show(frame, wish, asked, asked.seed + at)
        if asked.aloud and text:
            asked.aloud.mkdir(parents=True, exist_ok=True)
            spoken = str(asked.aloud / f"{frame.id}_{frame.language}_{at + 1}.wav")
            speak.main([text, "--language", frame.language, "--out", spoken])
    print(f"{len(faults)} faults, {len(doubts)} doubts", file=sys.stderr)
    return int(bool(faults))


def _show(frame: TaleFrame, wish: str, asked: argparse.Namespace, seed: int) -> str:
    """Print one tale; what a listener would hear of it."""
    reading = read_plainly(wish, frame.language)
    if asked.thing or asked.hero or asked.deed:
        thing, other = asked.thing or "", asked.other or asked.thing or ""
        reading = WishReading(who=asked.hero or "", deed=asked.deed or "", thing=thing, other=other, place=asked.place)
        reading = replace(reading, who=asked.thing or "") if frame.about.matter == "hero" else reading
    try:
        scope = Casting(frame.language, seed).scope(reading, frame)
        tale = woven(frame, scope, asked.words, done_of(reading))
    except NotThere as error:
        print(f"\n## {wish} (seed {seed})\ncannot be told: {error}")
        return ""
    text = "\n".join(plain_text(" ".join(scene.turns)) for scene in tale.scenes)
    count = spoken_words(tale.prelude) + sum(spoken_words(turn) for scene in tale.scenes for turn in scene.turns)
    print(f"\n## {wish} (seed {seed}, {count} words, {tale.fit}, {' '.join(tale.choices)})")
    print(f"{reading}\n# {tale.title}\n{plain_text(tale.prelude)}\n{text}")
    return f"{plain_text(tale.prelude)} {text}"
