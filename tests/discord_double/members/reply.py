"""What came of something a member asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.discord_double.forms.components import Part, walk
from tests.discord_double.interactions import ANSWER_WITHIN_S, Interaction, Interactions
from tests.discord_double.members.asking import NotOffered
from tests.discord_double.members.shown import Shown
from tests.discord_double.refusal import Json
from tests.discord_double.world import World

NO_ANSWER = "The application did not respond"
PATIENCE_S = 30.0
A_HAIR_S = 0.001


class Reply:
    """One interaction as the member lives it: it fills in as the bot goes on."""

    def __init__(self, world: World, interactions: Interactions, asked: Interaction) -> None:
        self._world, self._interactions = world, interactions
        self.asked = asked

    @property
    def message(self) -> Shown | None:
        """The first answer, when it is a message."""
        return Shown(self._world, self.asked.message) if self.asked.message else None

    @property
    def shown(self) -> Shown:
        """The first answer, which must be a message."""
        assert self.message is not None, f"no message came; {self.text}"
        return self.message

    @property
    def followups(self) -> list[Shown]:
        return [Shown(self._world, each) for each in self.asked.followups]

    @property
    def modal(self) -> Json | None:
        return self.asked.modal

    @property
    def failed(self) -> bool:
        """Three seconds went by in silence."""
        return self._interactions.is_late(self.asked)

    @property
    def text(self) -> str:
        """What the member reads."""
        if self.failed:
            return NO_ANSWER
        return "\n".join(each.text for each in [*([self.message] if self.message else []), *self.followups])

    async def answered(self) -> Reply:
        """Wait for the first answer, or for the three seconds to pass."""
        alarm = asyncio.create_task(self._ring_when_late(), name="three seconds")
        try:
            await self._world.bell.until(self._settled, within_s=PATIENCE_S, why="an answer to an interaction")
        finally:
            alarm.cancel()
        return self

    async def done(self, within_s: float = PATIENCE_S) -> Shown:
        """Wait until the bot no longer thinks; gives the message."""
        return await self.shown.until(lambda seen: not seen.loading, within_s=within_s, why="the bot still thinks")

    async def until(self, look: Callable[[Reply], object], *, within_s: float = 5.0) -> Reply:
        """Wait until the reply looks so."""

        def seen() -> Reply | None:
            return self if look(self) else None

        return await self._world.bell.until(seen, within_s=within_s, why=f"reply:\n{self.text}")

    def fields(self, filled: dict[str, str]) -> list[Json]:
        """The components of a submitted modal; `filled` is by custom id or by label."""
        modal = self.modal
        if modal is None:
            raise NotOffered("there is no modal")
        sent: list[Json] = []
        for top in modal["components"]:
            part = top["component"] if top["type"] == Part.LABEL else top["components"][0]
            sent.append(_filled(top, part, filled))
        known = {name for top in modal["components"] for part in walk([top]) for name in _names(top, part)}
        if strange := set(filled) - known:
            raise NotOffered(f"no field {sorted(strange)} among {sorted(known)}")
        return sent

    def _settled(self) -> bool:
        return self.asked.answer is not None or self.failed

    async def _ring_when_late(self) -> None:
        await self._world.clock.sleep_until(self.asked.born_s + ANSWER_WITHIN_S + A_HAIR_S)
        self._world.bell.ring()


def _filled(top: Json, part: Json, filled: dict[str, str]) -> Json:
    given = next((filled[name] for name in _names(top, part) if name in filled), part.get("value") or "")
    if part.get("required", True) and not given:
        raise NotOffered(f"{part['custom_id']} must be filled in")
    if not (part.get("min_length") or 0) <= len(given) <= (part.get("max_length") or 4000) and given:
        raise NotOffered(f"{part['custom_id']}: {len(given)} letters")
    inner = {"type": part["type"], "custom_id": part["custom_id"], "id": 2}
    inner |= {"values": [given]} if part["type"] in (3, 5, 6, 7, 8) else {"value": given}
    if top["type"] == Part.LABEL:
        return {"type": int(Part.LABEL), "id": 1, "component": inner}
    return {"type": int(Part.ROW), "id": 1, "components": [inner]}


def _names(top: Json, part: Json) -> list[str]:
    named = [part.get("custom_id"), part.get("label"), top.get("label")]
    return [each for each in named if isinstance(each, str)]
