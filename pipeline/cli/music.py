"""Music for a mood, at a terminal."""

from __future__ import annotations

import argparse
import json
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from pipeline.audio.encode import stem_bytes
from pipeline.cancelled import Cancelled
from pipeline.cli.saying import run
from pipeline.errors import TaleError, Unserved, Unwell
from pipeline.music.midi import midi_of
from pipeline.places import Places
from pipeline.roles import Composer
from pipeline.settings import read_settings
from pipeline.shelf.doors import door_of
from pipeline.shelf.hardware import look
from pipeline.shelf.manifest import read_manifest
from pipeline.shelf.profiles import choose, line_up, read_profiles
from pipeline.shelf.weights import ensure, weights_of
from pipeline.telling.music_alone import cue_alone, hold_to_length, levelled
from pipeline.words.mood import Emotion, Mood
from pipeline.words.score import Cue
from pipeline.words.sound import RATE_HZ


class _Opened(Composer, Protocol):
    """A backend that is ours until we close it."""

    def close(self) -> None: ...


def main(argv: Sequence[str]) -> int:
    """The verb `music`."""
    args = _parser().parse_args(argv)
    return run(lambda: _music(args), as_json=args.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="echotales.py music", description="Compose music for a mood.")
    parser.add_argument("--mood", choices=[str(emotion) for emotion in Emotion], required=True)
    parser.add_argument("--seconds", type=float, default=30.0, help="at least so long: it ends with a whole bar")
    parser.add_argument("--arousal", type=float, help="0 (calm) to 1 (stirred); the mood's own when not given")
    parser.add_argument("--hero", default="hero", help="name of the hero, whose motif is heard")
    parser.add_argument("--seed", type=int, help="the same seed is the same music")
    parser.add_argument("--out", type=Path, default=Path("music.wav"), help="a WAV file")
    parser.add_argument("--midi", type=Path, help="also write the notes")
    parser.add_argument("--model", help="a composer of `models list`; the profile's when not given")
    parser.add_argument("--offline", action="store_true", help="open no connection")
    parser.add_argument("--json", action="store_true", help="print one object at the end")
    return parser


def _music(args: argparse.Namespace) -> int:
    hold_to_length(args.seconds)
    seed = args.seed if args.seed is not None else secrets.randbelow(2**31)
    mood = Mood.pure(Emotion(args.mood), None if args.arousal is None else min(1.0, max(0.0, args.arousal)))
    composer = _composer(args.model, offline=args.offline)
    since_s = time.perf_counter()
    try:
        cue = cue_alone(composer, mood, args.hero, seed, args.seconds, Cancelled())
    finally:
        composer.close()
    took_s = time.perf_counter() - since_s
    _write(args.out, stem_bytes(levelled(cue)))
    if args.midi:
        _write(args.midi, midi_of(cue))
    _report(args, cue, seed, took_s)
    return 0


def _composer(model: str | None, *, offline: bool) -> _Opened:
    """The first of the profile's composers that can be had."""
    settings, places, manifest = read_settings(), Places.here(), read_manifest()
    profile = choose(look(places.weights), settings, read_profiles()).profile
    wished = [manifest[model]] if model else line_up(profile, manifest, settings)["Composer"]
    failed: TaleError = Unserved("role_unserved", role="Composer")
    for entry in wished:
        try:
            if not offline:
                ensure((entry,), places, settings)
            composer: _Opened = door_of(entry.backend).open_backend(weights_of(entry, places, settings), 1)
        except TaleError as error:
            failed = error
            continue
        return composer
    raise failed


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise Unwell("folder_refused", folder=str(path), why=error.strerror or str(error)) from error


def _report(args: argparse.Namespace, cue: Cue, seed: int, took_s: float) -> None:
    seconds = (len(cue.bed) + len(cue.tail)) / RATE_HZ
    if args.json:
        bars = {"mode": cue.tempo.mode, "metre": cue.tempo.metre, "bars": cue.tempo.bars}
        told = {"audio": str(args.out), "seconds": round(seconds, 2), "took_s": round(took_s, 3), "seed": seed}
        print(json.dumps({**told, "bpm": round(cue.tempo.bpm, 1), **bars, "notes": len(cue.notes)}))
    else:
        print(f"{args.out}  {seconds:.0f} s of {args.mood} in {cue.tempo.mode}, {cue.tempo.bpm:.0f} bpm, seed {seed}")
