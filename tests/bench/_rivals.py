"""Three ways to master the same stems."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

DUCK_DB = 8


def ours(folder: Path, tale: dict[str, Any], out: Path) -> Callable[[], None]:
    """The product's own sum, meter and encoder."""
    import numpy as np

    from pipeline.artifacts import Artifacts
    from pipeline.audio.container import FORMS, encode
    from pipeline.audio.loudness import Meter
    from pipeline.audio.master import constant_gain_db
    from pipeline.audio.sum import Sum
    from pipeline.words.jsonable import from_json
    from pipeline.words.timeline import Timeline

    timeline = from_json(Timeline, tale["timeline"])

    def work() -> None:
        whole, meter = Sum(Artifacts(folder).path), Meter()
        whole.grow(timeline)
        for block in whole.walk():
            meter.add(block)
        gain = np.float32(10 ** (constant_gain_db(meter.lufs) / 20))
        encode(out, (block * gain for block in whole.walk()), FORMS[".wav"])

    return work


def pydub(folder: Path, tale: dict[str, Any], out: Path) -> Callable[[], None]:
    """Duck line by line, overlay, normalise."""
    import warnings

    warnings.simplefilter("ignore")  # it names a program it does not need for WAV
    from pydub import AudioSegment
    from pydub.effects import normalize

    def work() -> None:
        parts = [AudioSegment.from_wav(folder / name) for name in tale["beds"]]
        bed = sum(parts[1:], parts[0])
        for start_ms, end_ms in tale["lines_ms"]:
            bed = bed[:start_ms] + (bed[start_ms:end_ms] - DUCK_DB) + bed[end_ms:]
        for name, start_ms in tale["voices"]:
            bed = bed.overlay(AudioSegment.from_wav(folder / name), position=start_ms)
        normalize(bed).export(out, format="wav")

    return work


def ffmpeg(folder: Path, tale: dict[str, Any], out: Path) -> Callable[[], None]:
    """sidechaincompress, amix and loudnorm in one graph; the stems are already joined for it."""
    graph = (
        "[0:a]asplit=2[voice][key];[1:a][key]sidechaincompress=threshold=0.02:ratio=8:attack=180:release=450[bed];"
        "[voice][bed]amix=inputs=2:duration=longest:normalize=0,loudnorm=I=-16:TP=-1:LRA=11"
    )
    inputs = ["-i", str(folder / "voice.wav"), "-i", str(folder / "bed.wav")]
    command = ["ffmpeg", "-v", "error", "-y", *inputs, "-filter_complex", graph, "-ar", "48000", str(out)]

    def work() -> None:
        subprocess.run(command, check=True, capture_output=True)

    return work


def main(argv: list[str]) -> int:
    """`NAME FOLDER`: one run, one JSON object."""
    name, folder = argv[0], Path(argv[1])
    tale = json.loads((folder / f"{argv[2]}.json").read_text(encoding="utf-8"))
    out = folder / f"{name}.out.wav"
    work = {"ours": ours, "pydub": pydub, "ffmpeg": ffmpeg}[name](folder, tale, out)
    before_mb, before_cpu_s, since_s = _status_mb("VmRSS"), _cpu_s(), time.perf_counter()
    work()
    seconds, cpu_s = time.perf_counter() - since_s, _cpu_s() - before_cpu_s
    print(json.dumps({"seconds": seconds, "cpu_s": cpu_s, "mb": _status_mb("VmHWM") - before_mb}))
    out.unlink()
    return 0


def _cpu_s() -> float:
    """Of this process and those it waited for."""
    return sum(os.times()[:4])


def _status_mb(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(name))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
