"""A small checkout with the real front door."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from pipeline.places import CHECKOUT

DOOR = ("echotales.py", "pipeline/__init__.py", "pipeline/cli/__init__.py")
ROOMS = ("environment", "handover", "pythons")
TELL = """
import json, sys
import echo_tiny

def main(argv):
    print(json.dumps([argv, echo_tiny.VERSION, sys.prefix]))
    return 7 if "seven" in argv else 0
"""


@dataclass(frozen=True)
class SmallCheckout:
    """The front door as it ships, over one tiny library and one verb."""

    folder: Path
    wheels: Path

    def run(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """One command line, waited for."""
        command, env = self.command(words), self.environ(**environ)
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    def command(self, words: tuple[str, ...]) -> list[str]:
        return [sys.executable, str(self.folder / "echotales.py"), *words]

    def environ(self, **more: str) -> dict[str, str]:
        """pip sees the wheels made here and nothing else."""
        pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull}
        return {**os.environ, **pip, "PIP_RETRIES": "1", **more}

    def lock(self, version: str, digest: str = "") -> None:
        """Pin the library; `digest` stands for what the lock believes."""
        real = hashlib.sha256(self.wheel(version).read_bytes()).hexdigest()
        text = f"echo-tiny=={version} \\\n    --hash=sha256:{digest or real}\n"
        (self.folder / "data" / "locks" / "base.txt").write_text(text, encoding="utf-8")

    def wheel(self, version: str) -> Path:
        """A real wheel, made on the spot."""
        path = self.wheels / f"echo_tiny-{version}-py3-none-any.whl"
        info = f"echo_tiny-{version}.dist-info"
        files = {
            "echo_tiny.py": f"VERSION = {version!r}\n",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: echo-tiny\nVersion: {version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: echotales\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{name},sha256={_digest(text)},{len(text)}\n" for name, text in files.items())
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
                archive.writestr(zipfile.ZipInfo(name), text)
        return path


def small_checkout(folder: Path) -> SmallCheckout:
    """Made in `folder`, with nothing installed yet."""
    (folder / "data" / "locks").mkdir(parents=True)
    (folder / "pipeline" / "cli").mkdir(parents=True)
    (folder / "wheels").mkdir()
    for name in (*DOOR, *(f"pipeline/cli/{room}.py" for room in ROOMS)):
        shutil.copy(CHECKOUT / name, folder / name)
    (folder / "pipeline" / "cli" / "tell.py").write_text(TELL, encoding="utf-8")
    made = SmallCheckout(folder, folder / "wheels")
    made.lock("1.0")
    return made


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
