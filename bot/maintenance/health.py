"""Checks token, invitation and permissions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import aiohttp
import discord

from bot.discord_rest import servers_of
from bot.wording import said
from pipeline.settings import Settings, read_settings
from pipeline.wording import terminal_locale
from pipeline.words.finding import Finding, Grade

LEAST = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,  # without it a tale cannot answer its card, which stands above it
    connect=True,
    speak=True,
    send_voice_messages=True,
)
"""The permissions that tales need, and nothing else."""
_AS_SHOWN = {"read_messages": "view_channel"}
"""discord.py gives this permission by an older name."""
SCOPES = ("bot", "applications.commands")
MOST_SERVERS = 20
"""Servers whose permissions are looked at: enough to find a wrong invitation."""
WITHIN_S = 20.0


def invitation(application: int) -> str:
    """Return the link that invites the bot with the least permissions."""
    return discord.utils.oauth_url(application, permissions=LEAST, scopes=SCOPES)


def findings() -> Iterator[Finding]:
    """Give findings for the doctor; nothing is asked of Discord before the first one is wanted."""
    yield from asyncio.run(examined(read_settings(), terminal_locale()))


async def examined(settings: Settings, locale: str, connector: aiohttp.BaseConnector | None = None) -> list[Finding]:
    """Return a finding each for token, intents, invitation and permissions."""
    if not settings.token:
        mend = said("health.token_mend", locale)
        return [Finding("token", Grade.HINT, said("health.token_missing", locale), mend)]
    # A login asks Discord's REST alone: no gateway, so a bot that runs with this token is not disturbed.
    client = discord.Client(intents=discord.Intents.none(), connector=connector)
    try:
        async with asyncio.timeout(WITHIN_S):
            await client.login(settings.token)
            return [one async for one in _looked_at(client, locale)]
    except discord.LoginFailure:
        return [Finding("token", Grade.ILL, said("health.token_wrong", locale), said("health.token_renew", locale))]
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        says = said("health.unreached", locale, why=str(error).splitlines()[0] if str(error) else type(error).__name__)
        return [Finding("token", Grade.ILL, says, said("health.unreached_mend", locale))]
    finally:
        await client.close()


async def _looked_at(client: discord.Client, locale: str) -> AsyncIterator[Finding]:
    me = client.user
    assert me is not None, "a login names us"
    yield Finding("token", Grade.WELL, said("health.token_well", locale, name=me.name))
    yield Finding("intents", Grade.WELL, said("health.intents_well", locale))
    link = invitation(client.application_id or me.id)
    servers = await servers_of(client, MOST_SERVERS)
    grade, says = (Grade.WELL, "health.invite_more") if servers else (Grade.HINT, "health.invite_first")
    yield Finding("invitation", grade, said(says, locale, servers=len(servers)), link)
    for server in servers:
        if lacking := _lacking(int(server.get("permissions") or 0)):
            named = ", ".join(said(f"permissions.{one}", locale) for one in lacking)
            says = said("health.permissions_lack", locale, server=server["name"], permissions=named)
            yield Finding(f"permissions:{server['id']}", Grade.HINT, says, link)


def _lacking(have: int) -> list[str]:
    """Return the permissions missing in a server at large; a channel may still give or take some."""
    given = discord.Permissions(have)
    missing = [name for name, wanted in LEAST if wanted and not getattr(given, name)]
    return [] if given.administrator else [_AS_SHOWN.get(name, name) for name in missing]
