"""May they? Asked once, before anything begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.gate.caller import Asker
from bot.gate.permissions import hold_to_rules
from bot.gate.quotas import DAY_S, Share, hold_to_quotas
from bot.gate.rate_limiter import Floods
from bot.library.records import ServerSettings, TaleState
from pipeline.errors import Refused

if TYPE_CHECKING:
    from bot.library.servers import Servers
    from bot.library.tales import Tales


@dataclass(frozen=True)
class Gate:
    """The server's rules, then the member's share."""

    tales: Tales
    servers: Servers
    floods: Floods = field(default_factory=Floods)
    """Of presses and commands, whatever they are."""

    async def admit(self, asker: Asker, rules: ServerSettings, words: int, now: float) -> None:
        """Raises Refused with what to change, or when to come again."""
        await self.welcome(asker, rules)
        asked = await self.tales.asked_since(asker.server, asker.member, now - DAY_S)
        waiting = sum(state is TaleState.OPEN for _, state in asked)
        if waiting >= rules.most_waiting and not asker.manages:
            raise Refused("member_has_enough", most=rules.most_waiting)
        mine = [at for at, state in asked if state is not TaleState.FAILED]
        everybodys = await self._everybodys(asker.server, rules, now)
        hold_to_quotas(asker, rules, words, Share(mine, everybodys), now)

    async def welcome(self, asker: Asker, rules: ServerSettings) -> None:
        """Whether they may ask for anything at all here; raises Refused as `hold_to_rules` does."""
        await self.unblocked(asker)
        hold_to_rules(asker, rules)

    async def unblocked(self, asker: Asker) -> None:
        """Raises Refused `gate_blocked`; whoever erased themselves is known by their mark alone."""
        if await self.servers.blocks(asker.server, asker.member, asker.roles):
            raise Refused("gate_blocked")

    async def _everybodys(self, server: str, rules: ServerSettings, now: float) -> list[float]:
        """Of one server; in direct messages there is no everybody."""
        if not server or not (rules.server_a_day or rules.server_a_minute):
            return []
        most = max(rules.server_a_day, rules.server_a_minute)
        return await self.tales.asked_here_since(server, now - DAY_S, most)
