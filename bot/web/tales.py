"""Tales: asked for, followed, stopped, heard."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from bot.delivery.transcript import transcripts
from bot.library.keys import KeptKey, KeyScope
from bot.library.records import KeptTale, TaleState
from bot.web.access import asker_of_key, needs, story_of, tale_for, viewer_of_key, web_of
from bot.web.announce import webhook_secret
from bot.web.answers import failure, locale_of, sound_of
from bot.web.asking import TaleWish, wish_of
from bot.web.links import LINK_DAYS, MOST_LINK_DAYS
from bot.web.outward import SIGNATURE, hold_to_public
from bot.web.services import WebServices
from bot.web.shape import DAY_S, brief, chapters_json, query_of
from pipeline.errors import Missing, Refused
from pipeline.words.folding import slug
from pipeline.words.tale import Tale

router = APIRouter(prefix="/v1", tags=["tales"])
PING_S = 15
Teller = Annotated[KeptKey, Depends(needs(KeyScope.TELL))]
Listener = Annotated[KeptKey, Depends(needs(KeyScope.LISTEN))]


@router.post("/tales", status_code=201)
async def ask(request: Request, wish: TaleWish, key: Teller) -> dict[str, Any]:
    """Ask for a tale; it is told in the server's queue, in its turn."""
    web = web_of(request)
    if wish.webhook:
        await hold_to_public(wish.webhook, web.settings)
    tale = await web.teller.begin(await wish_of(web, asker_of_key(key, request), wish))
    return brief(tale, web.links, web.clock())


@router.get("/tales")
async def listed(
    request: Request,
    key: Listener,
    search: Annotated[str, Query(max_length=200)] = "",
    of: Annotated[str, Query(pattern="^(me|server)$")] = "me",
    page: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> dict[str, Any]:
    """List tales, the newest first: one's own, or all that its server shows; or search in them."""
    web = web_of(request)
    viewer = await viewer_of_key(key, web)
    tales = web.library.tales
    if search:
        found = await tales.search(viewer, search, page)
    elif of == "server" and viewer.server:
        found = await tales.of_server(viewer, page)
    else:
        found = await tales.of_member(viewer, page)
    data = [brief(one, web.links, web.clock()) for one in found.tales]
    return {"object": "list", "data": data, "page": page, "more": found.more}


@router.get("/queue")
async def queue(request: Request, key: Listener) -> dict[str, Any]:
    """Show what waits and is told: one's own tales by name, of others only how many."""
    web = web_of(request)
    waiting = await web.library.tales.waiting(key.server, key.member)
    mine = [one for one in waiting if one.member == key.member or KeyScope.REVIEW in key.scopes]
    states = [(one, web.now.state_of(one.id)) for one in mine]
    shown = [
        brief(one, web.links, web.clock())
        | (
            {"phase": state.phase.value, "place": state.place, "share": state.share, "title": state.title}
            if state
            else {}
        )
        for one, state in states
    ]
    return {"object": "list", "data": shown, "others": len(waiting) - len(mine)}


@router.get("/tales/{tale}")
async def one(request: Request, tale: str) -> dict[str, Any]:
    """Show one tale with links to its parts."""
    web, known = web_of(request), await tale_for(request, tale)
    # Who came by a link goes on by the same one: it must not give another that ends later.
    shared = str(request.query_params) if "sign" in request.query_params else ""
    return brief(known, web.links, web.clock(), shared)


@router.delete("/tales/{tale}", status_code=204)
async def stop(request: Request, tale: str, key: Teller) -> Response:
    """Stop a tale that is being told; a finished one is erased, with all its versions."""
    web = web_of(request)
    known = await theirs(request, tale, key)
    if known.state is TaleState.OPEN:
        await web.teller.cancel(known.id)
    else:
        await web.privacy.erase_tales([known])
    return Response(status_code=204)


@router.get("/tales/{tale}/events")
async def events(request: Request, tale: str, since: Annotated[int, Query(ge=0, le=10**9)] = 0) -> EventSourceResponse:
    """Follow a tale by server-sent events, from the number of the last one that was read (Last-Event-ID)."""
    web, known = web_of(request), await tale_for(request, tale)
    last = request.headers.get("last-event-id", "")
    since = int(last) if last.isdecimal() and len(last) < 10 else since
    return EventSourceResponse(_said(web, known, since, locale_of(request)), ping=PING_S, send_timeout=30)


async def _said(web: WebServices, tale: KeptTale, since: int, locale: str) -> AsyncIterator[ServerSentEvent]:
    async with aclosing(web.audience.messages(tale.id, since)) as messages:
        async for one in messages:
            data = one.data
            if one.kind == "failed":
                told = json.loads(data)
                data = json.dumps(failure(told["code"], told["fields"], locale))
            yield ServerSentEvent(data, event=one.kind, id=str(one.number))


@router.post("/tales/{tale}/link")
async def link(
    request: Request, tale: str, key: Listener, days: Annotated[int, Query(ge=1, le=MOST_LINK_DAYS)] = LINK_DAYS
) -> dict[str, Any]:
    """Make a link to the player that anybody may open until it ends; never for a tale of one member alone."""
    web, known = web_of(request), await tale_for(request, tale)
    if known.delivery.only_me and known.member != key.member:
        raise Missing("tale_gone")
    await story_of(web, known)
    query = query_of(known.id, web.links, web.clock(), days * DAY_S)
    return {"url": f"/t/{known.id}?{query}", "until": int(web.clock() + days * DAY_S)}


@router.post("/tales/{tale}/push", status_code=204)
async def push(request: Request, tale: str, key: Teller) -> Response:
    """Push a finished tale to the operator's Audiobookshelf."""
    web, known = web_of(request), await theirs(request, tale, key)
    if not web.shelf.wanted:
        raise Missing("bookshelf_missing")
    await web.shelf.push(known, await story_of(web, known))
    return Response(status_code=204)


@router.get("/webhook")
async def webhook(request: Request, key: Teller) -> dict[str, str]:
    """Give the secret by which messages about one's tales are signed: HMAC-SHA256 of the body, in hexadecimal."""
    secret = webhook_secret(web_of(request).links, key.member)
    return {"header": SIGNATURE, "secret": secret.decode()}


@router.get("/tales/{tale}/{part}")
async def part(request: Request, tale: str, part: str) -> Response:
    """Return one of its parts: sound in four kinds, voice and music apart, captions, text, picture."""
    web, known = web_of(request), await tale_for(request, tale)
    story = await story_of(web, known)
    name, _, suffix = part.rpartition(".")
    match name, suffix:
        case "tale", "flac":
            path = await web.pools.files.run(web.artifacts.path, story.master.audio)
            return FileResponse(
                path, media_type="audio/flac", filename=f"{slug(known.title)}.flac", content_disposition_type="inline"
            )
        case "tale", "mp3" | "m4b" | "opus":
            return sound_of(await web.renditions.whole(known.id, story, f".{suffix}"), f".{suffix}", request)
        case "voice" | "music", "mp3" | "opus" if not story.silent:
            return sound_of(await web.renditions.stem(known.id, story, name, f".{suffix}"), f".{suffix}", request)
        case "player", "json":
            data = await web.renditions.score(known.id, story)
            return Response(data, media_type="application/json", headers={"Cache-Control": "private, max-age=3600"})
        case "chapters", "json":
            return JSONResponse(chapters_json(story))
        case "picture", "png":
            return FileResponse(await web.pools.files.run(web.artifacts.path, story.picture), media_type="image/png")
        case "captions" | "text", "vtt" | "srt" | "txt":
            return await _written(web, story, f".{suffix}")
    raise Missing("page_unknown")


async def _written(web: WebServices, story: Tale, suffix: str) -> Response:
    captions = (await web.pools.files.run(web.artifacts.read, story.captions)).decode()
    texts = transcripts(story, captions)
    if suffix not in texts:
        raise Missing("page_unknown")
    return PlainTextResponse(texts[suffix], media_type="text/vtt" if suffix == ".vtt" else "text/plain")


async def theirs(request: Request, tale: str, key: KeptKey) -> KeptTale:
    """Return a tale that is theirs to change, or anybody's where they review. Raises Refused `press_not_yours`."""
    known = await tale_for(request, tale, KeyScope.TELL)
    if known.member != key.member and KeyScope.REVIEW not in key.scopes:
        raise Refused("press_not_yours")
    return known
