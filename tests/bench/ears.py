"""The ears, measured."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from bot.voice.listening.transcription import Scribe
from bot.voice.receive.speech import ENDS_AFTER_S, MemberUtterance, Silero
from pipeline.artifacts import Artifacts
from pipeline.audio.decode import read_upload
from pipeline.backends.transcribe_whisper import Whisper, open_backend
from pipeline.cancelled import Cancelled
from pipeline.words.answer import Transcribed
from pipeline.words.sound import HEARING_HZ, RATE_HZ, Artifact, Recording, Transcript
from pipeline.words.sound import Samples as Samples32
from tests.bench._call import Caught, by_member, in_a_call
from tests.bench._long_listening import memory_growth_mb
from tests.bench._machine import reference, reference_lines
from tests.bench._same_sound import word_error
from tests.bench._spoken_prompts import LINES, in_one, spoken_lines
from tests.discord_double.voice.weather import FAIR, Weather
from tests.mood.reading import weights
from tests.mood.voice_measures import voice_figures

WANTED: Mapping[str, tuple[str, float]] = {
    "wer_gap": ("<=", 0.02), "core_share_10_speakers": ("<=", 0.25), "transcript_ratio": ("<=", 0.3),
    "memory_growth_mb": ("<=", 8.0), "emodb_uar": (">=", 0.80), "arousal_cross": (">=", 0.72), "ece": ("<=", 0.10),
    "unconsented_decoded": ("<=", 0.0),
}  # fmt: skip
ALL = Weather(lost_share=0.05, padded_share=0.1, swapped_share=0.05, extended=True, reports_every=50)
CONDITIONS: Mapping[str, Weather] = {
    "fair": FAIR, "loss 5 %": Weather(lost_share=0.05), "padding 10 %": Weather(padded_share=0.1, empty_share=0.05),
    "reorder 5 %": Weather(swapped_share=0.05), "all at once": ALL,
}  # fmt: skip
SPEAKERS = 10
Figures = dict[str, float]


def main(argv: Sequence[str]) -> int:
    """Print tables, or one flat object with --json."""
    parser = argparse.ArgumentParser(prog="echotales.py bench ears", description="Measure the ears.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--lines", type=int, default=len(LINES), help="how many lines are spoken (1 to 8)")
    parser.add_argument("--hours", type=float, default=4.0, help="of the long listening, in fast time")
    parser.add_argument("--all-weathers", action="store_true", help="every packet condition for itself too")
    args = parser.parse_args(argv)
    say = _nothing if args.json else print
    # First, before models leave freed memory behind in which growth would hide.
    figures = {"memory_growth_mb": memory_growth_mb(args.hours)}
    figures |= _words(args.lines, say, all_weathers=args.all_weathers)
    figures["core_share_10_speakers"] = _core_share(args.lines)
    voices, _ = voice_figures(say)
    figures |= {"ece" if name == "voice_ece" else name: value for name, value in voices.items()}
    if args.json:
        print(json.dumps({name: round(value, 4) for name, value in figures.items()} | reference()))
        return 0
    for name, value in figures.items():
        print(f"{name:<24} {value:>9.4f}  {' '.join(map(str, WANTED.get(name, ())))}")
    print(reference_lines())
    if not voices:
        print("\nWithout the public corpora (ECHOTALES_CORPORA names their folder) the voice reader is not measured.")
    return 0


def _words(count: int, say: Any, *, all_weathers: bool) -> Figures:
    """The same words as a file and over the air."""
    whisper = open_backend(weights("whisper-base"), 2)
    text, sound = in_one(spoken_lines(count))
    mono = np.asarray(sound[:, 0] / 32_768, np.float32)
    figures = {"wer_file": word_error(text, _heard(whisper, mono).text)}
    for name, weather in (CONDITIONS if all_weathers else {"all at once": ALL}).items():
        utterances, unconsented = asyncio.run(in_a_call([sound, sound], weather, 1, _worked))
        words, ratio = asyncio.run(_written_down(whisper, utterances))
        error = word_error(text, words)
        say(
            f"{name:<16} word error {error:.3f}, transcript {ratio:.2f} of the length after it, {len(utterances)} parts"
        )
        figures |= {"wer_live": error, "transcript_ratio": ratio, "unconsented_decoded": float(unconsented)}
    figures["wer_gap"] = figures["wer_live"] - figures["wer_file"]
    whisper.close()
    return figures


async def _written_down(whisper: Whisper, utterances: list[MemberUtterance]) -> tuple[str, float]:
    """Words, and how long after the last of them they stand, in shares of the speech's length; in real time."""
    with tempfile.TemporaryDirectory() as folder:
        keep = Artifacts(Path(folder))
        hand = ThreadPoolExecutor(1)

        async def write_down(_: int, recording: Artifact) -> Transcribed:
            loop = asyncio.get_running_loop()
            mono = read_upload(keep.path(recording), HEARING_HZ)
            return Transcribed(await loop.run_in_executor(hand, _heard, whisper, mono, HEARING_HZ))

        scribe = Scribe(keep, write_down)
        began_s = time.perf_counter() - utterances[0].start_s
        for one in utterances:
            await asyncio.sleep(max(0.0, began_s + one.start_s + one.seconds - time.perf_counter()))
            scribe.take(one)
        await scribe.finish(within_s=120.0)
        last = utterances[-1]
        late_s = time.perf_counter() - began_s - (last.start_s + last.seconds - ENDS_AFTER_S)
        words = " ".join(turn.text for turn in scribe.turns)
        hand.shutdown()
    return words, late_s / (last.start_s + last.seconds - utterances[0].start_s)


def _worked(caught: Caught, ids: list[int]) -> tuple[list[MemberUtterance], int]:
    utterances, hearing = caught.work(Silero())
    return by_member(utterances)[ids[0]], hearing.opened[ids[1]]


def _heard(whisper: Whisper, mono: Samples32, rate_hz: int = RATE_HZ) -> Transcript:
    return whisper.transcribe(Recording(mono, rate_hz), None, Cancelled())


def _core_share(count: int) -> float:
    """CPU seconds a second of ten people who all speak at once, encryption and speech detection included."""
    _, sound = in_one(spoken_lines(min(count, 3)))

    def work(caught: Caught, _: list[int]) -> float:
        silero = Silero()
        began_s = time.thread_time()
        caught.work(silero)
        return (time.thread_time() - began_s) / caught.seconds

    share: float = asyncio.run(in_a_call([sound] * SPEAKERS, FAIR, 0, work))
    return share


def _nothing(_: str) -> None:
    """Only the figures are wanted."""
