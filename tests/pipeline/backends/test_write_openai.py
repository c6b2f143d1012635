"""Writing behind an OpenAI-compatible endpoint."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from pipeline.backends.write_gguf import GgufWriter
from pipeline.backends.write_gguf import open_backend as open_gguf
from pipeline.backends.write_openai import OpenAIWriter, open_backend
from pipeline.cancelled import Cancelled
from pipeline.errors import Missing, TaleCancelled, Unwell
from pipeline.roles import Ask, Kind, Turn

TURN = Turn("You tell short stories aloud.", "Tell this story: a fox finds a bell.", "There was once a fox")


@pytest.fixture(scope="module")
def server(weights: Callable[[str], Mapping[str, Path]]) -> Iterator[GgufWriter]:
    """llama.cpp's own server: a real endpoint of this kind, with a real key."""
    opened = open_gguf(weights("smollm2-135m"), 1)
    yield opened
    opened.close()


@pytest.fixture
def writer(server: GgufWriter) -> OpenAIWriter:
    return OpenAIWriter(server.address + "/v1", key=server.key)


def test_a_sentence_is_continued_and_ends(writer: OpenAIWriter) -> None:
    text = "".join(writer.complete(TURN, Ask(Kind.NARRATION, 3), Cancelled()))
    assert text.endswith((".", "!", "?"))
    assert not text.startswith("There was once")
    assert not set(text) & set('"*#\n')


def test_speech_ends_before_its_closing_mark(writer: OpenAIWriter) -> None:
    turn = Turn(TURN.system, TURN.user, 'The fox said, "')
    text = "".join(writer.complete(turn, Ask(Kind.SPEECH, 3), Cancelled()))
    assert text.endswith((".", "!", "?"))
    assert '"' not in text


def test_a_cancelled_wish_cuts_the_connection(writer: OpenAIWriter) -> None:
    check = Cancelled()
    threading.Timer(0.4, check.set).start()
    with pytest.raises(TaleCancelled):
        list(writer.complete(TURN, Ask(Kind.FREE, 1, max_tokens=1500), check))


def test_a_wrong_key_is_said(server: GgufWriter) -> None:
    with pytest.raises(Unwell, match="401"):
        list(OpenAIWriter(server.address + "/v1", "x", "wrong").complete(TURN, Ask(Kind.NARRATION, 1), Cancelled()))


def test_nobody_at_home_is_said() -> None:
    with pytest.raises(Unwell, match="writer_unreachable"):
        OpenAIWriter("http://127.0.0.1:9/v1")


def test_an_endpoint_must_be_named() -> None:
    with pytest.raises(Missing, match="writer_url_missing"):
        open_backend({}, 1)
