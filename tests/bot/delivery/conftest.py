"""Sounds to deliver."""

from __future__ import annotations

import pytest

from pipeline.words.tale import Tale
from tests.pipeline.audio.making import Made, made, mixed


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Tale]:
    """Three passages with rain."""
    tale = made(tmp_path_factory.mktemp("sounds"), lengths_s=(1.5, 1.0, 1.0), vamp_s=1.0)
    return tale, mixed(tale)
