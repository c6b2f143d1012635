"""When and where nothing is told aloud."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.library.records import ServerSettings
from pipeline.errors import Refused


def check_allowed(rules: ServerSettings, channel_id: int, channel: str, now: datetime) -> None:
    """Raise Refused `booth_never` or `booth_quiet`; `now` carries its time zone."""
    if not rules.voice_allowed or rules.words_only or str(channel_id) in rules.never_here:
        raise Refused("booth_never", channel=channel)
    if is_quiet(rules, now):
        raise Refused("booth_quiet", until=rules.quiet_to)


def is_quiet(rules: ServerSettings, now: datetime) -> bool:
    """Whether these are the server's quiet hours, which may lie across midnight."""
    begin, end = _clock(rules.quiet_from), _clock(rules.quiet_to)
    if begin is None or end is None or begin == end:
        return False
    there = now.astimezone(_zone(rules.timezone)).time()
    # Where they begin later than they end, they lie across midnight.
    return begin <= there < end if begin < end else there >= begin or there < end


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        return None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")  # a zone that this machine's table does not have must not forbid all playing
