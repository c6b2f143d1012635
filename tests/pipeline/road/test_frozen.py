"""An executor that was kept from looking."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import pytest

from pipeline.executor import GIVES_UP_AFTER_S
from tests.faults.stage import Stage


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="nobody is stopped there")
def test_one_that_was_frozen_does_not_take_its_own_absence_for_the_databases(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    try:
        process = stage.executor()
        while "executor_ready" not in stage.log():
            time.sleep(0.05)
        process.send_signal(signal.SIGSTOP)
        time.sleep(GIVES_UP_AFTER_S + 2)
        process.send_signal(signal.SIGCONT)
        time.sleep(3.0)
        assert process.poll() is None, stage.log()
    finally:
        stage.close()
