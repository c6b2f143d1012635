"""One errand to a model hub."""

# Run by its path, by pipeline/shelf/sources: the hub's library can hang and must then be ended. It imports nothing of
# ours. Every failure is one line for the one who waits; a token is read from the environment and never said.
from __future__ import annotations

import hashlib
import os
import re
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

GATED = "gated:"
"""Before the page where access is asked, where the hub wants an account that accepted the model's terms."""
COMMIT = "commit"
"""The file that the errand of this name leaves."""
_TIMEOUT_S = 30
_CHUNK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FORBIDDEN = (401, 403)
LOOK_S = 0.2
"""Between two looks whether who sent it is still there."""


def main(argv: Sequence[str]) -> int:
    """`commit REPO REVISION` writes which that is to a file; `file REPO REVISION NAME` brings it to files/NAME."""
    from huggingface_hub import constants
    from huggingface_hub.errors import HfHubHTTPError

    # Its own 10 MB are lost with every line that breaks, and on a slow one look like silence.
    constants.DOWNLOAD_CHUNK_SIZE = _CHUNK

    _go_with_sender()
    errand, repo, revision, *names = argv
    try:
        if errand == COMMIT:
            Path(COMMIT).write_text(_commit(repo, revision), encoding="utf-8")
        elif "*" in names[0]:
            _all_that_fit(repo, revision, names[0])
        else:
            _one(repo, revision, names[0])
    except Exception as error:  # noqa: BLE001 - the library's own network errors share no ancestor; all become one line
        shut = isinstance(error, HfHubHTTPError) and error.response.status_code in _FORBIDDEN
        print(f"error: {GATED} {constants.ENDPOINT}/{repo}" if shut else f"error: {_line(error)}")
        return 1
    return 0


def _go_with_sender() -> None:
    """End where who sent it was killed: the next errand takes the half fetched file up, and two must not write it."""
    sender = os.getppid()

    def watch() -> None:
        while os.getppid() == sender:
            time.sleep(LOOK_S)
        os._exit(1)

    if sys.platform != "win32":  # there a parent's number stays when it is gone
        threading.Thread(target=watch, name="sender", daemon=True).start()


def _commit(repo: str, revision: str) -> str:
    from huggingface_hub import HfApi

    return str(HfApi().model_info(repo, revision=revision, timeout=_TIMEOUT_S).sha)


def _all_that_fit(repo: str, revision: str, pattern: str) -> None:
    from huggingface_hub import snapshot_download

    snapshot_download(repo, revision=revision, allow_patterns=[pattern], local_dir="files", etag_timeout=_TIMEOUT_S)


def _one(repo: str, revision: str, name: str) -> None:
    """Download a file of gigabytes, resuming where the last process was cut off: the library would begin anew."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils._headers import build_hf_headers

    url, headers = hf_hub_url(repo, name, revision=revision), build_hf_headers()
    told = get_hf_file_metadata(url, timeout=_TIMEOUT_S, headers=headers)
    half, whole = Path("half"), Path("files", name)
    whole.parent.mkdir(parents=True, exist_ok=True)
    if told.size is not None and half.is_file() and half.stat().st_size > told.size:
        half.unlink()
    with half.open("ab") as file:
        http_get(url, file, resume_size=file.tell(), headers=headers, expected_size=told.size)
    if _is_another(half, told):
        half.unlink()
        raise ValueError(f"{name} came with other bytes than the hub promised")
    half.replace(whole)


def _is_another(path: Path, told: Any) -> bool:
    """Whether a file is another than it should be: large files are named by their hash, which it must have."""
    if not _SHA256.fullmatch(told.etag or ""):
        return False
    with path.open("rb") as file:
        return bool(hashlib.file_digest(file, "sha256").hexdigest() != told.etag)


def _line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines)[:300] or type(error).__name__


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
