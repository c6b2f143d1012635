"""Models that rest come back the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pipeline.cancelled import Cancelled
from pipeline.music.clips import ClipRequest
from pipeline.roles import Delivery
from tests.pipeline.conftest import Tiny

pytestmark = pytest.mark.gpu_stack
CHECK = Cancelled()


def _spoken(narrator: Any) -> Any:
    line = Delivery("xtts_ana_florence", "en", seed=3)
    return np.concatenate([one.samples for one in narrator.speak("hello", line, CHECK)])


def _painted(clips: Any) -> Any:
    return clips.clip(ClipRequest("a slow piano", 3, 0, 2.0), CHECK)


def _xtts(tiny: Tiny) -> Any:
    from pipeline.backends.narrate_xtts import open_backend

    return open_backend(tiny("xtts"), 1)


def _riffusion(tiny: Tiny) -> Any:
    from pipeline.backends.compose_riffusion import RiffusionClips

    return RiffusionClips(tiny("riffusion")["model_index.json"].parent, pixels=64, steps=2)


@pytest.mark.parametrize(("opened", "worked"), [(_xtts, _spoken), (_riffusion, _painted)])
def test_what_rests_comes_back_the_same(
    tiny: Tiny, opened: Callable[[Tiny], Any], worked: Callable[[Any], Any]
) -> None:
    backend = opened(tiny)
    before = worked(backend)
    backend.doze()
    if hasattr(backend, "_pictures"):
        backend.__dict__["_pictures"].clear()
    backend.wake()
    assert np.array_equal(worked(backend), before)
    backend.close()


def test_a_composer_rests_where_its_model_can() -> None:
    from pipeline.music.clips import ClipComposer
    from pipeline.music.palette import read_palettes

    class Restless:
        def clip(self, _wish: ClipRequest, _check: Cancelled) -> Any: ...

        def close(self) -> None: ...

    class Restful(Restless):
        def doze(self) -> None: ...

        def wake(self) -> None: ...

    assert hasattr(ClipComposer(Restful(), read_palettes()), "doze")
    assert not hasattr(ClipComposer(Restless(), read_palettes()), "doze")
