"""Registries on this machine, for real clients."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import socket
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

Answer = Callable[[str, str], tuple[bytes, dict[str, str]] | None]
"""(path, the server's own address) -> body and headers; nothing where it has nothing."""
REVISION = "0123456789abcdef0123456789abcdef01234567"


def wheel(folder: Path, name: str, version: str, files: Mapping[str, bytes]) -> Path:
    """A wheel that pip takes, made with zipfile alone."""
    stem = name.replace("-", "_")
    info = f"{stem}-{version}.dist-info"
    metadata = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    path = folder / f"{stem}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        rows = []
        for inside, data in {**files, **metadata}.items():
            archive.writestr(inside, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(f"{inside},sha256={digest},{len(data)}")
        archive.writestr(f"{info}/RECORD", "\n".join([*rows, f"{info}/RECORD,,"]))
    return path


def npm_pack(files: Mapping[str, bytes]) -> bytes:
    """A package as npm serves it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


@contextmanager
def npm_registry(name: str, version: str, files: Mapping[str, bytes]) -> Iterator[str]:
    """One package of one version; answers the registry's address."""
    pack = npm_pack({"package/package.json": json.dumps({"name": name, "version": version}).encode(), **files})
    digest = "sha512-" + base64.b64encode(hashlib.sha512(pack).digest()).decode()

    def answer(path: str, address: str) -> tuple[bytes, dict[str, str]] | None:
        if path.endswith(".tgz"):
            return pack, {"Content-Type": "application/octet-stream"}
        if path.strip("/") != name:
            return None
        dist = {"tarball": f"{address}/{name}-{version}.tgz", "integrity": digest}
        only = {"name": name, "version": version, "dist": dist}
        told = {"name": name, "dist-tags": {"latest": version}, "versions": {version: only}}
        return json.dumps(told).encode(), {"Content-Type": "application/json"}

    with _served(answer) as address:
        yield address


@contextmanager
def hub(repo: str, files: Mapping[str, bytes]) -> Iterator[str]:
    """One repository at REVISION, as a hub answers its own client."""

    def answer(path: str, address: str) -> tuple[bytes, dict[str, str]] | None:
        del address
        if path == f"/api/models/{repo}/revision/{REVISION}":
            siblings = [{"rfilename": name} for name in files]
            return json.dumps({"id": repo, "modelId": repo, "sha": REVISION, "siblings": siblings}).encode(), {}
        if path.startswith(f"/api/models/{repo}/tree/{REVISION}"):
            tree = [{"type": "file", "path": name, "size": len(data), "oid": "0" * 40} for name, data in files.items()]
            return json.dumps(tree).encode(), {"Content-Type": "application/json"}
        name = path.removeprefix(f"/{repo}/resolve/{REVISION}/")
        if name not in files:
            return None
        etag = hashlib.sha256(files[name]).hexdigest()
        return files[name], {"ETag": f'"{etag}"', "X-Repo-Commit": REVISION, "Content-Type": "application/octet-stream"}

    with _served(answer) as address:
        yield address


@contextmanager
def index(folder: Path, mute: str) -> Iterator[str]:
    """A simple index of the wheels in a folder, which says nothing when asked for the project `mute`."""
    leave = threading.Event()

    def answer(path: str, address: str) -> tuple[bytes, dict[str, str]] | None:
        last = path.strip("/").rpartition("/")[2]
        if last == mute:
            leave.wait(60)
            return None
        if last.endswith(".whl"):
            return (folder / last).read_bytes(), {"Content-Type": "application/octet-stream"}
        wheels = [file.name for file in folder.glob(f"{last.replace('-', '_')}-*.whl")]
        links = "".join(f'<a href="{address}/{name}">{name}</a>' for name in wheels)
        return f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), {"Content-Type": "text/html"}

    with _served(answer) as address:
        try:
            yield f"{address}/simple"
        finally:
            leave.set()


@contextmanager
def hanging() -> Iterator[str]:
    """Takes every call and never says a word."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(64)
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"


@contextmanager
def _served(answer: Answer) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(body=True)

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def _answer(self, *, body: bool) -> None:
            address = f"http://{self.headers['Host']}"
            found = answer(self.path.partition("?")[0].replace("%2f", "/"), address)
            data, headers = found or (b"not here", {})
            self.send_response(200 if found else 404)
            for key, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(key, value)
            self.end_headers()
            if body:
                self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
