"""Writing behind an OpenAI-compatible endpoint."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from pipeline.backends.write_gguf import GgufWriter
from pipeline.backends.write_openai import OpenAIWriter, open_backend
from pipeline.cancelled import Cancelled
from pipeline.errors import Missing, TaleCancelled, Unwell
from pipeline.roles import Ask, Kind, Turn

TURN = Turn("You tell short stories aloud.", "Tell this story: a fox finds a bell.", "There was once a fox")


@pytest.fixture(scope="module")
def server(lent: Callable[[str, str], GgufWriter]) -> GgufWriter:
    """llama.cpp's own server: a real endpoint of this kind, with a real key."""
    return lent("write_gguf", "smollm2-135m")


@pytest.fixture
def writer(server: GgufWriter) -> OpenAIWriter:
    return OpenAIWriter(server.address + "/v1", key=server.key)


def test_a_sentence_is_continued_and_ends(writer: OpenAIWriter) -> None:
    text = "".join(writer.complete(TURN, Ask(Kind.SCENE, 3), Cancelled()))
    assert text.endswith((".", "!", "?"))
    assert not text.startswith("There was once")
    assert not set(text) & set('"*#\n')


def test_a_cancelled_wish_cuts_the_connection(writer: OpenAIWriter) -> None:
    check = Cancelled()
    threading.Timer(0.4, check.set).start()
    with pytest.raises(TaleCancelled):
        list(writer.complete(TURN, Ask(Kind.FREE, 1, max_tokens=1500), check))


def test_a_wrong_key_is_said(server: GgufWriter) -> None:
    with pytest.raises(Unwell, match="401"):
        list(OpenAIWriter(server.address + "/v1", "x", "wrong").complete(TURN, Ask(Kind.SCENE, 1), Cancelled()))


def test_nobody_at_home_is_said() -> None:
    with pytest.raises(Unwell, match="writer_unreachable"):
        OpenAIWriter("http://127.0.0.1:9/v1")


def test_an_endpoint_must_be_named() -> None:
    with pytest.raises(Missing, match="writer_url_missing"):
        open_backend({}, 1)


SCENE = Ask(
    Kind.SCENE, 5, 4, max_tokens=160, least_sentences=2, says=(" said Mira.", " asked Mira."), comma_inside=True
)  # fmt: skip
WISHED = Turn("You tell short stories aloud.", "Tell how Mira finds a bell and asks whose it is.", "")


def test_a_scene_is_whole_sentences_and_every_reply_has_its_speaker(writer: OpenAIWriter) -> None:
    for seed in range(3):
        text = "".join(writer.complete(WISHED, replace(SCENE, seed=seed), Cancelled()))
        assert text.endswith((".", "!", "?"))
        assert not set(text) & set("*#<>\n")
        assert text.count('"') % 2 == 0
        assert all(rest.startswith((" said Mira.", " asked Mira.")) for rest in text.split('"')[2::2])


def test_a_plan_has_its_lines(writer: OpenAIWriter) -> None:
    ask = Ask(Kind.OUTLINE, 3, options=("Beginning", "End"), max_tokens=160)
    lines = "".join(writer.complete(WISHED, ask, Cancelled())).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["Beginning", "End"]


class _Dying(http.server.BaseHTTPRequestHandler):
    """Says half a sentence, then is gone, or silent, or no longer makes sense."""

    way = "gone"

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'data: {"choices": [{"delta": {"content": "Mira found a"}}]}\n\n')
        self.wfile.flush()
        if self.way == "silent":
            time.sleep(3)
        if self.way == "nonsense":
            self.wfile.write(b'data: {"choices": [{"del\n\n')

    def log_message(self, *_: object) -> None:
        """Quietly."""


@pytest.fixture(params=["gone", "silent", "nonsense"])
def dying(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(_Dying, "way", request.param)
    monkeypatch.setattr("pipeline.backends.write_openai.SILENCE_S", 0.5)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Dying) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


def test_a_server_that_dies_in_the_midst_of_a_sentence_is_said(dying: str) -> None:
    with pytest.raises(Unwell, match="writer_unreachable"):
        list(OpenAIWriter(dying, "x").complete(WISHED, SCENE, Cancelled()))
