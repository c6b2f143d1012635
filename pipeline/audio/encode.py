"""Samples into what others read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.audio.block import Layout, header
from pipeline.audio.container import FORMS, FileFormat, encode
from pipeline.audio.decode import blocks_of
from pipeline.audio.dynamics import true_peak
from pipeline.audio.tags import chapters_of, tags_of
from pipeline.errors import Refused
from pipeline.words.sound import RATE_HZ, Samples
from pipeline.words.tale import Tale

PEAK_CEILING = 10 ** (-1.1 / 20)
"""A hair under -1 dBTP, in what the listener's decoder gives: not every meter oversamples alike."""
_MOST_TRIES = 5
_SPARE = 0.97
"""A rate is only nearly kept by its codec."""
_MONO_BELOW_KBPS = 24


def stem_bytes(samples: Samples) -> bytes:
    """A lossless 48 kHz float32 WAV; (n,) is mono, (n, 2) stereo."""
    layout = Layout(len(samples), 1 if samples.ndim == 1 else samples.shape[1])
    return header(layout) + np.ascontiguousarray(samples, dtype="<f4").tobytes()


def deliver(
    master: Path, to: Path, tale: Tale, cover: Path | None = None, byte_limit: int | None = None, mono: bool = False
) -> None:
    """The tale as `to`, by its ending .opus .mp3 .m4b .flac .wav, with title, credits, cover and chapters.

    Raises Refused `format_unknown`, or `sound_over_limit` where no bearable rate fits into `byte_limit`.
    """
    form = FORMS.get(to.suffix)
    if form is None:
        raise Refused("format_unknown", format=to.suffix, known=" ".join(FORMS))
    seconds = max(1.0, tale.master.samples / RATE_HZ)
    picture = cover.read_bytes() if cover else None
    kbps = _first_rate(form, seconds, byte_limit, len(picture or b""))
    gain = 1.0
    for _ in range(_MOST_TRIES):
        if form.most_kbps and kbps < form.least_kbps:
            break
        one_side = mono or bool(form.most_kbps and kbps < _MONO_BELOW_KBPS)
        blocks = (block * gain for block in blocks_of(master)) if gain != 1.0 else blocks_of(master)
        encode(to, blocks, form, kbps, tags_of(tale), picture, chapters_of(tale), one_side)
        size = to.stat().st_size
        if byte_limit is not None and size > byte_limit:
            kbps = int(kbps * _SPARE * byte_limit / size)
            continue
        peak = max((true_peak(block) for block in blocks_of(to)), default=0.0) if form.most_kbps else 0.0
        if peak <= PEAK_CEILING:
            return
        gain *= 0.99 * PEAK_CEILING / peak
    to.unlink(missing_ok=True)
    raise Refused("sound_over_limit", limit_mb=round((byte_limit or 0) / 2**20, 1), seconds=round(seconds))


def _first_rate(form: FileFormat, seconds: float, byte_limit: int | None, extra_bytes: int) -> int:
    """The best rate that should fit."""
    if byte_limit is None or not form.most_kbps:
        return form.most_kbps
    return min(form.most_kbps, int((byte_limit - extra_bytes - 8_192) * 8 * _SPARE / seconds / 1_000))
