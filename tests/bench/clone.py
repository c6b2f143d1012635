"""How alike learnt voices are, measured."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import combinations
from statistics import mean
from typing import Any

import numpy as np

from pipeline.backends.narrate_kokoro import KokoroNarrator, open_backend
from pipeline.cancelled import Cancelled
from pipeline.cli.speak import narrators
from pipeline.errors import TaleError
from pipeline.places import Places
from pipeline.roles import Delivery, VoiceLearner
from pipeline.settings import read_settings
from pipeline.shelf.doors import door_of
from pipeline.shelf.manifest import read_manifest
from pipeline.shelf.threads import model_threads
from pipeline.shelf.weights import weights_of
from pipeline.speaking.likeness import nearest
from pipeline.words.sound import RATE_HZ, Recording, Samples
from tests.bench._machine import reference, reference_lines
from tests.bench._voice_print import Array, VoicePrint, alike
from tests.bench.narrator import lines_of
from tests.mood.reading import weights

LANGUAGE = "en"
REFERENCE_LINES, SAME_LINE, TOLD_LINE = slice(0, 2), 2, 3
"""Of the bench's lines: what is learnt from, what the voice itself says, what the learnt voice says."""
WANTED = 0.73


def main(argv: Sequence[str]) -> int:
    """Print a table, or one flat object with --json."""
    parser = argparse.ArgumentParser(prog="echotales.py bench clone", description="Measure likeness.")
    parser.add_argument("--voices", type=int, default=12, help="how many of our voices are learnt, each left out")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    figures = _measured(args.voices)
    if args.json:
        print(json.dumps({name: round(value, 3) for name, value in figures.items()} | reference()))
    else:
        print("\n".join(f"{name:24} {value:8.3f}" for name, value in figures.items()))
        print(f"wanted: likeness >= {WANTED} of a back end that clones; a blend of our voices is none")
        print(reference_lines())
    return 0


def _measured(count: int) -> dict[str, float]:
    narrator = open_backend(weights("kokoro-82m"), model_threads(live=False))
    printed, lines = VoicePrint(), lines_of(LANGUAGE, TOLD_LINE + 1)
    speaking = [one for one in narrator.voices() if one.language == LANGUAGE]
    chosen = speaking[:: max(1, len(speaking) // count)][:count]
    references = {one.id: _spoken(narrator, " ".join(lines[REFERENCE_LINES]), one.id) for one in chosen}
    prints = {name: printed(sound) for name, sound in references.items()}
    same = [alike(prints[one.id], printed(_spoken(narrator, lines[SAME_LINE], one.id))) for one in chosen]
    figures = {
        "same_voice": mean(same),
        "strangers": mean(alike(one, other) for one, other in combinations(prints.values(), 2)),
        "told_apart": _told_apart(same, prints),
        "likeness_blend": mean(
            alike(prints[one.id], printed(_spoken(narrator, lines[TOLD_LINE], _nearest(references, one.id, narrator))))
            for one in chosen
        ),
    }
    narrator.close()
    for model, clones in _cloning():
        with clones as learner:
            told = [alike(prints[name], printed(_learnt(learner, sound, lines))) for name, sound in references.items()]
        figures[f"likeness_{model}"] = mean(told)
    figures["likeness"] = max(value for name, value in figures.items() if name.startswith("likeness_"))
    return figures


def _nearest(references: dict[str, Samples], name: str, narrator: KokoroNarrator) -> str:
    """What a member gets where nothing clones: the nearest of all our other voices."""
    others = [one for one in narrator.voices() if one.id != name]
    return nearest(references[name], LANGUAGE, others)


def _told_apart(same: Sequence[float], prints: dict[str, Array]) -> float:
    """How often a voice is nearer to itself than to the stranger who is most like it."""
    names = list(prints)
    rivals = [max(alike(prints[name], prints[other]) for other in names if other != name) for name in names]
    return float(np.mean([own > rival for own, rival in zip(same, rivals, strict=True)]))


def _spoken(narrator: Any, text: str, voice: str) -> Samples:
    pieces = narrator.speak(text, Delivery(voice, LANGUAGE), Cancelled())
    return np.concatenate([one.samples for one in pieces])


def _learnt(learner: Any, sound: Samples, lines: Sequence[str]) -> Samples:
    kept = learner.learn("bench", Recording(sound, RATE_HZ))
    learner.know("bench", kept)
    return _spoken(learner, lines[TOLD_LINE], "bench")


def _cloning() -> Iterator[tuple[str, Any]]:
    """Every narrator of this machine that learns voices, with its weights at hand."""
    settings, places, manifest = read_settings(), Places.here(), read_manifest()
    for entry in narrators(settings, places, manifest):
        try:
            found = weights_of(entry, places, settings)
            opened = door_of(entry.backend).open_backend(found, model_threads(live=False))
        except TaleError:
            continue
        if isinstance(opened, VoiceLearner):
            yield entry.id, closing(opened)
        else:
            opened.close()
