"""How much may be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.gate.asker import Asker
from bot.library.kept import ServerSettings
from pipeline.errors import Refused

DAY_S, MINUTE_S = 86_400.0, 60.0


@dataclass(frozen=True)
class Share:
    """When tales were asked for in the last day, in seconds since the epoch."""

    mine: Sequence[float]
    """By this member, here."""
    everybodys: Sequence[float] = ()
    """By all of this server."""


def hold_to_quotas(asker: Asker, rules: ServerSettings, words: int, share: Share, now: float) -> None:
    """Raises Refused `gate_too_long`, or a limit's code with `at`, when there is room again."""
    if words > rules.most_words:
        raise Refused("gate_too_long", words=words, most=rules.most_words)
    if asker.manages:
        return
    special = bool(asker.roles & set(rules.special_roles))
    for code, most, asked_at, within_s in (
        ("gate_day", rules.special_a_day if special else rules.most_a_day, share.mine, DAY_S),
        ("gate_minute", rules.most_a_minute, share.mine, MINUTE_S),
        ("gate_server_day", rules.server_a_day, share.everybodys, DAY_S),
        ("gate_server_minute", rules.server_a_minute, share.everybodys, MINUTE_S),
    ):
        free_at = _free_at(most, asked_at, within_s)
        if free_at > now:
            raise Refused(code, most=most, at=f"<t:{round(free_at)}:{'t' if within_s == DAY_S else 'R'}>")
    free_at = max(share.mine, default=float("-inf")) + rules.cooldown_s
    if rules.cooldown_s and free_at > now:
        raise Refused("gate_cooldown", at=f"<t:{round(free_at)}:R>")


def _free_at(most: int, asked_at: Sequence[float], within_s: float) -> float:
    """When fewer than so many lie within that time; 0 means no limit."""
    return sorted(asked_at)[-most] + within_s if 0 < most <= len(asked_at) else float("-inf")
