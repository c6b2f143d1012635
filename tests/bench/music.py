"""The score, measured."""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from pipeline.audio.dress import dress_bed
from pipeline.audio.loudness import loudness
from pipeline.audio.room import room_of
from pipeline.backends.compose_score import ScoreComposer, open_backend
from pipeline.cancelled import Cancelled
from pipeline.music.figures import read_figures
from pipeline.music.memory import Memory
from pipeline.music.notes import Part, PassageScore
from pipeline.music.palette import read_palettes
from pipeline.music.piece import Score
from pipeline.places import Places
from pipeline.settings import read_settings
from pipeline.shelf.manifest import read_manifest
from pipeline.shelf.weights import ensure, weights_of
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.score import Cue
from pipeline.words.sound import RATE_HZ, SpokenLine
from pipeline.words.story import Beat, Facts, Passage, Person, Plan
from tests.bench import _ears as ears
from tests.bench._machine import reference, reference_lines
from tests.bench._narrated import narrated

CLIP_S = 30
_CHECK = Cancelled()
_NOTHING = np.zeros((0, 2), np.float32)


@dataclass(frozen=True)
class Scored:
    """One passage of a random tale with its picture."""

    passage: Passage
    lines: tuple[SpokenLine, ...]
    asked: int
    cue: Cue
    """Without its stems: a bench must not hold what a tale does not."""
    samples: int
    took_s: float
    cpu_s: float
    dress_s: float
    heard_lufs: float


def main(argv: Sequence[str]) -> int:
    """Print a table, or one flat object with --json."""
    parser = argparse.ArgumentParser(prog="echotales.py bench music")
    parser.add_argument("--tales", type=int, default=40, help="random tales for speed, fit and energy")
    parser.add_argument("--clips", type=int, default=25, help="clips of each mood for the blind classifier")
    parser.add_argument("--narrations", type=int, default=1, help="tales really spoken by Kokoro; 0 for none")
    parser.add_argument("--model", default="score", help="score, score-timgm6mb or score-synth")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    composer = opened(args.model)
    figures = {**_tales(composer, args.tales), **_moods(composer, args.clips), **_melodies(300)}
    figures |= _spoken(composer, args.narrations)
    if args.json:
        print(json.dumps(figures | reference()))
    else:
        print("\n".join(f"{name:28} {value:10.4g}" for name, value in figures.items()))
        print(reference_lines())
    return 0


def opened(model: str) -> ScoreComposer:
    places, settings, manifest = Places.here(), read_settings(), read_manifest()
    ensure((manifest[model],), places, settings)
    return open_backend(weights_of(manifest[model], places, settings), 1)


def _tales(composer: ScoreComposer, count: int) -> dict[str, float]:
    before_mb = _rss_mb()
    scored = [one for seed in range(count) for one in _tale(composer, seed)]
    minutes = sum(one.samples for one in scored) / RATE_HZ / 60
    waits_s = [(one.samples - one.asked) / RATE_HZ for one in scored if not one.passage.closes_tale]
    scenes = _by_scene(scored)
    return {
        "seconds_per_minute": sum(one.took_s for one in scored) / minutes,
        "cpu_seconds_per_minute": sum(one.cpu_s for one in scored) / minutes,
        "with_dressing_per_minute": sum(one.took_s + one.dress_s for one in scored) / minutes,
        "peak_mb": _peak_mb() - before_mb,
        "wait_mean_s": float(np.mean(waits_s)),
        "motif_in_invented_speech": float(sum(_leads_in_speech(one.lines, one.cue) for one in scored)),
        "onsets_under_over_pauses": _density_ratio(scored),
        "arousal_energy_spearman": ears.spearman(*np.array(scenes).T),
    }


def _tale(composer: ScoreComposer, seed: int) -> Iterator[Scored]:
    """Eight passages in four scenes, with the timings of a narrator who breathes."""
    rng = random.Random(seed)
    beats = tuple(Beat(scene, "beat", _random_mood(rng), 40) for scene in range(4))
    plan = Plan("", "en", "bench", seed, Feeling(beats[0].target), Facts(Person("Mira", "hero")), beats, seed % 12)
    carry: dict[str, object] = {}
    for index in range(8):
        scene, last = index // 2, index == 7
        lines, asked = _lines(rng)
        passage = Passage(scene, index, "", (), beats[scene].target, index % 2 == 1, last)
        since_s, cpu_s = time.perf_counter(), time.process_time()
        cue, carry = composer.compose(plan, passage, lines, asked, carry, last, _CHECK)
        took_s, cpu_s = time.perf_counter() - since_s, time.process_time() - cpu_s
        lift_db = 2.0 * float(np.clip(2 * passage.mood.arousal - 1, -1, 1))
        dressed = dress_bed(cue, None, [(line.start, line.end) for line in lines], room_of((), lift_db))
        dress_s = time.perf_counter() - since_s - took_s
        bare = replace(cue, bed=_NOTHING, lead=_NOTHING, tail=_NOTHING, vamp=_NOTHING)
        yield Scored(passage, lines, asked, bare, len(cue.bed), took_s, cpu_s, dress_s, loudness(dressed.bed))


def _random_mood(rng: random.Random) -> Mood:
    emotion = rng.choice(list(Emotion))
    pure = Mood.pure(emotion)
    return Mood.pure(emotion, min(1.0, max(0.0, pure.arousal + rng.uniform(-0.15, 0.15))))


def _lines(rng: random.Random) -> tuple[tuple[SpokenLine, ...], int]:
    at_s, lines = 0.15, []
    for _ in range(rng.choice((1, 2, 2, 3))):
        long_s = rng.uniform(1.6, 3.6)
        lines.append(SpokenLine("narrator", "", "", round(at_s * RATE_HZ), round((at_s + long_s) * RATE_HZ)))
        at_s += long_s + rng.uniform(0.25, 0.55)
    return tuple(lines), lines[-1].end + round(rng.uniform(0.35, 0.6) * RATE_HZ)


def _by_scene(scored: Sequence[Scored]) -> list[tuple[float, float]]:
    """(arousal, loudness of the music as heard) of each scene."""
    pairs = zip(scored[::2], scored[1::2], strict=True)
    return [(one.passage.mood.arousal, (one.heard_lufs + other.heard_lufs) / 2) for one, other in pairs]


def _leads_in_speech(lines: Sequence[SpokenLine], cue: Cue) -> int:
    """Notes of the motif that begin or still sound while somebody speaks."""
    spoken = [(line.start / RATE_HZ, line.end / RATE_HZ) for line in lines]
    notes = [(note[0], note[1]) for note in cue.notes if note[2] == Part.LEAD]
    return sum(start < off and on < end for on, off in notes for start, end in spoken)


def _spoken(composer: ScoreComposer, narrations: int) -> dict[str, float]:
    """The motif against real narration, and what the music adds to its pauses."""
    if not narrations:
        return {}
    wrong = motifs = told = spoken = asked = 0
    for seed in range(narrations):
        plan, passages = narrated(seed)
        carry: dict[str, object] = {}
        for one in passages:
            lines, last = one.spoken.lines, one.passage.closes_tale
            cue, carry = composer.compose(plan, one.passage, lines, one.spoken.samples, carry, last, _CHECK)
            wrong += _leads_in_speech(lines, cue)
            motifs += sum(note[2] == Part.LEAD for note in cue.notes)
            told, asked = told + len(cue.bed), asked + one.spoken.samples
            spoken += sum(line.end - line.start for line in lines)
    shares = {"pause_share_narrated": 1 - spoken / asked, "pause_share_scored": 1 - spoken / told}
    return {"motif_in_speech": float(wrong), "motif_notes": float(motifs), **shares}


def _density_ratio(scored: Sequence[Scored]) -> float:
    """Onsets a second of everything but pad and texture: beneath lines against in pauses."""
    counts, lengths = [0.0, 0.0], [1e-9, 1e-9]
    for one in scored:
        spoken = [(line.start / RATE_HZ, line.end / RATE_HZ) for line in one.lines]
        under_s = sum(end - start for start, end in spoken)
        lengths[0] += under_s
        lengths[1] += one.samples / RATE_HZ - under_s
        for on, _, channel, _, _ in one.cue.notes:
            if channel not in (Part.PAD, Part.TEXTURE):
                counts[0 if any(start <= on < end for start, end in spoken) else 1] += 1
    return (counts[0] / lengths[0]) / (counts[1] / lengths[1])


def _moods(composer: ScoreComposer, clips: int) -> dict[str, float]:
    """Seven moods, told apart by ears that know neither notes nor instruments."""
    rows, labels = [], []
    for label, emotion in enumerate(Emotion):
        for seed in range(clips):
            cue = alone(composer, Mood.pure(emotion), seed, CLIP_S)
            rows.append(ears.heard(cue.bed + cue.lead))
            labels.append(float(label))
    return {"mood_accuracy": ears.told_apart(np.array(rows), np.array(labels))}


def alone(composer: ScoreComposer, mood: Mood, seed: int, seconds: float) -> Cue:
    """Music without a word."""
    return composer.compose(_plan(mood, seed), _whole(mood), (), round(seconds * RATE_HZ), {}, True, _CHECK)[0]


def _notes_alone(score: Score, mood: Mood, seed: int) -> PassageScore:
    return score.passage(_plan(mood, seed), _whole(mood), (), CLIP_S * RATE_HZ, Memory(), last=True)[0]


def _plan(mood: Mood, seed: int) -> Plan:
    hero = Facts(Person("hero", "hero"))
    return Plan("", "en", "alone", seed, Feeling(mood), hero, (Beat(0, "", mood, 0),), seed % 12)


def _whole(mood: Mood) -> Passage:
    return Passage(0, 0, "", (), mood, closes_scene=True, closes_tale=True)


def _melodies(tales: int) -> dict[str, float]:
    """How many of the tales begin with a melody that another one has, by intervals and rhythm of eight notes."""
    score = Score(read_palettes(), read_figures())
    seen: dict[tuple[tuple[int, int], ...], int] = {}
    emotions = list(Emotion)
    for seed in range(tales):
        mood = Mood.pure(emotions[seed % 7])
        piece = _notes_alone(score, mood, seed)
        first = piece.lead[:8]
        sixteenth_s = 15 / piece.tempo.bpm
        melody = tuple((b.key - a.key, round((b.on_s - a.on_s) / sixteenth_s)) for a, b in pairwise(first))
        seen[melody] = seen.get(melody, 0) + 1
    return {"same_melody": float(sum(count for count in seen.values() if count > 1))}


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
