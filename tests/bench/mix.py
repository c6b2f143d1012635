"""The mix, measured beside its rivals."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyloudnorm
from scipy.signal import resample_poly

from pipeline.artifacts import Artifacts
from pipeline.audio.container import FORMS, encode
from pipeline.audio.decode import blocks_of, read_stem
from pipeline.audio.encode import deliver
from pipeline.audio.loudness import loudness_ungated
from pipeline.audio.master import TARGET_LUFS
from pipeline.audio.sum import Gains, Sum
from pipeline.cancelled import Cancelled
from pipeline.roles import Composer, Transcriber
from pipeline.words.jsonable import to_json
from pipeline.words.sound import RATE_HZ, Recording, Samples
from pipeline.words.timeline import Timeline
from tests.bench._machine import reference, reference_lines
from tests.bench._tales import COMPOSER, Drawn, Said, bank, drawn, lent, longer
from tests.pipeline.audio.making import Made, mixed

MINUTES, LONG, _A_MINUTE = 5, 12, 10
"""The rivals get five minutes, of ten passages each; memory is measured over an hour too."""
_WHISPER = "whisper-base"


def main(argv: Sequence[str]) -> int:
    """Print a table, or one flat object with --json."""
    parser = argparse.ArgumentParser(prog="echotales.py bench mix")
    parser.add_argument("--tales", type=int, default=200, help="random tales for loudness and peaks")
    parser.add_argument("--heard", type=int, default=12, help="tales that Whisper hears dry and mixed")
    parser.add_argument("--rounds", type=int, default=2, help="runs of each rival; 0 leaves them out")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="echotales-bench-") as scratch, lent(COMPOSER, Composer) as composer:
        said = bank()
        tales, figures = Path(scratch) / "tales", {}
        if args.rounds:
            figures = _rivalry(Path(scratch) / "five", said, composer, args.rounds)
        figures |= _tales(tales, said, composer, args.tales)
        if args.heard:
            figures |= _heard([drawn(said, composer, Artifacts(tales), 9_000 + seed, 5) for seed in range(args.heard)])
    if args.json:
        print(json.dumps(figures | reference()))
    else:
        print("\n".join(f"{name:28} {value:>12}" for name, value in figures.items()))
        print(reference_lines())
    return 0


def _rivalry(folder: Path, said: Sequence[Said], composer: Composer, rounds: int) -> dict[str, Any]:
    """The same stems mastered three ways in one run, in turns; the best of each, which a busy machine spoils least."""
    made = drawn(said, composer, Artifacts(folder), 1, _A_MINUTE * MINUTES).made
    _for_rivals(folder, made)
    (folder / "hour.json").write_text(json.dumps({"timeline": to_json(longer(made, LONG).timeline)}), encoding="utf-8")
    names = ["ours", "pydub", *(["ffmpeg"] if shutil.which("ffmpeg") else [])]
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            runs[name].append(_run(name, folder, "tale"))
    seconds = {name: min(run["seconds"] for run in runs[name]) for name in names}
    cpu_s = {name: min(run["cpu_s"] for run in runs[name]) for name in names}
    hour = _run("ours", folder, "hour")
    return {
        "minutes": round(made.timeline.seconds / 60, 2),
        "master_s": round(seconds["ours"], 3),
        "pydub_ratio": round(seconds["pydub"] / seconds["ours"], 1),
        # Where the program is not installed the comparison is owed, not guessed.
        "ffmpeg_ratio": round(seconds["ffmpeg"] / seconds["ours"], 1) if "ffmpeg" in seconds else None,
        "pydub_cpu_ratio": round(cpu_s["pydub"] / cpu_s["ours"], 1),
        "ffmpeg_cpu_ratio": round(cpu_s["ffmpeg"] / cpu_s["ours"], 1) if "ffmpeg" in cpu_s else None,
        "peak_mb": round(max(hour["mb"], *(run["mb"] for run in runs["ours"])), 1),
        "peak_mb_short": round(max(run["mb"] for run in runs["ours"]), 1),
        "peak_mb_hour": round(hour["mb"], 1),
        "hour_minutes": round(LONG * made.timeline.seconds / 60, 1),
        "pydub_mb": round(max(run["mb"] for run in runs["pydub"]), 1),
        "hour_s": round(hour["seconds"], 2),
    }


def _for_rivals(folder: Path, made: Made) -> None:
    """The dressed stems as 16-bit WAV, passage by passage and joined, since neither rival reads ours as they are."""
    beds, voices, lines = [], [], []
    for nth, placed in enumerate(made.timeline.placed):
        bed = read_stem(made.keep.path(placed.scored.bed))
        beds.append(f"bed{nth}.wav")
        encode(folder / beds[-1], [bed], FORMS[".wav"])
        if placed.spoken is None:
            continue
        voice = read_stem(made.keep.path(placed.spoken.voice))
        name, at = f"voice{nth}.wav", placed.start
        encode(folder / name, [np.repeat(voice[:, None], 2, axis=1)], FORMS[".wav"])
        voices.append((name, at * 1_000 // RATE_HZ))
        lines += [
            ((at + line.start) * 1_000 // RATE_HZ, (at + line.end) * 1_000 // RATE_HZ) for line in placed.spoken.lines
        ]
    for name, gains in {"voice": Gains(1, 0), "bed": Gains(0, 1)}.items():
        whole = _summed(made)
        blocks = (whole.block(at, RATE_HZ, gains) for at in range(0, whole.samples, RATE_HZ))
        encode(folder / f"{name}.wav", blocks, FORMS[".wav"])
    told = {"timeline": to_json(made.timeline), "beds": beds, "voices": voices, "lines_ms": lines}
    (folder / "tale.json").write_text(json.dumps(told), encoding="utf-8")


def _run(name: str, folder: Path, tale: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench._rivals", name, str(folder), tale]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _tales(folder: Path, said: Sequence[Said], composer: Composer, count: int) -> dict[str, Any]:
    """Random tales: loudness by the referee, peaks of what a listener's decoder gives, speech over bed line by line."""
    referee = pyloudnorm.Meter(RATE_HZ)
    lufs, peaks, over, gains = [], [], [], []
    for seed in range(count):
        keep = Artifacts(folder / str(seed))
        made = drawn(said, composer, keep, 100 + seed, 2 + seed % 5).made
        tale = mixed(made)
        lufs.append(referee.integrated_loudness(_whole(keep.path(tale.master.audio))))
        given = folder / str(seed) / "tale.opus"
        deliver(keep.path(tale.master.audio), given, tale)
        peaks.append(true_peak_db(_whole(given)))
        over += speech_over_bed(made, made.timeline)
        gains.append(abs(tale.master.gain_db))
        shutil.rmtree(folder / str(seed))
    if not count:
        return {}
    return {
        "tales": count,
        "lufs_in_bounds": sum(abs(one - TARGET_LUFS) <= 1 for one in lufs) / count,
        "lufs_least": round(min(lufs), 2),
        "lufs_most": round(max(lufs), 2),
        "gain_db_most": round(max(gains), 2),
        "true_peak_dbtp_max": round(max(peaks), 2),
        "speech_over_bed_lu": round(statistics.median(over), 1),
        "speech_over_bed_lu_least": round(min(over), 1),
    }


def speech_over_bed(made: Made, timeline: Timeline) -> list[float]:
    """Every line's own loudness above all else that sounds with it, tails included."""
    found = []
    whole = Sum(made.path_of)
    whole.grow(timeline)
    for placed in timeline.placed:
        for line in placed.spoken.lines if placed.spoken else ():
            place = (placed.start + line.start, line.end - line.start)
            voice, rest = (loudness_ungated(whole.block(*place, gains)) for gains in (Gains(1, 0), Gains(0, 1)))
            found.append(voice - rest)
    return found


def _heard(tales: Sequence[Drawn]) -> dict[str, Any]:
    """Word errors of Whisper on the dry voice and on the mix, in points of a hundred."""
    errors = {"dry": 0, "mix": 0}
    words = 0
    with lent(_WHISPER, Transcriber) as whisper:
        for tale in tales:
            told = plain(tale.text)
            words += len(told)
            for name, gains in {"dry": Gains(1, 0), "mix": Gains()}.items():
                whole = _summed(tale.made)
                sound = whole.block(0, whole.samples, gains).mean(axis=1)
                heard = whisper.transcribe(Recording(sound, RATE_HZ), "en", Cancelled())
                errors[name] += distance(told, plain(heard.text))
    wer = {name: 100 * count / words for name, count in errors.items()}
    return {"wer_dry": round(wer["dry"], 2), "wer_mix_minus_dry": round(wer["mix"] - wer["dry"], 2), "words": words}


def _summed(made: Made) -> Sum:
    whole = Sum(made.path_of)
    whole.grow(made.timeline)
    return whole


def _whole(file: Path) -> Samples:
    return np.concatenate(list(blocks_of(file)))


def true_peak_db(sound: Samples) -> float:
    """By somebody else's oversampling."""
    oversampled = np.abs(resample_poly(sound.astype(np.float32), 4, 1, axis=0)).max()
    return 20 * float(np.log10(oversampled))


def plain(text: str) -> list[str]:
    return re.sub(r"[^a-z' ]", " ", text.lower().replace("-", " ")).split()


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    row = list(range(len(other) + 1))
    for nth, word in enumerate(one, 1):
        before, row[0] = row[0], nth
        for at, heard in enumerate(other, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (word != heard))
    return row[-1]
