"""Encodes blocks of sound into a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from pipeline.audio.tags import Chapter, ogg_picture
from pipeline.words.sound import RATE_HZ, Samples

if TYPE_CHECKING:
    import av.container
    from av.audio.stream import AudioStream


@dataclass(frozen=True)
class FileFormat:
    """A kind of file to deliver."""

    container: str
    codec: str
    sample_format: str
    most_kbps: int = 0
    """0 for lossless."""
    least_kbps: int = 0
    """Lowest bitrate at which speech is still pleasant."""
    options: Mapping[str, str] | None = None
    """Options of the codec."""
    brand: Mapping[str, str] | None = None
    """Options of the container."""


FORMS: dict[str, FileFormat] = {
    ".opus": FileFormat("ogg", "libopus", "flt", 96, 10, {"vbr": "on", "application": "audio"}),
    ".mp3": FileFormat("mp3", "libmp3lame", "fltp", 160, 32, {"compression_level": "5"}),
    ".m4b": FileFormat("mp4", "aac", "fltp", 112, 32, None, {"brand": "M4B ", "movflags": "+faststart"}),
    ".flac": FileFormat("flac", "flac", "s16"),
    ".wav": FileFormat("wav", "pcm_s16le", "s16"),
}
_PICTURED = {"mp3", "flac", "mp4"}
"""Containers in which a cover is a stream of its own; in Ogg it is a tag, WAV has none."""


def encode(
    path: Path,
    blocks: Iterable[Samples],
    form: FileFormat,
    kbps: int = 0,
    tags: Mapping[str, str] | None = None,
    cover: bytes | None = None,
    chapters: Iterable[Chapter] = (),
    mono: bool = False,
) -> None:
    """Encode stereo blocks into one file, in constant memory; `kbps` 0 for the form's best."""
    import av  # here: PyAV brings all of FFmpeg, and many verbs encode nothing

    with ExitStack() as open_files:
        file = open_files.enter_context(av.open(str(path), "w", format=form.container, options=dict(form.brand or {})))
        sound = cast("AudioStream", file.add_stream(form.codec, rate=RATE_HZ, options=dict(form.options or {})))
        sound.codec_context.layout = "mono" if mono else "stereo"
        sound.codec_context.format = form.sample_format
        if form.most_kbps:
            sound.codec_context.bit_rate = 1_000 * (kbps or form.most_kbps)
        _tell(file, sound, form, tags or {}, cover, list(chapters))
        at = 0
        for block in blocks:
            frame = _frame(block, form.sample_format, mono)
            frame.pts, frame.time_base = at, Fraction(1, RATE_HZ)
            at += len(block)
            file.mux(sound.encode(frame))
        file.mux(sound.encode(None))  # what the codec still holds back


def _tell(
    file: av.container.OutputContainer,
    sound: AudioStream,
    form: FileFormat,
    tags: Mapping[str, str],
    cover: bytes | None,
    chapters: list[Chapter],
) -> None:
    """Add words, picture and chapters, which PyAV takes only before the first sound."""
    file.metadata.update(tags)
    # Ogg keeps comments with the stream: the container's own would be dropped.
    if form.container == "ogg":
        sound.metadata.update(tags)
        if cover:
            sound.metadata["METADATA_BLOCK_PICTURE"] = ogg_picture(cover)
    if chapters and form.container == "mp4":
        file.set_chapters([_marked(nth, chapter) for nth, chapter in enumerate(chapters)])
    if cover and form.container in _PICTURED:
        _hang(file, cover)


def _hang(file: av.container.OutputContainer, cover: bytes) -> None:
    import av
    from av.stream import Disposition

    picture = file.add_stream("png", rate=1)
    # A PNG's header holds its size; the packet is passed through as it is, without being encoded again.
    picture.width, picture.height = (int.from_bytes(cover[at : at + 4], "big") for at in (16, 20))
    picture.pix_fmt = "rgb24"
    picture.disposition = Disposition.attached_pic
    file.start_encoding()
    packet = av.Packet(cover)
    packet.stream, packet.pts, packet.dts, packet.time_base = picture, 0, 0, Fraction(1, 1)
    file.mux(packet)


def _marked(nth: int, chapter: Chapter) -> Any:
    times = {"start": int(chapter.start_s * 1_000), "end": int(chapter.end_s * 1_000), "time_base": Fraction(1, 1_000)}
    return {"id": nth, "metadata": {"title": chapter.title}, **times}


def _frame(block: Samples, sample_format: str, mono: bool) -> av.AudioFrame:
    import av

    sound = block.mean(axis=1, keepdims=True) if mono else block
    if sample_format == "fltp":
        laid = np.ascontiguousarray(sound.T)
    else:
        laid = (_whole_numbers(sound) if sample_format == "s16" else sound).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(laid, format=sample_format, layout="mono" if mono else "stereo")
    frame.sample_rate = RATE_HZ
    return frame


def _whole_numbers(block: Samples) -> Any:
    """Round to sixteen bits; the sum never reaches their limit, an uploaded sound is clipped there."""
    scaled = block * np.float32(32_767)
    return np.clip(np.rint(scaled, out=scaled), -32_768, 32_767, out=scaled).astype("<i2")
