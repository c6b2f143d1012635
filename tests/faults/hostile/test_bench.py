"""A night's figures are one object."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from pipeline.places import CHECKOUT

BENCH = "import sys; from tests.bench.hostile import main; sys.exit(main(sys.argv[1:]))"


@pytest.mark.slow
def test_standard_output_holds_one_object_with_the_machines_reference_and_nothing_else() -> None:
    command = [sys.executable, "-c", BENCH, "--count", "6", "--json"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    figures = json.loads(done.stdout)
    assert figures["inputs"] == 6
    assert figures["reference_hash_s"] > 0
    assert figures["reference_pass_s"] > 0
