"""Web pages and feeds."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

from pipeline.errors import Refused
from pipeline.sources.kinds import text_of
from pipeline.sources.prose import paragraphs_of, unmarked
from pipeline.words.source import Document, Section, SourceKind

MOST_ITEMS = 500
_LEAST_WORDS = 12
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_PAYWALL = re.compile(r'"isAccessibleForFree"\s*:\s*"?false', re.IGNORECASE)
_REDDIT = re.compile(r"\s*submitted by\s+/u/\S+|\s*\[(?:link|comments)\]")


def read_page(path: Path) -> Document:
    """What a web page says beside its menus; raises Refused `page_paid` or `page_wordless`."""
    import trafilatura

    page = text_of(path.read_bytes())
    found: Any = trafilatura.bare_extraction(page, with_metadata=True, include_comments=False, include_tables=False)
    text = str(getattr(found, "text", "") or "")
    title = unmarked(str(getattr(found, "title", "") or ""))
    if _PAYWALL.search(page) and len(text.split()) < 400:
        raise Refused("page_paid")
    if len(text.split()) < _LEAST_WORDS:
        raise Refused("page_wordless")
    # Each of its lines is a paragraph.
    text = paragraphs_of("\n\n".join(line for line in text.splitlines() if line.strip() != title))
    return Document(SourceKind.PAGE, title, (Section(title, unmarked(text)),))


def read_feed(path: Path) -> Document:
    """The newest items of a feed, as they stand in it; raises Refused `file_hostile` or `feed_unreadable`."""
    import feedparser

    data = path.read_bytes()
    if _ENTITY.search(data):
        raise Refused("file_hostile")
    found: Any = feedparser.parse(BytesIO(data))
    items = [_item(one) for one in found.entries[:MOST_ITEMS]]
    items = [one for one in items if one.title or one.text]
    if not items:
        raise Refused("feed_unreadable")
    return Document(SourceKind.FEED, unmarked(str(found.feed.get("title", ""))), tuple(items))


def _item(entry: Any) -> Section:
    contents = [str(one.get("value", "")) for one in entry.get("content", ())]
    text = max([str(entry.get("summary", "")), *contents], key=len)
    return Section(
        _unwrapped(str(entry.get("title", ""))),
        _REDDIT.sub("", _unwrapped(text)).strip(),
        json.dumps(list(entry.get("published_parsed") or entry.get("updated_parsed") or ())[:6]),
        str(entry.get("link", ""))[:500],
    )


def _unwrapped(text: str) -> str:
    """Without tags; a block's end is a paragraph's."""
    broken = re.sub(r"</?(?:p|div|br|li|h[1-6]|blockquote)\b[^>]*>", "\n\n", text)
    return paragraphs_of(unmarked(re.sub(r"<[^>]*>", " ", broken)))
