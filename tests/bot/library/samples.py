"""Tales to keep, small ones."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from bot.library.records import DeliveryOptions, KeptTale, TaleState
from pipeline.words.prompt import Prompt


def wished(**more: Any) -> KeptTale:
    """An open tale."""
    given: dict[str, Any] = {"id": uuid4().hex, "server": "1", "channel": "10", "member": "100"} | more
    return KeptTale(**{"prompt": Prompt("a lighthouse", seed=7), "delivery": DeliveryOptions(), **given})


def told(**more: Any) -> KeptTale:
    """One that was told."""
    words = {"title": "The Lamp", "text": "Água rose. The keeper lit the lamp.", "opening": "Água rose."}
    return wished(**{"state": TaleState.DONE, "hero": "Mira", "shape": "fable", "finished_at": 5.0, **words, **more})
