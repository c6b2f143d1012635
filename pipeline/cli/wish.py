"""Arguments of `tell` into a prompt."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pipeline.cli.material import material_of
from pipeline.errors import Refused
from pipeline.film.reel import SHAPES
from pipeline.words.mood import Emotion
from pipeline.words.prompt import (
    DEFAULT_WORDS,
    LEAST_WORDS,
    MOST_WORDS,
    WORDS_PER_MINUTE,
    Prompt,
    Storyteller,
    told_words,
)
from pipeline.words.sound import Artifact
from pipeline.words.source import MANNERS, StorySource, TellerManner
from pipeline.writing.wish import hold_to_length

FORMATS = ("opus", "mp3", "wav", "flac", "m4b")


def parser() -> argparse.ArgumentParser:
    """Every option of `tell`."""
    parser = argparse.ArgumentParser(prog="echotales.py tell", description="Tell a tale: text, voice, music, one file.")
    parser.add_argument("prompt", nargs="?", default="", help="what the tale is about")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--words", type=int, help=f"length of the story, {LEAST_WORDS} to {MOST_WORDS}")
    length.add_argument("--seconds", type=float, help="length of the audio")
    parser.add_argument("--language", help="en, pt, es, fr, it, de; read from the prompt when not given")
    parser.add_argument("--style", help="fairy_tale, mystery, bedtime...")
    parser.add_argument("--voice", help="a voice of `voices`")
    parser.add_argument("--persona", default="", help="who tells it: an old sailor, a tired knight")
    parser.add_argument("--daring", type=float, default=0.0, help="-1 to 1: from familiar to surprising")
    moods = [str(emotion) for emotion in Emotion]
    parser.add_argument("--mood", choices=moods, help="read from the words when not given")
    parser.add_argument("--recording", type=Path, help="a spoken prompt: wav, mp3, m4a, ogg, opus, flac, webm, mp4...")
    parser.add_argument("--no-effects", action="store_true", help="leave out the sounds of what happens")
    parser.add_argument("--pictures", action="store_true", help="a picture for each scene, cut from paper")
    shape = parser.add_argument("--film", nargs="?", const="wide", choices=SHAPES, help="a film of its scenes as well")
    shape.metavar = "|".join(SHAPES)
    parser.add_argument("--film-mb", type=float, help="the most a film may weigh, in MB")
    parser.add_argument("--seed", type=int, default=None, help="the same seed gives the same tale on this machine")
    parser.add_argument("--as-written", metavar="FILE|-", help="tell this text word for word")
    parser.add_argument("--from", dest="source", metavar="FILE|URL", help="retell a page, paper, sheet, picture...")
    parser.add_argument("--manner", choices=[str(one) for one in TellerManner], help="who seems to retell it")
    parser.add_argument("--out", type=Path, default=None, help="folder for the files; default: tales/<title>")
    parser.add_argument("--format", choices=FORMATS, default="opus")
    parser.add_argument("--profile", help="tiny, embedded, gpu-8gb, gpu-24gb; chosen by the hardware when not given")
    parser.add_argument("--offline", action="store_true", help="open no connection")
    parser.add_argument("--yes", action="store_true", help="do not ask before downloads")
    parser.add_argument("--quiet", action="store_true", help="show nothing while it is made")
    parser.add_argument("--json", action="store_true", help="print one object at the end: paths and timings")
    return parser


def prompt_of(args: argparse.Namespace, keep: Callable[[bytes, str], Artifact], seed: int) -> Prompt:
    """The wish of these arguments; raises Refused where they contradict themselves."""
    text, as_written = args.prompt, False
    if args.as_written:
        if args.prompt:
            raise Refused("prompt_and_as_written")
        text, as_written = _words_of(args.as_written), True
    recording, source = None, None
    if args.source:
        material = material_of(args.source)
        if material.recording is not None:
            recording = keep(material.recording, Path(args.source).suffix.lower() or ".bin")
        else:
            source = replace(
                material.source, manner=TellerManner(args.manner or MANNERS.get(args.style, TellerManner.TELLER))
            )
    if args.recording:
        if not args.recording.is_file():
            raise Refused("file_missing", file=str(args.recording))
        recording = keep(args.recording.read_bytes(), args.recording.suffix.lower())
    wish = Prompt(
        text=text,
        seed=seed,
        words=_length(args, text if as_written else "", source),
        language=args.language,
        style=args.style,
        mood=Emotion(args.mood) if args.mood else None,
        voice=args.voice,
        as_written=as_written,
        recording=recording,
        storyteller=Storyteller(args.daring, args.persona),
        effects=not args.no_effects,
        pictures=args.pictures or bool(args.film),
        source=source,
    )
    hold_to_length(wish)
    return wish


def _words_of(name: str) -> str:
    if name == "-":
        return sys.stdin.read()
    path = Path(name)
    if not path.is_file():
        raise Refused("file_missing", file=name)
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Refused("file_not_text", file=name) from error


def _length(args: argparse.Namespace, written: str, source: StorySource | None) -> int:
    if written:
        return told_words(written)
    words: int = args.words if args.words is not None else source.words if source else DEFAULT_WORDS
    if args.seconds is not None:
        words = round(args.seconds * WORDS_PER_MINUTE / 60)
    return words
