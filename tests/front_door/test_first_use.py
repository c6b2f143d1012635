"""The first use, and those after it."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.front_door.checkout import SmallCheckout, small_checkout


@pytest.fixture(scope="module")
def checkout(used_before: Callable[[Path], SmallCheckout], tmp_path_factory: pytest.TempPathFactory) -> SmallCheckout:
    return used_before(tmp_path_factory.mktemp("clone"))


def test_later_uses_say_nothing_of_installing_and_pass_the_exit_code_on(checkout: SmallCheckout) -> None:
    later = checkout.run("tell", "seven")
    assert later.returncode == 7
    assert later.stderr == ""


def test_the_verb_runs_in_the_environment_of_the_checkout(checkout: SmallCheckout) -> None:
    assert Path(json.loads(checkout.run("tell").stdout)[2]) == checkout.folder / ".venv"


def test_a_lock_that_moved_is_installed_before_the_verb_runs(checkout: SmallCheckout) -> None:
    checkout.lock("2.0")
    moved = checkout.run("tell")
    assert json.loads(moved.stdout)[1] == "2.0"
    assert "Making the environment" not in moved.stderr


def test_a_failed_fetch_leaves_what_stands(checkout: SmallCheckout) -> None:
    good = (checkout.folder / "data" / "locks" / "base.txt").read_text(encoding="utf-8")
    checkout.lock("3.0", digest="0" * 64)
    assert checkout.run("tell").returncode == 14
    (checkout.folder / "data" / "locks" / "base.txt").write_text(good, encoding="utf-8")
    again = checkout.run("tell")
    assert again.returncode == 0
    assert again.stderr == ""


def test_an_unreachable_registry_is_one_sentence_and_an_exit_code_of_its_own(checkout: SmallCheckout) -> None:
    (checkout.folder / "data" / "locks" / "gpu.txt").write_text("nowhere==1 --hash=sha256:" + "0" * 64 + "\n")
    told = checkout.run("--extra", "gpu", "tell", PIP_NO_INDEX="0", PIP_INDEX_URL="http://127.0.0.1:9/simple")
    assert told.returncode == 12
    assert "registry cannot be reached" in told.stderr
    assert "Traceback" not in told.stderr


def test_an_extra_may_stand_in_the_setting_too(checkout: SmallCheckout) -> None:
    told = checkout.run("tell", ECHOTALES_EXTRA="warp")
    assert told.returncode == 2
    assert "no extra warp" in told.stderr


@pytest.mark.slow
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_install_that_was_cut_off_is_begun_anew(tmp_path: Path, by: signal.Signals) -> None:
    checkout = small_checkout(tmp_path)
    cut_off = subprocess.Popen(checkout.command(("tell",)), env=checkout.environ(), stderr=subprocess.PIPE)
    busy = tmp_path / ".venv" / "echotales-installing"
    while not busy.exists():
        assert cut_off.poll() is None
    cut_off.send_signal(by)
    assert b"Traceback" not in cut_off.communicate()[1]
    mended = checkout.run("tell")
    assert mended.returncode == 0, mended.stderr
    assert "Making the environment" in mended.stderr
    assert not busy.exists()


@pytest.mark.slow
def test_two_at_once_make_one_environment(tmp_path: Path) -> None:
    checkout = small_checkout(tmp_path)
    both = [
        subprocess.Popen(checkout.command(("tell",)), env=checkout.environ(), stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = "".join(process.communicate()[1] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert said.count("Making the environment") == 1
