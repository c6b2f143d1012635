"""Kept values as rows, and back."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.library.records import DeliveryOptions, KeptTale, KeptVoice, TaleState
from pipeline.seal import Seal
from pipeline.words.jsonable import from_json, to_json
from pipeline.words.prompt import Prompt, Speaking
from pipeline.words.sound import Artifact

SEALED = ("prompt", "interaction_token", "title", "synopsis", "text", "opening", "hero")
"""Columns of a tale that hold somebody's words."""
SEALED_OF_VOICES = ("name", "blend")
SEALED_OF_CHOSEN = ("speaking",)
SEALED_OF_NOTES = ("note",)


@dataclass(frozen=True)
class Rows:
    """Writes and reads rows, encrypted with one key."""

    seal: Seal

    def tale_row(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the columns for these fields of a tale."""
        row = {name: _written(value) for name, value in fields.items()}
        if "delivery" in fields:
            row["only_me"] = fields["delivery"].only_me  # a column of its own: lists are filtered by it
        return row | {name: self.seal.shut(row[name]) for name in SEALED if name in row}

    def folded(self, title: str, text: str) -> str:
        """Return what search looks through; nothing where words are encrypted."""
        return "" if self.seal.shuts else folded(f"{title}\n{text}")

    def tale(self, row: sa.RowMapping) -> KeptTale:
        """Read a tale from its row; raises Damaged `seal_broken`."""
        given = {name: value for name, value in row.items() if name not in ("folded", "only_me", "offset")}
        given |= {name: self.seal.open(given[name]) for name in SEALED}
        return KeptTale(**given | {name: read(given[name]) for name, read in _READ.items()})

    def voice_row(self, voice: KeptVoice) -> dict[str, Any]:
        """Return the columns of a learnt voice."""
        row = {name: _written(value) for name, value in vars(voice).items()}
        return row | {name: self.seal.shut(row[name]) for name in SEALED_OF_VOICES}

    def voice(self, row: sa.RowMapping) -> KeptVoice:
        """Read a voice from its row."""
        given = dict(row) | {name: self.seal.open(row[name]) for name in SEALED_OF_VOICES}
        recording = artifact_of(given["recording"])
        assert recording is not None, "a voice is never kept without the sentence that allowed it"
        learnt, servers = artifact_of(given["learnt"]), _ids(given["servers"])
        return KeptVoice(**given | {"recording": recording, "learnt": learnt, "servers": servers})

    def speaking_text(self, speaking: Speaking) -> str:
        """Return how a voice speaks as its column keeps it; "" where it is as usual."""
        return "" if speaking == Speaking() else self.seal.shut(_written(speaking))

    def speaking(self, text: str) -> Speaking:
        """Read how a voice is to speak from its column."""
        return from_json(Speaking, json.loads(self.seal.open(text))) if text else Speaking()


def folded(text: str) -> str:
    """Return a text without accents and capitals, so that `agua` finds Água."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))


def artifact_of(text: str) -> Artifact | None:
    """Return the artifact that a column names."""
    return from_json(Artifact, json.loads(text)) if text else None


def _written(value: object) -> Any:
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return str(value)
    if value is None:
        return ""
    return json.dumps(list(value) if isinstance(value, tuple) else to_json(value), ensure_ascii=False)


def _ids(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()


_READ: dict[str, Callable[[str], Any]] = {
    "prompt": lambda text: from_json(Prompt, json.loads(text)),
    "delivery": lambda text: from_json(DeliveryOptions, json.loads(text)),
    "state": TaleState,
    "artifact": artifact_of,
    "delivered": _ids,
}
