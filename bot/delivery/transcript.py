"""Transcripts and captions of a tale."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from bot.wording import said
from pipeline.audio.captions import srt
from pipeline.audio.surroundings import in_place, named
from pipeline.words.sound import RATE_HZ
from pipeline.words.story import NARRATOR, Passage
from pipeline.words.tale import Tale

_TIMES = re.compile(r"(\d+):(\d\d):(\d\d)[.](\d{3}) --> ")


def transcripts(story: Tale, captions: str) -> dict[str, str]:
    """Return, by suffix, a page to read and captions of two kinds; with speakers' names, and sounds in brackets."""
    if story.silent:
        return {".txt": "\n".join(_page(story)) + "\n"}
    marked = _with_music(captions, story)
    return {".txt": "\n".join(_page(story)) + "\n", ".vtt": marked, ".srt": srt(marked)}


def _page(story: Tale) -> Iterator[str]:
    yield story.story.title
    music, sounds = ({}, {}) if story.silent else (dict(_music(story)), dict(_sounds(story)))
    for scene in story.story.scenes:
        yield ""
        for passage in scene.passages:
            heard = [music.get(passage.index, ""), sounds.get(passage.index, "")]
            yield from (f"[{one}]" for one in heard if one)
            yield from _lines(passage)
    if story.rights.credits:
        yield from ("", *story.rights.credits)


def _lines(passage: Passage) -> Iterator[str]:
    """Give the narrator's words bare, everybody else's after their names."""
    for line in passage.lines or ():
        yield line.text if line.speaker == NARRATOR else f"{line.speaker}: {line.text}"


def _music(story: Tale) -> Iterator[tuple[int, str]]:
    """Give the passages at which the music changes, with what it changes to."""
    before = None
    for scene in story.story.scenes:
        if scene.passages and scene.passages[0].mood.emotion != before:
            before = scene.passages[0].mood.emotion
            yield scene.passages[0].index, said(f"delivery.music.{before}", story.story.language)


def _sounds(story: Tale) -> Iterator[tuple[int, str]]:
    """Give what begins to be heard in each passage besides words and music."""
    language = story.story.language
    before: tuple[str, ...] = ()
    happens = {one.scored.passage: one.scored.effects for one in story.timeline.placed}
    for passage in story.story.passages:
        # Tales of earlier releases were kept without their places.
        heard = named(in_place(passage, language).ambience, language)
        effects = dict.fromkeys(one.kind for one in happens.get(passage.index, ()))
        begun = [*(name for name in heard if name not in before), *named(effects, language)]
        yield passage.index, ", ".join(begun)
        before = heard


def _with_music(captions: str, story: Tale) -> str:
    """Name new music in the first caption under it."""
    starts_s = {one.scored.passage: one.start / RATE_HZ for one in story.timeline.placed}
    waiting = [(starts_s.get(passage, 0.0), words) for passage, words in _music(story)]
    blocks = []
    for block in captions.rstrip("\n").split("\n\n"):
        at_s = _start_s(block)
        words = ""
        # A hundredth of a second: WebVTT rounds to milliseconds, and a caption may begin with its passage.
        while at_s is not None and waiting and waiting[0][0] <= at_s + 0.01:
            words = waiting.pop(0)[1]
        blocks.append(_named(block, words) if words else block)
    return "\n\n".join(blocks) + "\n"


def _named(block: str, words: str) -> str:
    number, times, *lines = block.split("\n")
    return "\n".join([number, times, f"<i>[{html.escape(words, quote=False)}]</i>", *lines])


def _start_s(block: str) -> float | None:
    found = _TIMES.search(block)
    if found is None:
        return None
    hours, minutes, seconds, ms = map(int, found.groups())
    return hours * 3_600 + minutes * 60 + seconds + ms / 1_000
