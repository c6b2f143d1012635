"""Writing with llama.cpp."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pipeline.backends.write_gguf import GgufWriter, open_backend
from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled, Unwell
from pipeline.roles import Ask, Kind, Turn

SYSTEM = "You tell short stories aloud."
USER = "Tell this story: a fox finds a bell."


@pytest.fixture(scope="module")
def writer(lent: Callable[[str, str], GgufWriter]) -> GgufWriter:
    return lent("write_gguf", "smollm2-135m")


def completed(writer: GgufWriter, told: str, ask: Ask) -> str:
    return "".join(writer.complete(Turn(SYSTEM, USER, told), ask, Cancelled()))


def tale(writer: GgufWriter, seed: int) -> str:
    writer.settle(SYSTEM)
    told = "There was once a fox"
    for at in range(3):
        told += completed(writer, told, Ask(Kind.SCENE, seed + at, 2)) + " Then"
    return told


@pytest.mark.parametrize("seed", range(4))
def test_narration_is_whole_sentences_without_marks(writer: GgufWriter, seed: int) -> None:
    text = completed(writer, "There was once a fox", Ask(Kind.SCENE, seed, 2, max_tokens=120, least_sentences=2))
    assert text.startswith(" ")
    assert text.endswith((".", "!", "?"))
    assert sum(text.count(mark) for mark in ".!?") == 2
    assert not set(text) & set('"“”«»*()<>{}#[]_\n:')


def test_a_choice_is_one_of_its_options(writer: GgufWriter) -> None:
    options = ("an old owl", "a whale")
    assert completed(writer, "There stood", Ask(Kind.CHOICE, 1, options=options)).strip() in options


@pytest.mark.slow
def test_a_seed_gives_the_same_tale_warm_and_cold(writer: GgufWriter) -> None:
    first = tale(writer, 1)
    other = tale(writer, 2)
    assert tale(writer, 1) == first
    assert other != first


def test_a_seed_gives_the_same_words_after_a_tale_in_another_language(
    writer: GgufWriter, weights: Callable[[str], Mapping[str, Path]]
) -> None:
    def told(by: GgufWriter, language: str) -> list[str]:
        system = f"You tell stories in {language}."
        by.settle(system)
        turn = Turn(system, USER, "There was once a fox")
        return ["".join(by.complete(turn, Ask(Kind.FREE, seed, max_tokens=24), Cancelled())) for seed in range(2)]

    cold = open_backend(weights("smollm2-135m"), 1)
    first = told(cold, "pt")
    cold.close()
    told(writer, "en")
    assert told(writer, "pt") == first


def test_a_cancelled_tale_stops_in_the_middle_of_a_sentence(writer: GgufWriter) -> None:
    check = Cancelled()
    threading.Timer(0.5, check.set).start()
    with pytest.raises(TaleCancelled):
        list(writer.complete(Turn(SYSTEM, USER, "Once"), Ask(Kind.FREE, 1, max_tokens=1500), check))


SHORT = Ask(Kind.FREE, 1, max_tokens=1)


def test_a_long_prompt_is_read_in_pieces_that_can_be_stopped(writer: GgufWriter) -> None:
    check = Cancelled()
    asked: list[int] = []

    class Counting(Cancelled):
        def __call__(self) -> None:
            asked.append(1)
            check()

    list(writer.complete(Turn(SYSTEM, "the fox and the bell and the wind " * 40, "Once"), SHORT, Counting()))
    assert len(asked) >= 7
    check.set()
    with pytest.raises(TaleCancelled):
        list(writer.complete(Turn(SYSTEM, "a whale and a boat and the moon " * 40, "Once"), SHORT, Counting()))


@pytest.mark.slow
def test_too_long_a_context_is_said_and_the_writer_lives_on(writer: GgufWriter) -> None:
    with pytest.raises(Unwell, match="writer_failed"):
        list(writer.complete(Turn(SYSTEM, "word " * 4000, ""), SHORT, Cancelled()))
    assert completed(writer, "There was once a fox", Ask(Kind.SCENE, 1))


def test_nobody_else_on_the_machine_may_ask_its_server(writer: GgufWriter) -> None:
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(writer.address + "/props", timeout=5)
