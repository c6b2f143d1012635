"""Tales changed in place, with versions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from bot.library.keys import KeptKey, KeyScope
from bot.library.records import TaleState
from bot.request_tale.edit import MOST_OWN_CHARS, Editing, EditWish, earlier_version, edit_of, versions_of
from bot.web.access import asker_of_key, needs, story_of, tale_for, web_of
from bot.web.shape import brief
from bot.web.sound import hold_to_voices
from bot.web.tales import theirs
from pipeline.errors import Refused

router = APIRouter(prefix="/v1/tales/{tale}", tags=["edits"])
Editor = Annotated[KeptKey, Depends(needs(KeyScope.TELL))]
Reader = Annotated[KeptKey, Depends(needs(KeyScope.LISTEN))]
How = Literal["sadder", "happier", "scarier", "angrier", "calmer", "shorter", "voice", "words", "again"]


class EditAsked(BaseModel):
    """What is to be changed: one line, or one whole scene."""

    model_config = ConfigDict(extra="forbid")

    how: How
    line: int | None = Field(None, ge=0, lt=100_000, description="A passage, as player.json numbers them")
    scene: int | None = Field(None, ge=0, lt=100_000)
    words: str = Field("", max_length=MOST_OWN_CHARS, description="With words: what is told instead")
    voice: str = Field("", max_length=200, description="With voice: whose")


@router.post("/edits", status_code=201)
async def edit(request: Request, tale: str, wish: EditAsked, key: Editor) -> dict[str, Any]:
    """Change a line or a scene; it becomes a version of its own, and everything else stays as it was."""
    web = web_of(request)
    known = await theirs(request, tale, key)
    if known.state is TaleState.OPEN:
        raise Refused("edit_open")
    hold_to_voices(wish.voice)
    story = await story_of(web, known)
    at = Editing(web.library, web.gate, web.pools.words)
    asked = EditWish(wish.how, wish.line, wish.scene, wish.words, wish.voice)
    version = await web.teller.begin(await edit_of(at, asker_of_key(key, request), known, story, asked))
    return brief(version, web.links, web.clock())


@router.get("/versions")
async def versions(request: Request, tale: str, key: Reader) -> dict[str, Any]:
    """List all versions of a tale, the first one first."""
    _ = key  # a shared link shows the one version for which it was made
    web, known = web_of(request), await tale_for(request, tale)
    found = await versions_of(web.library, known)
    return {"object": "list", "data": [brief(one, web.links, web.clock()) for one in found]}


@router.post("/undo")
async def undo(request: Request, tale: str, key: Editor) -> dict[str, Any]:
    """Bring back the version before the one that is shown; the other stays, and can be brought back too."""
    web = web_of(request)
    return brief(await earlier_version(web.library, await theirs(request, tale, key)), web.links, web.clock())


@router.post("/current")
async def current(request: Request, tale: str, key: Editor) -> dict[str, Any]:
    """Show this version in place of the others."""
    web, known = web_of(request), await theirs(request, tale, key)
    if known.state not in (TaleState.DONE, TaleState.EARLIER):
        raise Refused("edit_open")
    return brief(await web.library.tales.change(known.id, state=TaleState.DONE), web.links, web.clock())
