"""What the models give, kept between runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.backends.e5.file import E5File
from pipeline.backends.e5.layers import E5
from pipeline.backends.text_e5 import ADAPTERS, read_adapters
from pipeline.backends.transcribe_whisper import spoken
from pipeline.backends.voice_head import tones_of as tones_in
from pipeline.places import Places
from pipeline.settings import read_settings
from pipeline.shelf.manifest import read_manifest
from pipeline.shelf.weights import ensure, weights_of
from pipeline.words.sound import Recording
from tests.mood.voices import HEARING_HZ, Clip

Array = npt.NDArray[np.float64]
AFTER = (8, 10, 12)
"""The layers the text head looks at."""
KEPT = Places.here().cache / "bench"
PIECE = 500
Heard = tuple[str, str, str, Array]
"""(id, speaker, feeling, mean tone) of a clip."""


def weights(model: str) -> Mapping[str, Path]:
    """Real weights; pulled if they lack."""
    manifest, places, settings = read_manifest(), Places.here(), read_settings()
    ensure((manifest[model],), places, settings)
    return weights_of(manifest[model], places, settings)


def means_of(texts: Sequence[str], say: Callable[[str], None] = print) -> Array:
    """One row a sentence, by the adapted e5."""
    mark = ADAPTERS.read_bytes() if ADAPTERS.is_file() else b""
    file = KEPT / f"means-alone-{hashlib.sha256(mark + str(AFTER).encode()).hexdigest()[:12]}.npz"
    known = dict(_kept(file))
    missing = [text for text in dict.fromkeys(texts) if _key(text) not in known]
    if missing:
        model = E5(E5File(weights("e5-small")["model.bin"]), read_adapters())
        for start in range(0, len(missing), PIECE):
            piece = missing[start : start + PIECE]
            # One by one: in company the sums are rounded differently, and the head would not be the same bit for bit.
            known.update((_key(text), model.means([text], _never, AFTER)[0]) for text in piece)
            say(f"read {start + len(piece)} of {len(missing)} sentences")
        _keep(file, known)
    return np.stack([known[_key(text)] for text in texts]).astype(np.float64)


def tones_of(name: str, clips: Callable[[], Iterable[Clip]], say: Callable[[str], None] = print) -> list[Heard]:
    """Every clip of a corpus, by Whisper's encoder."""
    file = KEPT / f"tones-loud-{name}.npz"
    if file.is_file():
        with np.load(file, allow_pickle=False) as kept:
            rows = zip(kept["ids"], kept["speakers"], kept["feelings"], kept["tones"], strict=True)
            return [(str(one), str(who), str(how), tone.astype(np.float64)) for one, who, how, tone in rows]
    told = list(_listened(clips(), say))
    KEPT.mkdir(parents=True, exist_ok=True)
    ids, speakers, feelings, tones = zip(*told, strict=True)
    np.savez(file, ids=ids, speakers=speakers, feelings=feelings, tones=np.stack(tones).astype(np.float32))
    return told


def _listened(clips: Iterable[Clip], say: Callable[[str], None]) -> Iterator[Heard]:
    from faster_whisper import WhisperModel

    folder = weights("whisper-base")["model.bin"].parent
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)
    for number, clip in enumerate(clips):
        _, speech = spoken(Recording(clip.samples, HEARING_HZ))
        tones = tones_in(model, speech if len(speech) >= HEARING_HZ // 10 else clip.samples)
        yield clip.id, clip.speaker, clip.feeling, tones.mean(axis=0).astype(np.float64)
        if number % 100 == 99:
            say(f"heard {number + 1} clips")


def _kept(file: Path) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
    if file.is_file():
        with np.load(file, allow_pickle=False) as kept:
            yield from zip(map(str, kept["keys"]), kept["rows"], strict=True)


def _keep(file: Path, known: Mapping[str, npt.NDArray[np.float32]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(file, keys=list(known), rows=np.stack(list(known.values())))


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _never() -> None:
    return
