"""A server's rules hold for all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.gate.caller import Asker
from bot.gate.gate import Share, hold_to_quotas, hold_to_rules, may_sound
from bot.library.records import ServerSettings, Where
from bot.request_tale.options import TaleOptions, delivery_of, rating_of
from pipeline.errors import Refused
from pipeline.words.prompt import Rating

ANA = Asker("100", "1", "10", parent="9", roles=frozenset({"7"}), sits_in="20")
KEEPER = replace(ANA, manages=True)
OPEN = ServerSettings()
NOW = 1_000_000.0


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        (replace(OPEN, blocked_members=("100",)), "gate_blocked"),
        (replace(OPEN, blocked_roles=("7",)), "gate_blocked"),
        (replace(OPEN, never_here=("9",)), "gate_silent_here"),
        (replace(OPEN, roles=("8",)), "gate_role"),
        (replace(OPEN, channels=("11",)), "gate_channel"),
    ],
)
def test_what_managers_decided_is_refused_with_its_reason(rules: ServerSettings, code: str) -> None:
    with pytest.raises(Refused) as refused:
        hold_to_rules(ANA, rules)
    assert refused.value.code == code


@pytest.mark.parametrize("rules", [OPEN, replace(OPEN, roles=("7",)), replace(OPEN, channels=("9",))])
def test_what_they_allow_is_allowed_in_threads_too(rules: ServerSettings) -> None:
    hold_to_rules(ANA, rules)


def test_managers_are_bound_by_silence_but_not_by_roles() -> None:
    hold_to_rules(KEEPER, replace(OPEN, roles=("8",), channels=("11",)))
    with pytest.raises(Refused):
        hold_to_rules(KEEPER, replace(OPEN, never_here=("10",)))


@pytest.mark.parametrize(
    ("rules", "words", "asked_at", "code"),
    [
        (replace(OPEN, most_words=100), 101, [], "gate_too_long"),
        (replace(OPEN, most_a_day=2), 50, [NOW - 10, NOW - 5], "gate_day"),
        (replace(OPEN, cooldown_s=60), 50, [NOW - 59], "gate_cooldown"),
    ],
)
def test_nobody_takes_more_than_their_share(
    rules: ServerSettings, words: int, asked_at: list[float], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        hold_to_quotas(ANA, rules, words, Share(asked_at), NOW)
    assert refused.value.code == code


def test_a_share_comes_back_with_time() -> None:
    hold_to_quotas(ANA, replace(OPEN, cooldown_s=60), 50, Share([NOW - 61]), NOW)


def test_what_was_asked_under_a_clock_that_was_ahead_keeps_nobody_out() -> None:
    ahead = Share([5_000.0] * 40, [5_000.0] * 40)
    rules = ServerSettings(most_a_day=1, most_a_minute=1, server_a_day=1, server_a_minute=1, cooldown_s=60)
    hold_to_quotas(ANA, rules, 100, ahead, 1_000.0)


def test_where_voice_is_not_allowed_the_file_comes() -> None:
    silent = replace(OPEN, voice_allowed=False)
    assert may_sound(ANA, OPEN)
    assert not may_sound(ANA, silent)
    assert delivery_of(TaleOptions(), ANA, silent).where is Where.UPLOAD
    with pytest.raises(Refused, match="gate_voice"):
        delivery_of(TaleOptions(where=Where.HERE), ANA, silent)
    assert delivery_of(TaleOptions(only_me=True), ANA, OPEN).where is Where.UPLOAD


@pytest.mark.parametrize(
    ("ceiling", "grown_up", "told"),
    [
        (Rating.ADULT, True, Rating.ADULT),
        (Rating.ADULT, False, Rating.TEEN),
        (Rating.ALL, True, Rating.ALL),
        (Rating.TEEN, True, Rating.TEEN),
    ],
)
def test_no_channel_raises_its_servers_ceiling(ceiling: Rating, grown_up: bool, told: Rating) -> None:
    assert rating_of(replace(ANA, grown_up=grown_up), replace(OPEN, rating=ceiling)) is told
