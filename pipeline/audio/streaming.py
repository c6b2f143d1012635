"""Sound encoded while it comes."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import numpy as np

from pipeline.words.sound import RATE_HZ, Samples

if TYPE_CHECKING:
    from av.audio.resampler import AudioResampler
    from av.audio.stream import AudioStream

PCM_HZ = 24_000
"""Rate of bare samples, as clients of OpenAI expect them."""
_FORMS = {
    "mp3": ("mp3", "libmp3lame", "fltp", {"write_xing": "0", "id3v2_version": "0"}),
    "opus": ("ogg", "libopus", "flt", {"page_duration": "20000"}),
    "aac": ("adts", "aac", "fltp", {}),
    "flac": ("flac", "flac", "s16", {}),
}
"""Container, codec, sample format and options by name; `wav` and `pcm` need no codec."""
STREAMED = (*_FORMS, "wav", "pcm")
_ENDLESS = 2**31 - 1
"""Bytes that a WAV of unknown length promises."""
_WAV_HEAD = struct.pack(
    "<4sI4s4sIHHIIHH4sI",
    *(b"RIFF", _ENDLESS, b"WAVE", b"fmt ", 16, 1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16, b"data", _ENDLESS - 36),
)


class _Sink:
    """Takes what a muxer writes; it cannot go back, so what was sent is never changed."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


class StreamedSound:
    """Takes mono samples at 48 kHz and gives what of their file is ready."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._sink = _Sink()
        self._at = 0
        self._began = False
        if form in _FORMS:
            self._open(*_FORMS[form])

    def feed(self, samples: Samples) -> bytes:
        """Take the next samples in, and return what can be sent."""
        if self._form == "wav":
            head = b"" if self._began else _WAV_HEAD
            self._began = True
            return head + _whole(samples).tobytes()
        if self._form == "pcm":
            return self._lowered(samples)
        self._encode(samples)
        return self._sink.taken()

    def end(self) -> bytes:
        """Return what is left, and close."""
        if self._form not in _FORMS:
            return self._lowered(None) if self._form == "pcm" and self._began else b""
        self._file.mux(self._sound.encode(None))
        self._file.close()
        return self._sink.taken()

    def _open(self, container: str, codec: str, sample_format: str, options: dict[str, str]) -> None:
        import av  # here: PyAV brings all of FFmpeg, and many verbs encode nothing

        self._file = av.open(self._sink, "w", format=container, options=options)
        self._sound = cast("AudioStream", self._file.add_stream(codec, rate=RATE_HZ))
        self._sound.codec_context.layout = "mono"
        self._sound.codec_context.format = sample_format
        if codec != "flac":
            self._sound.codec_context.bit_rate = 96_000
        self._sample_format = sample_format

    def _encode(self, samples: Samples) -> None:
        import av

        laid = _whole(samples) if self._sample_format == "s16" else samples.astype(np.float32)
        frame = av.AudioFrame.from_ndarray(laid.reshape(1, -1), format=self._sample_format, layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, self._at, Fraction(1, RATE_HZ)
        self._at += len(samples)
        self._file.mux(self._sound.encode(frame))

    def _lowered(self, samples: Samples | None) -> bytes:
        """Return samples at the lower rate; None for what the filter still holds."""
        import av

        if not self._began:
            self._began = True
            self._resampler: AudioResampler = av.AudioResampler("s16", "mono", PCM_HZ)
        frame = None
        if samples is not None:
            frame = av.AudioFrame.from_ndarray(_whole(samples).reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE_HZ, self._at
            self._at += len(samples)
        return b"".join(one.to_ndarray().astype("<i2").tobytes() for one in self._resampler.resample(frame))


def _whole(samples: Samples) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.clip(np.rint(samples * 32_767), -32_768, 32_767).astype("<i2")
