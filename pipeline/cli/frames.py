"""Frames looked at by whoever writes them."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.cancelled import Cancelled
from pipeline.cli.here import opened
from pipeline.cli.saying import run
from pipeline.errors import Refused
from pipeline.roles import Embedder
from pipeline.tables import FALLBACK, language_file
from pipeline.writing.cast_tale import Casting
from pipeline.writing.choose_frame import INDEX, examples, make_index
from pipeline.writing.fill import NotThere
from pipeline.writing.forms import forms_of
from pipeline.writing.frames import ANY, KIND, TALES, TaleFrame, frames_in, read_frame
from pipeline.writing.lexicon import KINDS
from pipeline.writing.read_plainly import read_plainly
from pipeline.writing.readings import WishReading, done_of
from pipeline.writing.told_lines import plain_text
from pipeline.writing.tongue import tongues
from pipeline.writing.weave import spoken_words, woven

LEAST = {"wishes": 12, "titles": 3, "preludes": 4, "orders": 2, "alternatives": 3, "sets": 8}
SHOWN = 3
"""Tales printed where no wish is given."""


def main(argv: Sequence[str]) -> int:
    """`check FRAME`: what one lacks, and tales as it tells them; `list`: all; `index`: learn their example wishes."""
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
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(list(argv))
    verbs = {"check": lambda: _check(asked), "list": lambda: _list(asked.json), "index": _index}
    return run(verbs[asked.verb])


def _index() -> int:
    """Read every example wish by the embedder, and keep what tells the frames apart."""
    found = examples()
    with opened("embedded", yes=True, quiet=True) as here, here.shelf.borrow(Embedder, Cancelled()) as embedder:
        INDEX.write_bytes(make_index(embedder.embed))
    print(f"{len(found)} wishes of {len({frame for frame, _ in found})} frames")
    return 0


def _list(as_json: bool) -> int:
    found: dict[str, list[str]] = {file.stem: [] for file in sorted(TALES.glob("*.toml"))}
    for code in tongues():
        for name in frames_in(code):
            found[name].append(code)
    print(json.dumps(found) if as_json else "\n".join(f"{name:<16}{' '.join(codes)}" for name, codes in found.items()))
    return 0


def _check(asked: argparse.Namespace) -> int:
    file = language_file(asked.language, f"tales/{asked.frame}")
    if not file.is_file():
        raise Refused("table_invalid", file=str(file), key="frame", why="there is no such file")
    frame = read_frame(file)
    faults = list(faults_of(frame))
    for fault in faults:
        print(f"- {fault}")
    if asked.set:
        frame = replace(frame, sets=(replace(frame.sets[asked.set - 1], fits=(ANY,)),))
    wishes = asked.wish or [frame.wishes[(asked.seed + at * 5) % len(frame.wishes)] for at in range(SHOWN)]
    for at, wish in enumerate(wishes):
        _show(frame, wish, asked, asked.seed + at)
    print(f"{len(faults)} faults", file=sys.stderr)
    return int(bool(faults))


def _show(frame: TaleFrame, wish: str, asked: argparse.Namespace, seed: int) -> None:
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
        return
    text = "\n".join(plain_text(" ".join(scene.turns)) for scene in tale.scenes)
    count = spoken_words(tale.prelude) + sum(spoken_words(turn) for scene in tale.scenes for turn in scene.turns)
    print(f"\n## {wish} (seed {seed}, {count} words, {tale.fit}, {' '.join(tale.choices)})")
    print(f"{reading}\n# {tale.title}\n{plain_text(tale.prelude)}\n{text}")


def faults_of(frame: TaleFrame) -> Iterator[str]:
    """In plain words, what a frame lacks or does wrong."""
    for name, least in LEAST.items():
        if len(getattr(frame, name)) < least:
            yield f"{len(getattr(frame, name))} {name}; {least} are wanted"
    met = {word.removeprefix(KIND) for one in frame.sets for word in one.fits if word.startswith(KIND)}
    if "thing" in frame.about.needs and (missing := [kind for kind in KINDS if kind not in met]):
        yield f"no set for the kinds {' '.join(missing)}"
    yield from (f"kind:{kind} is no kind" for kind in sorted(met - {*KINDS}))
    singular = forms_of(frame.language).singular
    for place, text in _texts(frame):
        yield from (f"{place}: {why}: {text[:90]}" for why in _wrong(text, place))
        if frame.about.plural and singular and re.search(singular, text):
            yield f"{place}: several heroes need [was|were] here: {text[:90]}"


def _texts(frame: TaleFrame) -> Iterator[tuple[str, str]]:
    """Every text of a frame with where it stands."""
    for at, one in enumerate(frame.preludes):
        yield f"prelude {at + 1}", one
    parts = [("turns", frame.turns)]
    parts += [(f"alt {at + 1}", one.words) for at, one in enumerate(frame.alternatives)]
    parts += [(f"set {at + 1} ({' '.join(one.fits)[:40]})", one.words) for at, one in enumerate(frame.sets)]
    for where, words in parts:
        for key, value in words.items():
            for text in (value,) if isinstance(value, str) else value:
                yield f"{where}, {key}", text


def _wrong(text: str, place: str) -> Iterator[str]:
    if text.count("“") != text.count("”"):
        yield "quotation marks are not in pairs"
    if '"' in text:
        yield "a straight quotation mark: write “ ”"
    if len(re.findall(r"@[A-Z](?:\([^)]*\))?\s*“", text)) != text.count("“"):
        yield "a quotation without @SPEAKER before it"
    if text.count("{") != text.count("}") or text.count("[") != text.count("]"):
        yield "brackets are not in pairs"
    if place.startswith("prelude") and ("{" in text or "[" in text):
        yield "a prelude knows nothing of the wish"
