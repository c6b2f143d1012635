"""A voice's sentence as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pipeline.audio.container import FORMS, encode
from pipeline.audio.decode import blocks_of
from pipeline.words.sound import Artifact, Samples, Spoken

_FORM = ".mp3"
"""What every phone and desktop plays by a tap."""


def written(spoken: Sequence[Spoken], path_of: Callable[[Artifact], Path], folder: Path) -> Path:
    """Its passages one after the other."""

    def blocks() -> Iterator[Samples]:
        for one in spoken:
            yield from blocks_of(path_of(one.voice))

    file = folder / f"voice{_FORM}"
    encode(file, blocks(), FORMS[_FORM], mono=True)
    return file
