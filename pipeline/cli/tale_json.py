"""What tale.json says."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pipeline.words.mood import Mood
from pipeline.words.sound import RATE_HZ, SpokenLine
from pipeline.words.story import Scene
from pipeline.words.tale import Tale
from pipeline.words.timeline import Placed, Timeline

KEYS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


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
        "cast": dict(tale.story.cast),
        "cues": [_cue(placed) for placed in tale.timeline.placed],
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


def _mood(mood: Mood) -> dict[str, Any]:
    return {
        "emotion": str(mood.emotion),
        "weights": {str(emotion): round(share, 4) for emotion, share in mood.weights.items()},
        "certainty": round(mood.certainty, 3),
        "arousal": round(mood.arousal, 3),
        "valence": round(mood.valence, 3),
    }
