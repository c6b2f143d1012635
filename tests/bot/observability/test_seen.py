"""An operator sees whether the bot is well."""

from __future__ import annotations

import asyncio
import io
import json
import re
import urllib.request
from collections.abc import AsyncIterator
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from bot.observability.serving import seen_at
from bot.observability.verb_status import asked, lines, main
from pipeline.log import log_of, set_up_logging
from pipeline.places import DATA, Places
from pipeline.sentry import HIDDEN
from pipeline.settings import Settings, secrets_of
from tests.bot.scene import Scene, on_stage
from tests.bot.troupe import QUICK
from tests.faults.stage import eventually

ANYWHERE = "127.0.0.1:0"
NAME = re.compile(r"echotales_[a-z_]+")


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with on_stage(tmp_path, troupe=QUICK) as made:
        yield made


async def test_a_told_tale_is_counted_timed_and_named_nowhere(scene: Scene) -> None:
    places = Places(scene.home / "cache", scene.home)
    async with scene.running() as bot, seen_at(ANYWHERE, bot, places) as port:
        await asyncio.to_thread(_got, port, "metrics")  # what is counted is counted from the first look on
        told = await scene.guild.member("Ana").tale("a secret lighthouse")
        await told.shown.until(lambda seen: seen.files, within_s=60.0)
        await eventually(lambda: not bot.services.teller.open)
        shown = await asyncio.to_thread(_got, port, "metrics")
        assert 'echotales_tales_ended_total{how="done"} 1.0' in shown
        assert "echotales_first_sentence_seconds_count 1.0" in shown
        assert 'echotales_discord_requests_total{status="2xx"}' in shown
        assert "echotales_tales_open 0.0" in shown
        assert "lighthouse" not in shown
        assert str(scene.guild.id) not in shown
        await eventually(bot.is_ready)  # the gateway may name more servers for two seconds; the tale is told sooner
        found = await asyncio.to_thread(asked, f"127.0.0.1:{port}")
        assert found is not None
        assert (found["ready"], found["servers"], found["open_tales"]) == (True, 1, 0)
        assert any("1" in line for line in lines(found, "de"))
        _dashboard_and_alerts_ask_for_what_is_there(shown)


def _dashboard_and_alerts_ask_for_what_is_there(shown: str) -> None:
    for file in (DATA / "deploy" / "dashboard.json", DATA / "deploy" / "alerts.yml"):
        wanted = set(NAME.findall(file.read_text(encoding="utf-8")))
        assert wanted
        assert not {name for name in wanted if name not in shown}, file.name


async def test_a_taken_port_costs_the_figures_and_not_the_bot(scene: Scene) -> None:
    async with scene.running() as bot, seen_at(ANYWHERE, bot) as port:
        other = scene.bot()
        async with seen_at(f"127.0.0.1:{port}", other) as nothing:
            assert nothing == 0


def test_status_says_that_no_bot_answers(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ECHOTALES_SEEN_AT", "127.0.0.1:9")
    assert main(["--json"]) == 4
    assert json.loads(capsys.readouterr().out) == {"well": False, "running": False}


def test_no_log_line_holds_a_secret() -> None:
    settings = Settings(token="canary-token-1", data_key="canary-key-22", writer_key="canary-writer",
                        database_url="postgresql://user:canary-pass@host/db")  # fmt: skip
    secrets = secrets_of(settings)
    with redirect_stderr(io.StringIO()) as written:
        set_up_logging("DEBUG", plain=False, secrets=secrets)
        log = log_of("test")
        for secret in secrets:
            log.info("said", field=secret, deep={"in": [secret]}, error=ValueError(secret))
            try:
                raise OSError(f"no way to {secret}")
            except OSError:
                log.exception("broke")
    set_up_logging()
    assert len(secrets) == 4
    assert "canary" not in written.getvalue()
    assert HIDDEN in written.getvalue()


def _got(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as answer:
        return str(answer.read().decode())
