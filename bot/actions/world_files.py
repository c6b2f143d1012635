"""A world as one file, out and in."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
from pydantic import ValidationError

from bot.actions.world_view import WorldView
from bot.gate.word_filter import hold_to_words
from bot.library.worlds import Entry
from bot.request_tale.options import rating_of
from bot.services import services_of
from bot.ui.escape import told_of
from pipeline.errors import Refused
from pipeline.words.jsonable import from_json, to_json
from pipeline.words.world import MOST_NAME_CHARS, MOST_ROWS, MOST_SENTENCE_CHARS, Known, KnownKind, Wording

FORMAT, VERSION = "echotales-world", 1
MOST_BYTES, MOST_ENTRIES = 4_000_000, 10_000
_VOICE = re.compile(r"[a-z]{2}_[a-z]{2,20}(:0\.\d+,[a-z]{2}_[a-z]{2,20}:0\.\d+)?")
"""The id of a ready voice, or a blend of two: what a member taught somewhere is no part of a world."""
_SLUG = re.compile(r"[a-z_]{1,40}")
_LANGUAGE = re.compile(r"[a-z]{2}")


async def take_in(at: WorldView, file: discord.Attachment) -> None:
    """Take in a world from a file; what is of one name and kind is one entry. Raises Refused."""
    if at.world.server:
        at.managing()
    if file.size > MOST_BYTES:
        raise Refused("world_file_large", most=MOST_ENTRIES)
    await at.interaction.response.defer(ephemeral=True, thinking=True)
    services = services_of(at.interaction)
    known = await asyncio.to_thread(read, await file.read())
    await services.pools.words.run(hold_to_words, words_of(known), at.rules, rating_of(at.asker, at.rules))
    await services.library.worlds.take_in(at.world, at.asker.member, known)


def written(entries: Sequence[Entry]) -> bytes:
    """Return a world as JSON: what is known, without members, channels and tales."""
    known = [to_json(replace(one.trace, id="")) | {"locked": one.locked} for one in entries]
    whole = {"format": FORMAT, "version": VERSION, "entries": known}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def read(data: bytes) -> list[Known]:
    """Read a file from anywhere, each text cut and cleaned; raises Refused `world_file_unreadable`, `world_file_large`.

    A last picture is left out: a tale would tell it word for word, and nobody here knows who wrote it.
    """
    if len(data) > MOST_BYTES:
        raise Refused("world_file_large", most=MOST_ENTRIES)
    try:
        whole: Any = json.loads(data)
        if whole["format"] != FORMAT or whole["version"] != VERSION:
            raise Refused("world_file_unreadable")
        if len(whole["entries"]) > MOST_ENTRIES:
            raise Refused("world_file_large", most=MOST_ENTRIES)
        told = [from_json(Known, {name: one[name] for name in one if name != "locked"}) for one in whole["entries"]]
    except (ValueError, LookupError, TypeError, ValidationError, RecursionError) as error:
        raise Refused("world_file_unreadable") from error
    return [one for one in map(_cleaned, told) if one.name]


def words_of(known: Sequence[Known]) -> str:
    """Return all words of it, for the filter."""
    texts = (
        (one.name, *one.met, *(text for said in one.wordings.values() for text in vars(said).values())) for one in known
    )
    return "\n".join(text for some in texts for text in some)


def _cleaned(one: Known) -> Known:
    wordings = {code: _wording(said) for code, said in one.wordings.items() if _LANGUAGE.fullmatch(code)}
    return Known(
        _text(one.name, MOST_NAME_CHARS),
        KnownKind(one.kind),
        gender=one.gender if one.gender in {"f", "m"} else "",
        figure=one.figure if _SLUG.fullmatch(one.figure) else "",
        seed=_text(one.seed, MOST_NAME_CHARS),
        frame=one.frame if _SLUG.fullmatch(one.frame) else "",
        met=tuple(_text(name, MOST_NAME_CHARS) for name in one.met[:MOST_ROWS]),
        wordings=wordings,
    )


def _wording(said: Wording) -> Wording:
    return Wording(
        who=_text(said.who, MOST_NAME_CHARS),
        voice=said.voice if _VOICE.fullmatch(said.voice) else "",
        place=_text(said.place, MOST_NAME_CHARS),
        thing=_text(said.thing, MOST_NAME_CHARS),
        sentence=_text(said.sentence, MOST_SENTENCE_CHARS),
    )


def _text(text: str, most: int) -> str:
    return " ".join(re.sub(r"[{}@\[\]|<>]", " ", told_of(text, {})).split())[:most].strip()
