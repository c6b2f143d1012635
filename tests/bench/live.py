"""A live tale, measured at the ear."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyloudnorm

from bot.voice.player.tale_source import FRAME
from pipeline.audio.sum import Gains, Sum
from pipeline.cancelled import Cancelled
from pipeline.roles import Transcriber
from pipeline.words.sound import RATE_HZ, Recording, Samples
from pipeline.words.tale import Tale
from tests.bench._evening import Evening, evening, first_line, until
from tests.bench._judges import Dnsmos, Plcmos
from tests.bench._machine import reference, reference_lines
from tests.bench._spoken_live import spoken_wishes
from tests.bench._spoken_wishes import wishes
from tests.bench._tales import lent
from tests.bench._turn_ends import turn_ends
from tests.bench.mix import distance, plain, speech_over_bed, true_peak_db
from tests.pipeline.audio.making import Made

PROMPTS = ("a lighthouse keeper befriends a storm", "a fox who sells dreams", "the last tram of the night")
_AUDIBLE = 10 ** (-50 / 20)
_SILENT = 10 ** (-60 / 20)
_WHISPER = "whisper-base"


def main(argv: Sequence[str]) -> int:
    """Print a table, or one flat object with --json."""
    parser = argparse.ArgumentParser(prog="echotales.py bench live")
    parser.add_argument("--profile", default="embedded")
    parser.add_argument("--minutes", type=float, default=2.0, help="told in all, the executor at full load; 30 in full")
    parser.add_argument("--servers", type=int, default=20, help="told to at once, for core_share; 0 leaves it out")
    parser.add_argument("--seconds", type=float, default=20.0, help="for how long")
    parser.add_argument("--no-whisper", action="store_true", help="leave out what Whisper and the judges hear")
    parser.add_argument("--cold", action="store_true", help="ask the first tale of an executor that has told none")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--spoken", action="store_true", help="wishes spoken in a call instead, from end of speech on")
    parser.add_argument("--wishes", type=int, default=200, help="with --spoken: how many ends are judged, or 0")
    args = parser.parse_args(argv)
    # As if interrupted, which asyncio knows how to tidy up after: the executor must not outlive us.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    with tempfile.TemporaryDirectory(prefix="bench-live-") as folder:
        told = asyncio.run((_spoken if args.spoken else _measured)(Path(folder), args))
    if args.spoken and args.wishes:
        told |= {name: round(value, 3) for name, value in turn_ends(wishes(args.wishes)).items()}
    elif args.servers and not args.spoken:
        told |= _many(args.servers, args.seconds)
    if args.json:
        print(json.dumps(told | reference()))
    else:
        print("\n".join(f"{name:28} {value!s:>12}" for name, value in told.items()))
        print(reference_lines())
    return 0


async def _measured(home: Path, args: argparse.Namespace) -> dict[str, Any]:
    async with evening(home, args.profile) as here:
        if not args.cold:
            await here.asks("warm", where="upload", length="short")
            await here.tale("warm")
        asked_s = await here.asks(PROMPTS[0])
        # A second one while the first is told: it is made on the same two cores, and waits for its turn.
        await until(lambda: here.booth.now.at_s > 0)
        second_s = await here.asks(PROMPTS[1])
        kept, tale = await here.tale(PROMPTS[0])
        later, second = await here.tale(PROMPTS[1])
        await here.told()
        figures = _at_the_ear(here, asked_s, kept.id, tale) | _on_the_way(here, asked_s, kept.id)
        second_word_s = here.heard_s(later.id, first_line(second.timeline))
        figures["second_first_word_s"] = round(second_word_s - second_s, 2)
        figures["second_after_first_s"] = round(second_word_s - _heard(here, kept.id)[2], 2)
        figures |= _of_the_mix(here, tale, kept.id, whisper=not args.no_whisper)
        async with here.busy():
            await _more(here, args.minutes)
        figures |= _evenly(here)
    return figures


async def _spoken(home: Path, args: argparse.Namespace) -> dict[str, Any]:
    """Three wishes, on a machine that has told one."""
    async with evening(home, args.profile) as here:
        return await spoken_wishes(here, 3)


async def _more(here: Evening, minutes: float) -> None:
    """Tale after tale, two asked for at a time, while the executor has files to make too."""
    nth = 0
    while len(here.sent) / 50 < minutes * 60:
        for _ in range(2):
            nth += 1
            await here.asks(f"{PROMPTS[2]}, number {nth}", length="short")
        await asyncio.sleep(1.0)
        await here.told()


def _at_the_ear(here: Evening, asked_s: float, tale: str, told: Tale) -> dict[str, Any]:
    """Seconds from the command to what the listener heard first."""
    sound, began_s, _ = _heard(here, tale)
    begins, holds = first_line(told.timeline), here.holds[tale]
    loud = np.flatnonzero(np.abs(sound).max(axis=1) > _AUDIBLE)
    return {
        "first_music_s": round(began_s + float(loud[0]) / RATE_HZ - asked_s, 2),
        "first_word_s": round(here.heard_s(tale, begins) - asked_s, 2),
        "intro_s": round(told.timeline.placed[0].scored.samples / RATE_HZ, 2),
        "held_before_it_s": round(sum(one.samples for one in holds if one.at_sample <= begins) / RATE_HZ, 2),
        "held_s": round(sum(one.samples for one in holds) / RATE_HZ, 2),
    }


def _on_the_way(here: Evening, asked_s: float, tale: str) -> dict[str, Any]:
    """Where the time to the first word went: seconds from the command to each sign of it in the bot."""
    came = {
        "felt_s": here.came[tale, "felt"][0],
        "intro_ready_s": here.came[tale, "cue_ready"][0],
        "joined_s": here.joined[0],
        "written_s": here.came[tale, "written"][0],
        "narrated_s": here.came[tale, "narrated"][0],
        "line_ready_s": here.came[tale, "cue_ready"][1],
    }
    return {name: round(at_s - asked_s, 2) for name, at_s in came.items()}


def _evenly(here: Evening) -> dict[str, Any]:
    """How the packets left."""
    steps = [
        (later.at_s - sooner.at_s - 0.02) * 1000
        for sooner, later in zip(here.sent, here.sent[1:], strict=False)
        if sooner.tale == later.tale and later.at_s - sooner.at_s < 1
    ]
    return {
        "told_s": round(len(here.sent) / 50, 1),
        "load": round(os.getloadavg()[0], 1),
        "underruns": sum(here.underruns.values()),
        "jitter_ms_p99": round(float(np.percentile(np.abs(steps), 99)), 2),
    }


def _of_the_mix(here: Evening, tale: Tale, name: str, *, whisper: bool) -> dict[str, Any]:
    """What a listener's decoder gave of the first tale; its loudness without the waits, which are no part of it."""
    sound, *_ = _heard(here, name)
    over = speech_over_bed(Made((), here.artifacts), tale.timeline)
    figures: dict[str, Any] = {
        "speech_over_bed_lu": round(statistics.median(over), 1),
        "speech_over_bed_lu_least": round(min(over), 1),
        "longest_silence_s": round(_longest_silence_s(sound), 2),
        "lufs": round(float(pyloudnorm.Meter(RATE_HZ).integrated_loudness(_without_waits(here, name, sound))), 2),
        "true_peak_dbtp": round(true_peak_db(sound), 2),
    }
    return figures | (_word_errors(here, tale, sound) if whisper else {})


def _word_errors(here: Evening, tale: Tale, heard: Samples) -> dict[str, Any]:
    """Of Whisper on the dry voice and on what was heard, in points of a hundred, and judges' mean opinions, 1 to 5."""
    whole = Sum(here.artifacts.path)
    whole.grow(tale.timeline)
    dry = whole.block(0, whole.samples, Gains(1, 0))
    told = plain(" ".join(one.text for one in tale.story.passages))
    with lent(_WHISPER, Transcriber) as transcriber:
        wrong = {
            name: distance(told, plain(transcriber.transcribe(_mono(sound), "en", Cancelled()).text))
            for name, sound in {"dry": dry, "mix": heard}.items()
        }
    opinion = Dnsmos()
    return {
        "dnsmos_dry": round(opinion(dry)["ovr"], 2),
        "dnsmos": round(opinion(heard)["ovr"], 2),
        "plcmos": round(Plcmos()(heard), 2),
        "wer_dry": round(100 * wrong["dry"] / len(told), 2),
        "wer_mix_minus_dry": round(100 * (wrong["mix"] - wrong["dry"]) / len(told), 2),
    }


def _mono(sound: Samples) -> Recording:
    return Recording(np.ascontiguousarray(sound.mean(axis=1), np.float32), RATE_HZ)


def _heard(here: Evening, tale: str) -> tuple[Samples, float, float]:
    """The listener's sound from the tale's first packet to its last, and when that began and ended."""
    assert here.ana.voice is not None, "the listener sits in the call"
    wanted = {one.sequence for one in here.sent if one.tale == tale}
    frames = [one for one in here.ana.voice.heard if one.sequence in wanted]
    heard = here.ana.heard(frames[0].at_s, frames[-1].at_s + 0.02)
    return heard.sound, heard.began_s, heard.ended_s


def _without_waits(here: Evening, tale: str, sound: Samples) -> Samples:
    """Only packets that brought the tale further."""
    places = [-1, *(one.at for one in here.sent if one.tale == tale)]
    further = np.repeat(np.diff(places) > 0, FRAME)[: len(sound)]
    return np.asarray(sound[: len(further)][further])


def _longest_silence_s(sound: Samples) -> float:
    """Below -60 dBFS, by hundredths of a second, once something was heard."""
    step = RATE_HZ // 100
    levels = np.sqrt((sound[: len(sound) // step * step].reshape(-1, step * 2) ** 2).mean(axis=1))
    longest = run = 0
    for quiet in levels < _SILENT:
        run = run + 1 if quiet else 0
        longest = max(longest, run)
    return longest / 100


def _many(servers: int, seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench._mouths", str(servers), str(seconds)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {
        f"core_share_{servers}_servers": found["core_share"],
        f"jitter_ms_p99_{servers}_servers": found["jitter_ms_p99"],
        f"underruns_{servers}_servers": found["underruns"],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
