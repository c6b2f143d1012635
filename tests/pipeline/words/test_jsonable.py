"""A word to JSON and back."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import json
import pkgutil
import types
import typing
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import pipeline.words
from pipeline.words.event import Event, key_of
from pipeline.words.jsonable import (
    event_from_json,
    event_to_json,
    from_json,
    request_from_json,
    request_to_json,
    to_json,
)
from pipeline.words.request import Request


def words() -> list[type[Any]]:
    modules = [
        importlib.import_module(one.name) for one in pkgutil.iter_modules(pipeline.words.__path__, "pipeline.words.")
    ]
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and dataclasses.is_dataclass(value) and value.__module__ == module.__name__
    ]


def holds_arrays(kind: type[Any]) -> bool:
    return any(
        "NDArray" in str(hint) or hint is np.ndarray or "ndarray" in str(hint)
        for hint in typing.get_type_hints(kind).values()
    )


def specimen(kind: Any, name: str = "x") -> Any:
    """A value of this type, no field left at its default."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        return kind(**{field.name: specimen(hints[field.name], field.name) for field in dataclasses.fields(kind)})
    if origin in (types.UnionType, typing.Union):
        return specimen(args[0], name)
    if origin is tuple:
        return tuple(specimen(part, name) for part in args if part is not Ellipsis)
    if origin is frozenset:
        return frozenset({specimen(args[0], name)})
    if origin in (dict, Mapping):
        return {specimen(args[0], name): specimen(args[1], name)}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return list(kind)[-1]
    plain = {str: f"{name} ü", int: 7, float: 0.1 + 0.2, bool: True, Any: [1, None, {"a": "b"}]}
    return plain[kind]


@pytest.mark.parametrize("kind", words(), ids=lambda kind: kind.__name__)
def test_every_word_is_frozen_and_every_stored_one_survives_json(kind: type[Any]) -> None:
    assert kind.__dataclass_params__.frozen
    if holds_arrays(kind):
        return
    word = specimen(kind)
    assert from_json(kind, json.loads(json.dumps(to_json(word)))) == word


@pytest.mark.parametrize("kind", Event.__args__, ids=lambda kind: kind.__name__)
def test_every_event_survives_the_road_with_its_key(kind: Any) -> None:
    event = specimen(kind)
    again = event_from_json(json.loads(json.dumps(event_to_json(event))))
    assert again == event
    assert key_of(again) == key_of(event)


def test_events_of_different_units_have_different_keys() -> None:
    keys = {key_of(specimen(kind)) for kind in Event.__args__}
    assert len(keys) == len(Event.__args__)


@pytest.mark.parametrize("kind", Request.__args__, ids=lambda kind: kind.__name__)
def test_every_request_survives_the_road(kind: Any) -> None:
    request = specimen(kind)
    assert request_from_json(json.loads(json.dumps(request_to_json(request)))) == request
