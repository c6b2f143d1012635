"""Feeling in a voice, by emotion2vec."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.backends.readable import look_for, reading
from pipeline.backends.torch_traps import mend_torchaudio
from pipeline.cancelled import Cancelled
from pipeline.errors import Unwell
from pipeline.words.mood import Emotion, Evidence, Mood
from pipeline.words.sound import HEARING_HZ, Recording

LEAST_S, WINDOW_S = 0.5, 10.0
"""Shorter clips are padded, for the model's first kernel is longer than they are; longer ones are read in windows."""
FILES = ("config.yaml", "model.pt", "tokens.txt")
_HEAD = "proj.weight"
LABELS = {
    "angry": Emotion.ANGER, "disgusted": Emotion.DISGUST, "fearful": Emotion.FEAR, "happy": Emotion.JOY,
    "neutral": Emotion.NEUTRAL, "sad": Emotion.SADNESS, "surprised": Emotion.SURPRISE,
}  # fmt: skip
"""Its other labels, `other` and `<unk>`, only lower the certainty."""


def open_backend(weights: Mapping[str, Path], threads: int) -> Emotion2Vec:
    """Open the folder that holds `config.yaml`, `model.pt` and `tokens.txt`."""
    return Emotion2Vec(weights["model.pt"].parent, threads)


class Emotion2Vec:
    """Reads a voice in windows of ten seconds; its brake is between two of them."""

    def __init__(self, folder: Path, threads: int) -> None:
        """A local folder; raises Unwell `model_unreadable`."""
        mend_torchaudio()
        with _undisturbed(threads), reading(folder.name):
            self._model: Any = _loaded(folder, threads)
        self._threads = threads

    def read(self, recording: Recording, check: Cancelled) -> tuple[Mood, tuple[Evidence, ...]]:
        """Return the mean mood of the windows, and each window's share as evidence."""
        windows = list(_windows(recording))
        shares = []
        for window in windows:
            check()
            with _undisturbed(self._threads):
                told = self._model.generate(window, granularity="utterance", extract_embedding=False)[0]
            shares.append(_ours(told["labels"], told["scores"]))
        mean = {emotion: sum(one[emotion] for one in shares) / len(shares) for emotion in Emotion}
        mood = Mood.of(mean, certainty=max(mean.values()))
        return mood, tuple(sorted(_evidence(shares, mood.emotion, windows), key=lambda one: -one.weight))

    def close(self) -> None:
        self._model = None


def _loaded(folder: Path, threads: int) -> Any:
    from funasr import AutoModel

    look_for(folder, FILES)
    quiet = {"disable_update": True, "disable_pbar": True, "log_level": "ERROR"}
    model = AutoModel(model=str(folder), hub="hf", device="cpu", ncpu=threads, **quiet)
    _compare(folder, model.model)
    return model


def _compare(folder: Path, model: Any) -> None:
    """Refuse a file with missing weights: the library only prints that, leaves them random, and would read anything."""
    import torch

    kept = torch.load(folder / "model.pt", mmap=True, weights_only=True, map_location="cpu")
    names = {name.removeprefix("d2v_model.") for name in kept.get("model", kept)}
    wanted = [name for name, _ in model.named_parameters()]
    missing = [name for name in wanted if name not in names]
    if _HEAD in missing or len(missing) > len(wanted) // 2:
        raise Unwell("model_unreadable", model=folder.name, why=f"it lacks {missing[0]} and {len(missing) - 1} more")


@contextmanager
def _undisturbed(threads: int) -> Iterator[None]:
    """Silence funasr, and put back what it changes: the root logger, torch's threads and every seed."""
    import torch

    root = logging.getLogger()
    level, handlers, told = root.level, list(root.handlers), root.manager.disable
    logging.disable(logging.WARNING)  # it tells of every tensor it reads
    states = (random.getstate(), np.random.get_state(), torch.get_rng_state())  # noqa: NPY002 - it reseeds this very one
    try:
        yield
    finally:
        logging.disable(told)
        root.setLevel(level)
        root.handlers[:] = handlers
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002 - as above
        torch.set_rng_state(states[2])
        torch.set_num_threads(threads)


def _windows(recording: Recording) -> Iterator[npt.NDArray[np.float32]]:
    samples = recording.samples
    if recording.rate_hz != HEARING_HZ:
        import soxr

        samples = soxr.resample(samples, recording.rate_hz, HEARING_HZ)
    size, least = int(WINDOW_S * HEARING_HZ), int(LEAST_S * HEARING_HZ)
    for start in range(0, max(len(samples), 1), size):
        window = samples[start : start + size]
        yield np.pad(window, (0, max(0, least - len(window))))


def _ours(labels: list[str], scores: list[float]) -> dict[Emotion, float]:
    told = {label.split("/")[-1]: float(score) for label, score in zip(labels, scores, strict=True)}
    return {emotion: told.get(label, 0.0) for label, emotion in LABELS.items()}


def _evidence(
    shares: list[dict[Emotion, float]], leading: Emotion, windows: list[npt.NDArray[np.float32]]
) -> Iterator[Evidence]:
    start_s = 0.0
    for share, window in zip(shares, windows, strict=True):
        end_s = start_s + len(window) / HEARING_HZ
        yield Evidence("voice", "tone", leading, share[leading], start_s, end_s)
        start_s = end_s
