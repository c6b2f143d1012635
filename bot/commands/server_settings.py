"""The command for a server's settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ui import Button, ChannelSelect, RoleSelect, Select, UserSelect

from bot.actions.owner_writer import WRITER, decide, is_owner, offer_of, writer_panel
from bot.actions.role_quotas import ShareForm, share_of, with_share
from bot.actions.settings_parsing import as_written, label_of, told, turned, written
from bot.actions.settings_schema import FORMS, KNOBS, PAGES, SettingKind
from bot.library.records import RoleShare, ServerSettings
from bot.moderation.mod_log import note
from bot.services import services_of
from bot.ui.persistent import Item, parts, show, view_of
from bot.ui.private_panel import Sheet
from bot.wording import said
from pipeline.errors import Refused

ROOM = "settings"
MOST_CHOSEN = 25  # Discord allows no more in a menu
_LONG = 1_000
"""Most characters of a value in the mod log."""


def add_to(tree: app_commands.CommandTree[Any]) -> None:
    """Add the command to the tree, and its buttons to the client."""
    command: Any = app_commands.command(name="settings")(settings)
    tree.add_command(app_commands.default_permissions(manage_guild=True)(app_commands.guild_only()(command)))
    tree.client.add_dynamic_items(PARTS)


async def settings(interaction: discord.Interaction) -> None:
    offered = is_owner(interaction) and await offer_of(interaction)
    await _page(interaction, WRITER if offered else "who")


async def _pressed(interaction: discord.Interaction, what: str, values: tuple[str, ...]) -> None:
    """Answer `page` with the page chosen, `form:<name>`, or `<page>:<setting>`."""
    kind, _, name = what.partition(":")
    if kind == "page":
        await _page(interaction, values[0] if values and values[0] in (*PAGES, WRITER) else "who")
    elif kind == WRITER:
        await decide(interaction, name)
        await _page(interaction, WRITER)
    elif kind == "form" and name in FORMS:
        now = await services_of(interaction).library.servers.of(_server(interaction))
        await interaction.response.send_modal(SettingsForm(name, now, interaction.locale.value))
    elif kind in PAGES and name in PAGES[kind] and KNOBS[name].kind is SettingKind.SHARES:
        await _ask_share(interaction, values)
    elif kind in PAGES and name in PAGES[kind]:
        now = await services_of(interaction).library.servers.of(_server(interaction))
        await _change(interaction, {name: turned(name, values, now)})
        await _page(interaction, kind)


PARTS = parts(ROOM, _pressed)


class SettingsForm(Sheet):
    """Form for settings that are typed rather than chosen."""

    def __init__(self, name: str, now: ServerSettings, locale: str) -> None:
        super().__init__(title=said(f"settings.form.{name}", locale), timeout=900)
        self._name = name
        self._fields: dict[str, discord.ui.TextInput[SettingsForm]] = {}
        for knob in FORMS[name]:
            many = KNOBS[knob].kind in (SettingKind.WORDS, SettingKind.PAIRS)
            field: discord.ui.TextInput[SettingsForm] = discord.ui.TextInput(
                label=said(f"settings.label.{knob}", locale),
                style=discord.TextStyle.paragraph if many else discord.TextStyle.short,
                default=as_written(knob, now)[: 4_000 if many else 100] or None,
                required=False,
                max_length=4_000 if many else 100,
                custom_id=knob,
            )
            self._fields[knob] = field
            self.add_item(field)

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Save all fields or none."""
        changed = {name: written(name, field.value, interaction.locale.value) for name, field in self._fields.items()}
        await _change(interaction, changed)
        await _page(interaction, next(page for page, knobs in PAGES.items() if set(FORMS[self._name]) <= set(knobs)))


async def _ask_share(interaction: discord.Interaction, values: Sequence[str]) -> None:
    """Ask for a role's numbers; with no role chosen the page stays as it is."""
    now = await services_of(interaction).library.servers.of(_server(interaction))
    role = next((one for one in values if one.isdecimal()), "")
    if not role:
        await _page(interaction, "limits")
        return
    form = ShareForm(share_of(now.role_shares, role), _share_decided, interaction.locale.value)
    await interaction.response.send_modal(form)


async def _share_decided(interaction: discord.Interaction, share: RoleShare) -> None:
    # Read again: the form was open for minutes, and another manager may have set another role's.
    now = await services_of(interaction).library.servers.of(_server(interaction))
    await _change(interaction, {"role_shares": with_share(now.role_shares, share)})
    await _page(interaction, "limits")


async def _change(interaction: discord.Interaction, fields: dict[str, Any]) -> None:
    servers, server = services_of(interaction).library.servers, _server(interaction)
    before = await servers.of(server)
    after = await servers.change(server, **fields)
    locale = (interaction.guild_locale or interaction.locale).value
    for name in fields:
        if getattr(before, name) != getattr(after, name):
            label, value = said(f"settings.label.{name}", locale), told(name, after, locale)[:_LONG]
            line = said("settings.noted", locale, who=interaction.user.mention, what=label, value=value)
            await note(interaction.client, after, line)


async def _page(interaction: discord.Interaction, page: str) -> None:
    locale = interaction.locale.value
    menu = _pages_menu(interaction, page)
    if page == WRITER:
        line, buttons = await writer_panel(interaction, ROOM)
        text = f"### {said('settings.page.writer', locale)}\n{line}"
        await show(interaction, text, view_of([menu, *buttons], PARTS))
        return
    now = await services_of(interaction).library.servers.of(_server(interaction))
    lines = [f"**{said(f'settings.label.{name}', locale)}:** {told(name, now, locale)}" for name in PAGES[page]]
    text = "\n".join([f"### {said(f'settings.page.{page}', locale)}", *lines])
    await show(interaction, text[:2_000], view_of([menu, *_items(page, now, locale)], PARTS))


def _pages_menu(interaction: discord.Interaction, page: str) -> Item:
    pages = (*PAGES, WRITER) if is_owner(interaction) else tuple(PAGES)
    labels = {one: said(f"settings.page.{one}", interaction.locale.value) for one in pages}
    options = [discord.SelectOption(label=label, value=one, default=one == page) for one, label in labels.items()]
    return Select(custom_id=f"{ROOM}:page", options=options, row=0)


def _items(page: str, now: ServerSettings, locale: str) -> Iterator[Item]:
    # Rows: below the pages' menu a row for each menu, then buttons, which share theirs.
    for name in PAGES[page]:
        if KNOBS[name].kind not in (
            SettingKind.TOGGLE,
            SettingKind.NUMBER,
            SettingKind.TEXT,
            SettingKind.WORDS,
            SettingKind.PAIRS,
        ):
            yield _menu(page, name, now, locale)
    for name in PAGES[page]:
        if KNOBS[name].kind is SettingKind.TOGGLE:
            on = getattr(now, name)
            style = discord.ButtonStyle.success if on else discord.ButtonStyle.secondary
            label = f"{said(f'settings.label.{name}', locale)}: {said('settings.yes' if on else 'settings.no', locale)}"
            yield Button(label=label[:80], style=style, custom_id=f"{ROOM}:{page}:{name}")
    for form, names in FORMS.items():
        if set(names) <= set(PAGES[page]):
            yield Button(label=said(f"settings.form.{form}", locale)[:80], custom_id=f"{ROOM}:form:{form}")


def _menu(page: str, name: str, now: ServerSettings, locale: str) -> Item:
    knob, held = KNOBS[name], getattr(now, name)
    custom_id, asks = f"{ROOM}:{page}:{name}", said(f"settings.label.{name}", locale)
    if knob.kind is SettingKind.CHOICE:
        options = [
            discord.SelectOption(
                label=label_of(name, one, locale)[:100], value=one or "none_set", default=str(held) == one
            )
            for one in knob.choices
        ]
        return Select(custom_id=custom_id, placeholder=asks, options=options)
    if knob.kind is SettingKind.SHARES:
        return RoleSelect(custom_id=custom_id, placeholder=asks, min_values=0, max_values=1)
    ids = [held] if isinstance(held, str) else list(held)
    most = 1 if knob.kind is SettingKind.CHANNEL else MOST_CHOSEN
    if knob.kind is SettingKind.ROLES:
        chosen = _objects(ids, discord.Role)
        return RoleSelect(custom_id=custom_id, placeholder=asks, min_values=0, max_values=most, default_values=chosen)
    if knob.kind is SettingKind.MEMBERS:
        chosen = _objects(ids, discord.User)
        return UserSelect(custom_id=custom_id, placeholder=asks, min_values=0, max_values=most, default_values=chosen)
    chosen = _objects(ids, discord.abc.GuildChannel)
    return ChannelSelect(custom_id=custom_id, placeholder=asks, min_values=0, max_values=most, default_values=chosen)


def _objects(ids: Sequence[str], kind: Any) -> list[Any]:
    """Return the ids as a menu's defaults; the mark that an erased member leaves is no id."""
    select = discord.SelectDefaultValueType
    named = {discord.Role: select.role, discord.User: select.user}.get(kind, select.channel)
    return [discord.SelectDefaultValue(id=int(one), type=named) for one in ids if one.isdigit()][:MOST_CHOSEN]


def _server(interaction: discord.Interaction) -> str:
    """Return the server, for members who may manage it; raises Refused `settings_managers_only`."""
    # At every press: `default_permissions` only hides the command, and a permission may be taken away.
    if interaction.guild_id is None or not interaction.permissions.manage_guild:
        raise Refused("settings_managers_only")
    return str(interaction.guild_id)
