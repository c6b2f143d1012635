"""Who listens decides how a tale is made."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, cast

import pytest

from pipeline.artifacts import Artifacts
from pipeline.cancelled import Cancelled
from pipeline.errors import Missing
from pipeline.road.steps import Lender
from pipeline.road.workshop import ModelWorkshop
from pipeline.telling.studio import Studio, remembered
from pipeline.words.prompt import Order, Prompt
from pipeline.words.request import Tell


class Begun:
    """A studio without models: notes what was asked of it, up to the first."""

    def __init__(self, folder: Path) -> None:
        self.kept: dict[str, Any] = {}
        self.needs: dict[str, str] = {}
        self.studio = Studio(self._borrow, Artifacts(folder), self._once, lambda _: None, Cancelled())

    def begin(self, wish: Tell, order: Order) -> None:
        workshop = ModelWorkshop(cast(Lender, None), lambda tale: tale, order=order)
        with pytest.raises(Missing):
            workshop.make(wish, self.studio)

    def _borrow(self, role: type[Any], **needs: Any) -> AbstractContextManager[Any]:
        self.needs = needs
        raise Missing("role_unserved", role=role.__name__)

    def _once(self, stage: str, _unit: str, kind: Any, work: Callable[[], Any]) -> Any:
        self.kept[stage] = remembered(kind, work())
        return self.kept[stage]


@pytest.mark.parametrize(("live", "walk"), [(True, Order.FLOW), (False, Order.LIST)])
def test_where_models_are_swapped_only_what_nobody_listens_to_is_made_stage_by_stage(
    tmp_path: Path, live: bool, walk: Order
) -> None:
    begun = Begun(tmp_path)
    begun.begin(Tell(Prompt("a keeper", 7), live), Order.LIST)
    assert begun.kept["walk"] is walk
    assert ("beside" in begun.needs) is live


def test_where_all_models_fit_every_tale_flows(tmp_path: Path) -> None:
    begun = Begun(tmp_path)
    begun.begin(Tell(Prompt("a keeper", 7)), Order.FLOW)
    assert begun.kept["walk"] is Order.FLOW
