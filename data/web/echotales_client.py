"""Client of the open door.

One file, with the standard library alone:

    door = EchoTales("http://127.0.0.1:8090", "echo_...")
    tale = door.tell("A lighthouse keeper befriends a storm", language="en")
    for event in door.follow(tale["id"]):
        print(event.kind)
    open("tale.mp3", "wb").write(door.part(tale["id"], "tale.mp3"))
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

Tale = dict[str, Any]
"""As GET /v1/tales/{id} shows it: id, state, title, parts ..."""


class DoorError(Exception):
    """What the door refused, with its sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass(frozen=True)
class Event:
    """One thing that happened to a tale."""

    number: int
    """To go on from with `since`."""
    kind: str
    """`queued`, `planned`, `written`, `narrated`, `cue_ready`, at last `done`, `failed` or `cancelled`."""
    data: dict[str, Any]


class EchoTales:
    """One door, with one key."""

    def __init__(self, url: str, key: str, timeout_s: float = 600.0) -> None:
        self._url, self._key, self._timeout_s = url.rstrip("/"), key, timeout_s

    def tell(self, prompt: str, **wish: Any) -> Tale:
        """Ask for a tale: words, language, style, mood, voice, as_written, words_only, only_me, seed, webhook."""
        return self._json("POST", "/v1/tales", {"prompt": prompt, **wish})

    def follow(self, tale: str, since: int = 0) -> Iterator[Event]:
        """Give its events to the last one."""
        with self._opened("GET", f"/v1/tales/{tale}/events?since={since}") as answer:
            number, kind = since, ""
            for line in answer:
                name, _, value = line.decode().rstrip("\r\n").partition(": ")
                if name == "id":
                    number = int(value)
                elif name == "event":
                    kind = value
                elif name == "data":
                    yield Event(number, kind, json.loads(value))

    def tales(self, search: str = "", of: str = "me", page: int = 0) -> list[Tale]:
        """List one's own tales, or with `of="server"` the server's; or those with all of these words."""
        query = urllib.parse.urlencode({"search": search, "of": of, "page": page})
        return cast(list[Tale], self._json("GET", f"/v1/tales?{query}")["data"])

    def tale(self, tale: str) -> Tale:
        """Show one."""
        return self._json("GET", f"/v1/tales/{tale}")

    def stop(self, tale: str) -> None:
        """Stop it; a finished one is erased."""
        with self._opened("DELETE", f"/v1/tales/{tale}"):
            pass

    def part(self, tale: str, name: str) -> bytes:
        """Return tale.mp3, voice.opus, captions.vtt, text.txt, picture.png ..."""
        with self._opened("GET", f"/v1/tales/{tale}/{name}") as answer:
            return answer.read()

    def link(self, tale: str, days: int = 7) -> str:
        """Return the address of its player, for anybody, until it ends."""
        return self._url + str(self._json("POST", f"/v1/tales/{tale}/link?days={days}")["url"])

    def edit(self, tale: str, how: str, **where: Any) -> Tale:
        """Change a line or a scene: sadder, happier, scarier, calmer, shorter, voice, words, again."""
        return self._json("POST", f"/v1/tales/{tale}/edits", {"how": how, **where})

    def undo(self, tale: str) -> Tale:
        """Bring the version before back."""
        return self._json("POST", f"/v1/tales/{tale}/undo")

    def speak(self, text: str, voice: str = "", form: str = "mp3", **more: Any) -> Iterator[bytes]:
        """Give speech while it is spoken."""
        body = {"input": text, "voice": voice, "response_format": form, **more}
        with self._opened("POST", "/v1/audio/speech", body) as answer:
            while piece := answer.read1(65_536) if hasattr(answer, "read1") else answer.read(65_536):
                yield piece

    def feel(self, text: str, language: str = "en") -> dict[str, Any]:
        """Read how words feel."""
        return self._json("POST", "/v1/feelings", {"input": text, "language": language})

    def compose(self, mood: str, seconds: float = 30.0, form: str = "mp3") -> bytes:
        """Return music for a mood."""
        body = {"mood": mood, "seconds": seconds, "response_format": form}
        with self._opened("POST", "/v1/music", body) as answer:
            return answer.read()

    def _json(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        with self._opened(method, path, body) as answer:
            return cast(dict[str, Any], json.loads(answer.read()))

    def _opened(self, method: str, path: str, body: dict[str, Any] | None = None) -> BinaryIO:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, headers, method=method)
        try:
            return cast(BinaryIO, urllib.request.urlopen(request, timeout=self._timeout_s))
        except urllib.error.HTTPError as error:
            try:
                told = json.loads(error.read())["error"]
            except (ValueError, KeyError, TypeError):
                raise DoorError(error.code, "unknown", str(error)) from error
            raise DoorError(error.code, told["code"], told["message"]) from error
