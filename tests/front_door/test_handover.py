"""Handing over as Windows needs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from pipeline.cli import handover
from pipeline.places import CHECKOUT

WAITING = """
import sys, time
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    sys.exit(42)
"""
PARENT = """
import sys
from pipeline.cli import handover
sys.exit(handover.as_child([sys.executable, "-c", sys.argv[1]]))
"""
ON_WINDOWS = """
import sys
sys.platform = "win32"
from pipeline.cli import environment
print(environment.PYTHON.as_posix())
"""


def test_the_childs_exit_code_is_ours() -> None:
    assert handover.as_child([sys.executable, "-c", "raise SystemExit(9)"]) == 9


@pytest.mark.skipif(sys.platform == "win32", reason="sends the signal a console would send")
def test_ctrl_c_reaches_the_child_and_the_parent_waits_for_its_answer() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, WAITING], cwd=CHECKOUT, stdout=subprocess.PIPE, start_new_session=True
    )
    assert parent.stdout is not None
    with parent.stdout:
        assert parent.stdout.readline() == b"ready\n"
        os.killpg(parent.pid, signal.SIGINT)
        assert parent.wait(30) == 42


def test_ctrl_c_stops_the_next_command_too() -> None:
    handover.as_child([sys.executable, "-c", ""])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437"])
def test_a_narrow_console_gets_utf8_and_no_traceback(encoding: str) -> None:
    told = subprocess.run(
        [sys.executable, "echotales.py", "夜è"],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert told.returncode == 2
    assert "no verb 夜è" in told.stderr.decode("utf-8")


def test_on_windows_the_environment_is_looked_for_where_windows_keeps_it() -> None:
    told = subprocess.run([sys.executable, "-c", ON_WINDOWS], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert told.stdout.strip().endswith(".venv/Scripts/python.exe")
