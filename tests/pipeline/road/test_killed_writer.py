"""A worker killed while its writer writes."""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.cancelled import Cancelled
from pipeline.road.door import read_answer
from pipeline.roles import Ask, Kind, Turn
from pipeline.words.event import Done, Event
from pipeline.words.prompt import Prompt
from pipeline.words.request import Asked, Tell
from pipeline.words.tale import Tale
from pipeline.writing.reins.asking import FREE, LOOSE, asking_in
from tests.faults.stage import eventually, heard
from tests.pipeline.road.real import door_to, kept_by, worker
from tests.pipeline.telling.echo_writer import WISHES, Echo

END = "data: [DONE]\n\n"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


class Endpoint(http.server.ThreadingHTTPServer):
    """An OpenAI-compatible server that retells what it is shown; it can be made to wait in mid-answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.echoes = {asking_in(code).system: (asking_in(code).labels, Echo()) for code in WISHES}
        self.asked: list[str] = []
        self.waits_at = 0
        """The how-manieth question is answered by half, until `goes_on`; 0 for none."""
        self.goes_on = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Answer(http.server.BaseHTTPRequestHandler):
    server: Endpoint

    def do_GET(self) -> None:
        self._send(json.dumps({"data": [{"id": "echo"}]}))

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        system, user = (one["content"] for one in told["messages"][:2])
        if system not in self.server.echoes:
            self._send(_piece("hero: nobody.") + END)  # it reads no wish: plain code stands in
            return
        labels, echo = self.server.echoes[system]
        kind = Kind.OUTLINE if f"{labels[0]}: " in told.get("grammar", "") else Kind.SCENE
        text = "".join(echo.complete(Turn(system, user, ""), Ask(kind, told["seed"], options=labels), Cancelled()))
        self.server.asked.append(user)
        if len(self.server.asked) == self.server.waits_at:
            self._send(_piece(text[: len(text) // 2]))
            self.server.goes_on.wait(300)
            return
        self._send(_piece(text) + END)

    def _send(self, text: str) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Quietly."""


def _piece(text: str) -> str:
    return f"data: {json.dumps({'choices': [{'delta': {'content': text}}]})}\n\n"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.goes_on.set()
        server.shutdown()


@pytest.mark.parametrize("reins", [LOOSE, FREE])
async def test_a_tale_in_a_writers_own_words_outlives_a_kill_to_the_same_words_in_six_languages(
    reins: str, endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"WRITER": "endpoint", "WRITER_URL": endpoint.url, "REINS": reins}.items():
        monkeypatch.setenv(f"ECHOTALES_{name}", value)

    async def tales(at: Any, mark: str) -> dict[str, Tale]:
        prompts = {code: Prompt(text, 4, 160, code, words_only=True) for code, text in WISHES.items()}
        for code, prompt in prompts.items():
            await at.ask(Asked(f"{mark}{code}", Tell(prompt), "s"))
        return {code: _told((await heard(at, f"{mark}{code}"))[-1], tmp_path) for code in prompts}

    async with door_to(tmp_path) as at:
        async with worker(tmp_path):
            unharmed = await asyncio.wait_for(tales(at, "a"), 600)
        endpoint.waits_at = len(endpoint.asked) + 8
        async with worker(tmp_path) as process:
            under_way = asyncio.create_task(tales(at, "b"))
            await eventually(lambda: len(endpoint.asked) >= endpoint.waits_at, 300)
            process.kill()
        endpoint.goes_on.set()
        async with worker(tmp_path):
            again = await asyncio.wait_for(under_way, 600)
    assert {code: tale.plan.reins for code, tale in unharmed.items()} == dict.fromkeys(WISHES, reins)
    assert {code: tale.story for code, tale in again.items()} == {code: tale.story for code, tale in unharmed.items()}


def _told(end: Event, folder: Path) -> Tale:
    assert isinstance(end, Done), end
    return read_answer(end.tale, Tale, kept_by(folder))
