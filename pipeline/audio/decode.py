"""Files into samples."""

from __future__ import annotations

import io
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from pipeline.audio.block import HEADER_BYTES, Layout, layout_of
from pipeline.errors import Refused, TaleError
from pipeline.words.sound import RATE_HZ, Artifact, Samples

if TYPE_CHECKING:
    from av.container import InputContainer

T = TypeVar("T")
MOST_UPLOAD_S, MOST_UPLOAD_BYTES = 600.0, 64 * 2**20
_LEAST_RATE_HZ, _MOST_RATE_HZ, _MOST_CHANNELS = 4_000, 384_000, 8
_MOST_STREAMS = 32
"""A phone's film has four; each takes memory for tables of its own."""
# Only formats that hold sound themselves: a playlist handed in as a recording would make us open what it names.
_FORMATS = "aac,aiff,amr,au,caf,flac,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,ogg,w64,wav"
_BLOCK_FRAMES = RATE_HZ // 2
_MOST_OPEN = 12
"""Files held open for one tale: those of the passage that sounds and of the next, with what still rings."""
_NOTHING: Samples = np.zeros((0, 2), np.float32)


class Stems:
    """Keeps stems open while they are read, so that one removed meanwhile still sounds to its end."""

    def __init__(self, path_of: Callable[[Artifact], Path], forgiving: bool = False) -> None:
        self._path_of, self._forgiving = path_of, forgiving
        self._files: OrderedDict[Artifact, tuple[FileIO, Layout]] = OrderedDict()
        self.lost: dict[Artifact, TaleError | OSError] = {}
        """What could not be read, and why, where that is forgiven: it is silent until all is closed."""
        weakref.finalize(self, _close_all, self._files)

    def read(self, stem: Artifact, start: int, frames: int) -> Samples:
        """Reads frames as `read_stem` does; a forgiving reader gives no frames where others raise."""
        return self._tried(stem, lambda: _frames(*self._opened(stem), start, frames), otherwise=_NOTHING)

    def can_read(self, stem: Artifact) -> bool:
        """Whether it is there; raises as `read`."""
        return self._tried(stem, lambda: bool(self._opened(stem)), otherwise=False)

    def hold(self, stems: Iterable[Artifact]) -> None:
        """Opens stems that are read soon."""
        # One that cannot be opened says so when it is read: only then is it known whether anybody needs it.
        for stem in stems:
            with suppress(TaleError, OSError):
                self._opened(stem)

    def close(self) -> None:
        """Let go of the files; a later reading opens them anew."""
        _close_all(self._files)
        self.lost.clear()

    def _tried(self, stem: Artifact, read: Callable[[], T], otherwise: T) -> T:
        if stem in self.lost:
            return otherwise
        try:
            return read()
        except (TaleError, OSError) as error:
            if not self._forgiving:
                raise
            self.lost[stem] = error
            return otherwise

    def _opened(self, stem: Artifact) -> tuple[FileIO, Layout]:
        if stem not in self._files:
            try:
                self._files[stem] = _opened(self._path_of(stem))
            except FileNotFoundError:  # the opened copy of a sealed one made room for another this very moment
                self._files[stem] = _opened(self._path_of(stem))
            while len(self._files) > _MOST_OPEN:
                self._files.popitem(last=False)[1][0].close()
        self._files.move_to_end(stem)
        return self._files[stem]


def read_stem(path: Path, start: int = 0, frames: int = -1) -> Samples:
    """Frames of a stem, (n,) or (n, 2); fewer at its end, none past it. Raises Refused `stem_unreadable`."""
    file, layout = _opened(path)
    with file:
        return _frames(file, layout, start, frames)


def _opened(path: Path) -> tuple[FileIO, Layout]:
    file = FileIO(path)
    try:
        return file, layout_of(file.read(HEADER_BYTES), path)
    except Refused:
        file.close()
        raise


def _frames(file: FileIO, layout: Layout, start: int, frames: int) -> Samples:
    left = max(0, layout.frames - start)
    count = left if frames < 0 else min(frames, left)
    # Straight into the array, without a copy in between: the player reads its blocks this way.
    file.seek(HEADER_BYTES + start * layout.frame_bytes)
    samples = np.empty((count, layout.channels), np.float32)
    if file.readinto(samples.data.cast("B") if count else bytearray()) != samples.nbytes:
        raise Refused("stem_unreadable", file=Path(str(file.name)).name)
    return samples[:, 0] if layout.channels == 1 else samples


def _close_all(files: OrderedDict[Artifact, tuple[FileIO, Layout]]) -> None:
    while files:
        files.popitem()[1][0].close()


def blocks_of(path: Path) -> Iterator[Samples]:
    """One of our own files as stereo at 48 kHz, in blocks of about half a second."""
    import av

    with av.open(str(path)) as file:
        gather = av.AudioResampler(format="flt", layout="stereo", rate=RATE_HZ, frame_size=_BLOCK_FRAMES)
        for frame in file.decode(file.streams.audio[0]):
            yield from (_stereo(ready) for ready in gather.resample(frame))
        yield from (_stereo(ready) for ready in gather.resample(None))


def read_upload(
    upload: bytes | Path, rate_hz: int, most_s: float = MOST_UPLOAD_S, most_bytes: int = MOST_UPLOAD_BYTES
) -> Samples:
    """Anybody's sound as mono at `rate_hz`, in -1..1 and finite; a stranger's is read by `read_apart` (upload.py).

    Raises Refused `sound_too_big`, `sound_too_long`, `sound_unreadable` or `sound_empty`.
    """
    size = len(upload) if isinstance(upload, bytes) else upload.stat().st_size
    if size > most_bytes:
        raise Refused("sound_too_big", most_mb=most_bytes // 2**20)
    import av

    try:
        source: Any = io.BytesIO(upload) if isinstance(upload, bytes) else str(upload)
        whitelists = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
        bounds = whitelists | {"max_streams": str(_MOST_STREAMS)}
        with av.open(source, container_options=bounds, metadata_errors="ignore") as file:
            samples = _mono(file, rate_hz, most_s)
    except (av.FFmpegError, ValueError, MemoryError, OSError) as error:
        raise Refused("sound_unreadable", why=type(error).__name__) from error
    if not len(samples):
        raise Refused("sound_empty")
    return samples


def _mono(file: InputContainer, rate_hz: int, most_s: float) -> Samples:
    import av
    import soxr

    if not file.streams.audio:
        raise Refused("sound_empty")
    sound = file.streams.audio[0]
    if sound.codec_context is None:  # a codec that no decoder here knows
        raise Refused("sound_unreadable", why="unknown codec")
    given_hz = sound.codec_context.sample_rate
    if not _LEAST_RATE_HZ <= given_hz <= _MOST_RATE_HZ or sound.codec_context.channels > _MOST_CHANNELS:
        raise Refused("sound_unreadable", why=f"{given_hz} Hz, {sound.codec_context.channels} channels")
    floats = av.AudioResampler(format="fltp", layout=sound.codec_context.layout, rate=given_hz)
    stream = soxr.ResampleStream(given_hz, rate_hz, 1, dtype="float32")
    pieces, length = [np.zeros(0, np.float32)], 0
    for frame in file.decode(sound):
        for ready in floats.resample(frame):
            length += ready.samples
            if length > most_s * given_hz:
                raise Refused("sound_too_long", most_s=round(most_s))
            pieces.append(stream.resample_chunk(_sane(np.asarray(ready.to_ndarray(), np.float32)).mean(axis=0)))
    pieces.append(stream.resample_chunk(np.zeros(0, np.float32), last=True))
    return np.concatenate(pieces)


def _sane(samples: Samples) -> Samples:
    """Finite and within full scale, whatever a float file claims."""
    return np.asarray(np.clip(np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0), -1, 1), np.float32)


def _stereo(frame: Any) -> Samples:
    return np.asarray(frame.to_ndarray().reshape(-1, 2), np.float32)
