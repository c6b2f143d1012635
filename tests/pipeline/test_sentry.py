"""What a Sentry is told, and what not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.errors import Missing
from pipeline.sentry import reporter, scrubbed

CANARY = "canary-token-123456"
WORDS = "a lighthouse keeper told me a secret"


def test_no_secret_and_no_members_word_leaves_the_machine() -> None:
    frame = {"function": "tell", "vars": {"text": WORDS}, "abs_path": "/somewhere", "lineno": 7, "context_line": CANARY}
    event = {
        "event_id": "1", "message": f"no way to {CANARY}", "server_name": "attic", "user": {"id": "1"},
        "breadcrumbs": {"values": [{"message": WORDS}]}, "extra": {"prompt": WORDS},
        "exception": {"values": [{"type": "ValueError", "value": WORDS, "stacktrace": {"frames": [frame]}}]},
    }  # fmt: skip
    told = json.dumps(scrubbed(event, [CANARY]))
    assert CANARY not in told
    assert WORDS not in told
    assert "attic" not in told
    assert "ValueError" in told
    assert '"lineno": 7' in told


def test_errors_alone_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    sentry = pytest.importorskip("sentry_sdk")
    sent: list[Any] = []

    base: Any = sentry.transport.Transport

    class Kept(base):  # type: ignore[misc]  # the library may not be installed
        def capture_envelope(self, envelope: Any) -> None:
            sent.append(envelope.get_event())

    tell = reporter("https://key@sentry.invalid/1", [CANARY], Kept)
    tell("info", {"event": "said", "field": CANARY})
    assert not sent
    try:
        raise ValueError(f"{WORDS} {CANARY}")
    except ValueError as error:
        tell("error", {"event": "tale_failed", "job": "abc", "exc_info": error, "token": CANARY})
    tell("error", {"event": f"broke {CANARY}"})
    told = json.dumps(sent, default=str)
    assert len(sent) == 2
    assert "ValueError" in told
    assert '"job": "abc"' in told
    assert CANARY not in told
    assert WORDS not in told
    sentry.init()


def test_without_its_library_the_setting_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sentry_sdk", None)
    with pytest.raises(Missing, match="sentry_missing"):
        reporter("https://key@sentry.invalid/1", [])
