"""A recording as words, at a terminal."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.artifacts import Artifacts
from pipeline.cancelled import Cancelled
from pipeline.cli.feel import kept
from pipeline.cli.here import opened
from pipeline.cli.saying import run
from pipeline.errors import Missing
from pipeline.telling.feel import read_feeling
from pipeline.telling.hear import transcribe
from pipeline.telling.in_memory import InMemory
from pipeline.wording import mood_name, terminal_locale
from pipeline.words.jsonable import to_json
from pipeline.words.mood import Feeling
from pipeline.words.prompt import Prompt
from pipeline.words.sound import Transcript


def main(argv: Sequence[str]) -> int:
    """The verb `hear`."""
    args = _parser().parse_args(argv)
    return run(lambda: _hear(args), as_json=args.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="echotales.py hear", description="Transcribe a recording and read its mood.")
    parser.add_argument("file", type=Path, help="a recording: wav, mp3, m4a, ogg, opus, flac, webm, mp4...")
    parser.add_argument("--language", help="ISO 639-1; detected when not given")
    parser.add_argument("--words-only", action="store_true", help="do not read the mood")
    parser.add_argument("--profile", help="tiny, embedded, gpu-8gb, gpu-24gb; chosen by the hardware when not given")
    parser.add_argument("--offline", action="store_true", help="open no connection")
    parser.add_argument("--yes", action="store_true", help="do not ask before downloads")
    parser.add_argument("--json", action="store_true", help="print one object, with the time of every word")
    return parser


def _hear(args: argparse.Namespace) -> int:
    machine = opened(args.profile, offline=args.offline, yes=args.yes, quiet=True)
    with machine as here, tempfile.TemporaryDirectory(prefix="echotales-") as scratch:
        keep = Artifacts(Path(scratch))
        recording = kept(args.file, keep)
        if recording is None:
            raise Missing("file_missing", file=str(args.file))
        studio = InMemory(here.shelf, keep, _unheard, Cancelled()).studio
        transcript = transcribe(recording, args.language, studio, careful=True)
        prompt = Prompt("", seed=0, recording=recording)
        feeling = None if args.words_only else read_feeling(prompt, transcript, studio)
    _say(transcript, feeling, as_json=args.json)
    return 0


def _say(transcript: Transcript, feeling: Feeling | None, *, as_json: bool) -> None:
    if as_json:
        told = {"transcript": to_json(transcript), "feeling": to_json(feeling) if feeling else None}
        print(json.dumps(told, ensure_ascii=False))
        return
    print(transcript.text or "-")
    print(f"{transcript.language or '?'}, certainty {transcript.certainty:.0%}")
    if feeling:
        name = mood_name(feeling.mood.emotion, terminal_locale())
        print(f"{name}, certainty {feeling.mood.certainty:.0%}, by {feeling.rule}")


def _unheard(event: Any) -> None:
    """Nobody follows."""
