"""A model hub on this machine."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.pipeline.shelf.registries import REVISION

Files = dict[str, bytes]
SIP = 65_536
Reply = tuple[int, bytes, dict[str, str]]


@dataclass
class Hub:
    """One repository, and what happens to those who ask for it."""

    repo: str
    commits: dict[str, Files]
    """Commit to its files."""
    branches: dict[str, str] = field(default_factory=lambda: {"main": REVISION})
    token: str = ""
    """Who does not show it is told that the repository is gated."""
    cut_after: int = 0
    """Bytes of one answer after which the line breaks; 0 for never."""
    mute_for: str | None = None
    """Calls for a path that holds this are broken off without a word; the empty text is in every path."""
    status: int = 0
    """What every call is answered with: `429`; 0 for what is asked."""
    slow_s: float = 0.0
    """Seconds of rest after every 64 KB of a body."""
    silent_after: int = 0
    """Bytes of one answer after which the line stays open and nothing more comes; 0 for never."""
    says_bytes: int = 0
    """What it says of a file's size before it sends another; 0 for the truth."""
    elsewhere: str = ""
    """Where its large files lie: the address of another machine's folder; empty for here."""
    shown: list[str] = field(default_factory=list)
    """What callers showed of themselves."""
    sent: list[tuple[str, int, int]] = field(default_factory=list)
    """(file, from which byte on, how many) of each answer with a body."""
    address: str = ""
    over: threading.Event = field(default_factory=threading.Event)
    """Set at the end: whoever still waits in it goes home."""

    def reply(self, path: str, token: str) -> Reply:
        if self.status:
            return self.status, b"Too many requests.", {"Retry-After": "0"}
        if self.token and token != f"Bearer {self.token}":
            return 401, b"Access to this repository is restricted.", {"X-Error-Code": "GatedRepo"}
        if path.startswith(f"/api/models/{self.repo}/revision/"):
            commit = self.commit(path.rpartition("/")[2])
            siblings = [{"rfilename": name} for name in self.commits[commit]]
            return 200, json.dumps({"id": self.repo, "sha": commit, "siblings": siblings}).encode(), {}
        revision, _, name = path.removeprefix(f"/{self.repo}/resolve/").partition("/")
        data = self.commits.get(self.commit(revision), {}).get(name)
        if data is None:
            return 404, b"Entry not found", {"X-Error-Code": "EntryNotFound"}
        etag = hashlib.sha256(data).hexdigest()
        if self.elsewhere and name.endswith(".safetensors"):
            linked = {"X-Linked-Etag": f'"{etag}"', "X-Linked-Size": str(len(data))}
            return 302, b"", {"Location": f"{self.elsewhere}/{name}", "X-Repo-Commit": self.commit(revision), **linked}
        return 200, data, {"ETag": f'"{etag}"', "X-Repo-Commit": self.commit(revision), "Accept-Ranges": "bytes"}

    def commit(self, revision: str) -> str:
        return self.branches.get(revision, revision)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_HEAD(self) -> None:
        self._head()

    def do_GET(self) -> None:
        told = self._head()
        if told is None:
            return
        start, body = told
        cut = body[: self.hub.cut_after] if self.hub.cut_after else body
        self.hub.sent.append((self.path.rpartition("/")[2], start, len(cut)))
        self._send(cut)
        self.close_connection = self.close_connection or len(cut) < len(body)

    def _send(self, body: bytes) -> None:
        if self.hub.silent_after and len(body) > self.hub.silent_after:
            self.wfile.write(body[: self.hub.silent_after])
            self.hub.over.wait(30)
            self.close_connection = True
            return
        for at in range(0, len(body), SIP if self.hub.slow_s else len(body) or 1):
            self.wfile.write(body[at : at + SIP] if self.hub.slow_s else body)
            self.hub.over.wait(self.hub.slow_s)

    def _head(self) -> tuple[int, bytes] | None:
        if self.hub.mute_for is not None and self.hub.mute_for in self.path:
            self.close_connection = True
            return None
        self.hub.shown.append(self.headers.get("Authorization", ""))
        status, data, headers = self.hub.reply(self.path, self.headers.get("Authorization", ""))
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
        if start and status == 200:
            status, headers = 206, {**headers, "Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
        self.send_response(status)
        told = self.hub.says_bytes if self.hub.says_bytes and "ETag" in headers else len(data) - start
        for key, value in {**headers, "Content-Length": str(told)}.items():
            self.send_header(key, value)
        self.end_headers()
        return start, data[start:]

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """The hub, at its address."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        hub.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
