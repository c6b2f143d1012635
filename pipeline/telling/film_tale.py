"""A finished tale made into a film."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from pipeline.audio.encode import deliver
from pipeline.errors import Missing, Refused
from pipeline.film.reel import SHAPES, FilmShape, Reel, Shot, shoot, suffix_here
from pipeline.log import log_of
from pipeline.roles import Illustrator
from pipeline.telling.illustrate import views
from pipeline.telling.mix import captions_of
from pipeline.telling.studio import Studio
from pipeline.words.picture import PaperSheet, SceneView
from pipeline.words.sound import RATE_HZ
from pipeline.words.tale import Tale

log = log_of("film")


def film(
    tale: Tale, to: Path, shape: str, studio: Studio, limit_bytes: int | None = None,
    progress: Callable[[float], None] = lambda _share: None,
) -> tuple[str, ...]:  # fmt: skip
    """Write the film of a tale that has a sound; returns codes of what a member should be told.

    Raises Refused `film_without_sound`, `film_shape_unknown` or `film_over_limit`, Missing `film_encoder_missing`,
    Unserved where no illustrator serves, Unwell where the disk does not take it.
    """
    if tale.silent:
        raise Refused("film_without_sound")
    if shape not in SHAPES:
        raise Refused("film_shape_unknown", shape=shape, known=" ".join(SHAPES))
    with tempfile.TemporaryDirectory(prefix="echotales-film-") as folder:
        sound = Path(folder) / f"tale{suffix_here()[1]}"
        # The very packets of the sound that is delivered: the film is heard sample for sample alike.
        deliver(studio.keep.path(tale.master.audio), sound, tale)
        reel = _reel(tale, sound, SHAPES[shape], studio)
        try:
            shoot(reel, to, SHAPES[shape], studio.check, limit_bytes, progress)
        except Missing as missing:
            if missing.code != "font_missing":
                raise
            log.warning("film_without_captions", **missing.fields)
            bare = Reel(reel.title, reel.shots, reel.captions, reel.sound, reel.seconds, burnt=False)
            shoot(bare, to, SHAPES[shape], studio.check, limit_bytes, progress)
            return ("film_without_captions",)
    return ()


def _reel(tale: Tale, sound: Path, shape: FilmShape, studio: Studio) -> Reel:
    seconds = tale.master.samples / RATE_HZ
    seen = views(tale.plan, tale.story, tale.prompt.rating)
    starts = _starts(tale)
    edges = [*(start for start, _ in starts), seconds]
    by_scene = {scene.index: view for scene, view in zip(tale.story.scenes, seen, strict=True)}
    shots = [
        Shot(start, end, partial(_cut, by_scene[scene], shape, studio))
        for (start, scene), end in zip(starts, edges[1:], strict=True)
    ]
    return Reel(tale.story.title, shots, captions_of(tale.plan, tale.story, tale.timeline), sound, seconds)


def _starts(tale: Tale) -> list[tuple[float, int]]:
    """Return where each scene begins: on the first downbeat of its music; the intro belongs to the first."""
    starts: dict[int, float] = {}
    for placed in tale.timeline.placed:
        if placed.spoken is not None:
            starts.setdefault(placed.scored.scene, placed.start / RATE_HZ if starts else 0.0)
    return [(start, scene) for scene, start in starts.items()]


def _cut(view: SceneView, shape: FilmShape, studio: Studio) -> Sequence[PaperSheet]:
    with studio.borrow(Illustrator) as illustrator:
        return illustrator.sheets(view, shape.width, shape.height, studio.check)
