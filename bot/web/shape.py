"""Tales as the open door shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from bot.library.records import KeptTale
from bot.ui.mood_style import colour_of
from bot.web.links import Links, link_of
from pipeline.audio.surroundings import in_place, named
from pipeline.audio.tags import chapters_of
from pipeline.words.mood import Emotion
from pipeline.words.sound import RATE_HZ, SpokenLine
from pipeline.words.tale import Tale
from pipeline.words.timeline import Placed

DAY_S = 86_400
PARTS = (
    "tale.mp3", "tale.m4b", "tale.opus", "tale.flac", "voice.opus", "voice.mp3", "music.opus", "music.mp3",
    "captions.vtt", "captions.srt", "text.txt", "picture.png", "player.json",
)  # fmt: skip
"""Files of a finished tale."""


def brief(tale: KeptTale, links: Links, now: float, query: str = "") -> dict[str, Any]:
    """Return a tale as lists show it, with links to its parts that hold for a day, or as long as `query` does."""
    shown: dict[str, Any] = {
        "id": tale.id,
        "object": "tale",
        "state": tale.state.value,
        "title": tale.title,
        "synopsis": tale.synopsis,
        "language": tale.language,
        "mood": tale.mood,
        "asked_at": tale.asked_at,
        "finished_at": tale.finished_at,
        "only_me": tale.delivery.only_me,
        "hearts": tale.hearts,
        "origin": tale.first or tale.id,
        "parts": {},
    }
    if tale.artifact is not None:
        query = query or query_of(tale.id, links, now, DAY_S)
        shown["parts"] = {part: f"/v1/tales/{tale.id}/{part}?{query}" for part in PARTS}
        shown["player"] = f"/t/{tale.id}?{query}"
    return shown


def query_of(tale: str, links: Links, now: float, holds_s: float) -> str:
    """Return the signed end of a link to a tale."""
    until = int(now + holds_s)
    return urlencode({"until": until, "sign": links.signed(link_of(tale), until)})


def score_of(story: Tale, heights: list[float]) -> dict[str, Any]:
    """Return all that a player shows: words with their times, scenes, the waveform with its colours."""
    language = story.story.language
    moods = {passage.index: passage.mood.emotion for passage in story.story.passages}
    placed = [one for one in story.timeline.placed if one.spoken is not None]
    return {
        "title": story.story.title,
        "language": language,
        "seconds": story.master.samples / RATE_HZ,
        "chapters": [{"title": one.title, "start": one.start_s, "end": one.end_s} for one in chapters_of(story)],
        "passages": [_passage(story, one, moods.get(one.scored.passage, Emotion.NEUTRAL)) for one in placed],
        "heights": heights,
        "credits": list(story.rights.credits),
        "words": [one.text for one in story.story.scenes] if story.silent else [],
    }


def chapters_json(story: Tale) -> dict[str, Any]:
    """Return the scenes as podcast players read chapters."""
    chapters = [{"startTime": round(one.start_s, 3), "title": one.title} for one in chapters_of(story)]
    return {"version": "1.2.0", "chapters": chapters}


def _passage(story: Tale, placed: Placed, mood: Emotion) -> dict[str, Any]:
    at_s = placed.start / RATE_HZ
    assert placed.spoken is not None, "only spoken passages are shown"
    passage = next((one for one in story.story.passages if one.index == placed.scored.passage), None)
    language = story.story.language
    around = named(in_place(passage, language).ambience, language) if passage else ()
    happens = [
        (one.start / RATE_HZ + at_s, name) for one in placed.scored.effects for name in named((one.kind,), language)
    ]
    return {
        "index": placed.scored.passage,
        "scene": placed.scored.scene,
        "start": at_s,
        "end": placed.end / RATE_HZ,
        "mood": mood.value,
        "colour": f"#{colour_of(mood):06x}",
        "sounds": list(around),
        "effects": happens,
        "lines": [
            {"speaker": one.speaker, "voice": one.voice, "words": list(_words(one, at_s))}
            for one in placed.spoken.lines
        ],
    }


def _words(line: SpokenLine, at_s: float) -> Iterator[tuple[str, float, float]]:
    """Give each word with its times; a line without them as one."""
    if not line.words:
        yield line.text, round(at_s + line.start / RATE_HZ, 3), round(at_s + line.end / RATE_HZ, 3)
    for word in line.words:
        yield word.text, round(at_s + word.start_s, 3), round(at_s + word.end_s, 3)
