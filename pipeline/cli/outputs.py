"""A tale as files in a folder."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.audio.encode import deliver
from pipeline.errors import Missing, Unwell
from pipeline.telling.studio import Keep
from pipeline.words.folding import slug
from pipeline.words.mood import Mood
from pipeline.words.picture import Picture
from pipeline.words.sound import RATE_HZ, SpokenLine
from pipeline.words.story import Scene
from pipeline.words.tale import Tale
from pipeline.words.timeline import Placed, Timeline

KEYS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def write_tale(tale: Tale, keep: Keep, folder: Path, form: str) -> dict[str, Any]:
    """Writes all files of the tale, or none if one fails; returns what tale.json says."""
    with whole_folder(folder) as half:
        audio = f"tale.{form}"
        deliver(keep.path(tale.master.audio), half / audio, tale, keep.path(tale.picture))
        told = tale_json(tale, audio)
        (half / "tale.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
        (half / "story.md").write_text(_story(tale), encoding="utf-8")
        shutil.copyfile(keep.path(tale.captions), half / "captions.vtt")
        _write_pictures(tale, keep, half)
        if tale.midi is not None:
            shutil.copyfile(keep.path(tale.midi), half / "tale.mid")
    return told


def _write_pictures(tale: Tale, keep: Keep, half: Path) -> None:
    """Write each scene's picture, and the first one as the cover; without pictures the sound's own picture is it."""
    for one in tale.pictures:
        shutil.copyfile(keep.path(one.image), half / picture_name(one))
    if not tale.pictures:
        shutil.copyfile(keep.path(tale.picture), half / "cover.png")
        return
    from PIL import Image  # here: a tale without pictures needs no library for them

    from pipeline.pictures.storybook import BookPage, write_storybook

    with Image.open(keep.path(tale.pictures[0].image)) as first:
        first.save(half / "cover.png", optimize=True)
    texts = {nth: scene.text for nth, scene in enumerate(tale.story.scenes)}
    pages = [BookPage(half / picture_name(one), texts.get(one.scene, "")) for one in tale.pictures]
    with suppress(Missing):  # no font here holds its letters: the tale is whole without its book
        write_storybook(half / "storybook.pdf", tale.story.title, pages)


def picture_name(picture: Picture) -> str:
    """Return the file name of a scene's picture."""
    return f"scene-{picture.scene + 1:02}.jpg"


def folder_for(title: str, parent: Path = Path("tales")) -> Path:
    """A new folder named for the tale."""
    stem = slug(title)
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
    # Inside the folder itself: a file can be moved within one disk alone without being copied.
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
    shown = {one.scene: f"![{one.alt}]({picture_name(one)})" for one in tale.pictures}
    texts = [(shown.get(nth, ""), scene.text) for nth, scene in enumerate(tale.story.scenes)]
    scenes = [part for pair in texts for part in pair]
    credited = "\n".join(f"- {line}" for line in tale.rights.credits)
    parts = [f"# {tale.story.title}", f"*{tale.story.synopsis}*" if tale.story.synopsis else "", *scenes]
    return "\n\n".join(part for part in parts if part) + f"\n\n---\n\nMade by AI with EchoTales.\n\n{credited}\n"


def tale_json(tale: Tale, audio_file: str) -> dict[str, Any]:
    """The whole tale as plain data; times in seconds from the tale's first sample."""
    return {
        "title": tale.story.title,
        "synopsis": tale.story.synopsis,
        "language": tale.story.language,
        "mood": _mood(tale.plan.feeling.mood),
        "notes": list(tale.plan.notes),
        "writing": {
            "reins": tale.plan.reins,
            "read": dict(tale.plan.read),
            "frames": [asdict(one) for one in tale.plan.chosen],
        },
        "scenes": [_scene(scene, tale.timeline) for scene in tale.story.scenes],
        "pictures": [{"scene": one.scene, "file": picture_name(one), "alt": one.alt} for one in tale.pictures],
        "cast": dict(tale.story.cast),
        "cues": [_cue(placed) for placed in tale.timeline.placed],
        "effects": [effect for placed in tale.timeline.placed for effect in _effects(placed)],
        "audio": {
            "file": audio_file,
            "duration_s": round(tale.master.samples / RATE_HZ, 3),
            "loudness_lufs": round(tale.master.loudness_lufs, 2),
            "true_peak_dbtp": round(tale.master.true_peak_dbtp, 2),
        },
        "made_by": {
            "profile": tale.made_by.profile,
            "models": dict(tale.made_by.models),
            "seed": tale.prompt.seed,
            "seconds": {stage: round(spent, 3) for stage, spent in tale.made_by.seconds.items()},
            "peak_rss_mb": round(tale.made_by.peak_rss_mb),
        },
        "rights": {
            "publishable": str(tale.rights.publishable),
            "why": tale.rights.why,
            "credits": list(tale.rights.credits),
        },
    }


def _scene(scene: Scene, timeline: Timeline) -> dict[str, Any]:
    indexes = {passage.index for passage in scene.passages}
    lines = [
        _line(line, placed.start / RATE_HZ)
        for placed in timeline.placed
        if placed.spoken is not None and placed.scored.passage in indexes
        for line in placed.spoken.lines
    ]
    return {"text": scene.text, "mood": _mood(scene.mood), "picture": scene.picture, "lines": lines}


def _line(line: SpokenLine, at_s: float) -> dict[str, Any]:
    return {
        "speaker": line.speaker,
        "text": line.text,
        "voice": line.voice,
        "start_s": round(at_s + line.start / RATE_HZ, 3),
        "end_s": round(at_s + line.end / RATE_HZ, 3),
        "words": [[word.text, round(at_s + word.start_s, 3), round(at_s + word.end_s, 3)] for word in line.words],
    }


def _cue(placed: Placed) -> dict[str, Any]:
    tempo = placed.scored.tempo
    return {
        "start_s": round(placed.start / RATE_HZ, 3),
        "end_s": round(placed.end / RATE_HZ, 3),
        "key": KEYS[tempo.tonic],
        "mode": tempo.mode,
        "tempo_bpm": round(tempo.bpm, 2),
    }


def _effects(placed: Placed) -> list[dict[str, Any]]:
    return [
        {"kind": one.kind, "words": one.word, "start_s": round((placed.start + one.start) / RATE_HZ, 3)}
        for one in placed.scored.effects
    ]


def _mood(mood: Mood) -> dict[str, Any]:
    return {
        "emotion": str(mood.emotion),
        "weights": {str(emotion): round(share, 4) for emotion, share in mood.weights.items()},
        "certainty": round(mood.certainty, 3),
        "arousal": round(mood.arousal, 3),
        "valence": round(mood.valence, 3),
    }
