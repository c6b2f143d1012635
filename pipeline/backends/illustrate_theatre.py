"""The paper theatre: scenes cut in code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.cancelled import Cancelled
from pipeline.pictures.stage import PaperStage
from pipeline.words.picture import PaperSheet, SceneView


class PaperTheatre:
    """Cuts a scene from coloured paper; its brake: one scene takes less than a second."""

    def sheets(self, view: SceneView, width: int, height: int, check: Cancelled) -> list[PaperSheet]:
        """Return the scene's sheets; the same view gives the same scene."""
        check()
        return PaperStage(view, width, height).sheets()

    def close(self) -> None:
        """Hold nothing: its papers are tables."""


def open_backend(weights: Mapping[str, Path], threads: int) -> PaperTheatre:
    """Open the theatre, which needs no weights."""
    del weights, threads  # one thread cuts one scene
    return PaperTheatre()
