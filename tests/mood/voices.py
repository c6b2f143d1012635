"""Acted voices of public corpora."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.audio.decode import read_upload
from pipeline.words.mood import Emotion
from tests.mood.sentences import corpora

HEARING_HZ = 16_000
EMODB, RAVDESS = "sylaschacko+voice-emotion-analysis", "Rahul5430+Speech-Emotion-Recognition-System"
BOREDOM = "boredom"
"""EmoDB's seventh class, which is none of ours."""
_EMODB = {"W": "anger", "L": BOREDOM, "E": "disgust", "A": "fear", "F": "joy", "T": "sadness", "N": "neutral"}
_RAVDESS = {
    "01": "neutral", "02": "neutral", "03": "joy", "04": "sadness", "05": "anger", "06": "fear", "07": "disgust",
    "08": "surprise",
}  # fmt: skip
STIRRED = frozenset({"anger", "fear", "joy", "surprise"})
"""Loud and quick feelings, for the question of arousal."""


@dataclass(frozen=True)
class Clip:
    """One acted sentence."""

    id: str
    speaker: str
    feeling: str
    """One of ours, or boredom."""
    samples: npt.NDArray[np.float32]
    """Mono at 16 kHz."""

    @property
    def emotion(self) -> Emotion | None:
        """Ours, where it is one of ours."""
        return None if self.feeling == BOREDOM else Emotion(self.feeling)


def emodb() -> Iterator[Clip]:
    """535 sentences of ten German actors (CC0)."""
    for name, data in _files(EMODB, "wav"):
        yield Clip(name, name[:2], _EMODB[name[5]], read_upload(data, HEARING_HZ))


def ravdess() -> Iterator[Clip]:
    """The spoken sentences of 24 North American actors (CC BY-NC-SA: to measure with, never to ship)."""
    for name, data in _files(RAVDESS, "clean_speech"):
        parts = name.removesuffix(".wav").split("-")
        if len(parts) == 7 and parts[1] == "01":
            yield Clip(name, parts[6], _RAVDESS[parts[2]], read_upload(data, HEARING_HZ))


def present(repository: str) -> bool:
    """Whether the corpus is on this machine."""
    folder = corpora()
    return folder is not None and (folder / repository).is_dir()


def _files(repository: str, folder: str) -> Iterator[tuple[str, bytes]]:
    root = corpora()
    if root is None:
        return
    if (root / repository / folder).is_dir():
        yield from ((file.name, file.read_bytes()) for file in sorted((root / repository / folder).glob("*.wav")))
        return
    git = ["git", "--git-dir", str(root / repository / "repo"), "archive", "HEAD", folder]
    packed = subprocess.run(git, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        for member in sorted(tar.getmembers(), key=lambda one: one.name):
            file = tar.extractfile(member) if member.name.endswith(".wav") else None
            if file is not None:
                yield Path(member.name).name, file.read()
