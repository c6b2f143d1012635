"""Plans and tales for the writing tests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from pipeline.cancelled import Cancelled
from pipeline.errors import Unserved
from pipeline.roles import Embedder, Writer
from pipeline.telling.plan import planned_from
from pipeline.telling.studio import Studio, remembered
from pipeline.telling.write import Step, steps
from pipeline.words.event import Event
from pipeline.words.mood import Emotion, Feeling, Mood
from pipeline.words.prompt import Prompt
from pipeline.words.story import Plan

CALM = Feeling(Mood.pure(Emotion.NEUTRAL))


def planned(prompt: Prompt, feeling: Feeling = CALM) -> Plan:
    return planned_from(prompt, None, feeling)


def studio_of(
    writer: Writer | None,
    events: list[Event] | None = None,
    check: Cancelled | None = None,
    *,
    reads_wishes: bool = False,
) -> Studio:
    """A studio that lends this writer, or nobody, no embedder, and remembers through JSON."""

    @contextmanager
    def borrow(role: type[Any], **needs: Any) -> Iterator[Any]:
        if role is Embedder or writer is None or ("reads" in needs and not reads_wishes):
            raise Unserved("role_unserved", role=role.__name__, **needs)
        yield writer

    def once(_stage: str, _unit: str, kind: Any, work: Callable[[], Any]) -> Any:
        return remembered(kind, work())

    say = events.append if events is not None else lambda _event: None
    return Studio(cast(Any, borrow), cast(Any, None), cast(Any, once), say, check if check is not None else Cancelled())


def told(prompt: Prompt, writer: Writer | None) -> tuple[Plan, list[Step]]:
    plan = planned(prompt)
    return plan, list(steps(prompt, plan, studio_of(writer)))


def forget_languages() -> None:
    """Whatever was read of the languages is read anew."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("pipeline", "bot"):
            for one in vars(module).values():
                if callable(getattr(one, "cache_clear", None)):
                    one.cache_clear()
