"""What the shelf holds, said beside the queue."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.log import log_of
from pipeline.words.at_work import AtWork
from pipeline.words.jsonable import to_json

EVERY_S = 5.0
log = log_of("reporting")


@contextmanager
def reporting(look: Callable[[float], AtWork], file: Path, every_s: float = EVERY_S) -> Iterator[None]:
    """While the block lasts `file` says what is loaded; behind it it is gone, lest the dead pass for the living."""
    over = threading.Event()

    def repeat() -> None:
        while True:
            try:
                _say(look(time.time()), file)
            except (OSError, RuntimeError) as error:
                log.warning("unreported", why=str(error)[:200])
            if over.wait(every_s):
                return

    thread = threading.Thread(target=repeat, name="reporting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=every_s)
        file.unlink(missing_ok=True)


def _say(at_work: AtWork, file: Path) -> None:
    """Whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".half")
    half.write_text(json.dumps(to_json(at_work)), encoding="utf-8")
    half.replace(file)
