"""Shots, words and sound in one film."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PIL import Image, ImageDraw

from pipeline.audio.captions import Shown
from pipeline.cancelled import Cancelled
from pipeline.errors import Missing, Refused, Unwell
from pipeline.film.camera import Camera
from pipeline.film.storyteller import StorytellerFigure
from pipeline.film.subtitles import Subtitles
from pipeline.pictures.fonts import font_for
from pipeline.words.picture import PaperSheet
from pipeline.words.story import NARRATOR

if TYPE_CHECKING:
    import av.container

    Packet = av.Packet[Any]
    from av.video.stream import VideoStream

FPS = 25
"""Moments in a second at which something may change: a word is lit within 20 ms."""
_SCENE_EVERY = 2
"""Paper moves on twos, as in a film of cut paper."""
_STILL_FRAMES = 25
"""A frame is repeated at least so often, for players that jump."""
_CRF, _LEAST_KBPS = 25, 90
_SPARE = 0.92
"""Of the bytes that are left for the picture: a rate is only nearly kept."""
_TRIES = 3


@dataclass(frozen=True)
class FilmShape:
    """How large a film is."""

    name: str
    width: int
    height: int


SHAPES = {
    "wide": FilmShape("wide", 1_280, 720),
    "tall": FilmShape("tall", 720, 1_280),
    "square": FilmShape("square", 720, 720),
}


@dataclass(frozen=True)
class Shot:
    """One scene of a film."""

    start_s: float
    """On the first downbeat of its music."""
    end_s: float
    sheets: Callable[[], Sequence[PaperSheet]]
    """Cut when the shot begins, so that one scene alone lies in memory."""


@dataclass(frozen=True)
class Reel:
    """What a film is made of."""

    title: str
    shots: Sequence[Shot]
    captions: Sequence[Shown]
    sound: Path
    """The delivered sound, whose packets are taken as they are: `.m4b`, or `.opus` where there is no H.264."""
    seconds: float
    burnt: bool = True
    """Whether the words stand in the picture."""


@dataclass(frozen=True)
class _Codec:
    name: str
    container: str
    pixels: str
    options: dict[str, str]
    brand: dict[str, str]


_H264 = _Codec("libx264", "mp4", "yuv420p", {"preset": "veryfast", "tune": "animation"}, {"movflags": "+faststart"})
_VP9 = _Codec("libvpx-vp9", "webm", "yuv420p", {"deadline": "realtime", "cpu-used": "7", "row-mt": "1"}, {})


def codec_here() -> _Codec:
    """Return the encoder of this machine's PyAV; raises Missing `film_encoder_missing` where it has neither."""
    from av.codec import codecs_available

    for codec in (_H264, _VP9):
        if codec.name in codecs_available:
            return codec
    raise Missing("film_encoder_missing")


def suffix_here() -> tuple[str, str]:
    """Return the endings of the film and of the sound that goes into it."""
    return (".mp4", ".m4b") if codec_here() is _H264 else (".webm", ".opus")


def shoot(
    reel: Reel, to: Path, shape: FilmShape, check: Cancelled, limit_bytes: int | None = None,
    progress: Callable[[float], None] = lambda _share: None,
) -> None:  # fmt: skip
    """Write the film, in constant memory and within the limit.

    Raises Refused `film_over_limit` where even a coarse picture is too large, Unwell `film_unwritten`.
    """
    left = None if limit_bytes is None else limit_bytes - reel.sound.stat().st_size
    kbps = None if left is None else int(left * 8 * _SPARE / reel.seconds / 1_000)
    try:
        for _ in range(_TRIES):
            if kbps is not None and kbps < _LEAST_KBPS:
                break
            _written(reel, to, shape, check, kbps, progress)
            size = to.stat().st_size
            if limit_bytes is None or size <= limit_bytes:
                return
            kbps = int((kbps or _LEAST_KBPS) * _SPARE * limit_bytes / size)
    except OSError as error:
        code = "disk_full" if error.errno == errno.ENOSPC else "film_unwritten"
        raise Unwell(code, folder=str(to.parent), why=error.strerror or str(error)) from error
    to.unlink(missing_ok=True)
    raise Refused("film_over_limit", limit_mb=round((limit_bytes or 0) / 2**20, 1), seconds=round(reel.seconds))


def _written(
    reel: Reel, to: Path, shape: FilmShape, check: Cancelled, kbps: int | None, progress: Callable[[float], None]
) -> None:
    import av  # here: PyAV brings all of FFmpeg

    codec = codec_here()
    with av.open(str(reel.sound)) as source, av.open(str(to), "w", codec.container, options=codec.brand) as file:
        heard = source.streams.audio[0]
        sound = file.add_stream_from_template(heard)
        picture = cast("VideoStream", file.add_stream(codec.name, rate=FPS, options=dict(codec.options)))
        picture.width, picture.height, picture.pix_fmt = shape.width, shape.height, codec.pixels
        picture.codec_context.thread_count = 1
        # As good as it needs to be, and no more than fits: a generous limit is not filled for its own sake.
        picture.codec_context.options |= {"crf": str(_CRF)}
        if kbps is not None:
            picture.codec_context.options |= {"maxrate": f"{kbps}k", "bufsize": f"{kbps * 2}k"}
        picture.codec_context.time_base = Fraction(1, FPS)
        picture.codec_context.gop_size = FPS * 4
        file.metadata.update(source.metadata)
        if codec.container == "mp4":
            file.set_chapters(source.chapters())
        packets = source.demux(heard)
        waiting = next(packets, None)
        for tick, image in _frames(reel, shape):
            check()
            frame = av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24")
            frame.pts, frame.time_base = tick, Fraction(1, FPS)
            file.mux(picture.encode(frame))
            progress(tick / FPS / reel.seconds)
            while waiting is not None and waiting.pts is not None and waiting.pts * waiting.time_base <= tick / FPS:
                waiting = _passed(file, waiting, sound, packets)
        file.mux(picture.encode(None))
        while waiting is not None:
            waiting = _passed(file, waiting, sound, packets)


def _passed(
    file: av.container.OutputContainer, packet: Packet, stream: av.AudioStream, packets: Iterator[Packet]
) -> Packet | None:
    """Take one packet of sound over as it is, and return the next."""
    if packet.pts is not None:
        packet.stream = stream
        file.mux(packet)
    return next(packets, None)


def _frames(reel: Reel, shape: FilmShape) -> Iterator[tuple[int, Image.Image]]:
    """Give every frame that differs from the one before it, with its moment in ticks."""
    words = [word for one in reel.captions for word in one.words]
    speakers = [(one.start_s, one.end_s, one.speaker) for one in reel.captions if one.words]
    size = round(min(shape.width, shape.height) * 0.20)
    corner = StorytellerFigure(size, words)
    subtitles = Subtitles(reel.captions, shape.width, shape.height) if reel.burnt else None
    card = _title(reel.title, shape, words[0].start_s if words else 2.0) if reel.burnt else None
    for nth, shot in enumerate(reel.shots):
        camera = Camera(list(shot.sheets()), shape.width, shape.height, leftwards=bool(nth % 2))
        first, last = round(shot.start_s * FPS), round(shot.end_s * FPS)
        before: object = None
        for tick in range(first, last):
            at_s = tick / FPS
            if (tick - first) % _SCENE_EVERY == 0:
                speaker = next((who for start, end, who in speakers if start <= at_s < end), NARRATOR)
                camera.at(at_s - shot.start_s, shot.end_s - shot.start_s, speaker)
            titled = card is not None and at_s < card[1]
            now = (camera.lies, corner.look(at_s), subtitles.at(at_s) if subtitles else None, titled)
            if now == before and (tick - first) % _STILL_FRAMES:
                continue
            before = now
            frame = camera.frame.copy()
            look = corner.looks[now[1]]
            frame.paste(look, (round(shape.width * 0.015), shape.height - look.height), look)
            if titled and card is not None:
                frame.paste(card[0], ((shape.width - card[0].width) // 2, round(shape.height * 0.12)), card[0])
            if subtitles is not None and (shown := now[2]) is not None:
                band = subtitles.image(*shown)
                # Beside the figure where there is room, else above it.
                above = look.height if shape.width <= shape.height else round(shape.height * 0.045)
                low = shape.height - band.height - above
                left = max((shape.width - band.width) // 2, 0)
                frame.paste(band, (left, low), band)
            yield tick, frame


def _title(title: str, shape: FilmShape, until_s: float) -> tuple[Image.Image, float]:
    """Return the title on a strip of paper, and until when it is shown: to the first word."""
    most, side = shape.width * 0.84, min(shape.width, shape.height)
    # A long title is written smaller, and only then cut.
    sizes = (round(side * share) for share in (0.075, 0.06, 0.048, 0.04))
    fonts = [font_for(title or "a", size) for size in sizes]
    font = next((one for one in fonts if one.getlength(title) <= most), fonts[-1])
    while font.getlength(title) > most and len(title) > 1:
        title = title[:-2].rstrip() + "…"
    wide, tall = round(font.getlength(title)) + 70, round(side * 0.14)
    strip = Image.new("RGBA", (wide, tall), (244, 234, 208, 240))
    ImageDraw.Draw(strip).text((wide / 2, tall / 2), title, font=font, fill=(60, 34, 40, 255), anchor="mm")
    return strip, until_s
