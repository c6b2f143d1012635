"""Quotas of single roles, and their form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import discord

from bot.actions.settings_schema import KNOBS
from bot.library.records import RoleShare
from bot.ui.private_panel import Sheet
from bot.wording import said
from pipeline.errors import Refused

MOST_ROLES = 25
"""Roles of one server that may have a quota of their own."""
AS_EVERYBODY = RoleShare("")
_LIKE = {"a_day": "most_a_day", "a_minute": "most_a_minute"}
"""Fields of a quota, and the settings whose range they keep to."""
Decided = Callable[[discord.Interaction, RoleShare], Awaitable[None]]


class ShareForm(Sheet):
    """Form of two numbers for one role; left empty, its members have what everybody has."""

    def __init__(self, now: RoleShare, decided: Decided, locale: str) -> None:
        # An interaction's token is good for fifteen minutes: later its answer could not be edited.
        super().__init__(title=said("settings.form.role_shares", locale), timeout=900)
        self._share, self._decided = now, decided
        self._fields: dict[str, discord.ui.TextInput[ShareForm]] = {}
        for name in _LIKE:
            held = getattr(now, name)
            field: discord.ui.TextInput[ShareForm] = discord.ui.TextInput(
                label=said(f"settings.share.{name}", locale),
                default=None if held is None else str(held),
                required=False,
                max_length=9,
                custom_id=name,
            )
            self._fields[name] = field
            self.add_item(field)

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Save both numbers or neither. Raises Refused `setting_number`."""
        locale = interaction.locale.value
        numbers = {name: number_of(name, field.value, locale) for name, field in self._fields.items()}
        await self._decided(interaction, RoleShare(self._share.role, numbers["a_day"], numbers["a_minute"]))


def share_of(shares: tuple[RoleShare, ...], role: str) -> RoleShare:
    """Return the present quota of a role."""
    return next((one for one in shares if one.role == role), RoleShare(role))


def with_share(shares: tuple[RoleShare, ...], share: RoleShare) -> tuple[RoleShare, ...]:
    """Replace a role's quota; one like everybody's is removed. Raises Refused `setting_roles`."""
    others = tuple(one for one in shares if one.role != share.role)
    if replace(share, role="") == AS_EVERYBODY:
        return others
    if len(others) >= MOST_ROLES:
        raise Refused("setting_roles", most=MOST_ROLES)
    return (*others, share)


def told_of(share: RoleShare, locale: str) -> str:
    """`@Guests: 2 a day`."""
    facts = [
        said(f"settings.share.told_{name}", locale, most=held or said("settings.no_limit", locale))
        for name in _LIKE
        if (held := getattr(share, name)) is not None
    ]
    return f"<@&{share.role}>: {', '.join(facts)}"


def number_of(name: str, text: str, locale: str) -> int | None:
    """Return the number; None for an empty field. Raises Refused `setting_number`."""
    knob, text = KNOBS[_LIKE[name]], text.strip()
    if not text:
        return None
    if not text.isdecimal() or not knob.least <= int(text) <= knob.most:
        raise Refused("setting_number", label=said(f"settings.share.{name}", locale), least=knob.least, most=knob.most)
    return int(text)
