"""Why a tale fell silent."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import Missing, TaleError, Unwell
from pipeline.log import log_of

log = log_of("mouth")


def trouble_of(error: Exception) -> TaleError:
    """Turn any error of making sound into one with a sentence for listeners; the log says what it was."""
    if isinstance(error, TaleError):
        return error
    log.warning("sound_broke", exc_info=error)
    if isinstance(error, FileNotFoundError):
        # A stem's file is named by its hash, which is all that its reader needs to look for it.
        return Missing("artifact_gone", sha256=Path(str(error.filename)).stem)
    if isinstance(error, OSError):
        return Unwell("disk_refused", folder=str(Path(str(error.filename or "")).parent), why=error.strerror)
    return TaleError("tale_broke", state=type(error).__name__)
