"""Requests that mean no good."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp

from pipeline.places import CHECKOUT
from tests.bot.web.opened import MEMBER, Opened

TRACES = ("Traceback (most recent call last)", "site-packages", "sqlalchemy", str(CHECKOUT), '.py", line')
"""What an answer holds where the inside shows through."""
KEYS = 24
"""Of the attackers, so that not every request ends at the limit of one key."""
SLOW = 40
"""Connections that send a request letter by letter."""
INSIDE = (
    "http://127.0.0.1:22/",
    "http://localhost/",
    "http://[::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://0.0.0.0:8090/",
    "http://[::ffff:127.0.0.1]/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "http://2130706433/",
    "http://user@10.0.0.1/",
    "http://10.0.0.1/",
    "http://192.168.1.1./",
    "http://0x7f000001/",
    "ftp://example.org/",
)
"""Addresses of this machine and its network."""
PATHS = (
    "/../../etc/passwd",
    "/web/..%2f..%2f.env",
    "/web/%2e%2e/%2e%2e/.env",
    "/v1/tales/../../library.db",
    "/t/%00",
    "//etc/passwd",
    "/v1/tales/" + "a" * 5_000,
    "/web/" + "../" * 50 + "etc/passwd",
    "/feeds/x/me/y.xml",
    "/.git/config",
    "/v1/tales/%s%s%n",
    "/v1/tales/'%20or%201=1--",
    "/web/words.json/..",
    "/v1/models/..%2f..%2fetc%2fpasswd",
)


@dataclass
class Harm:
    """What came of all of it."""

    sent: int = 0
    leaks: list[str] = field(default_factory=list)
    broke: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def note(self, status: int, body: bytes, what: str, secrets: tuple[str, ...]) -> None:
        self.sent += 1
        self.statuses[status] += 1
        text = body.decode("utf-8", "replace")
        if status >= 500:
            self.broke.append(f"{status} {what}")
        self.leaks += [f"{what}: {one}" for one in (*TRACES, *secrets) if one in text]


async def attack(door: Opened, many: int, seed: int = 1) -> Harm:
    """Send so many hostile requests, some of them at once; the door must stay open for everybody else."""
    chance, harm = random.Random(seed), Harm()
    tale = await door.shared()
    kept = await door.web.library.tales.get(tale["id"])
    assert kept is not None
    # What nobody without its key may ever see: the tale, and the words of its wish.
    keys = [await door.another(MEMBER) for _ in range(KEYS)]
    secrets = (kept.prompt.text, kept.title, kept.text[:40])
    slow = [asyncio.create_task(_slowly(door, nth)) for nth in range(min(SLOW, many // 20))]
    gate = asyncio.Semaphore(16)

    async def one() -> None:
        async with gate:
            method, path, more = _request(chance, replace(door, key=chance.choice(keys)), tale["id"])
            try:
                async with door.http.request(
                    method, door.url + path, timeout=aiohttp.ClientTimeout(60), **more
                ) as answer:
                    harm.note(answer.status, await answer.content.read(200_000), f"{method} {path[:80]}", secrets)
            except (aiohttp.ClientError, ValueError, OSError):
                harm.sent += 1  # the connection was ended, or our own client would not send it

    await asyncio.gather(*(one() for _ in range(many)))
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    status, listed = await door.call("GET", "/v1/tales")
    if status != 200 or not listed["data"]:
        harm.broke.append(f"{status}: the door is no longer open for others")
    return harm


def _request(chance: random.Random, door: Opened, tale: str) -> tuple[str, str, dict[str, Any]]:
    kinds = (_wrong_key, _range, _bomb, _path, _webhook, _header, _link, _edit, _odd_values)
    return chance.choice(kinds)(chance, door, tale)


def _wrong_key(chance: random.Random, door: Opened, tale: str) -> tuple[str, str, dict[str, Any]]:
    real = door.key
    wrong = chance.choice(
        [
            "",
            "x",
            real[:-1],
            real + "x",
            real.replace("echo", "ECHO"),
            "echo__",
            f"echo_{'a' * 8}_{'b' * 43}",
            "é" * 20,
            "echo_%00_1",
        ]
    )
    return chance.choice(["GET", "DELETE"]), f"/v1/tales/{tale}", {"headers": {"Authorization": f"Bearer {wrong}"}}


def _range(chance: random.Random, door: Opened, tale: str) -> tuple[str, str, dict[str, Any]]:
    part = chance.choice(["tale.mp3", "tale.flac", "voice.mp3", "picture.png"])
    span = chance.choice(
        [
            "bytes=0-999999999999",
            "bytes=999999999999-",
            "bytes=-0",
            "bytes=5-1",
            "bytes=-",
            "bytes=a-b",
            "bytes=0-0," * 200,
            "x" * 900,
        ]
    )
    # With a wrong link: a stranger's range reaches nothing.
    return "GET", f"/v1/tales/{tale}/{part}?until=99999999999&sign={'0' * 43}", {"headers": {"Range": span}}


def _bomb(chance: random.Random, door: Opened, tale: str) -> tuple[str, str, dict[str, Any]]:
    body = chance.choice(
        [
            b"[" * 100_000,
            b'{"prompt":' * 20_000,
            b'{"prompt": "' + b"a" * 390_000 + b'"}',
            b'{"prompt": "\\ud800"}',
            b'{"prompt": 1e999}',
            b"9" * 20_000,
            b'{"prompt": "a", "words": ' + b"9" * 9_000 + b"}",
            b"\xff\xfe\x00",
            b"null",
            b"",
            b'{"prompt": "x", "seed": -1}',
            b'{"prompt": "x", "__proto__": {}}',
            b'{"prompt": null}',
            b'{"prompt": "\\u0000\\u0000"}',
        ]
    )
    path = chance.choice(["/v1/audio/speech", "/v1/feelings", "/v1/music", f"/v1/tales/{tale}/edits"])
    headers = {"Authorization": f"Bearer {door.key}", "Content-Type": "application/json"}
    return "POST", path, {"data": body, "headers": headers}


def _path(chance: random.Random, door: Opened, tale: str) -> tuple[str, str, dict[str, Any]]:
    path = chance.choice(PATHS)
    _ = tale
    return "GET", path, {} if chance.random() < 0.5 else {"params": {"x": "/.."}}


def _webhook(chance: random.Random, door: Opened, tale: str) -> tuple[str, str, dict[str, Any]]:
    _ = tale
    wish = {"prompt": "a storm", "webhook": chance.choice(INSIDE)}
    return "POST", "/v1/tales", {"json": wish, "headers": {"Authorization": f"Bearer {door.key}"}}


def _header(chance: random.Random, door: Opened, tale: str) -> tuple[str, str, dict[str, Any]]:
    _ = door
    headers = chance.choice(
        [
            {"X-Long": "a" * 60_000},
            {f"X-{nth}": "y" for nth in range(150)},
            {"Content-Length": "-1"},
            {"Cookie": "a=" + "b" * 9_000},
            {"Accept-Language": "x," * 3_000},
            {"Last-Event-ID": "9" * 400},
            {"Host": "evil.example"},
            {"Transfer-Encoding": "gzip, chunked"},
            {"X-Forwarded-For": "127.0.0.1"},
            {"Content-Type": "multipart/form-data; boundary=" + "-" * 900},
        ]
    )
    return "GET", f"/v1/tales/{tale}/events", {"headers": headers}


def _link(chance: random.Random, door: Opened, tale: str) -> tuple[str, str, dict[str, Any]]:
    _ = door
    until = chance.choice(["0", "-1", "1e9", "99999999999999999999", "", "0x10", "٣"])
    sign = chance.choice(["", "0" * 43, "é" * 43, "a" * 9_000, "%00"])
    return "GET", f"/v1/tales/{tale}/player.json", {"params": {"until": until, "sign": sign}}


def _edit(chance: random.Random, door: Opened, tale: str) -> tuple[str, str, dict[str, Any]]:
    wish = chance.choice(
        [
            {"how": "words", "line": 10**9},
            {"how": "again", "line": 99_999},
            {"how": "voice", "line": 0, "voice": "../x"},
            {"how": "x"},
            {"scene": True},
        ]
    )
    return "POST", f"/v1/tales/{tale}/edits", {"json": wish, "headers": {"Authorization": f"Bearer {door.key}"}}


def _odd_values(chance: random.Random, door: Opened, tale: str) -> tuple[str, str, dict[str, Any]]:
    _ = tale
    form = chance.choice(
        [
            b"",
            b"--x\r\n\r\n--x--",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="../../x.wav"\r\n\r\nRIFF\r\n--x--',
            b"--x" * 40_000,
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + b"\x00" * 4_000 + b"\r\n--x--",
        ]
    )
    headers = {"Authorization": f"Bearer {door.key}", "Content-Type": "multipart/form-data; boundary=x"}
    return "POST", "/v1/audio/transcriptions", {"data": form, "headers": headers}


async def _slowly(door: Opened, nth: int) -> None:
    """Send a request letter by letter, until somebody has enough of it."""
    host, port = door.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    try:
        for letter in f"POST /v1/tales HTTP/1.1\r\nHost: x{nth}\r\nX-A: {'b' * 10_000}":
            writer.write(letter.encode())
            await writer.drain()
            await asyncio.sleep(0.5)
    except OSError:
        pass
    finally:
        writer.close()


def summed(harm: Harm) -> str:
    """In one line."""
    return json.dumps(
        {"sent": harm.sent, "leaks": len(harm.leaks), "broke": len(harm.broke), "statuses": dict(harm.statuses)}
    )
