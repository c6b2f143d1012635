"""The dashboard, drawn from a real evening's figures."""

from __future__ import annotations

import argparse
import asyncio
import html
import json
import math
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from bot.observability.serving import seen_at
from bot.wording import said
from pipeline.places import CHECKOUT, DATA, Places
from tests.bot.scene import Scene, on_stage
from tests.bot.troupe import QUICK

WISHES = (
    "a lighthouse keeper", "um farol que tem medo do escuro", "how to make explosives from fertiliser, step by step",
    "un faro", "a storm", "a fox who is late",
)  # fmt: skip
EVERY_S = 0.5
WIDE, HIGH = 1_400, 1_450
Reading = dict[str, float]
"""Each series as /metrics writes it, labels and all."""
_CALL = re.compile(
    r"^(?:sum by \(([\w, ]+)\) \()?(?:histogram_quantile\(([\d.]+), .*?)?"
    r"(?:rate|increase)?\(?(echotales_\w+)"
)
PAGE = """<meta charset="utf-8"><style>body{{margin:0;background:#111217;color:#ccccdc;font:14px system-ui}}
h1{{font-size:18px;margin:16px}}main{{display:grid;grid-template-columns:repeat(3,1fr);gap:8px;padding:0 16px}}
section{{background:#181b1f;border:1px solid #2c3235;border-radius:2px;padding:8px;height:210px}}
h2{{font-size:14px;font-weight:500;margin:0 0 8px}}svg{{width:100%;height:110px}}b{{font-size:28px;color:#73bf69}}
small{{display:block;line-height:1.35}}i{{display:inline-block;width:10px;height:3px;margin:0 6px 3px 0}}</style>
<h1>EchoTales</h1><main>{panels}</main>"""
COLOURS = ("#73bf69", "#f2cc0c", "#5794f2", "#ff780a", "#f2495c", "#b877d9", "#8ab8ff", "#ffcb7d")


def main(argv: list[str]) -> int:
    """`bench dashboard [--profile tiny] [--out PNG] [--json]`: reads /metrics while tales are told, as a picture."""
    parser = argparse.ArgumentParser(prog="bench dashboard", description=__doc__)
    parser.add_argument("--out", type=Path, default=DATA / "examples" / "pictures" / "dashboard.png")
    parser.add_argument("--profile", help="tell with real models, as `tiny`; without, a troupe plays them")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="echotales-dashboard-") as folder:
        readings = asyncio.run(_evening(Path(folder), args.profile))
        panels = json.loads((DATA / "deploy" / "dashboard.json").read_text(encoding="utf-8"))["panels"]
        drawn = [_panel(panel, readings) for panel in panels]
        page = Path(folder) / "page.html"
        page.write_text(PAGE.format(panels="".join(drawn)), encoding="utf-8")
        photographed = _photograph(page, args.out)
    empty = sum("no data" in one for one in drawn)
    figures = {"panels": len(drawn), "empty": empty, "readings": len(readings), "photographed": photographed}
    print(json.dumps(figures) if args.json else "\n".join(f"{name:<14} {value}" for name, value in figures.items()))
    return int(not photographed)


async def _evening(home: Path, profile: str | None) -> list[tuple[float, Reading]]:
    """Six tales, one stopped, one harmful, one answer of Discord that never came; what /metrics said meanwhile."""
    readings: list[tuple[float, Reading]] = []
    made = {"works": False} if profile else {"troupe": {**QUICK, "step_s": 0.2}, "name": socket.gethostname()}
    async with on_stage(home, **made) as scene, scene.running() as bot:
        if profile:
            _worker(scene, profile)
        await bot.services.library.servers.change(str(scene.guild.id), words=40)
        places = Places(home / "cache", home)
        async with seen_at("127.0.0.1:0", bot, places) as port:
            reading = asyncio.create_task(_read(port, readings))
            members = [scene.guild.member(name) for name in ("Ana", "Ben", "Eva")]
            told = [await members[at % 3].tale(wish) for at, wish in enumerate(WISHES)]
            await members[0].slash("play", tale="nowhere")
            scene.double.faults.fail("PATCH", "/messages", 503)
            waiting = await told[4].shown.until(lambda seen: seen.buttons, within_s=30.0)
            await members[1].press(said("card.press.cancel", "en"), waiting)
            async with asyncio.timeout(400.0):
                while bot.services.teller.open:  # noqa: ASYNC110 - the teller rings no bell
                    await asyncio.sleep(0.2)
            await asyncio.sleep(2 * EVERY_S)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
    return readings


def _worker(scene: Scene, profile: str) -> None:
    """The verb itself, with the weights of this machine."""
    (scene.home / "cache").mkdir()
    (scene.home / "cache" / "weights").symlink_to(Places.here().weights)
    command = [sys.executable, "echotales.py", "worker", "--profile", profile]
    environ = {**os.environ, "ECHOTALES_HOME": str(scene.home)}
    with (scene.home / "worker.log").open("ab") as log:
        scene.stage.alive.append(subprocess.Popen(command, cwd=CHECKOUT, env=environ, stderr=log, stdout=log))


async def _read(port: int, readings: list[tuple[float, Reading]]) -> None:
    began_s = time.monotonic()
    while True:
        text = await asyncio.to_thread(_got, port)
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        series = {f"{one.name}{json.dumps(one.labels, sort_keys=True)}": _plain(one.value) for one in samples}
        readings.append((time.monotonic() - began_s, series))
        await asyncio.sleep(EVERY_S)


def _plain(value: float) -> float:
    return 0.0 if math.isnan(value) else float(value)


def _got(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        return str(answer.read().decode())


def _panel(panel: dict[str, Any], readings: list[tuple[float, Reading]]) -> str:
    lines = [line for target in panel["targets"] for line in _lines(target, readings)]
    title = f"<h2>{html.escape(panel['title'])}</h2>"
    if not lines:
        return f"<section>{title}<small>no data</small></section>"
    if panel["type"] == "stat":
        told = "".join(f"<div><b>{values[-1]:g}</b> {html.escape(name)}</div>" for name, values in lines)
        return f"<section>{title}{told}</section>"
    most = max((value for _, values in lines for value in values), default=0.0) or 1.0
    drawn = "".join(_curve(values, most, COLOURS[at % len(COLOURS)]) for at, (_, values) in enumerate(lines))
    legend = "".join(
        f'<small><i style="background:{COLOURS[at % len(COLOURS)]}"></i>{html.escape(name)}: {values[-1]:.4g}</small>'
        for at, (name, values) in enumerate(lines[:4])
    )
    return f'<section>{title}<svg viewBox="0 0 400 100" preserveAspectRatio="none">{drawn}</svg>{legend}</section>'


def _curve(values: list[float], most: float, colour: str) -> str:
    wide = max(1, len(values) - 1)
    points = " ".join(f"{400 * at / wide:.1f},{98 - 94 * value / most:.1f}" for at, value in enumerate(values))
    return f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>'


def _lines(target: dict[str, Any], readings: list[tuple[float, Reading]]) -> list[tuple[str, list[float]]]:
    """A target's series by their labels, as they stood; a quantile is drawn as the mean, which needs no window."""
    found = _CALL.match(target["expr"])
    assert found, target["expr"]
    name = found[3].removesuffix("_bucket") if found[2] else found[3]
    wanted = f"{name}_sum" if found[2] else name
    keys = sorted({key for _, series in readings for key in series if key.split("{", 1)[0] == wanted})
    lines = []
    for key in keys:
        values = [series.get(key, 0.0) for _, series in readings]
        if found[2]:
            counts = [series.get(key.replace("_sum{", "_count{"), 0.0) for _, series in readings]
            values = [value / count if count else 0.0 for value, count in zip(values, counts, strict=True)]
        labels = json.loads(key[len(wanted) :])
        lines.append((", ".join(labels.values()) or target.get("legendFormat") or name, values))
    return lines


def _photograph(page: Path, to: Path) -> bool:
    """By a headless browser, where one is installed."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        return False
    to.parent.mkdir(parents=True, exist_ok=True)
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={WIDE},{HIGH}"]
    command = [program, *flags, f"--screenshot={to}", page.as_uri()]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0 and to.is_file()
