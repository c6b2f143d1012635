"""Faults, told to an operator's Sentry."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from typing import Any

from pipeline.errors import Missing

HIDDEN = "[secret]"
KEPT = ("event_id", "timestamp", "level", "platform", "exception", "message", "tags", "sdk")
"""What leaves this machine: no member's words, no machine's name, no local variables."""
TOLD = ("error", "critical", "exception")
Event = MutableMapping[str, Any]


def reporter(dsn: str, secrets: Sequence[str], transport: Any = None) -> Callable[[str, Event], None]:
    """Takes (log method, event) and tells of errors alone.

    Raises Missing `sentry_missing` where its library is not installed.
    """
    try:
        import sentry_sdk
    except ImportError:
        raise Missing("sentry_missing") from None
    hidden = sorted((one for one in secrets if one), key=len, reverse=True)
    sentry_sdk.init(
        dsn=dsn, transport=transport, default_integrations=False, auto_enabling_integrations=False,
        include_local_variables=False, max_breadcrumbs=0, server_name="", traces_sample_rate=0,
        before_send=lambda event, _hint: scrubbed(event, hidden),
    )  # fmt: skip

    def tell(method: str, event: Event) -> None:
        if method not in TOLD:
            return
        with sentry_sdk.new_scope() as scope:
            for name in ("room", "job", "code", "id"):
                if name in event:
                    scope.set_tag(name, str(event[name]))
            scope.set_tag("event", str(event.get("event", "")))
            error = event.get("exc_info")
            if isinstance(error, BaseException):
                sentry_sdk.capture_exception(error)
            elif error:
                sentry_sdk.capture_exception()
            else:
                sentry_sdk.capture_message(str(event.get("event", "")), level="error")

    return tell


def scrubbed(event: Any, hidden: Sequence[str]) -> Any:
    """What may go: kinds of errors and where they arose, not what they said, for that may quote a member."""
    kept = {name: event[name] for name in KEPT if name in event}
    for one in (kept.get("exception") or {}).get("values") or ():
        one["value"] = ""
        for frame in (one.get("stacktrace") or {}).get("frames") or ():
            frame.pop("vars", None)
            frame.pop("abs_path", None)
    return _without(kept, hidden)


def _without(value: Any, hidden: Sequence[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner, hidden) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without(inner, hidden) for inner in value]
    if isinstance(value, str):
        for secret in hidden:
            value = value.replace(secret, HIDDEN)
    return value
