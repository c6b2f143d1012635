"""A page that asks nobody for anything."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.delivery.web_page import page_of, written
from pipeline.words.jsonable import to_json
from pipeline.words.sound import Artifact, SpokenLine
from pipeline.words.tale import Tale
from tests.double.browser import browser
from tests.pipeline.audio.making import Made, made, mixed

HOSTILE = "</title><script src=//evil.example/x.js></script><img src=x onerror=alert(1)>\"'&"


class Parts(HTMLParser):
    """Every tag with what it carries, and the words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Noted."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Read."""
        self.words += data


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Tale]:
    tale = made(tmp_path_factory.mktemp("page"), lengths_s=(1.5, 1.0), vamp_s=1.0)
    return tale, mixed(tale)


def test_a_hostile_tale_stays_text(told: tuple[Made, Tale]) -> None:
    story = told[1]
    placed = tuple(
        replace(one, spoken=one.spoken and replace(one.spoken, lines=_lines(one.spoken.lines)))
        for one in story.timeline.placed
    )
    tale = replace(
        story,
        story=replace(story.story, title=HOSTILE, language='en"><script>'),
        timeline=replace(story.timeline, placed=placed),
        rights=replace(story.rights, credits=(HOSTILE,)),
    )
    parts = Parts(written(tale, b"sound", "en-US"))
    names = [name for name, _ in parts.tags]
    assert names.count("script") == 1
    assert "img" not in names
    assert not [about for _, about in parts.tags if any(key.startswith("on") for key in about)]
    assert HOSTILE in parts.words


def test_nothing_is_fetched(told: tuple[Made, Tale]) -> None:
    parts = Parts(written(told[1], b"sound", "pt-BR"))
    links = [str(about[key]) for _, about in parts.tags for key in ("src", "href", "action", "poster") if key in about]
    assert links == ["data:audio/ogg;base64,c291bmQ="]
    policy = next(str(about["content"]) for name, about in parts.tags if name == "meta" and "http-equiv" in about)
    assert policy.startswith("default-src 'none'; media-src data:;")
    assert "Contado por EchoTales" in parts.words


def test_every_word_has_its_moment(told: tuple[Made, Tale]) -> None:
    story = told[1]
    page = written(story, b"", "en")
    moments = [float(one) for one in re.findall(r'data-from="([\d.]+)"', page)]
    spoken = [line for placed in story.timeline.placed if placed.spoken for line in placed.spoken.lines]
    assert len(moments) >= len(spoken) > 0
    assert moments == sorted(moments)
    assert "no longer kept" in page


def test_sound_that_fits_nowhere_is_left_out_and_said(told: tuple[Made, Tale]) -> None:
    kept, story = told
    whole = _whole(kept, story)
    assert b"data:audio/ogg" in page_of(whole, kept.keep, 10_000_000, "en")
    assert b"data:audio/ogg" not in page_of(whole, kept.keep, 120_000, "en")


@pytest.mark.browser
async def test_words_light_up_in_a_browser(told: tuple[Made, Tale], tmp_path: Path) -> None:
    kept, story = told
    page = tmp_path / "tale.html"
    page.write_bytes(page_of(_whole(kept, story), kept.keep, 10_000_000, "en"))
    async with browser(tmp_path / "profile") as seen:
        await seen.go(page.as_uri())
        await seen.until("document.readyState === 'complete' && document.querySelector('audio').readyState > 1")
        await seen.see("document.querySelector('span[data-from]').click()")
        await seen.until("document.querySelectorAll('span.now').length === 1")
        assert await seen.see("getComputedStyle(document.querySelector('main')).maxWidth") == "608px"


def _whole(kept: Made, story: Tale) -> Artifact:
    return kept.keep(json.dumps(to_json(story)).encode(), ".json")


def _lines(lines: tuple[SpokenLine, ...]) -> tuple[SpokenLine, ...]:
    return tuple(replace(line, text=HOSTILE, words=()) for line in lines)
