"""The writer, measured."""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import combinations, pairwise
from pathlib import Path

from pipeline.backends.write_gguf import GgufWriter
from pipeline.writing.guards import grams
from pipeline.writing.language import detect
from pipeline.writing.tongue import count_words, words_in
from tests.bench import _stories as stories
from tests.bench._slips import unknown_words
from tests.bench._stories import Told, Wanted

LENGTH_TOLERANCE = 0.15
Way = Callable[[Wanted, GgufWriter, int, int], Told]
WAYS: dict[str, Way] = {"led": stories.led, "one_go": stories.one_go, "plan_then_beats": stories.plan_then_beats}


def main(argv: Sequence[str]) -> int:
    """Print a table, or one flat object with --json."""
    parser = argparse.ArgumentParser(prog="echotales.py bench writing")
    parser.add_argument("--prompts", type=int, default=40, help="how many of the fixed prompts")
    parser.add_argument("--rivals", type=int, default=8, help="how many of them also in one go and as plan then beats")
    parser.add_argument("--drawn", type=int, default=8, help="prompts drawn for this run")
    parser.add_argument("--words", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0, help="0 draws one")
    parser.add_argument("--model", default="qwen2.5-coder-1.5b")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tales", type=Path, help="keep every tale told, as text, in this file")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(argv)
    figures, rows = _measured(asked, asked.seed or int(time.time()))
    if asked.json:
        print(json.dumps(figures))
        return 0
    names = list(rows)
    print(f"{'':<24}" + "".join(f"{name:>18}" for name in names))
    for name in next(iter(rows.values())):
        print(f"{name:<24}" + "".join(f"{rows[way].get(name, 0):18.3f}" for way in names))
    print("".join(f"\n{name:<24}{value}" for name, value in figures.items() if name not in rows["led"]))
    return 0


def _measured(asked: argparse.Namespace, seed: int) -> tuple[dict[str, float | int], dict[str, dict[str, float]]]:
    writer = GgufWriter(stories.weights_path(asked.model), asked.threads)
    stories.led(stories.fixed()[0], writer, 1, 30)  # warm: what the first tale costs is the door's bench
    tell = _teller(writer, seed, asked)
    prompts = stories.fixed()[: asked.prompts]
    told = {"led": tell("led", prompts)}
    told |= {way: tell(way, prompts[: asked.rivals]) for way in list(WAYS)[1:] if asked.rivals}
    rows = {way: _figures(tales) for way, tales in told.items() if tales}
    fresh = tell("led", stories.drawn(asked.drawn, seed))
    if fresh:
        rows["drawn"] = _figures(fresh)
    figures: dict[str, float | int] = dict(rows["led"])
    rivals = min(len(tales) for tales in told.values()) if asked.rivals else 0
    figures |= {"n": len(told["led"]), "n_rivals": rivals, "n_drawn": len(fresh)}
    figures |= {"seed": seed, "threads": asked.threads}
    figures |= unknown_words((one.wanted.language, one.text) for one in (*told["led"], *fresh))
    figures |= {f"better_than_{way}": _better(told["led"], told[way]) for way in told if way != "led"}
    figures |= {f"{way}_{name}": value for way, row in rows.items() if way != "led" for name, value in row.items()}
    return figures, rows


def _teller(writer: GgufWriter, seed: int, asked: argparse.Namespace) -> Callable[[str, Sequence[Wanted]], list[Told]]:
    stopped = False

    def tell(way: str, prompts: Sequence[Wanted]) -> list[Told]:
        """As many as there is patience for: Ctrl-C ends the telling and shows what was measured."""
        nonlocal stopped
        tales: list[Told] = []
        for at, wanted in enumerate(() if stopped else prompts):
            try:
                tales.append(WAYS[way](wanted, writer, seed + at, asked.words))
            except KeyboardInterrupt:
                stopped = True
                break
            print(f"{way} {at + 1}/{len(prompts)} {tales[-1].wall_s:.0f} s", file=sys.stderr)
            if asked.tales:
                with asked.tales.open("a", encoding="utf-8") as file:
                    file.write(f"# {way} | {wanted.text} | {tales[-1].shape}\n\n{tales[-1].text}\n\n")
        return tales

    return tell


def _figures(tales: Sequence[Told]) -> dict[str, float]:
    scenes = [_meant(told, scene) for told in tales for scene in told.scenes]
    things = [_holds(told.text, thing) for told in tales for thing in told.wanted.things]
    spoken = [who in told.people and not _says_own_name(who, what) for told in tales for who, what in told.speakers]
    words = sum(count_words(told.text) for told in tales)
    return {
        "hero_in_scene": _share(scenes),
        "things_present": _share(things),
        "length_within_15": _share([_length_met(told) for told in tales]),
        "repetition_4gram": statistics.mean(_repetition(told.text) for told in tales),
        "duplicate_sentences": sum(_duplicates(told.text) for told in tales),
        "ends_on_sentence": _share([told.text.rstrip().endswith((".", "!", "?", '"')) for told in tales]),
        "language_kept": _share([detect(told.text) == told.wanted.language for told in tales]),
        "speakers_right": _share(spoken),
        "spoken_lines": len(spoken) / len(tales),
        "shared_4grams": _shared(tales),
        "model_share": sum(told.own_words for told in tales) / max(1, words),
        "first_sentence_s": statistics.median(told.first_s for told in tales),
        "seconds_per_200_words": 200 * sum(told.wall_s for told in tales) / max(1, words),
        "cpu_seconds_per_200_words": 200 * sum(told.cpu_s for told in tales) / max(1, words),
    }


def _meant(told: Told, scene: str) -> bool:
    """Whether the scene names the hero, or what the prompt calls them."""
    named = [told.hero, *told.wanted.hero] if told.hero else list(told.wanted.hero)
    return not named or any(_holds(scene, name) for name in named if name)


def _holds(text: str, word: str) -> bool:
    stem = word.lower()[: max(4, len(word) - 2)]
    return stem in text.lower()


def _length_met(told: Told) -> bool:
    return abs(count_words(told.text) - told.asked_words) <= LENGTH_TOLERANCE * told.asked_words


def _repetition(text: str) -> float:
    found = grams(words_in(text), 4)
    return 1 - len(set(found)) / max(1, len(found))


def _duplicates(text: str) -> int:
    sentences = [" ".join(words_in(one)) for one in re.split(r"[.!?]", text)]
    long = [one for one in sentences if len(one.split()) > 3]
    return len(long) - len(set(long))


def _says_own_name(who: str, what: str) -> bool:
    return who[:1].isupper() and who.lower() in what.lower()


def _shared(tales: Sequence[Told]) -> float:
    """The mean share of four-grams that two tales of one shape and language hold in common."""
    alike = [
        (set(grams(words_in(one.text), 4)), set(grams(words_in(two.text), 4)))
        for one, two in combinations(tales, 2)
        if one.shape == two.shape and one.wanted.language == two.wanted.language and one.shape
    ]
    return statistics.mean([len(one & two) / max(1, min(len(one), len(two))) for one, two in alike] or [0.0])


def _better(ours: Sequence[Told], theirs: Sequence[Told]) -> float:
    """In how many pairs the led tale is the better one by the measures; a draw counts half."""
    pairs = [(_worth(one), _worth(two)) for one, two in zip(ours, theirs, strict=False)]
    return statistics.mean([1.0 if one > two else 0.5 if one == two else 0.0 for one, two in pairs] or [0.0])


def _worth(told: Told) -> float:
    """Of one tale, by what a listener would miss: its hero, its things, its length, an end, speech, no repetition."""
    return (
        _share([_meant(told, scene) for scene in told.scenes])
        + _share([_holds(told.text, thing) for thing in told.wanted.things])
        + _length_met(told)
        + told.text.rstrip().endswith((".", "!", "?", '"'))
        + (detect(told.text) == told.wanted.language)
        + ('"' in told.text or "—" in told.text or "«" in told.text)
        - 5 * _repetition(told.text)
        - _duplicates(told.text)
        - _stuck(told.text)
    )


def _stuck(text: str) -> float:
    """Share of sentences that begin like the one before."""
    firsts = [" ".join(words_in(one)[:2]) for one in re.split(r"[.!?]", text) if words_in(one)]
    return sum(one == two for one, two in pairwise(firsts)) / max(1, len(firsts))


def _share(found: Sequence[bool]) -> float:
    return sum(found) / len(found) if found else 1.0
