"""How much one member may ask."""

from __future__ import annotations

from collections.abc import Sequence

from bot.gate.asker import Asker
from bot.library.kept import ServerSettings
from pipeline.errors import Refused

DAY_S = 86_400.0


def hold_to_quotas(asker: Asker, rules: ServerSettings, words: int, asked_at: Sequence[float], now: float) -> None:
    """`asked_at` is when this member asked here in the last day. Raises Refused `gate_too_long` or as below."""
    if words > rules.most_words:
        raise Refused("gate_too_long", words=words, most=rules.most_words)
    if not asker.manages:
        _hold_to_pace(rules, asked_at, now)


def _hold_to_pace(rules: ServerSettings, asked_at: Sequence[float], now: float) -> None:
    """Raises Refused `gate_day` or `gate_cooldown`."""
    if rules.most_a_day and len(asked_at) >= rules.most_a_day:
        raise Refused("gate_day", most=rules.most_a_day, at=f"<t:{round(min(asked_at) + DAY_S)}:t>")
    free_at = max(asked_at, default=float("-inf")) + rules.cooldown_s
    if free_at > now:
        raise Refused("gate_cooldown", at=f"<t:{round(free_at)}:R>")
