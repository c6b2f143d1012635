"""Listens for the open door."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import socket
from asyncio import TimerHandle
from collections.abc import Callable
from contextlib import nullcontext, suppress

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from pipeline.errors import Refused, Unwell

HEAD_WITHIN_S, MOST_HEAD_BYTES = 10.0, 16_384
"""How long and how large the head of a request may be; who sends it letter by letter is let go."""
BODY_WITHIN_S = 60.0
MOST_CONNECTIONS = 600


class PatientProtocol(H11Protocol):
    """Ends connections whose request does not come: uvicorn itself waits for ever for the first one."""

    _timer: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        super().connection_made(transport)
        self._timer = self.loop.call_later(HEAD_WITHIN_S, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        super().handle_events()
        now = self._now
        if now is not None and now.more_body and not now.response_complete:
            self._again(BODY_WITHIN_S)
        elif now is not None:
            self._forget()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._again(max(HEAD_WITHIN_S, float(self.timeout_keep_alive)))

    @property
    def _now(self) -> RequestResponseCycle | None:
        """The request at hand; uvicorn has none before the first, whatever its types say."""
        return self.cycle

    def _again(self, seconds: float) -> None:
        self._forget()
        if not self.transport.is_closing():
            self._timer = self.loop.call_later(seconds, self._give_up)

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        now = self._now
        waiting = now is None or now.response_complete or now.more_body
        if waiting and not self.transport.is_closing():
            self.transport.close()


class _Server(uvicorn.Server):
    """Uvicorn that says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


async def listen(site: FastAPI, host: str, port: int, ready: Callable[[int], object]) -> None:
    """Serve until cancelled or asked to go; raises Unwell `port_taken`. `ready` hears the port."""
    config = uvicorn.Config(
        site,
        host=host,
        port=port,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=5,
        limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=MOST_HEAD_BYTES,
        proxy_headers=False,
    )
    sock = _bound(host, port)
    server = _Server(config, lambda: ready(int(sock.getsockname()[1])))
    server.capture_signals = nullcontext  # type: ignore[assignment,method-assign] # the verb's own
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
            loop.add_signal_handler(number, lambda: setattr(server, "should_exit", True))
    serving = asyncio.create_task(server.serve([sock]), name="serve")
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving
        sock.close()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise Unwell("port_taken", at=f"{host}:{port}", why=error.strerror or str(error)) from error
    sock.setblocking(False)  # noqa: FBT003 - the socket's own signature
    return sock


def place_of(address: str) -> tuple[str, int]:
    """Return host and port; raises Refused `setting_invalid`."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise Refused("setting_invalid", key="ECHOTALES_WEB_AT", where=address, why="host:port")
    return host, int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
