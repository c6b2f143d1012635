"""Another discord.py is noticed at the start."""

from __future__ import annotations

import discord
import pytest
from discord.http import HTTPClient
from discord.voice_state import VoiceConnectionState

from bot.voice.discord_inside import check_fits, come_back_soon
from pipeline.errors import Missing
from pipeline.wording import sentence


def test_one_that_changed_inside_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    check_fits()
    monkeypatch.delattr(VoiceConnectionState, "add_socket_listener")
    with pytest.raises(Missing, match="discord_outgrown") as told:
        check_fits()
    said = sentence(told.value, "en")
    assert "add_socket_listener" in said
    assert "\n" not in said


def test_a_request_that_discord_py_no_longer_knows_is_named_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(HTTPClient, "upsert_global_command")
    with pytest.raises(Missing, match="discord_outgrown") as told:
        check_fits()
    assert told.value.fields["lacks"] == "HTTPClient.upsert_global_command"


def test_a_bot_is_back_within_a_minute_of_its_gateway_however_long_that_was_away() -> None:
    come_back_soon()
    for room in (discord.client, discord.shard):
        waits = room.ExponentialBackoff()
        assert max(waits.delay() for _ in range(200)) <= 64
