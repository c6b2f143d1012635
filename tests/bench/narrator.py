"""The narrator, measured."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import soxr

from pipeline.artifacts import Artifacts
from pipeline.audio.decode import read_stem
from pipeline.audio.loudness import loudness
from pipeline.backends.narrate_espeak import EspeakNarrator
from pipeline.backends.narrate_kokoro import KokoroNarrator
from pipeline.backends.narrate_kokoro import open_backend as open_narrator
from pipeline.cancelled import Cancelled
from pipeline.errors import Unserved
from pipeline.places import Places
from pipeline.roles import Delivery, Narrator
from pipeline.settings import read_settings
from pipeline.shelf.manifest import read_manifest
from pipeline.shelf.threads import model_threads
from pipeline.shelf.weights import ensure, weights_of
from pipeline.speaking.likeness import pitch_hz
from pipeline.speaking.spoken import spoken
from pipeline.speaking.takes import words_alone
from pipeline.speaking.voices import voice_book
from pipeline.telling.narrate import narrate
from pipeline.telling.studio import Studio
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Prompt
from pipeline.words.sound import RATE_HZ, Samples, Spoken
from pipeline.words.story import Facts, Line, Passage, Person, Plan
from tests.bench._judges import Dnsmos
from tests.bench._machine import reference, reference_lines
from tests.bench._same_sound import Compared, SameSound
from tests.bench._unspaced import UNSPACED, Misheard, Sounds, errors_of

LANGUAGES = ("en", "pt", "es", "fr", "it")
"""Those with a bound; ja and zh are measured when they are named. Whisper base writes Hindi in Urdu letters or not at
all: of that it can tell nothing."""
NINE_WORDS = "The old lighthouse keeper climbed the stairs once more."
_ESPEAK = {"en": "en-gb", "pt": "pt-br", "es": "es", "fr": "fr-fr", "it": "it"}
_CHECK = Cancelled()
_QUIET = np.zeros(RATE_HZ // 2, np.float32)


@dataclass(frozen=True)
class Models:
    """What is measured, and who listens."""

    narrator: KokoroNarrator
    ears: Any
    """Whisper base as faster-whisper has it: nothing of ours between the voice and the figure."""
    plain: Any
    """kokoro-onnx as it comes."""


Speak = Callable[[Models, str, str, str], Samples]


def main(argv: Sequence[str]) -> int:
    """Print a table, or one flat object with --json."""
    parser = argparse.ArgumentParser(prog="echotales.py bench narrator")
    parser.add_argument("--lines", type=int, default=50, help="lines of each language")
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    parser.add_argument("--ears", default="whisper-base", help="who listens: whisper-small errs less itself")
    parser.add_argument("--floor", action="store_true", help="let another voice speak the same lines, too")
    parser.add_argument("--show", action="store_true", help="print what was misheard to stderr")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    models = _opened(args.ears)
    figures = {**_speed(models, min(8, args.lines)), **_first_line(models)}
    lost = 0
    for language in args.languages.split(","):
        found = _compared(models, language, args.lines, _ours, show=args.show)
        figures |= _errors(language, found)
        lost += sum(one.lost for one in found)
        if args.floor:
            named, speak = _floor(language)
            floor = _compared(models, language, args.lines, speak, show=False)
            figures |= {f"{named}_{name}": value for name, value in _errors(language, floor).items()}
    figures["skipped"] = float(lost)
    figures |= _tale(models, min(20, args.lines))
    if args.json:
        print(json.dumps({name: round(value, 4) for name, value in figures.items()} | reference()))
    else:
        print("\n".join(f"{name:24} {value:10.3f}" for name, value in figures.items()))
        print(reference_lines())
    return 0


def lines_of(language: str, count: int) -> list[str]:
    """Sentences as tales have them: the same fifty in every language, so that none was chosen by ear."""
    rows = (Path(__file__).parent / f"lines_{language}.txt").read_text(encoding="utf-8").splitlines()
    return rows[:count]


def _opened(listener: str) -> Models:
    from faster_whisper import WhisperModel
    from kokoro_onnx import Kokoro

    places, settings, manifest = Places.here(), read_settings(), read_manifest()
    ensure((manifest["kokoro-82m"], manifest[listener]), places, settings)
    voice = weights_of(manifest["kokoro-82m"], places, settings)
    threads = model_threads(live=False)
    folder = weights_of(manifest[listener], places, settings)["model.bin"].parent
    ears = WhisperModel(str(folder), compute_type="int8", cpu_threads=threads)
    plain = Kokoro(str(voice["model.onnx"]), str(voice["voices.npz"]))
    return Models(open_narrator(voice, threads), ears, plain)


def _speed(models: Models, count: int) -> dict[str, float]:
    """The same lines by kokoro-onnx and by us, in turns of four, the better of two rounds each."""
    lines = lines_of("en", count)
    ours_s: list[float] = []
    plain_s: list[float] = []
    audio_s = 0.0
    for _ in range(2):
        ours = plain = audio_s = 0.0
        for at in range(0, len(lines), 4):
            some = lines[at : at + 4]
            since_s = time.perf_counter()
            begun = [models.narrator.speak(line, Delivery("bm_fable", "en"), _CHECK) for line in some]
            audio_s += sum(len(one.samples) for each in begun for one in each) / RATE_HZ
            ours += time.perf_counter() - since_s
            since_s = time.perf_counter()
            for line in some:
                models.plain.create(line, "bm_fable", lang="en-gb")
            plain += time.perf_counter() - since_s
        ours_s.append(ours)
        plain_s.append(plain)
    return {"speed_against_plain": min(plain_s) / min(ours_s), "rtf": min(ours_s) / audio_s}


def _first_line(models: Models) -> dict[str, float]:
    """From nine words to a dressed stem, the median of five."""
    taken = []
    for _ in range(5):
        with tempfile.TemporaryDirectory() as folder:
            since_s = time.perf_counter()
            next(iter(_narrated(models, [_passage(0, [NINE_WORDS])], Artifacts(Path(folder)))))
            taken.append(time.perf_counter() - since_s)
    return {"first_line_s": median(taken)}


def _errors(language: str, found: Sequence[Compared | Misheard]) -> dict[str, float]:
    """By sound, and beside it by spelling, where `seul` heard as `seule` is an error, too."""
    unspaced = [one for one in found if isinstance(one, Misheard)]
    if unspaced:
        return errors_of(language, unspaced)
    spaced = [one for one in found if isinstance(one, Compared)]
    words = sum(one.words for one in spaced) or 1
    wrong, misspelled = sum(one.wrong for one in spaced), sum(one.misspelled for one in spaced)
    return {f"wer_{language}": wrong / words, f"wer_{language}_spelled": misspelled / words}


def _compared(models: Models, language: str, count: int, speak: Speak, *, show: bool) -> list[Compared | Misheard]:
    """What Whisper hears when the language's first narrator speaks."""
    by_sound: Sounds | SameSound = Sounds() if language in UNSPACED else SameSound()
    voice = voice_book().narrators[language][0]
    found: list[Compared | Misheard] = []
    for line in lines_of(language, count):
        text = _text(models, speak(models, line, voice, language), language)
        found.append(by_sound.compared(line, text, language))
        if show and found[-1].wrong:
            print(f"{language} {found[-1].wrong}: {line} | {text.strip()}", file=sys.stderr, flush=True)
    return found


def _ours(models: Models, line: str, voice: str, language: str) -> Samples:
    said = " ".join(one.spoken for one in spoken(line, language))
    delivery = Delivery(voice, language, pace=voice_book().pace(voice))
    return np.concatenate([one.samples for one in models.narrator.speak(said, delivery, _CHECK)])


def _floor(language: str) -> tuple[str, Speak]:
    """What else speaks the language: kokoro-onnx as it comes, and espeak where that knows no reading."""
    return ("espeak", _espeak) if language in UNSPACED else ("plain", _plain)


def _espeak(models: Models, line: str, voice: str, language: str) -> Samples:
    delivery = Delivery(f"espeak_{language}_f", language)
    return np.concatenate([one.samples for one in EspeakNarrator().speak(line, delivery, _CHECK)])


def _plain(models: Models, line: str, voice: str, language: str) -> Samples:
    samples, rate = models.plain.create(line, voice, lang=_ESPEAK[language])
    return np.asarray(soxr.resample(samples, rate, RATE_HZ), np.float32)


def _tale(models: Models, count: int) -> dict[str, float]:
    """A voice's pitch and level from line to line through all moods, and where its words are heard."""
    lines = lines_of("en", count)
    moods = [list(Emotion)[at * 7 // len(lines)] for at in range(len(lines))]
    passages = [_passage(at, [line], Mood.pure(mood)) for at, (line, mood) in enumerate(zip(lines, moods, strict=True))]
    level = [replace(one, mood=Mood.pure(Emotion.NEUTRAL)) for one in passages]
    with tempfile.TemporaryDirectory() as folder:
        artifacts = Artifacts(Path(folder))
        acted = list(_narrated(models, passages, artifacts))
        plain = list(_narrated(models, level, artifacts))
        pitches = [12 * np.log2(pitch_hz(_line(one, artifacts))) for one in acted]
        levels = [loudness(_line(one, artifacts)) for one in plain]
        off_ms = [off for one in plain for off in _word_offsets_ms(models, one, artifacts)]
        opinion = Dnsmos()(np.concatenate([read_stem(artifacts.path(one.voice)) for one in plain]))
    words = sum(len(line.split()) for line in lines)
    return {
        "pitch_drift_semitones": float(max(pitches) - min(pitches)),
        "loudest_step_lu": float(np.abs(np.diff(levels)).max()),
        "word_time_p90_ms": float(np.percentile(np.abs(off_ms), 90)),
        "dnsmos": opinion["ovr"],
        "dnsmos_speech": opinion["sig"],
        "words_a_minute": words / (sum(one.samples for one in plain) / RATE_HZ) * 60,
    }


def _word_offsets_ms(models: Models, one: Spoken, artifacts: Artifacts) -> list[float]:
    """Ends of words inside a line as we place them against Whisper's, for lines that both word alike.

    Ends, since Whisper lets each word begin where the one before it ends. Not the last word of a line:
    there Whisper stops 0.2 to 0.5 s before the sound does, and we end it with the sound.
    """
    theirs = _transcribed(models, read_stem(artifacts.path(one.voice)), "en")
    ours = [word for line in one.lines for word in line.words]
    if [words_alone(word.text) for word in ours] != [words_alone(word) for word, _ in theirs]:
        return []
    return [1000 * (word.end_s - end_s) for word, (_, end_s) in list(zip(ours, theirs, strict=True))[:-1]]


def _narrated(models: Models, passages: Sequence[Passage], artifacts: Artifacts) -> Iterator[Spoken]:
    @contextmanager
    def borrow(role: type[Any], **needs: Any) -> Iterator[Any]:
        if role is not Narrator:
            raise Unserved("role_unserved", role=role.__name__, **needs)
        yield models.narrator

    studio = Studio(borrow, artifacts, lambda stage, unit, kind, work: work(), lambda event: None, _CHECK)
    mood = Mood.pure(Emotion.NEUTRAL)
    plan = Plan("", "en", "bench", 1, Feeling(mood), Facts(Person("hero")), (), 0)
    for told in narrate(Prompt("", 1), plan, passages, studio):
        yield told.spoken


def _passage(at: int, lines: Sequence[str], mood: Mood | None = None) -> Passage:
    return Passage(0, at, " ".join(lines), tuple(Line(line) for line in lines), mood or Mood.pure(Emotion.NEUTRAL))


def _line(one: Spoken, artifacts: Artifacts) -> Samples:
    first = one.lines[0]
    return read_stem(artifacts.path(one.voice), first.start, first.end - first.start)


def _text(models: Models, sound: Samples, language: str) -> str:
    segments, _ = models.ears.transcribe(_around(sound), language=language, beam_size=5)
    return " ".join(segment.text for segment in segments)


def _around(sound: Samples) -> Samples:
    """With a little silence on both sides, as any recording has."""
    heard: Samples = soxr.resample(np.concatenate([_QUIET, sound, _QUIET]), RATE_HZ, 16_000)
    return heard


def _transcribed(models: Models, sound: Samples, language: str) -> list[tuple[str, float]]:
    """Words with their ends."""
    segments, _ = models.ears.transcribe(_around(sound), language=language, beam_size=5, word_timestamps=True)
    lead_s = len(_QUIET) / RATE_HZ
    return [(word.word.strip(), word.end - lead_s) for segment in segments for word in segment.words]
