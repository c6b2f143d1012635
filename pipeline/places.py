"""Where things lie on this machine."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
DATA = CHECKOUT / "data"
"""What ships with the code."""
STANDING = "standing.json"
"""In the folder of state: who serves here, and how far their weights are."""
AT_WORK = "at_work.json"
"""Beside it: what this machine's executor holds in memory now."""
WRITER_NOTE = "writer.json"
"""Beside it: which writer is wanted, which were declined, how fast this machine wrote."""
MEMORY = Path("/dev/shm")  # noqa: S108 - memory, not a disk: what is opened there is gone with the power
OPENED = "echotales-opened-"
"""How folders of opened sealed files begin, there or where this system keeps what is for a moment."""
OURS_ALONE = 0o077
"""As a umask of what keeps members' words: nobody else on the machine reads the files."""


@dataclass(frozen=True)
class Places:
    """The folders of one installation; nothing is written outside them."""

    cache: Path
    """What can be fetched again: weights."""
    home: Path
    """What cannot: the library, the queue, artifacts, voices."""

    @property
    def weights(self) -> Path:
        """One folder per model of the manifest."""
        return self.cache / "weights"

    @property
    def artifacts(self) -> Path:
        """Sounds and pictures by content hash."""
        return self.home / "artifacts"

    @property
    def state(self) -> Path:
        """Queue and measured figures of this machine."""
        return self.home / "state"

    def road(self, database_url: str) -> str:
        """Where the queue lies: the operator's database, or a file beside the artifacts."""
        return database_url or f"sqlite:///{self.state / 'road.db'}"

    @staticmethod
    def here(environ: dict[str, str] | None = None) -> Places:
        """ECHOTALES_HOME holds everything when set; else the folders this system names for caches and data."""
        env = dict(os.environ) if environ is None else environ
        if env.get("ECHOTALES_HOME"):
            home = Path(env["ECHOTALES_HOME"]).expanduser()
            return Places(home / "cache", home)
        user = Path.home()
        if sys.platform == "win32":
            local = Path(env.get("LOCALAPPDATA", str(user / "AppData" / "Local")))
            return Places(local / "echotales" / "cache", local / "echotales")
        if sys.platform == "darwin":
            library = user / "Library"
            return Places(library / "Caches" / "echotales", library / "Application Support" / "echotales")
        cache = Path(env.get("XDG_CACHE_HOME") or user / ".cache")
        data = Path(env.get("XDG_DATA_HOME") or user / ".local" / "share")
        return Places(cache / "echotales", data / "echotales")
