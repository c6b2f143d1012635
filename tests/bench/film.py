"""Pictures and film, measured."""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from pipeline.audio.captions import Shown
from pipeline.audio.container import FORMS, encode
from pipeline.cancelled import Cancelled
from pipeline.film.reel import SHAPES, FilmShape, Reel, Shot, shoot
from pipeline.pictures.cutouts import things, wardrobe
from pipeline.pictures.paper import flattened
from pipeline.pictures.scenery import places
from pipeline.pictures.stage import PaperStage
from pipeline.shelf.budget import resident_mb
from pipeline.words.mood import Emotion
from pipeline.words.picture import PictureFigure, SceneView
from pipeline.words.sound import RATE_HZ, Samples, WordTiming
from tests.bench._machine import reference, reference_lines

HOURS, WEATHERS = ("morning", "day", "evening", "night"), ("", "", "rain", "snow")
SMALL = FilmShape("small", 320, 180)
_WORD_S, _NEAR_S = 0.37, 0.15
Feature = npt.NDArray[np.float64]


def main(argv: Sequence[str]) -> int:
    """Print a table, or one flat object with --json."""
    parser = argparse.ArgumentParser(prog="echotales.py bench film")
    parser.add_argument("--scenes", type=int, default=20, help="scenes drawn anew, to be timed")
    parser.add_argument("--seconds", type=float, default=30.0, help="length of the film that is timed")
    parser.add_argument("--seed", type=int, default=None, help="another draw of scenes")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    chance = random.Random(args.seed)
    figures: dict[str, Any] = {"scene_s": _scene_s(chance, args.scenes)}
    with tempfile.TemporaryDirectory(prefix="echotales-bench-") as folder:
        figures |= _film(chance, Path(folder), args.seconds)
    figures["palettes_apart"] = _palettes_apart(chance)
    figures["hero_matched"] = _hero_matched(chance)
    if args.json:
        print(json.dumps(figures | reference()))
    else:
        print("\n".join(f"{name:28} {value!s:>12}" for name, value in figures.items()))
        print(reference_lines())
    return 0


def drawn_view(chance: random.Random, mood: Emotion | None = None) -> SceneView:
    """A scene that nobody prepared: anybody, anything, anywhere."""
    people = [PictureFigure(what, what, chance.choice("fm"), "", chance.randrange(99)) for what in _some(chance, 2)]
    shown = tuple((name, "object") for name in chance.sample(sorted(things()), 4))
    place, hour, weather = chance.choice(sorted(places().places)), chance.choice(HOURS), chance.choice(WEATHERS)
    mood = mood or chance.choice(list(Emotion))
    return SceneView(mood, place, hour, weather, tuple(people), shown, chance.randrange(2**31))


def _some(chance: random.Random, count: int) -> list[str]:
    return chance.sample(sorted({*wardrobe().people, *wardrobe().animals}), count)


def _scene_s(chance: random.Random, count: int) -> float:
    """Core seconds of one scene, the tables read before: the median."""
    shape, spent = SHAPES["wide"], []
    for view in [drawn_view(chance) for _ in range(count + 1)]:
        since_s = time.process_time()
        flattened(PaperStage(view, shape.width, shape.height).sheets(), shape.width, shape.height)
        spent.append(time.process_time() - since_s)
    return round(statistics.median(spent[1:]), 3)


def _film(chance: random.Random, folder: Path, seconds: float) -> dict[str, Any]:
    shape, held = SHAPES["wide"], list[tuple[float, float]]()
    reel = _reel(chance, folder, seconds, shape)
    since_s = time.process_time()
    shoot(reel, folder / "tale.mp4", shape, Cancelled(), None, lambda share: held.append((share, resident_mb())))
    spent_s = time.process_time() - since_s
    # From the second scene on nothing may grow: every scene's sheets are let go with it.
    early = max(mb for share, mb in held if 0.2 < share < 0.5)
    late = max(mb for share, mb in held if share >= 0.5)
    drift, cuts = _drift_ms(reel, folder / "tale.mp4")
    return {
        "film_core_s_per_minute": round(spent_s * 60 / seconds, 1),
        "grown_mb": round(late - early, 1),
        "film_mb_per_minute": round((folder / "tale.mp4").stat().st_size / 1e6 * 60 / seconds, 2),
        "caption_drift_ms": drift,
        "cut_drift_ms": cuts,
        "decodes": True,
        "plays_in_browser": None,  # no Chromium here; what is measured is a whole decode by FFmpeg
    }


def _reel(chance: random.Random, folder: Path, seconds: float, shape: FilmShape) -> Reel:
    count = max(4, round(seconds / 7))
    edges = [seconds * nth / count for nth in range(count + 1)]
    shots = [
        Shot(start, end, PaperStage(drawn_view(chance), shape.width, shape.height).sheets)
        for start, end in pairwise(edges)
    ]
    starts = [1.013 + nth * _WORD_S for nth in range(int((seconds - 2) / _WORD_S))]
    words = [WordTiming(chance.choice(("fox", "owl", "lantern", "harbour")), at, at + _WORD_S) for at in starts]
    lines = [tuple(words[at : at + 6]) for at in range(0, len(words), 6)]
    shown = [Shown(line[0].start_s, line[-1].end_s, line) for line in lines]
    sound = folder / "tale.m4b"
    encode(sound, _tone(seconds), FORMS[".m4b"])
    return Reel("A tale of everybody", shots, shown, sound, seconds)


def _tone(seconds: float) -> Iterator[Samples]:
    for _ in range(round(seconds)):
        at = np.arange(RATE_HZ) / RATE_HZ
        wave = (0.1 * np.sin(2 * np.pi * 220 * at)).astype(np.float32)
        yield np.stack([wave, wave], axis=1)


def _drift_ms(reel: Reel, file: Path) -> tuple[float, float]:
    """How far the worst word is lit, and the worst scene cut, from its own time, as the decoded file shows it."""
    lit, cuts, before = [], [], None
    with av.open(str(file)) as film:
        for frame in film.decode(video=0):
            rgb, at = frame.to_ndarray(format="rgb24").astype(np.int16), float(frame.time or 0)
            band = rgb[int(len(rgb) * 0.86) : int(len(rgb) * 0.97), 300:-300]
            gold = (band[..., 0] > 200) & (band[..., 1] > 150) & (band[..., 2] < 140)
            lit.append((at, float(np.nonzero(gold)[1].mean()) if gold.sum() > 60 else -1.0))
            scene = rgb[20 : int(len(rgb) * 0.8) : 6, ::6, 1]
            cuts.append((at, float(np.abs(scene - before).mean()) if before is not None else 0.0))
            before = scene
    moved = [(at, abs(after - one)) for (_, one), (at, after) in pairwise(lit)]
    words = [word.start_s for one in reel.captions for word in one.words]
    return _worst(moved, words), _worst(cuts, [shot.start_s for shot in reel.shots[1:]])


def _worst(changes: Sequence[tuple[float, float]], moments: Sequence[float]) -> float:
    """The longest way, in milliseconds, from a moment to the greatest change around it."""
    near = [[(much, -abs(at - moment)) for at, much in changes if abs(at - moment) < _NEAR_S] for moment in moments]
    return round(max(-max(found)[1] for found in near if found) * 1_000, 1)


def _palettes_apart(chance: random.Random, each: int = 6) -> float:
    """The share of fresh scenes whose mood is told by their colours alone: nearest to the mean of the mood's others."""
    seen = {mood: np.stack([_colours(drawn_view(chance, mood)) for _ in range(each)]) for mood in Emotion}
    right = 0
    for mood, rows in seen.items():
        for nth, one in enumerate(rows):
            means = {
                name: (np.delete(all_, nth, 0) if name is mood else all_).mean(axis=0) for name, all_ in seen.items()
            }
            right += min(means, key=lambda name: float(np.linalg.norm(means[name] - one))) is mood
    return round(right / (each * len(seen)), 3)


def _colours(view: SceneView) -> Feature:
    """Mean colour of a scene's upper, middle and lower part, and of its frame; lightness counts little."""
    small = flattened(PaperStage(view, SMALL.width, SMALL.height).sheets(), SMALL.width, SMALL.height)
    lab = np.asarray(small.convert("LAB"), np.int16)
    lab[..., 1:] = lab[..., 1:].astype(np.uint8).astype(np.int8)
    parts = [*np.array_split(lab, 3), lab[:4]]
    return np.concatenate([part.reshape(-1, 3).mean(axis=0) / (6, 1, 1) for part in parts])


def _hero_matched(chance: random.Random, heroes: int = 20) -> float:
    """The share of heroes found again in another scene, among all, by the likeness of their sheets alone."""
    people = [
        PictureFigure(what, what, chance.choice("fm"), "", chance.randrange(99)) for what in _some(chance, heroes)
    ]
    here, there = ([_likeness(one, mood) for one in people] for mood in (Emotion.JOY, Emotion.NEUTRAL))
    found = [min(range(heroes), key=lambda at: float(np.linalg.norm(there[at] - one))) for one in here]
    return round(sum(at == nth for nth, at in enumerate(found)) / heroes, 3)


def _likeness(figure: PictureFigure, mood: Emotion) -> Feature:
    sheets = PaperStage(SceneView(mood, "land", figures=(figure,), seed=3), 640, 360).sheets()
    own = next(one for one in sheets if one.who == figure.name)
    grid = np.asarray(Image.fromarray(own.pixels).resize((16, 16)), float)
    # Without the mood's dye: each colour about its own mean, seen only where there is paper.
    solid = grid[..., 3:] / 255
    colours = (grid[..., :3] - (grid[..., :3] * solid).sum((0, 1)) / solid.sum()) * solid
    return np.concatenate([colours.reshape(-1) / np.linalg.norm(colours), 0.05 * solid.reshape(-1)])
