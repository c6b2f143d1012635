"""Podcast feeds of tales."""

from __future__ import annotations

import re
from email.utils import formatdate
from typing import Annotated, Any
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from bot.library.keys import KeptKey, KeyScope
from bot.library.records import KeptTale, Page
from bot.web.access import needs, viewer_of_key, web_of
from bot.web.services import WebServices
from bot.web.shape import DAY_S, query_of
from bot.wording import language_of, said
from pipeline.errors import Refused
from pipeline.tables import FALLBACK

router = APIRouter(tags=["feeds"])
MOST_PAGES = 10
"""Pages of the library in one feed."""
HOLDS_S = 30 * DAY_S
"""How long addresses in a feed hold: players ask for it again long before."""
ITUNES, PODCAST = "http://www.itunes.com/dtds/podcast-1.0.dtd", "https://podcastindex.org/namespace/1.0"
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BYTES_A_SECOND = 20_000
"""Of an mp3 at its usual rate: players show it before they fetch the file."""
Listener = Annotated[KeptKey, Depends(needs(KeyScope.LISTEN))]


@router.post("/v1/feed")
async def link(
    request: Request, key: Listener, of: Annotated[str, Query(pattern="^(me|server)$")] = "me"
) -> dict[str, str]:
    """Give the address of a podcast feed; it holds as long as the key, and shows what the key may see."""
    web = web_of(request)
    return {"url": f"{base_of(request)}/feeds/{key.id}/{of}/{web.links.signed(_what(key.id, of))}.xml"}


@router.get("/feeds/{key}/{of}/{sign}.xml", include_in_schema=False)
async def feed(request: Request, key: str, of: str, sign: str) -> Response:
    """Give the feed itself: players cannot show a key."""
    web = web_of(request)
    web.links.hold(_what(key, of), 0, sign)
    known = await web.library.keys.by_id(key)
    if known is None or KeyScope.LISTEN not in known.scopes:
        raise Refused("link_over")
    if await web.library.servers.blocks(known.server, known.member):
        raise Refused("gate_blocked")
    tales = await _tales(web, known, of)
    return Response(_written(tales, web, base_of(request)), media_type="application/rss+xml")


def base_of(request: Request) -> str:
    """Return how others call this site."""
    return (web_of(request).settings.web_url or str(request.base_url)).rstrip("/")


def _what(key: str, of: str) -> str:
    return f"feed:{key}:{of}"


async def _tales(web: WebServices, key: KeptKey, of: str) -> list[KeptTale]:
    viewer = await viewer_of_key(key, web)
    found: list[KeptTale] = []
    for number in range(MOST_PAGES):
        tales = web.library.tales
        page: Page = await (
            tales.of_server(viewer, number) if of == "server" and key.server else tales.of_member(viewer, number)
        )
        found += [one for one in page.tales if not one.prompt.words_only and (of == "me" or not one.delivery.only_me)]
        if not page.more:
            break
    return found


def _written(tales: list[KeptTale], web: WebServices, base: str) -> bytes:
    ET.register_namespace("itunes", ITUNES)
    ET.register_namespace("podcast", PODCAST)
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    locale = language_of(tales[0].delivery.locale) if tales else FALLBACK
    _add(channel, "title", "EchoTales")
    _add(channel, "link", base)
    _add(channel, "description", said("web.feed", locale))
    _add(channel, "language", tales[0].language if tales else FALLBACK)
    _add(channel, f"{{{ITUNES}}}explicit", "false")
    for tale in tales:
        query = query_of(tale.id, web.links, web.clock(), HOLDS_S)
        at = f"{base}/v1/tales/{tale.id}"
        item = ET.SubElement(channel, "item")
        _add(item, "title", tale.title)
        _add(item, "description", tale.synopsis)
        _add(item, "guid", tale.first or tale.id, isPermaLink="false")
        _add(item, "pubDate", formatdate(tale.finished_at))
        _add(item, "link", f"{base}/t/{tale.id}?{query}")
        size = str(_BYTES_A_SECOND * max(1, len(tale.text.split()) // 2))
        ET.SubElement(item, "enclosure", url=f"{at}/tale.mp3?{query}", type="audio/mpeg", length=size)
        ET.SubElement(item, f"{{{ITUNES}}}image", href=f"{at}/picture.png?{query}")
        chapters = {"url": f"{at}/chapters.json?{query}", "type": "application/json+chapters"}
        ET.SubElement(item, f"{{{PODCAST}}}chapters", chapters)
        ET.SubElement(item, f"{{{PODCAST}}}transcript", url=f"{at}/captions.vtt?{query}", type="text/vtt")
    return bytes(ET.tostring(root, "utf-8", xml_declaration=True))


def _add(parent: ET.Element, name: str, text: str, **attributes: Any) -> None:
    ET.SubElement(parent, name, attributes).text = _NOT_XML.sub(" ", text)
