"""What every test finds."""

from __future__ import annotations

import gc
import os
import random
import shutil
import signal
import socket
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# Before any library reads them: the same threads everywhere, and no hub asked behind a test's back.
for _name, _value in {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}.items():
    os.environ.setdefault(_name, _value)
for _name in [name for name in os.environ if name.startswith("ECHOTALES_") and name != "ECHOTALES_HOME"]:
    del os.environ[_name]  # an operator's settings are no part of a test

# Whoever starts us in the background hands Ctrl-C down as ignored; the programs under test must hear it.
signal.signal(signal.SIGINT, signal.default_int_handler)

import pytest  # noqa: E402 - its plug-ins already import numpy
import structlog  # noqa: E402 - as above
from hypothesis import settings  # noqa: E402 - as above

# No test asserts a time: on a busy machine an example takes what it takes.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

LEFT_OUT = ("slow", "weights_embedded", "faults", "postgres", "network", "gpu_stack", "node", "browser")
"""Markers of the tests that only `--everything` (or `-m`) runs."""
MEANS: dict[str, tuple[Callable[[], object], str]] = {
    "gpu_stack": (lambda: find_spec("torch"), "needs python3 echotales.py --extra gpu test --all"),
    "node": (lambda: shutil.which("node"), "needs node"),
    "browser": (lambda: shutil.which("chromium") or shutil.which("google-chrome"), "needs a browser"),
    "postgres": (
        lambda: shutil.which("initdb") or next(Path("/usr/lib/postgresql").glob("*/bin/initdb"), None),
        "needs PostgreSQL's initdb",
    ),
}
"""What a marked test cannot do without, how it is looked for, and what to say where it lacks."""
_counted = pytest.StashKey[Counter[str]]()
_Weights = Callable[[str], Mapping[str, Path]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--everything", action="store_true", help="leave no test out")
    parser.addoption("--hostile", type=int, default=500, help="how many hostile inputs tests/faults/hostile sends")
    parser.addoption("--seed", type=int, default=1, help="of the hostile inputs")
    parser.addoption("--order", type=int, default=random.randrange(1_000_000), help="seed of the fast tests' order")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The fast set, unless somebody says what they want; of that, what this machine has the means for."""
    for mark, (found, why_not) in MEANS.items():
        marked = [item for item in items if item.get_closest_marker(mark)]
        if marked and not found():
            for item in marked:
                item.add_marker(pytest.mark.skip(reason=why_not))
    if config.option.everything or config.option.markexpr:
        return
    why = {item: next((mark for mark in LEFT_OUT if item.get_closest_marker(mark)), "") for item in items}
    left = [item for item in items if why[item]]
    config.stash[_counted] = Counter(why[item] for item in left)
    config.hook.pytest_deselected(items=left)
    items[:] = _shuffled([item for item in items if not why[item]], config.option.order)


def _shuffled(items: list[pytest.Item], seed: int) -> list[pytest.Item]:
    """Files in any order, and within each its tests, so that what a file shares is made once."""
    chance, rooms = random.Random(seed), dict[Path, list[pytest.Item]]()
    for item in items:
        rooms.setdefault(item.path, []).append(item)
    files = list(rooms)
    chance.shuffle(files)
    for file in files:
        chance.shuffle(rooms[file])
    return [item for file in files for item in rooms[file]]


@pytest.fixture(scope="module", autouse=True)
def what_is_old_is_not_looked_through() -> None:
    """What earlier tests left, models, tables and code, stays: each look for garbage would walk it all again."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not run, so that a green line is not read for more than it is."""
    counted = terminalreporter.config.stash.get(_counted, Counter())
    if counted:
        terminalreporter.write_line(f"In an order of its own: `--order {terminalreporter.config.option.order}`.")
        said = ", ".join(f"{number} {mark}" for mark, number in counted.items())
        terminalreporter.write_line(f"Left out: {said}. `python3 echotales.py test --all` runs them too.")


@pytest.fixture(scope="session")
def weights() -> _Weights:
    """Real weights by their id in data/models.toml; what is not in the cache yet is pulled, once."""
    from pipeline.places import Places
    from pipeline.settings import read_settings
    from pipeline.shelf.manifest import read_manifest
    from pipeline.shelf.weights import ensure, weights_of

    manifest, places, settings = read_manifest(), Places.here(), read_settings({}, file=Path(os.devnull))

    def of(model: str) -> Mapping[str, Path]:
        entry = manifest[model]
        ensure((entry,), places, settings)
        return weights_of(entry, places, settings)

    return of


@pytest.fixture(scope="session")
def lent(weights: _Weights) -> Iterator[Callable[[str, str], Any]]:
    """A backend by its room and its model: opened for the first test that asks, closed after the last."""
    open_ones: dict[tuple[str, str], Any] = {}

    def of(room: str, model: str) -> Any:
        if (room, model) not in open_ones:
            open_ones[room, model] = import_module(f"pipeline.backends.{room}").open_backend(weights(model), 1)
        return open_ones[room, model]

    yield of
    for one in open_ones.values():
        one.close()


@pytest.fixture(scope="session", autouse=True)
def folder_for_a_moment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Its own: a sweep whose clock a test puts forward would take what others on this machine are at work in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("moment")))
        yield


@pytest.fixture(autouse=True)
def nobody_outside(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test of ours talks to another machine, unless it says so by `network`."""
    if not request.node.get_closest_marker("network"):
        for name in ("connect", "connect_ex", "sendto"):
            monkeypatch.setattr(socket.socket, name, _inside_only(getattr(socket.socket, name)))


@pytest.fixture(autouse=True)
def log_as_it_was() -> Iterator[None]:
    """Whoever sets up the log in a test lets go of it: what it writes to is closed afterwards."""
    yield
    structlog.reset_defaults()


def _inside_only(call: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(sock: socket.socket, *args: Any) -> Any:
        address = args[-1]
        host = str(address[0]) if isinstance(address, tuple) else ""
        if not host.startswith(("127.", "::1", "localhost")) and host not in ("", "0.0.0.0", "::"):
            raise OSError(f"this test may not talk to {host}; mark it `network` if it must")
        return call(sock, *args)

    return guarded
