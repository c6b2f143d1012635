"""Three retellings to read, and a week's news."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.places import DATA
from pipeline.sources.facts import source_of
from pipeline.sources.news import chosen_items
from pipeline.sources.reading import read_here
from pipeline.words.jsonable import from_json
from pipeline.words.source import Document, Section, SourceKind, StorySource, TellerManner
from pipeline.writing.retell import retelling_of
from tests.bench._news_items import STORIES, news

RETOLD = DATA / "examples" / "retold"
EXAMPLES = {
    "patch_notes.md": TellerManner.FRIEND,
    "steps.csv": TellerManner.TELLER,
    "garten.md": TellerManner.FAIRY_TALE,
}


def _told(name: str) -> str:
    source = from_json(StorySource, json.loads(read_here(str(RETOLD / name), name)))
    return retelling_of(replace(source, manner=EXAMPLES[name]), source.words, seed=1).text


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_retellings_to_read_are_what_is_told(name: str) -> None:
    assert (RETOLD / f"{Path(name).stem}.txt").read_text("utf-8") == _told(name) + "\n"


@pytest.mark.parametrize("seconds", [15, 30, 60, 90])
def test_a_week_of_news_fits_its_time_and_says_nothing_that_no_feed_says(seconds: int) -> None:
    words = round(seconds * 160 / 60)
    told: set[str] = set()
    for day in range(7):
        items = news(STORIES, 24, seed=100 + day)
        sections = tuple(_item(at, text) for at, (_, text) in enumerate(items))
        source = source_of(Document(SourceKind.FEED, "Lomvik Post", sections), "example.org")
        chosen = chosen_items(replace(source, manner=TellerManner.ANCHOR), words, lambda _texts: None)
        text = retelling_of(chosen, words, seed=day).text
        assert len(text.split()) <= words * 1.2 + 4
        kept = [fact.text for fact in source.facts if fact.text in text]
        assert kept
        headline = {fact.part: fact.text for fact in reversed(source.facts)}
        under = {text: [headline[fact.part] for fact in source.facts if fact.text == text] for text in kept}
        assert all(any(one in text for one in headlines) for headlines in under.values())
        told.add(text)
    assert len(told) == 7


def _item(at: int, text: str) -> Section:
    headline, _, rest = text.partition(". ")
    return Section(headline, rest, "", f"https://example.org/{at}")
