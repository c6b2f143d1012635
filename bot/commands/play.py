"""The command that tells a tale aloud again."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice

from bot.actions.player_buttons import PlayerButton, buttons_of, by_of
from bot.gate.caller import asker_of
from bot.gate.visible_tales import seen_among, viewer_of
from bot.library.records import KeptTale, Viewer
from bot.services import Services, services_of
from bot.ui.escape import shown
from bot.voice.player.status import Doing, Now
from bot.voice.player.status import shown as embed_of
from bot.wording import said
from pipeline.errors import Refused
from pipeline.road.door import read_answer
from pipeline.words.tale import Tale

MOST_OFFERED = 25
_TITLE_CHARS = 100


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the command to the tree, and the player's buttons to the client."""
    tree.client.add_dynamic_items(PlayerButton)
    command: app_commands.Command[Any, ..., None] = app_commands.command(name="play")(play)
    command.autocomplete("tale")(_offered)
    tree.add_command(app_commands.guild_only(command))


async def play(interaction: discord.Interaction, tale: str | None = None) -> None:
    services = services_of(interaction)
    if tale is None and _told_in_sight(interaction, services.booths.of(interaction.guild_id or 0).now):
        await _show_board(interaction, services)
        return
    seat_of(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    viewer = await viewer_of(interaction, services.library)
    found = await _chosen(services, viewer, tale)
    if found is None:
        raise Refused("booth_unknown_tale")
    await _line_up(interaction, services, found)


async def pressed(interaction: discord.Interaction, tale: KeptTale, _: str) -> None:
    """Answer the button under a delivered tale."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    await _line_up(interaction, services_of(interaction), tale)


async def play_from(interaction: discord.Interaction, tale: KeptTale, scene: int) -> None:
    """Play a tale from the beginning of a scene."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    await _line_up(interaction, services_of(interaction), tale, scene)


async def _line_up(interaction: discord.Interaction, services: Services, tale: KeptTale, scene: int = 0) -> None:
    """Queue a tale where the member sits.

    Raises Refused `booth_not_in_voice`, `artifact_gone`, or by the server's settings.
    """
    member, sits_in = interaction.user, seat_of(interaction)
    guild = sits_in.guild
    await services.gate.unblocked(asker_of(interaction))
    if tale.delivery.only_me and str(member.id) != tale.member:
        raise Refused("booth_unknown_tale")  # as if it were not there: its very existence is theirs
    if tale.prompt.words_only:
        raise Refused("booth_words_only")
    if tale.artifact is None:
        raise Refused("booth_untold")
    rules = await services.booths.rules(guild.id)
    services.booths.check(guild.id, sits_in.id, rules)
    if rules.voice_roles and not by_of(member, rules).steers:
        raise Refused("booth_roles")
    story = await services.pools.files.run(read_answer, tale.artifact, Tale, services.artifacts)
    # Counts as used just now: a trim of old files must not take what is about to play.
    await services.pools.files.run(services.artifacts.use, story.timeline.stems)
    services.booths.again(tale, story, sits_in.id, member.id, guild.id, _start_of(story, scene))
    told = said("booth.lined_up", interaction.locale.value, title=shown(story.story.title), channel=sits_in.mention)
    await interaction.followup.send(told, ephemeral=True)


def _start_of(story: Tale, scene: int) -> int:
    """Return the sample at which a scene begins; the tale's first where there is no such scene."""
    scenes = story.story.scenes
    first = scenes[scene].passages[0].index if 0 < scene < len(scenes) and scenes[scene].passages else -1
    return next((one.start for one in story.timeline.placed if first >= 0 and one.scored.passage == first), 0)


def _told_in_sight(interaction: discord.Interaction, now: Now) -> bool:
    """Whether something is told in a channel that this member sees."""
    return now.doing is not Doing.NOTHING and bool(seen_among(interaction, [str(now.channel_id)]))


def seat_of(interaction: discord.Interaction) -> discord.VoiceChannel | discord.StageChannel:
    """Return where the member sits; raises Refused `booth_not_in_voice`."""
    member = interaction.user
    sits_in = member.voice.channel if isinstance(member, discord.Member) and member.voice is not None else None
    if sits_in is None:
        raise Refused("booth_not_in_voice")
    return sits_in


async def _show_board(interaction: discord.Interaction, services: Services) -> None:
    """Show what plays now, with its buttons, to the member alone."""
    guild_id = interaction.guild_id or 0
    now = services.booths.of(guild_id).now
    await interaction.response.send_message(embed=embed_of(now), view=buttons_of(now, guild_id), ephemeral=True)


async def _chosen(services: Services, viewer: Viewer, tale: str | None) -> KeptTale | None:
    """Find a tale by id, by words, or the newest; only one that this member may see."""
    kept = services.library.tales
    if tale is None:
        page = await kept.of_server(viewer)
        return next(iter(page.tales), None)
    if (known := await kept.seen(tale, viewer)) is not None:
        return known
    return next(iter((await kept.search(viewer, tale)).tales), None)


async def _offered(interaction: discord.Interaction, so_far: str) -> list[Choice[str]]:
    services = services_of(interaction)
    viewer = await viewer_of(interaction, services.library)
    kept = services.library.tales
    page = await (kept.search(viewer, so_far) if so_far.strip() else kept.of_server(viewer))
    told = [one for one in page.tales if one.artifact is not None and one.title and not one.prompt.words_only]
    # The id is the value; a member who types past the suggestions sends their text, which is searched for.
    return [Choice(name=one.title[:_TITLE_CHARS], value=one.id) for one in told[:MOST_OFFERED]]
