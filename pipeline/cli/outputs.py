"""A tale as files in a folder."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.audio.encode import deliver
from pipeline.cli.tale_json import tale_json
from pipeline.errors import Unwell
from pipeline.telling.studio import Keep
from pipeline.words.tale import Tale


def write_tale(tale: Tale, keep: Keep, folder: Path, form: str) -> dict[str, Any]:
    """All files of the tale, every one whole or none at all; what tale.json says."""
    with whole_folder(folder) as half:
        audio = f"tale.{form}"
        deliver(keep.path(tale.master.audio), half / audio, tale, keep.path(tale.picture))
        told = tale_json(tale, audio)
        (half / "tale.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
        (half / "story.md").write_text(_story(tale), encoding="utf-8")
        shutil.copyfile(keep.path(tale.captions), half / "captions.vtt")
        shutil.copyfile(keep.path(tale.picture), half / "cover.png")
        if tale.midi is not None:
            shutil.copyfile(keep.path(tale.midi), half / "tale.mid")
    return told


def folder_for(title: str, parent: Path = Path("tales")) -> Path:
    """A new folder named for the tale."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].strip("-") or "tale"
    folder, number = parent / stem, 2
    while folder.exists():
        folder, number = parent / f"{stem}-{number}", number + 1
    return folder


def writable(folder: Path) -> None:
    """Raise Unwell `folder_refused` now rather than after the tale is made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Unwell("folder_refused", folder=str(folder), why=error.strerror or str(error)) from error


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A folder to write in; its files appear in `folder` together at the end, or not at all."""
    writable(folder)
    half = Path(tempfile.mkdtemp(dir=folder, prefix=".half-"))
    try:
        yield half
        for file in half.iterdir():
            file.replace(folder / file.name)
    except OSError as error:
        raise Unwell("folder_refused", folder=str(folder), why=error.strerror or str(error)) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _story(tale: Tale) -> str:
    scenes = ["\n\n".join(passage.text for passage in scene.passages) for scene in tale.story.scenes]
    credited = "\n".join(f"- {line}" for line in tale.rights.credits)
    parts = [f"# {tale.story.title}", f"*{tale.story.synopsis}*" if tale.story.synopsis else "", *scenes]
    return "\n\n".join(part for part in parts if part) + f"\n\n---\n\nMade by AI with EchoTales.\n\n{credited}\n"
