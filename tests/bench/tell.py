"""How fast a tale is told here."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pipeline.artifacts import Artifacts
from pipeline.cancelled import Cancelled
from pipeline.cli.here import Here, opened
from pipeline.cli.tell import Stopwatch, told_here
from pipeline.shelf.budget import peak_resident_mb
from pipeline.shelf.profiles import entries_of
from pipeline.words.prompt import Prompt
from pipeline.words.sound import RATE_HZ
from pipeline.words.tale import Tale
from tests.bench._machine import reference, reference_lines

PROMPT = "A lighthouse keeper befriends a storm"
DEFAULT, PROFILES = "embedded", ("embedded", "tiny")


@dataclass(frozen=True)
class Figures:
    """One profile, warm unless a name says cold."""

    tale_s: float
    audio_s: float
    tale_to_audio_ratio: float
    first_word_s: float
    overhead_ratio: float
    narration_rtf: float
    peak_rss_mb: float
    weights_mb: float
    words: int
    words_per_minute: float
    pause_share: float
    """Between the first word and the last."""
    speechless_share: float
    """The music before and after counted too."""
    cold_tale_s: float
    cold_first_word_s: float


def main(argv: list[str]) -> int:
    """Tell one tale cold and one warm under each profile, each profile in a process of its own."""
    parser = argparse.ArgumentParser(prog="echotales.py bench tell")
    parser.add_argument("--profile", choices=PROFILES, help="only this one; default both")
    parser.add_argument("--words", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.here:
        print(json.dumps(asdict(measured(args.profile, args.words))))
        return 0
    found = {profile: _in_a_process(profile, args.words) for profile in ([args.profile] if args.profile else PROFILES)}
    if args.json:
        print(json.dumps(_flat(found) | reference()))
    else:
        _table(found)
        print(reference_lines())
    return 0


def measured(profile: str, words: int) -> Figures:
    """The figures of this process, which must be fresh."""
    with opened(profile, yes=True, quiet=True) as here, tempfile.TemporaryDirectory() as folder:
        keep = Artifacts(Path(folder))
        prompt = Prompt(PROMPT, seed=7, words=words)
        _, cold = _told(here, prompt, keep)
        before_s, busy_before_s = dict(here.shelf.held_s), here.shelf.busy_s
        tale, warm = _told(here, replace(prompt, seed=8), keep)
        inside_s = {role: spent - before_s.get(role, 0.0) for role, spent in here.shelf.held_s.items()}
        speech_s = _speech_s(tale)
        audio_s = tale.master.samples / RATE_HZ
        told = sum(len(passage.text.split()) for passage in tale.story.passages)
        weights = sum(entry.bytes for entry in entries_of(here.profile, here.manifest, here.settings)) / 1e6
        return Figures(
            tale_s=warm.seconds_told,
            audio_s=audio_s,
            tale_to_audio_ratio=warm.seconds_told / audio_s,
            first_word_s=warm.first_word_s,
            overhead_ratio=warm.seconds_told / (here.shelf.busy_s - busy_before_s),
            narration_rtf=inside_s["Narrator"] / speech_s,
            peak_rss_mb=peak_resident_mb(),
            weights_mb=weights,
            words=told,
            words_per_minute=told / audio_s * 60,
            pause_share=_pauses_s(tale) / audio_s,
            speechless_share=1 - speech_s / audio_s,
            cold_tale_s=cold.seconds_told,
            cold_first_word_s=cold.first_word_s,
        )


@dataclass(frozen=True)
class _Times:
    seconds_told: float
    first_word_s: float


def _told(here: Here, prompt: Prompt, keep: Artifacts) -> tuple[Tale, _Times]:
    watch = Stopwatch()
    tale = told_here(here, prompt, keep, watch, Cancelled())
    return tale, _Times(watch.seconds, watch.first_word_s or 0.0)


def _speech_s(tale: Tale) -> float:
    lines = [line for placed in tale.timeline.placed if placed.spoken for line in placed.spoken.lines]
    return sum(line.end - line.start for line in lines) / RATE_HZ


def _pauses_s(tale: Tale) -> float:
    words = tale.timeline.captions()
    return words[-1].end_s - words[0].start_s - _speech_s(tale)


def _in_a_process(profile: str, words: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.tell", "--here", "--profile", profile, "--words", str(words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr or done.stdout)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _flat(found: dict[str, dict[str, float]]) -> dict[str, float]:
    """Plain names for the one asked for, or for the default; the other's carry its name."""
    plain = DEFAULT if DEFAULT in found else next(iter(found))
    return {
        (name if profile == plain else f"{profile}_{name}"): round(value, 4)
        for profile, figures in found.items()
        for name, value in figures.items()
    }


def _table(found: dict[str, dict[str, float]]) -> None:
    print(f"{'':22}" + "".join(f"{profile:>12}" for profile in found))
    for name in next(iter(found.values())):
        print(f"{name:22}" + "".join(f"{figures[name]:12.2f}" for figures in found.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
