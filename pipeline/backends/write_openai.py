"""Writers behind an OpenAI-compatible endpoint."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pipeline.backends.completion import bounded, is_complete
from pipeline.backends.grammar import grammar_of
from pipeline.cancelled import Cancelled
from pipeline.errors import Missing, Unwell
from pipeline.roles import Ask, Turn
from pipeline.settings import read_settings

CONNECT_S = 10.0
SILENCE_S = 60.0
"""Longest wait for the next token: a prompt may be long and the machine shared."""
SAMPLING = {"top_p": 0.95, "frequency_penalty": 0.2}


def open_backend(weights: Mapping[str, Path], threads: int) -> OpenAIWriter:  # noqa: ARG001 - the shelf's signature
    """Open the endpoint that the operator named; raises Missing `writer_url_missing`."""
    settings = read_settings()
    if not settings.writer_url:
        raise Missing("writer_url_missing")
    return OpenAIWriter(settings.writer_url, settings.writer_model, settings.writer_key)


class OpenAIWriter:
    """Streams the continuation of a last assistant message; its brake closes the connection."""

    def __init__(self, url: str, model: str = "", key: str = "") -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._model = model or self._first_model()

    def settle(self, system: str) -> None:
        """Do nothing: the other machine's cache is its own."""

    def complete(self, turn: Turn, ask: Ask, check: Cancelled) -> Iterator[str]:
        text = ""
        for piece in self._streamed(_wish(self._model, turn, ask), check):
            text += piece
            if is_complete(text, ask):
                break
        yield bounded(text, ask)

    def close(self) -> None:
        """Do nothing: every completion has its own connection."""

    def _first_model(self) -> str:
        with _Connection(self._url, self._key) as connection:
            answer = json.loads(connection.ask("GET", "/models").read())
        return str(answer["data"][0]["id"])

    def _streamed(self, wish: dict[str, Any], check: Cancelled) -> Iterator[str]:
        check()
        ended = False
        with _Connection(self._url, self._key) as connection, check.watch(connection.cut):
            try:
                for line in connection.ask("POST", "/chat/completions", wish):
                    check()
                    ended = ended or _is_end(line)
                    yield from _pieces(line)
            except (OSError, ValueError, http.client.HTTPException, AttributeError) as error:
                check()  # a cut connection is our own brake
                raise Unwell("writer_unreachable", url=self._url, why=str(error)) from error
        if not ended:
            check()
            raise Unwell("writer_unreachable", url=self._url, why="its answer broke off")


class _Connection:
    """One request, which another thread may cut."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        self._path = parts.path
        self._lock = threading.Lock()
        host, secure = parts.hostname or "", parts.scheme == "https"
        self._http: http.client.HTTPConnection = (
            http.client.HTTPSConnection(host, port, timeout=CONNECT_S, context=ssl.create_default_context())
            if secure
            else http.client.HTTPConnection(host, port, timeout=CONNECT_S)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def cut(self) -> None:
        with self._lock:
            if self._http.sock is not None:
                self._http.sock.close()

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> http.client.HTTPResponse:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self._key}"} if self._key else {})
        try:
            self._http.connect()
            if self._http.sock is not None:
                self._http.sock.settimeout(SILENCE_S)
            self._http.request(method, self._path + path, json.dumps(body) if body else None, headers)
            answer = self._http.getresponse()
        except OSError as error:
            raise Unwell("writer_unreachable", url=self._url, why=str(error)) from error
        if answer.status != http.HTTPStatus.OK:
            why = f"{answer.status} {answer.read(300).decode(errors='replace')}"
            raise Unwell("writer_unreachable", url=self._url, why=why)
        return answer


def _wish(model: str, turn: Turn, ask: Ask) -> dict[str, Any]:
    """Return the request: the tale so far is an assistant message to go on from, which each server names otherwise."""
    messages = [{"role": "system", "content": turn.system}, {"role": "user", "content": turn.user}]
    messages += [{"role": "assistant", "content": turn.told}] if turn.told else []
    grammar = grammar_of(ask, turn.told)
    return {
        **SAMPLING,
        "model": model,
        "messages": messages,
        "stream": True,
        "seed": ask.seed,
        "max_tokens": ask.max_tokens,
        "temperature": ask.temperature,
        "add_generation_prompt": not turn.told,
        "continue_final_message": bool(turn.told),
        "cache_prompt": True,
        "chat_template_kwargs": {"enable_thinking": False},
    } | ({"grammar": grammar} if grammar else {})


def _is_end(line: bytes) -> bool:
    """Whether the server says that its answer is whole."""
    data = line.strip().removeprefix(b"data:").strip()
    if data == b"[DONE]":
        return True
    return data.startswith(b"{") and any(one.get("finish_reason") for one in json.loads(data).get("choices", ()))


def _pieces(line: bytes) -> Iterator[str]:
    """Return the text in one line of the event stream."""
    data = line.strip().removeprefix(b"data:").strip()
    if not data.startswith(b"{"):
        return
    event = json.loads(data)
    if "error" in event:
        raise Unwell("writer_failed", why=str(event["error"]))
    for choice in event.get("choices", ()):
        yield choice.get("delta", {}).get("content") or ""
