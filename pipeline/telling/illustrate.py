"""Pictures for the scenes of a tale."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial

from pipeline.errors import TaleCancelled, TaleError
from pipeline.forbidding import forbidden, harmless
from pipeline.log import log_of
from pipeline.pictures.alt_text import alt_of
from pipeline.pictures.figures import is_being, seen_as
from pipeline.pictures.paper import flattened
from pipeline.pictures.scenery import places
from pipeline.roles import Illustrator
from pipeline.telling.studio import Studio
from pipeline.words.picture import Picture, SceneView
from pipeline.words.prompt import Prompt, Rating
from pipeline.words.story import Plan, Story
from pipeline.words.tale import Tale
from pipeline.writing.scene_views import Shapes, views_of

WIDTH, HEIGHT = 1_280, 720
JPEG_QUALITY = 88
log = log_of("illustrate")


def views(plan: Plan, story: Story, rating: Rating) -> tuple[SceneView, ...]:
    """Return what each scene shows; what these listeners may not read of, they are not shown either."""
    known = places()
    shapes = Shapes(seen_as, is_being, known.places, known.alike, known.work)
    return tuple(_fit_for(view, rating) for view in views_of(plan, story, shapes))


def illustrate(prompt: Prompt, plan: Plan, story: Story, studio: Studio) -> tuple[Picture, ...]:
    """Return a picture for each scene; none where no illustrator serves: a tale is told without them all the same."""
    made = []
    for nth, view in enumerate(views(plan, story, prompt.rating)):
        try:
            made.append(studio.once("illustrate", str(nth), Picture, partial(_pictured, nth, view, plan, studio)))
        except TaleError as error:
            if isinstance(error, TaleCancelled):
                raise
            log.warning("scene_left_without_picture", code=error.code)
    return tuple(made)


def with_pictures(prompt: Prompt, tale: Tale, studio: Studio) -> Tale:
    """Return the tale with its pictures, where they are wished; made last, so that no voice waits for them."""
    return replace(tale, pictures=illustrate(prompt, tale.plan, tale.story, studio)) if prompt.pictures else tale


def _pictured(nth: int, view: SceneView, plan: Plan, studio: Studio) -> Picture:
    with studio.borrow(Illustrator) as illustrator:
        sheets = illustrator.sheets(view, WIDTH, HEIGHT, studio.check)
    file = io.BytesIO()
    flattened(sheets, WIDTH, HEIGHT).save(file, "JPEG", quality=JPEG_QUALITY, subsampling=0, optimize=True)
    return Picture(nth, studio.keep(file.getvalue(), ".jpg"), alt_of(view, plan.language), view)


def _fit_for(view: SceneView, rating: Rating) -> SceneView:
    """Return the view without what its rating forbids, by the words that name it."""
    rules, honest = forbidden(), harmless()
    things = tuple(one for one in view.things if not rules.stands_in(one[0], rating, honest))
    figures = tuple(one for one in view.figures if not rules.stands_in(one.what, rating, honest))
    words = "" if rules.stands_in(view.words, rating, honest) else view.words
    return replace(view, figures=figures, things=things, words=words)
