"""Deployment files name what is there."""

from __future__ import annotations

import re
from dataclasses import fields

from pipeline import opened
from pipeline.places import CHECKOUT, DATA
from pipeline.settings import PREFIX, Settings

DEPLOY = DATA / "deploy"
PATHS = re.compile(r"`((?:bot|data|tests|pipeline)/[\w./-]+)`")


def test_every_setting_that_is_named_is_one() -> None:
    known = {PREFIX + field.name.upper() for field in fields(Settings)} | {"ECHOTALES_HOME"}
    told = "\n".join(file.read_text(encoding="utf-8") for file in [*DEPLOY.iterdir(), CHECKOUT / "SECURITY.md"])
    assert not set(re.findall(r"ECHOTALES_[A-Z_]+", told)) - known


def test_the_container_copies_what_is_there_and_leaves_secrets_out() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [word for line in lines if line.startswith("COPY") for word in line.split()[2:-1]]
    assert copied
    assert not [name for name in copied if not (CHECKOUT / name).exists()]
    assert {".env", ".git", ".venv"} <= set((CHECKOUT / ".dockerignore").read_text(encoding="utf-8").split())
    assert lines.index("USER 10001") < lines.index('CMD ["bot"]')


def test_the_container_has_room_for_all_that_is_opened_of_sealed_sounds() -> None:
    [size_gb] = re.findall(r"^ +shm_size: (\d+)gb", (DEPLOY / "compose.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    # Bot and executor hold open so much each; a container's own 64 MB hold two minutes of a tale.
    assert int(size_gb) * 1e9 >= 2 * opened.MOST_BYTES


def test_the_threat_model_points_to_rooms_and_tests_that_are_there() -> None:
    named = PATHS.findall((CHECKOUT / "SECURITY.md").read_text(encoding="utf-8"))
    assert len(named) > 10
    assert not [path for path in named if not (CHECKOUT / path).exists()]
