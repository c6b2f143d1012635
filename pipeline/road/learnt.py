"""A learnt voice, lent to one job."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.road.errands import Learner
from pipeline.roles import Narrator
from pipeline.telling.studio import Studio
from pipeline.words.sound import Artifact


def with_voice(studio: Studio, voice: str | None, learnt: Artifact | None) -> Studio:
    """A studio whose narrator knows this voice while the job holds it; nobody else's tale finds it among its voices.

    A narrator that cannot learn is left as it is, and says by itself that it does not know the voice.
    """
    if voice is None or learnt is None:
        return studio

    @contextmanager
    def borrow(role: type[Any], **needs: str) -> Iterator[Any]:
        with studio.borrow(role, **needs) as model:
            if role is not Narrator or not isinstance(model, Learner):
                yield model
                return
            with np.load(studio.keep.path(learnt)) as kept:
                model.know(voice, dict(kept))
            try:
                yield model
            finally:
                model.forget(voice)

    return replace(studio, borrow=borrow)
