"""The mood of words, at a terminal."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.artifacts import Artifacts
from pipeline.cancelled import Cancelled
from pipeline.cli.here import opened
from pipeline.cli.saying import run
from pipeline.errors import Refused
from pipeline.tables import FALLBACK
from pipeline.telling.explain import explain, why
from pipeline.telling.feel import read_feeling
from pipeline.telling.hear import transcribe
from pipeline.telling.in_memory import InMemory
from pipeline.telling.studio import Studio
from pipeline.wording import mood_name, terminal_locale
from pipeline.words.jsonable import to_json
from pipeline.words.mood import Emotion, Feeling
from pipeline.words.prompt import Prompt
from pipeline.words.sound import Artifact
from pipeline.writing.language import detect

BAR = 24
LINES = "-"


def main(argv: Sequence[str]) -> int:
    """The verb `feel`."""
    args = _parser().parse_args(argv)
    return run(lambda: _feel(args), as_json=args.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="echotales.py feel", description="Read the mood of a text or of a recording.")
    parser.add_argument("text", nargs="?", default="", help="what to read; `-` reads standard input, a text a line")
    parser.add_argument("--recording", type=Path, help="a voice to read beside or instead of the text")
    parser.add_argument("--language", help="en, pt, es, fr; detected when not given")
    parser.add_argument("--why", action="store_true", help="also show which words and which stretch of voice decided")
    parser.add_argument("--profile", help="tiny, embedded, gpu-8gb, gpu-24gb; chosen by the hardware when not given")
    parser.add_argument("--offline", action="store_true", help="open no connection")
    parser.add_argument("--yes", action="store_true", help="do not ask before downloads")
    parser.add_argument("--json", action="store_true", help="print one object; of `-` one for each line")
    return parser


def _feel(args: argparse.Namespace) -> int:
    if not args.text.strip() and not args.recording:
        raise Refused("prompt_empty")
    machine = opened(args.profile, offline=args.offline, yes=args.yes, quiet=True)
    with machine as here, tempfile.TemporaryDirectory(prefix="echotales-") as scratch:
        keep = Artifacts(Path(scratch))
        recording = kept(args.recording, keep)
        for text in _lines(sys.stdin) if args.text == LINES else [args.text]:
            # A studio each: what it did once it does not do again.
            studio = InMemory(here.shelf, keep, _unheard, Cancelled()).studio
            _say(text, *felt(text, recording, args.language, studio, because=args.why), args)
    return 0


def _lines(given: Iterable[str]) -> Iterator[str]:
    """As they come, the empty ones aside."""
    return (line.strip() for line in given if line.strip())


def _say(text: str, feeling: Feeling, language: str, args: argparse.Namespace) -> None:
    if args.json:
        whose = {"text": text} if args.text == LINES else {}
        print(json.dumps({**whose, "language": language, **to_json(feeling)}, ensure_ascii=False), flush=True)
    elif args.text == LINES:
        mood = feeling.mood
        leading = f"{mood_name(mood.emotion, terminal_locale()):<12} {mood.weights.get(mood.emotion, 0.0):5.0%}"
        print(f"{leading}  {text}{f'  ({why(feeling, terminal_locale())})' if args.why else ''}", flush=True)
    else:
        _show(feeling, language, because=args.why)


def felt(
    text: str, recording: Artifact | None, language: str | None, studio: Studio, *, because: bool
) -> tuple[Feeling, str]:
    """The feeling and the language it was read in."""
    transcript = transcribe(recording, language, studio) if recording else None
    known = language or (detect(text) if text.strip() else transcript.language if transcript else FALLBACK)
    if because:
        return explain(text, recording, known, studio, transcript), known
    return read_feeling(Prompt(text, seed=0, language=known, recording=recording), transcript, studio), known


def kept(file: Path | None, keep: Callable[[bytes, str], Artifact]) -> Artifact | None:
    """A file of the terminal's user, as an artifact."""
    if file is None:
        return None
    if not file.is_file():
        raise Refused("file_missing", file=str(file))
    return keep(file.read_bytes(), file.suffix.lower())


def _show(feeling: Feeling, language: str, *, because: bool) -> None:
    locale = terminal_locale()
    for emotion in sorted(Emotion, key=lambda one: -feeling.mood.weights.get(one, 0.0)):
        share = feeling.mood.weights.get(emotion, 0.0)
        print(f"{mood_name(emotion, locale):<12} {share:5.0%} {'█' * round(BAR * share)}")
    mood = feeling.mood
    axes = f"arousal {mood.arousal:.2f}, valence {mood.valence:+.2f}"
    print(f"certainty {mood.certainty:.0%}, {axes}, by {feeling.rule}, {language}")
    if because:
        print(why(feeling, locale))


def _unheard(event: Any) -> None:
    """Nobody follows."""
