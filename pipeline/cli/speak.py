"""A text spoken, at a terminal."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, Unpack

import numpy as np

from pipeline.artifacts import Artifacts
from pipeline.audio.decode import read_stem
from pipeline.audio.encode import stem_bytes
from pipeline.cancelled import Cancelled
from pipeline.cli.saying import run
from pipeline.errors import Missing, Refused, TaleError, Unserved, Unwell
from pipeline.places import Places
from pipeline.roles import Narrator, Needs
from pipeline.settings import Settings, read_settings
from pipeline.shelf.doors import door_of
from pipeline.shelf.hardware import look
from pipeline.shelf.manifest import Manifest, ModelEntry, read_manifest
from pipeline.shelf.offers import speaks
from pipeline.shelf.profiles import choose, line_up, read_profiles
from pipeline.shelf.threads import calm_environment, model_threads
from pipeline.shelf.weights import ensure, weights_of
from pipeline.speaking.spoken import speakable
from pipeline.telling.narrate import narrate
from pipeline.telling.studio import Studio
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Prompt, Speaking
from pipeline.words.sound import RATE_HZ, Samples, Spoken
from pipeline.words.story import Facts, Passage, Person, Plan
from pipeline.writing.language import detect
from pipeline.writing.verbatim import pieces_of

MOST_CHARS = 100_000


def main(argv: Sequence[str]) -> int:
    """The verb `speak`."""
    args = _parser().parse_args(argv)
    return run(lambda: _speak(args), as_json=args.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="echotales.py speak", description="Speak a text with one of the voices.")
    parser.add_argument("text", help="what to say; - reads it from standard input")
    parser.add_argument("--voice", help="a voice of `voices`, or a blend: bm_fable:0.7,bf_emma:0.3")
    parser.add_argument("--language", help="en, pt, es, fr, it...; read from the text when not given")
    parser.add_argument("--mood", choices=[str(emotion) for emotion in Emotion], default="neutral")
    parser.add_argument("--pace", type=float, default=1.0, help="0.7 to 1.4")
    parser.add_argument("--pitch", type=float, default=0.0, help="semitones, -4 to 4")
    parser.add_argument("--energy", type=float, default=0.0, help="dB, -4 to 4")
    parser.add_argument("--curve", default="", help='over the whole text: "slow ... faster! ... hush"')
    parser.add_argument("--say-as", action="append", default=[], metavar="WORD=SOUND", help="a respelling, or /IPA/")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", help="a narrator of `models list`; the profile's when not given")
    parser.add_argument("--out", type=Path, default=Path("speech.wav"), help="a WAV file")
    parser.add_argument("--offline", action="store_true", help="open no connection")
    parser.add_argument("--json", action="store_true", help="print one object at the end: words with their times")
    return parser


def _speak(args: argparse.Namespace) -> int:
    text = sys.stdin.read() if args.text == "-" else args.text
    if not speakable(text):
        raise Refused("nothing_to_speak")
    if len(text) > MOST_CHARS:
        raise Refused("text_too_long", chars=len(text), most=MOST_CHARS)
    language = args.language or detect(text)
    prompt = Prompt(text, args.seed, voice=args.voice, as_written=True, words=len(text.split()), speaking=_manner(args))
    with (
        tempfile.TemporaryDirectory(prefix="echotales-") as folder,
        narrator_for(language, args.model, offline=args.offline) as opened,
    ):
        model, narrator = opened
        artifacts = Artifacts(Path(folder))
        since_s = time.perf_counter()
        spoken = _spoken(prompt, language, Mood.pure(Emotion(args.mood)), narrator, artifacts)
        took_s = time.perf_counter() - since_s
        samples = np.concatenate([read_stem(artifacts.path(one.voice)) for one in spoken])
    _write(args.out, samples)
    _report(args, model, language, spoken, took_s)
    return 0


def _manner(args: argparse.Namespace) -> Speaking:
    said = tuple((word.strip(), sound.strip()) for word, _, sound in (one.partition("=") for one in args.say_as))
    bounds = (("pace", args.pace, 0.7, 1.4), ("pitch", args.pitch, -4.0, 4.0), ("energy", args.energy, -4.0, 4.0))
    for name, value, least, most in bounds:
        if not least <= value <= most:
            raise Refused("speaking_out_of_bounds", name=name, value=value, least=least, most=most)
    return Speaking(args.pace, args.pitch, args.energy, args.curve, said)


def _spoken(prompt: Prompt, language: str, mood: Mood, narrator: Any, artifacts: Artifacts) -> list[Spoken]:
    pieces = pieces_of(prompt.text)
    passages = [
        Passage(piece.scene, at, piece.text, piece.lines, mood, closes_tale=at == len(pieces) - 1)
        for at, piece in enumerate(pieces)
    ]
    plan = Plan("", language, "spoken", prompt.seed, Feeling(mood), Facts(Person("narrator")), (), 0)

    @contextmanager
    def borrow(role: type[Any], **needs: Unpack[Needs]) -> Iterator[Any]:
        if role is not Narrator:
            raise Unserved("role_unserved", role=role.__name__, **needs)
        yield narrator

    studio = Studio(borrow, artifacts, lambda stage, unit, kind, work: work(), lambda event: None, Cancelled())  # noqa: ARG005 - nothing is remembered
    return [told.spoken for told in narrate(prompt, plan, passages, studio)]


def _write(path: Path, samples: Samples) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stem_bytes(samples))
    except OSError as error:
        raise Unwell("folder_refused", folder=str(path), why=error.strerror or str(error)) from error


def _report(args: argparse.Namespace, model: str, language: str, spoken: Sequence[Spoken], took_s: float) -> None:
    seconds = sum(one.samples for one in spoken) / RATE_HZ
    voices = sorted({line.voice for one in spoken for line in one.lines})
    if not args.json:
        rtf = took_s / seconds
        print(f"{args.out}  {seconds:.1f} s by {', '.join(voices)} ({model}, {language}), real-time factor {rtf:.2f}")
        return
    words: list[list[Any]] = []
    at_s = 0.0
    for one in spoken:
        words += [
            [word.text, round(at_s + word.start_s, 3), round(at_s + word.end_s, 3)]
            for line in one.lines
            for word in line.words
        ]
        at_s += one.samples / RATE_HZ
    told = {"audio": str(args.out), "seconds": round(seconds, 3), "took_s": round(took_s, 3), "model": model}
    print(json.dumps({**told, "language": language, "voices": voices, "words": words}, ensure_ascii=False))


class OpenBackend(Narrator, Protocol):
    """A backend that is ours until we close it."""

    def close(self) -> None: ...


def narrators(settings: Settings, places: Places, manifest: Manifest) -> list[ModelEntry]:
    """Those of the profile that can serve here, first choice first."""
    profile = choose(look(places.weights), settings, read_profiles()).profile
    return line_up(profile, manifest, settings).get("Narrator", [])


@contextmanager
def narrator_for(
    language: str, model: str | None = None, *, offline: bool = False
) -> Iterator[tuple[str, OpenBackend]]:
    """(its id, the narrator) for this language, its weights pulled if they lack; Missing `language_unspoken`."""
    os.environ.update(calm_environment(os.environ))
    settings, places, manifest = read_settings(), Places.here(), read_manifest()
    wished = [manifest[model]] if model else narrators(settings, places, manifest)
    threads = model_threads(live=False)
    failed: TaleError = Missing("language_unspoken", language=language)
    for entry in (one for one in wished if speaks(one, language)):
        try:
            if not offline:
                ensure((entry,), places, settings)
            opened: OpenBackend = door_of(entry.backend).open_backend(weights_of(entry, places, settings), threads)
        except TaleError as error:
            failed = error
            continue
        try:
            yield entry.id, opened
        finally:
            opened.close()
        return
    raise failed
