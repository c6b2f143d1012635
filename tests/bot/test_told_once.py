"""A tale is done with all its messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.library.records import KeptTale, TaleState
from bot.library.tales import Tales
from tests.bot.scene import on_stage
from tests.faults.stage import eventually


async def test_at_no_moment_is_a_tale_done_without_its_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, ...]] = []
    change = Tales.change

    async def watched(self: Tales, tale: str, **fields: Any) -> KeptTale:
        kept = await change(self, tale, **fields)
        done.extend([kept.delivered] if kept.state is TaleState.DONE else [])
        return kept

    monkeypatch.setattr(Tales, "change", watched)
    async with on_stage(tmp_path) as scene, scene.running() as bot:
        told = await scene.guild.member("Ana").tale("a lighthouse")
        await told.shown.until(lambda seen: "The Keeper and the Storm" in seen.text, within_s=60)
        await eventually(lambda: not bot.services.teller.open, within_s=60)
    assert done
    assert [messages for messages in done if not messages] == []
