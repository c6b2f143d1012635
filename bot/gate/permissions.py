"""What a server's managers allow whom."""

from __future__ import annotations

from bot.gate.caller import Asker
from bot.library.records import ServerSettings
from pipeline.errors import Refused


def hold_to_rules(asker: Asker, rules: ServerSettings) -> None:
    """Raises Refused `gate_blocked`, `gate_silent_here`, `gate_role` or `gate_channel`."""
    hold_unblocked(asker.member, asker.roles, rules)
    here = {asker.channel, asker.parent} - {""}
    if here & set(rules.never_here):
        raise Refused("gate_silent_here", channel=f"<#{asker.channel}>")
    if asker.manages:
        return
    if rules.roles and not asker.roles & set(rules.roles):
        raise Refused("gate_role", roles=" ".join(f"<@&{role}>" for role in rules.roles))
    if rules.channels and not here & set(rules.channels):
        raise Refused("gate_channel", channels=" ".join(f"<#{channel}>" for channel in rules.channels))


def hold_unblocked(member: str, roles: frozenset[str], rules: ServerSettings) -> None:
    """Raises Refused `gate_blocked`."""
    if member in rules.blocked_members or roles & set(rules.blocked_roles):
        raise Refused("gate_blocked")


def may_sound(asker: Asker, rules: ServerSettings) -> bool:
    """Whether a tale of theirs may be told in the voice channel where they sit."""
    if not asker.sits_in or not rules.voice_allowed or rules.words_only or asker.sits_in in rules.never_here:
        return False
    return asker.manages or not rules.voice_roles or bool(asker.roles & set(rules.voice_roles))
