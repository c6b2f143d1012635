"""Reads the next stage's weights early."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.log import log_of
from pipeline.roles import Needs

ORDER = ("Transcriber", "VoiceReader", "TextReader", "Writer", "Narrator", "Composer")
"""Roles in the order in which a tale uses them; after the last, another tale may begin."""
CHUNK = 8 << 20
LEFT_BYTES = 2_000_000_000
"""Memory that stays free: files that do not fit the page cache would push out what is in it."""
Files = Callable[[str, Needs], tuple[str, list[Path]]]
"""Returns the model that serves a role on the card, and its files; ("", []) where none has to be read."""
log = log_of("prefetch")


class Prefetch:
    """Reads the next model's files into the page cache while one model works, on one thread."""

    def __init__(self, files: Files, spare_bytes: Callable[[], float], held: Callable[[], Sequence[str]]) -> None:
        """`held` names the models that are in memory already."""
        self._files = files
        self._spare_bytes = spare_bytes
        self._held = held
        self._lock = threading.Lock()
        self._read: set[str] = set()
        """Models whose files were read ahead and that were not loaded since."""
        self._thread: threading.Thread | None = None
        self._over = threading.Event()

    def __call__(self, role: str, needs: Needs) -> None:
        """Note that this role works now, and read the next one's files."""
        if role not in ORDER:
            return
        with self._lock:
            held = set(self._held())
            self._read -= held
            if self._thread is not None and self._thread.is_alive():
                return
            model, files = self._next(role, needs)
            if not files or model in held | self._read:
                return
            self._read.add(model)
            self._thread = threading.Thread(target=self._bring, args=(model, files), name="prefetch", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop reading and end the thread."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _next(self, role: str, needs: Needs) -> tuple[str, list[Path]]:
        """Return the first role after this one whose model is loaded to the card, with its files."""
        at = ORDER.index(role)
        language: Needs = {"language": needs["language"]} if "language" in needs else {}
        for other in (*ORDER[at + 1 :], *ORDER[:at]):
            model, files = self._files(other, language)
            if files:
                return model, files
        return "", []

    def _bring(self, model: str, files: Sequence[Path]) -> None:
        try:
            size = sum(path.stat().st_size for path in files if path.is_file())
            if size + LEFT_BYTES > self._spare_bytes():
                log.info("not_prefetched", model=model, bytes=size)
                return
            buffer = bytearray(CHUNK)
            for path in files:
                if path.is_file():
                    self._read_through(path, buffer)
        except OSError as error:
            log.warning("not_prefetched", model=model, why=str(error))
        else:
            log.info("prefetched", model=model, bytes=size)

    def _read_through(self, path: Path, buffer: bytearray) -> None:
        # Into one buffer and thrown away: all that counts is that the system has the pages now.
        with path.open("rb", buffering=0) as file:
            while not self._over.is_set() and file.readinto(buffer):
                pass
