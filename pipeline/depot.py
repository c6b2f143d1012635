"""Sounds and pictures shared by several machines."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from pipeline.errors import Missing, Unwell
from pipeline.log import log_of
from pipeline.seal import MARK
from pipeline.whole_file import HALF_MADE
from pipeline.words.sound import Artifact

WAITS_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Between tries, while the store cannot be reached; a job that waited in vain is taken up again a little later."""
STORE_AWAY = "artifacts_unreachable"
T = TypeVar("T")
log = log_of("depot")


@dataclass(frozen=True)
class Lying:
    """A file of the store."""

    path: str
    size: int
    """In bytes."""
    since_s: float
    """When it came there, by the store's clock; 0 where it does not say."""


class Depot:
    """Any fsspec URL: a shared folder, `sftp://...`, `s3://...`; a file is whole there or absent."""

    def __init__(self, url: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._url, self._sleep = url, sleep
        self._opened: tuple[Any, str] | None = None

    def put(self, file: Path, name: str) -> None:
        """Under this name; raises Unwell `artifacts_unreachable`."""

        def put(system: Any, root: str) -> None:
            place, half = f"{root}/{name}", f"{root}/{HALF_MADE}{uuid4().hex}"
            if system.exists(place):
                return
            system.makedirs(place.rpartition("/")[0], exist_ok=True)
            system.put_file(str(file), half)
            system.mv(half, place)

        self._tried(put)

    def get(self, artifact: Artifact, name: str, place: Path) -> None:
        """Into this file; raises Missing `artifact_gone` and Unwell `artifacts_unreachable`."""
        half = place.with_name(f"{HALF_MADE}{uuid4().hex}")
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._tried(lambda system, root: system.get_file(f"{root}/{name}", str(half)))
            with half.open("rb") as file:
                sealed = file.read(len(MARK)) == MARK.encode()  # a seal proves itself when it is opened
                file.seek(0)
                whole = sealed or hashlib.file_digest(file, "sha256").hexdigest() == artifact.sha256
            if not whole:
                raise FileNotFoundError(name)
            half.replace(place)
        except FileNotFoundError as error:
            raise Missing("artifact_gone", sha256=artifact.sha256) from error
        finally:
            half.unlink(missing_ok=True)

    def has(self, name: str) -> bool:
        """Whether it lies there."""
        return bool(self._tried(lambda system, root: system.exists(f"{root}/{name}")))

    def files(self) -> list[Lying]:
        """All that lie there."""

        def find(system: Any, root: str) -> list[Lying]:
            found: dict[str, dict[str, Any]] = system.find(root, detail=True)
            return [Lying(path, int(one.get("size") or 0), _since_s(one)) for path, one in found.items()]

        return self._tried(find)

    def read(self, path: str) -> bytes:
        """One of `files`; nothing where it is gone."""
        try:
            return bytes(self._tried(lambda system, _: system.cat_file(path)))
        except FileNotFoundError:
            return b""

    def remove(self, paths: Iterable[str]) -> None:
        """By the paths of `files` or by name; what is gone already is no trouble."""

        def remove(system: Any, root: str) -> None:
            for path in paths:
                place = path if path.startswith(root) else f"{root}/{path}"
                if system.exists(place):
                    system.rm_file(place)

        self._tried(remove)

    def _tried(self, work: Callable[[Any, str], T]) -> T:
        for wait_s in (*WAITS_S, None):
            try:
                return work(*self._open())
            except FileNotFoundError:
                raise
            except Exception as error:
                self._opened = None
                if wait_s is None:
                    raise Unwell(STORE_AWAY, url=_without_secrets(self._url), why=_line(error)) from error
                log.warning(STORE_AWAY, again_in_s=wait_s, why=_line(error))
                self._sleep(wait_s)
        raise AssertionError("the last try raises or returns")

    def _open(self) -> tuple[Any, str]:
        if self._opened is None:
            import fsspec

            # Remembered listings would hide what another machine put there.
            system, root = fsspec.core.url_to_fs(self._url, use_listings_cache=False)
            self._opened = (system, root.rstrip("/"))
        return self._opened


def _since_s(told: dict[str, Any]) -> float:
    """Each store calls it otherwise."""
    for key in ("mtime", "LastModified", "last_modified", "updated", "created"):
        value = told.get(key)
        if value is not None:
            return float(value) if isinstance(value, (int, float)) else float(getattr(value, "timestamp", float)())
    return 0.0


def _without_secrets(url: str) -> str:
    scheme, _, rest = url.rpartition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if scheme else rest


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
