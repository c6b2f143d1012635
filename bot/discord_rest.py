"""Requests that discord.py has no method for."""

from __future__ import annotations

from typing import Any, cast

import discord
from discord.http import HTTPClient, Route, handle_message_parameters

Json = dict[str, Any]
WANTED: dict[type, tuple[str, ...]] = {
    HTTPClient: (
        *("delete_global_command", "upsert_global_command", "get_guilds", "delete_channel", "send_message", "request"),
    ),
}
"""What is used here of discord.py's own client of the REST API, which it does not document."""


async def listed_commands(client: discord.Client, application: int) -> list[Json]:
    """Return the commands that Discord knows, with their words in every language."""
    route = Route("GET", "/applications/{application_id}/commands", application_id=application)
    # discord.py's own fetch asks for no localizations, and without them nothing could be compared.
    listed: list[Json] = await client.http.request(route, params={"with_localizations": "true"})
    return listed


async def send_command(client: discord.Client, application: int, command: Json) -> None:
    """Create a command, or replace the one of its name."""
    await client.http.upsert_global_command(application, cast(Any, command))


async def delete_command(client: discord.Client, application: int, command: str) -> None:
    """Delete one command by its id."""
    await client.http.delete_global_command(application, cast(Any, command))


async def servers_of(client: discord.Client, most: int) -> list[Json]:
    """Return servers the bot is in, as Discord describes them to a client without a gateway."""
    return [dict(one) for one in await client.http.get_guilds(most)]


async def delete_thread(client: discord.Client, thread: int) -> None:
    """Delete a thread of which no object is at hand. Raises discord.HTTPException."""
    await client.http.delete_channel(thread)


async def post_voice_message(client: discord.Client, channel: int, file: discord.File, nonce: str) -> int:
    """Post sound as a voice message, which Discord wants without text; returns its id. Raises discord.HTTPException."""
    flags = discord.MessageFlags(voice=True)
    with handle_message_parameters(file=file, flags=flags, nonce=nonce) as params:
        for part in params.multipart or ():
            if part.get("filename"):
                part["content_type"] = "audio/ogg"  # discord.py sends every file as mere bytes
        return int(cast(Any, await client.http.send_message(channel, params=params))["id"])
