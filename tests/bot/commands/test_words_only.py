"""A tale in words alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.card.state import CardState
from bot.library.records import DeliveryOptions, TextShown, Where
from pipeline.road.lanes import words_of
from pipeline.words.prompt import Prompt
from pipeline.words.request import Tell
from tests.bot.card.events import TEXTS
from tests.bot.card.events import tale as events
from tests.bot.library.samples import wished
from tests.bot.scene import Scene, on_stage
from tests.bot.troupe import QUICK
from tests.bot.troupe import TEXTS as TOLD

WITHIN_S = 60.0


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, troupe=QUICK) as scene:
        yield scene


@pytest.mark.parametrize("by_server", [False, True], ids=["the member's wish", "the server's rule"])
async def test_it_comes_as_text_with_its_picture_and_nothing_to_hear(scene: Scene, *, by_server: bool) -> None:
    async with scene.running() as bot:
        ana = scene.guild.member("Ana")
        await ana.joins(scene.guild.voice)
        await bot.services.library.servers.change(str(scene.guild.id), words_only=by_server)
        told = await ana.slash("tale", prompt="a fox", text="none", **({} if by_server else {"where": "words"}))
        seen = await told.shown.until(lambda seen: seen.files, within_s=WITHIN_S)
        assert [one.name for one in seen.files] == ["tale.png"]
        assert all(text in seen.text for text in TOLD[:2])
        labels = [one.label for one in seen.buttons]
        assert not {"Play here", "Other formats"} & {*labels}
        assert {"Why this mood?", "Transcript", "Share"} <= {*labels}
        words = await (await ana.press("Transcript")).shown.until(lambda seen: seen.files)
        assert [one.name.rpartition(".")[2] for one in words.files] == ["txt"]
        page = await (await ana.press("Share", on=seen)).shown.until(lambda seen: seen.files, within_s=WITHIN_S)
        assert TOLD[0] in page.files[0].data.decode()
        assert "<audio" not in page.files[0].data.decode()
        refused = await ana.slash("play", tale="keeper")
        await refused.until(lambda reply: "nothing to hear" in reply.text)


def test_its_card_shows_each_passage_once_it_is_written() -> None:
    kept = wished(
        prompt=Prompt("a fox", 1, words_only=True), delivery=DeliveryOptions(Where.WORDS, text=TextShown.FOLLOW)
    )
    state = CardState.of(kept)
    for event in [one for one in events() if one.kind not in ("narrated", "cue_ready", "done")]:
        state = state.after(event)
    assert " ".join(state.paragraphs()) == " ".join(TEXTS)
    assert state.share > 0.9


def test_it_is_less_work_and_the_line_knows() -> None:
    whole, silent = Prompt("a fox", 1, words=100), Prompt("a fox", 1, words=100, words_only=True)
    assert words_of(Tell(silent)) < words_of(Tell(whole)) == 100
    early = [CardState.of(wished(prompt=one)).paced(0.2, 0.5) for one in (silent, whole)]
    assert 0 < early[0].left_s[1] < early[1].left_s[1]
