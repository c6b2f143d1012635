"""Who may steer, and when tales are told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.library.records import ServerSettings
from bot.voice.player.bookmarks import Bookmark, Bookmarks
from bot.voice.player.quiet_hours import check_allowed, is_quiet
from bot.voice.player.vote_skip import ANYBODY, AT_ONCE, By, PlayerAction, Votes
from pipeline.errors import Refused

LISTENERS = frozenset({1, 2, 3, 4})
ASKER = 1


@pytest.mark.parametrize("verb", list(PlayerAction))
def test_asker_and_moderators_do_as_they_please(verb: PlayerAction) -> None:
    assert Votes().count(verb, verb, By(ASKER), ASKER, LISTENERS, "") == AT_ONCE
    assert Votes().count(verb, verb, By(99, steers=True), ASKER, LISTENERS, "") == AT_ONCE


@pytest.mark.parametrize("verb", list(PlayerAction))
def test_of_the_others_half_the_listeners_must_wish_what_not_everybody_may(verb: PlayerAction) -> None:
    votes = Votes()
    first = votes.count(verb, verb, By(2), ASKER, LISTENERS, "")
    assert first.carried is (verb in ANYBODY)
    assert votes.count(verb, verb, By(3), ASKER, LISTENERS, "").carried


def test_who_left_votes_no_more() -> None:
    votes = Votes()
    votes.count("skip", PlayerAction.SKIP, By(2), ASKER, LISTENERS, "")
    vote = votes.count("skip", PlayerAction.SKIP, By(3), ASKER, LISTENERS - {2}, "")
    assert (vote.have, vote.need) == (1, 2)


def test_one_volume_is_not_another() -> None:
    votes = Votes()
    votes.count("volume 1", PlayerAction.VOLUME, By(2), ASKER, LISTENERS, "")
    assert not votes.count("volume 2", PlayerAction.VOLUME, By(3), ASKER, LISTENERS, "").carried


def test_who_does_not_listen_has_no_say() -> None:
    with pytest.raises(Refused, match="booth_not_listening"):
        Votes().count("pause", PlayerAction.PAUSE, By(9), ASKER, LISTENERS, "Fireside")


@pytest.mark.parametrize(
    ("begin", "end", "zone", "hour", "quiet"),
    [
        ("22:00", "07:00", "UTC", 23, True),
        ("22:00", "07:00", "UTC", 3, True),
        ("22:00", "07:00", "UTC", 7, False),
        ("13:00", "15:00", "UTC", 14, True),
        ("13:00", "15:00", "America/Sao_Paulo", 17, True),
        ("13:00", "15:00", "America/Sao_Paulo", 14, False),
        ("13:00", "15:00", "Nowhere/Land", 14, True),
        ("", "", "UTC", 14, False),
        ("soon", "15:00", "UTC", 14, False),
    ],
)
def test_quiet_hours_are_the_servers_own(begin: str, end: str, zone: str, hour: int, quiet: bool) -> None:
    rules = ServerSettings(quiet_from=begin, quiet_to=end, timezone=zone)
    assert is_quiet(rules, datetime(2026, 11, 21, hour, tzinfo=UTC)) is quiet


def test_a_channel_may_be_left_in_peace() -> None:
    rules = ServerSettings(never_here=("5",))
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    check_allowed(rules, 6, "Attic", noon)
    with pytest.raises(Refused, match="booth_never"):
        check_allowed(rules, 5, "Fireside", noon)


def test_a_bookmark_outlives_the_bot_and_a_broken_file_costs_nothing_more(tmp_path: Path) -> None:
    file = tmp_path / "bookmarks.json"
    before = Bookmarks(file)
    before.keep("one", Bookmark(1, 2, 3))
    before.close()
    assert Bookmarks(file).of("one") == Bookmark(1, 2, 3)
    after = Bookmarks(file)
    after.forget("one")
    after.close()
    assert Bookmarks(file).every() == ()
    file.write_text("{]")
    assert Bookmarks(file).of("one") is None
