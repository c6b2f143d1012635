"""Words to JSON and back."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import ConfigDict, TypeAdapter

from pipeline.words import event as events
from pipeline.words import request as requests

SCHEMA = 1
"""Raised when a word changes so that an old JSON no longer reads; old versions are mended in `_upgraded`."""

T = TypeVar("T")

_EVENTS: dict[str, type[Any]] = {one.kind: one for one in events.Event.__args__}
_REQUESTS: dict[str, type[Any]] = {one.kind: one for one in requests.Request.__args__}


def to_json(value: object, kind: Any = None) -> Any:
    """Plain JSON data for a word; floats, ints, strings, lists and dicts alone."""
    return _adapter(cast(Hashable, kind or type(value))).dump_python(value, mode="json")


def from_json(kind: type[T], data: Any) -> T:
    """The word that `to_json` gave; raises pydantic.ValidationError, showing none of it, where it no longer fits."""
    return cast(T, _reader(cast(Hashable, kind)).validate_python([data])[0])


def event_to_json(event: events.Event) -> dict[str, Any]:
    """An event with its kind and schema."""
    return {"kind": event.kind, "schema": SCHEMA, **to_json(event)}


def event_from_json(data: dict[str, Any]) -> events.Event:
    """Read what `event_to_json` wrote."""
    return cast(events.Event, from_json(_EVENTS[data["kind"]], _upgraded(data)))


def request_to_json(request: requests.Request) -> dict[str, Any]:
    """A request with its kind and schema."""
    return {"kind": request.kind, "schema": SCHEMA, **to_json(request)}


def request_from_json(data: dict[str, Any]) -> requests.Request:
    """Read what `request_to_json` wrote."""
    return cast(requests.Request, from_json(_REQUESTS[data["kind"]], _upgraded(data)))


def make_ready(*kinds: type[Any]) -> None:
    """Builds the adapters of all events and of these kinds beforehand."""
    # Building one takes far longer than using it; the first tale would wait for that.
    for kind in (*_EVENTS.values(), *kinds):
        _reader(cast(Hashable, kind))


def _upgraded(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in {"kind", "schema"}}


@cache
def _reader(kind: Hashable) -> TypeAdapter[list[Any]]:
    """The adapter that reads one value of this kind, without showing it in its errors, which go to the log."""
    # pydantic takes no configuration for a dataclass itself, but does for a list of them.
    return TypeAdapter(cast(Any, list[kind]), config=ConfigDict(hide_input_in_errors=True))  # type: ignore[valid-type] # known at run time


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, kind))
