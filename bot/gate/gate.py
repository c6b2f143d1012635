"""Checks whether a member may ask."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.gate.caller import Asker
from bot.library.records import ServerSettings, TaleState
from pipeline.errors import Refused

if TYPE_CHECKING:
    from bot.library.servers import Servers
    from bot.library.tales import Tales

MOST, WITHIN_S = 30, 10.0
"""Presses and commands of one member within so many seconds: more than any hand does, fewer than any script."""
REMEMBERED = 10_000
"""Most members remembered; the one longest quiet is forgotten first."""


class Floods:
    """Counts each member's latest presses, in memory alone; refused ones do not count."""

    def __init__(self, most: int = MOST, within_s: float = WITHIN_S, remembered: int = REMEMBERED) -> None:
        self._most, self._within_s, self._remembered = most, within_s, remembered
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def hold(self, member: str, now: float) -> None:
        """Raise Refused `gate_flood`, which says when there is room again."""
        seen = self._seen.setdefault(member, deque(maxlen=self._most))
        self._seen.move_to_end(member)
        if len(self._seen) > self._remembered:
            self._seen.popitem(last=False)
        free_at = seen[0] + self._within_s if len(seen) == self._most else now
        if free_at > now:
            # A second later: Discord counts whole ones down, and "now" must be true.
            raise Refused("gate_flood", at=f"<t:{round(free_at) + 1}:R>")
        seen.append(now)


DAY_S, MINUTE_S = 86_400.0, 60.0


@dataclass(frozen=True)
class Gate:
    """Checks the server's rules, then the member's quotas."""

    tales: Tales
    servers: Servers
    floods: Floods = field(default_factory=Floods)
    """Rate limit of presses and commands of any kind."""

    async def admit(self, asker: Asker, rules: ServerSettings, words: int, now: float) -> None:
        """Raise Refused with what to change, or when to try again."""
        await self.welcome(asker, rules)
        asked = await self.tales.asked_since(asker.server, asker.member, now - DAY_S)
        waiting = sum(state is TaleState.OPEN for _, state in asked)
        if waiting >= rules.most_waiting and not asker.manages:
            raise Refused("member_has_enough", most=rules.most_waiting)
        mine = [at for at, state in asked if state is not TaleState.FAILED]  # a failure of ours costs nobody a tale
        everybodys = await self._everybodys(asker.server, rules, now)
        hold_to_quotas(asker, rules, words, Share(mine, everybodys), now)

    async def welcome(self, asker: Asker, rules: ServerSettings) -> None:
        """Check that they may ask for anything at all here; raises Refused as `hold_to_rules` does."""
        await self.unblocked(asker)
        hold_to_rules(asker, rules)

    async def unblocked(self, asker: Asker) -> None:
        """Raise Refused `gate_blocked`; a member who erased themselves is recognised by their mark."""
        if await self.servers.blocks(asker.server, asker.member, asker.roles):
            raise Refused("gate_blocked")

    async def _everybodys(self, server: str, rules: ServerSettings, now: float) -> list[float]:
        """Return when tales were asked for in a server; none in direct messages, which have no shared limit."""
        if not server or not (rules.server_a_day or rules.server_a_minute):
            return []
        most = max(rules.server_a_day, rules.server_a_minute)
        return await self.tales.asked_here_since(server, now - DAY_S, most)


@dataclass(frozen=True)
class Share:
    """When tales were asked for in the last day, in seconds since the epoch."""

    mine: Sequence[float]
    """By this member, in this server."""
    everybodys: Sequence[float] = ()
    """By all members of this server."""


@dataclass(frozen=True)
class Limit:
    """Limit of tales within a time."""

    code: str
    """Code of its refusal, which says how many and when there is room again."""
    most: int
    """Tales; 0 for no limit."""
    within_s: float
    asked_at: Sequence[float]  # seconds since the epoch


def hold_to_quotas(asker: Asker, rules: ServerSettings, words: int, share: Share, now: float) -> None:
    """Raise Refused `gate_too_long`, or a limit's code with `at`, when there is room again."""
    if words > rules.most_words:
        raise Refused("gate_too_long", words=words, most=rules.most_words)
    if asker.manages:
        return
    share = Share(*([at for at in asked if at <= now] for asked in (share.mine, share.everybodys)))  # a clock set back
    for limit in _limits(asker, rules, share):
        free_at = _free_at(limit)
        if free_at > now:
            style = "t" if limit.within_s == DAY_S else "R"
            raise Refused(limit.code, most=limit.most, at=f"<t:{round(free_at)}:{style}>")
    free_at = max(share.mine, default=float("-inf")) + rules.cooldown_s
    if rules.cooldown_s and free_at > now:
        raise Refused("gate_cooldown", at=f"<t:{round(free_at)}:R>")


def _limits(asker: Asker, rules: ServerSettings, share: Share) -> Iterator[Limit]:
    """Give the limits of the member's roles where those have their own, else everybody's; then the server's."""
    mine = [one for one in rules.role_shares if one.role in asker.roles]
    special = [rules.special_a_day] if asker.roles & set(rules.special_roles) else []
    days = [*special, *(one.a_day for one in mine if one.a_day is not None)]
    minutes = [one.a_minute for one in mine if one.a_minute is not None]
    if days:
        yield Limit("gate_role_day", _most_generous(days), DAY_S, share.mine)
    else:
        yield Limit("gate_day", rules.most_a_day, DAY_S, share.mine)
    if minutes:
        yield Limit("gate_role_minute", _most_generous(minutes), MINUTE_S, share.mine)
    else:
        yield Limit("gate_minute", rules.most_a_minute, MINUTE_S, share.mine)
    yield Limit("gate_server_day", rules.server_a_day, DAY_S, share.everybodys)
    yield Limit("gate_server_minute", rules.server_a_minute, MINUTE_S, share.everybodys)


def _most_generous(limits: Sequence[int]) -> int:
    return 0 if 0 in limits else max(limits)


def _free_at(limit: Limit) -> float:
    """Return when there is room again; -inf where there is now."""
    if not 0 < limit.most <= len(limit.asked_at):
        return float("-inf")
    return sorted(limit.asked_at)[-limit.most] + limit.within_s


def hold_to_rules(asker: Asker, rules: ServerSettings) -> None:
    """Raise Refused `gate_blocked`, `gate_silent_here`, `gate_role` or `gate_channel`."""
    hold_unblocked(asker.member, asker.roles, rules)
    # A thread counts as its channel: rules name channels, and threads come and go.
    here = {asker.channel, asker.parent} - {""}
    if here & set(rules.never_here):
        raise Refused("gate_silent_here", channel=f"<#{asker.channel}>")
    if asker.manages:
        return  # else one wrong rule could shut out those who must correct it
    if rules.roles and not asker.roles & set(rules.roles):
        raise Refused("gate_role", roles=" ".join(f"<@&{role}>" for role in rules.roles))
    if rules.channels and not here & set(rules.channels):
        raise Refused("gate_channel", channels=" ".join(f"<#{channel}>" for channel in rules.channels))


def hold_unblocked(member: str, roles: frozenset[str], rules: ServerSettings) -> None:
    """Raise Refused `gate_blocked`."""
    if member in rules.blocked_members or roles & set(rules.blocked_roles):
        raise Refused("gate_blocked")


def may_sound(asker: Asker, rules: ServerSettings) -> bool:
    """Whether a tale of theirs may be told in the voice channel where they sit."""
    if not asker.sits_in or not rules.voice_allowed or rules.words_only or asker.sits_in in rules.never_here:
        return False
    return asker.manages or not rules.voice_roles or bool(asker.roles & set(rules.voice_roles))
