"""Why a tale fell silent."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import Missing, TaleError, Unwell
from pipeline.log import log_of

log = log_of("mouth")


def trouble_of(error: Exception) -> TaleError:
    """Whatever broke while sound was made, in a sentence for listeners; the operator finds what it was."""
    if isinstance(error, TaleError):
        return error
    log.warning("sound_broke", exc_info=error)
    if isinstance(error, FileNotFoundError):
        return Missing("artifact_gone", sha256=Path(str(error.filename)).stem)
    if isinstance(error, OSError):
        return Unwell("disk_refused", folder=str(Path(str(error.filename or "")).parent), why=error.strerror)
    return TaleError("tale_broke", state=type(error).__name__)
