"""What the tests of the pipeline's rooms share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Tiny = Callable[[str], Mapping[str, Path]]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """A big model's family with few random weights, by its module in tests/tiny_models: its files by their names."""
    from pipeline.backends.torch_traps import mend_torchaudio
    from tests.tiny_models import emotion2vec, llama, riffusion, roberta, whisper, xtts
    from tests.tiny_models.sizes import Size

    makers = {
        "llama": llama.make, "mistral": llama.make_mistral, "roberta": roberta.make, "whisper": whisper.make,
        "emotion2vec": emotion2vec.make, "riffusion": riffusion.make, "xtts": xtts.make,
    }  # fmt: skip
    made: dict[str, Mapping[str, Path]] = {}

    def of(family: str) -> Mapping[str, Path]:
        if family not in made:
            mend_torchaudio()
            folder = makers[family](tmp_path_factory.mktemp(family), Size.TINY)
            files = (path for path in folder.rglob("*") if path.is_file())
            made[family] = {path.relative_to(folder).as_posix(): path for path in files}
        return made[family]

    return of
