"""What the bot keeps, its user alone reads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.places import CHECKOUT

SHOWS = "import os, sys; os.umask(0o022); from {module} import main; import {module} as verb;"
SHOWS += "verb.{after} = lambda *_, **__: sys.exit(os.umask(0)); main([])"


@pytest.mark.parametrize(("module", "after"), [("bot.cli", "read_settings"), ("pipeline.cli.worker", "read_settings")])
def test_bot_and_worker_write_for_their_user_alone(tmp_path: Path, module: str, after: str) -> None:
    script = SHOWS.format(module=module, after=after)
    env = {**os.environ, "ECHOTALES_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, env=env, check=False)
    assert done.returncode == 0o077
