"""A member before a world."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.gate.caller import Asker, asker_of
from bot.gate.visible_tales import viewer_of
from bot.library.records import ServerSettings
from bot.library.worlds import Entry, WorldOf, world_in
from bot.services import services_of
from bot.ui.escape import shown
from pipeline.errors import Missing, Refused

OURS, MINE = "s", "m"
"""In the ids of buttons: the server's world in this channel, and the member's own."""


@dataclass(frozen=True)
class WorldView:
    """A member before a world, with what they may see of it."""

    interaction: discord.Interaction
    asker: Asker
    rules: ServerSettings
    scope: str
    world: WorldOf
    entries: list[Entry]

    @property
    def locale(self) -> str:
        return self.asker.locale

    def entry(self, name: str) -> Entry:
        """Return the entry; raises Missing `world_entry_gone`."""
        found = next((one for one in self.entries if one.trace.id == name), None)
        if found is None:
            raise Missing("world_entry_gone")
        return found

    def changing(self, name: str, *, unlocking: bool = False) -> Entry:
        """Return the entry where the member may change it; raises Refused."""
        entry = self.entry(name)
        keeps = bool(self.world.member) or self.interaction.permissions.manage_messages
        if not keeps and self.asker.member not in entry.members:
            raise Refused("world_not_yours")
        if entry.locked and not (unlocking and keeps):
            raise Refused("world_locked", name=shown(entry.trace.name))
        return entry

    def managing(self) -> str:
        """Return the server, for members who may manage it; raises Refused `gate_manager`."""
        if not self.asker.server or not self.asker.manages:
            raise Refused("gate_manager")
        return self.asker.server


async def world_view(interaction: discord.Interaction, scope: str) -> WorldView:
    services, asker = services_of(interaction), asker_of(interaction)
    await services.gate.unblocked(asker)
    rules = await services.library.servers.of(asker.server)
    worlds = services.library.worlds
    if scope == MINE or not asker.server:
        own = WorldOf(member=asker.member)
        return WorldView(interaction, asker, rules, MINE, own, await worlds.entries(own))
    seen = (await viewer_of(interaction, services.library)).channels
    here = WorldOf(asker.server, world_in(asker.channel, rules))
    return WorldView(interaction, asker, rules, OURS, here, await worlds.entries(here, seen))
