"""Figures of executor, line and refusals."""

from __future__ import annotations

import json
import time
from pathlib import Path

import aiohttp
import sqlalchemy as sa
from aiohttp import web
from prometheus_client import generate_latest

from bot.observability.executors import STALE_S, Executors
from bot.tracker.metrics import Metrics
from pipeline.places import AT_WORK
from pipeline.road.door import door
from pipeline.road.engine import connect
from pipeline.road.ledger import Ledger, spent
from pipeline.words.jsonable import to_json
from pipeline.words.standing import AtWork, DeviceUse, Loaded
from tests.faults.stage import wish

_SPENT = {"words": 40, "seconds": 1.5}


def shown(metrics: Metrics) -> str:
    return generate_latest(metrics.registry).decode()


async def test_models_memory_and_the_line_are_shown_and_the_dead_are_not(tmp_path: Path) -> None:
    metrics = Metrics()
    executors = Executors(metrics, tmp_path)
    async with door(f"sqlite:///{tmp_path}/road.db") as at:
        for job, live in (("a" * 32, True), ("b" * 32, False), ("c" * 32, False)):
            await at.ask(wish(job, server=job[0], live=live))
        loaded, used = Loaded("qwen", "cuda:0", 4_100.0, True), DeviceUse("cuda:0", 4_600.0, 7_200.0)
        _say(tmp_path, AtWork(time.time(), (loaded,), (used,), ("cuda:0",)))
        await executors.look(at)
        told = shown(metrics)
        assert 'echotales_model_memory_mb{device="cuda:0",model="qwen"} 4100.0' in told
        assert 'echotales_device_used_mb{device="cuda:0"} 4600.0' in told
        assert 'echotales_device_budget_mb{device="cuda:0"} 7200.0' in told
        assert 'echotales_device_left{device="cuda:0"} 1.0' in told
        assert 'echotales_queue_jobs{lane="live",state="waiting"} 1.0' in told
        assert 'echotales_queue_jobs{lane="upload",state="waiting"} 2.0' in told
        at_desk = Ledger(connect(f"sqlite:///{tmp_path}/road.db"))
        at_desk.write(sa.insert(spent).values([dict(_SPENT, stage=name) for name in ("write", "*")]))
        await executors.look(at)
        assert 'echotales_stage_seconds_sum{stage="write"} 1.5' in shown(metrics)
        assert 'stage="*"' not in shown(metrics)
        _say(tmp_path, AtWork(time.time() - STALE_S - 1, (Loaded("qwen", "cuda:0", 4_100.0),)))
        await executors.look(None)
        assert "qwen" not in shown(metrics)


async def test_what_discord_refuses_is_counted_by_its_own_number() -> None:
    metrics = Metrics()

    async def answer(request: web.Request) -> web.Response:
        status, code = int(request.query["status"]), int(request.query["code"])
        body = json.dumps({"code": code, "message": "no"}) if code else "<html>bad gateway</html>"
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with aiohttp.ClientSession(trace_configs=[metrics.trace()]) as session:
        for status, code in ((200, 7), (403, 50013), (403, 50013), (404, 10008), (502, 0)):
            async with session.get(f"http://127.0.0.1:{port}/?status={status}&code={code}") as told:
                await told.text()
    await runner.cleanup()
    found = [line for line in shown(metrics).splitlines() if line.startswith("echotales_discord_errors_total")]
    assert sorted(found) == [
        'echotales_discord_errors_total{code="10008"} 1.0',
        'echotales_discord_errors_total{code="50013"} 2.0',
        'echotales_discord_errors_total{code="http 502"} 1.0',
    ]


def _say(state: Path, at_work: AtWork) -> None:
    (state / AT_WORK).write_text(json.dumps(to_json(at_work)), encoding="utf-8")
