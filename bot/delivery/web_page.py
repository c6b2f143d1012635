"""A tale as one page of HTML."""

from __future__ import annotations

import base64
import hashlib
import html
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import MappingProxyType

from bot.wording import language_of, said
from pipeline.artifacts import Artifacts
from pipeline.audio.encode import deliver
from pipeline.errors import Missing, Refused
from pipeline.road.door import read_answer
from pipeline.tables import FALLBACK, all_languages
from pipeline.words.picture import Picture
from pipeline.words.sound import RATE_HZ, Artifact, SpokenLine
from pipeline.words.tale import Tale
from pipeline.words.timeline import Placed

HERE = Path(__file__).parent
BASE64_GROWS = 4 / 3
_SPARE_BYTES = 100_000
"""Bytes for the words around the sound."""
NO_PICTURES: Mapping[int, str] = MappingProxyType({})
_LEAST_SOUND_BYTES = 50_000  # with less room no tale can be understood


def page_of(whole: Artifact, artifacts: Artifacts, limit_bytes: int, locale: str) -> bytes:
    """Return a page that loads nothing from anywhere; without sound where that is gone or too large.

    Decodes and encodes, so not for the event loop. Raises Missing `artifact_gone`.
    """
    story = read_answer(whole, Tale, artifacts)
    shown = {one.scene: part for one in story.pictures if (part := _image(one, artifacts))}
    room = limit_bytes - sum(map(len, shown.values()))
    return written(story, _sound(story, artifacts, room), locale, shown).encode()


def _image(one: Picture, artifacts: Artifacts) -> str:
    """Return a picture as a part of the page; empty where it is no longer kept."""
    with suppress(Missing):
        data = base64.b64encode(artifacts.read(one.image)).decode()
        return f'<img alt="{html.escape(one.alt, quote=True)}" src="data:image/jpeg;base64,{data}">\n'
    return ""


def written(story: Tale, sound: bytes, locale: str, shown: Mapping[int, str] = NO_PICTURES) -> str:
    """Return the page's HTML; `sound` is Ogg Opus, or nothing, `shown` an image for a scene."""
    title = html.escape(story.story.title)
    language = html.escape(story.story.language, quote=True)
    direction = "rtl" if story.story.language in all_languages().right_to_left else "ltr"
    style, script = _kept("web_page.css"), _kept("web_page.js")
    # The page may run its own two texts by their hash and play its own sound: a title cannot smuggle a script in.
    allowed = (
        f"default-src 'none'; media-src data:; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    )
    player = _player(sound, title) if sound else "" if story.silent else _gone(locale)
    credits_ = "".join(f"<li>{html.escape(one)}</li>" for one in story.rights.credits)
    return (
        f"<!doctype html>\n<html lang={language or FALLBACK} dir={direction}>\n<meta charset=utf-8>\n"
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}">\n'
        '<meta name=viewport content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n<main>\n<h1>{title}</h1>\n{player}\n"
        f"{''.join(_scenes(story, shown))}</main>\n"
        f'<footer lang="{language_of(locale)}" dir=ltr><p>{html.escape(said("page.made_by", locale))}</p>'
        f"<ul>{credits_}</ul></footer>\n<script>{script}</script>\n</html>\n"
    )


def _gone(locale: str) -> str:
    return f"<p class=gone>{html.escape(said('page.no_sound', locale))}</p>"


def _scenes(story: Tale, shown: Mapping[int, str]) -> Iterator[str]:
    """Give a paragraph for each scene, with the times of every spoken word."""
    if story.silent:
        for nth, one in enumerate(story.story.scenes):
            yield f"{shown.get(nth, '')}<p>{html.escape(one.text)}</p>\n"
    places = {one.index: nth for nth, one in enumerate(story.story.scenes)}
    scene = -1
    for placed in story.timeline.placed:
        if placed.spoken is None:
            continue
        if placed.spoken.scene != scene:
            yield "" if scene < 0 else "</p>\n"
            scene = placed.spoken.scene
            yield f"{shown.get(places.get(scene, -1), '')}<p>"
        yield from _passage(placed)
    if scene >= 0:
        yield "</p>\n"


def _passage(placed: Placed) -> Iterator[str]:
    at_s = placed.start / RATE_HZ
    for line in placed.spoken.lines if placed.spoken else ():
        yield _line(line, at_s)


def _line(line: SpokenLine, at_s: float) -> str:
    if not line.words:
        return f"{_word(line.text, at_s + line.start / RATE_HZ, at_s + line.end / RATE_HZ)} "
    return "".join(f"{_word(one.text, at_s + one.start_s, at_s + one.end_s)} " for one in line.words)


def _word(text: str, from_s: float, to_s: float) -> str:
    return f'<span data-from="{from_s:.2f}" data-to="{to_s:.2f}">{html.escape(text)}</span>'


def _player(sound: bytes, title: str) -> str:
    data = base64.b64encode(sound).decode()
    return f'<audio controls preload=auto aria-label="{title}" src="data:audio/ogg;base64,{data}"></audio>'


def _sound(story: Tale, artifacts: Artifacts, limit_bytes: int) -> bytes:
    room = int((limit_bytes - _SPARE_BYTES) / BASE64_GROWS)
    if room < _LEAST_SOUND_BYTES or story.silent:
        return b""
    with tempfile.TemporaryDirectory(prefix="echotales-page-") as folder:
        to = Path(folder) / "tale.opus"
        try:
            deliver(artifacts.path(story.master.audio), to, story, None, room)
        except (Missing, Refused):
            return b""
        return to.read_bytes()


@cache
def _kept(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return the hash by which a browser runs this text and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
