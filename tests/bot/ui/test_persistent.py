"""Buttons that say all by their id."""

from __future__ import annotations

from typing import Any

import pytest

from bot.actions.listen_presses import ListenButton
from bot.actions.player_buttons import PlayerButton
from bot.actions.tale_buttons import TaleButton
from bot.commands.welcome import BUTTONS
from bot.services import one_table

TALE = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("kind", "custom_id"),
    [
        (TaleButton, f"echo:again:{TALE}"),
        (TaleButton, f"echo:files:{TALE}:m4b"),
        (PlayerButton, "booth:music_down:1577188201238364160"),
        (ListenButton, "echo:ears:consent"),
        (BUTTONS, "welcome:hear"),
    ],
)
def test_buttons_of_old_messages_are_known_by_one_kind_alone(kind: type[Any], custom_id: str) -> None:
    kinds = (TaleButton, PlayerButton, ListenButton, BUTTONS)
    assert [one for one in kinds if one.__discord_ui_compiled_template__.fullmatch(custom_id)] == [kind]


async def _pressed(*_: Any) -> None:
    """Nothing."""


def test_two_answers_for_one_button_are_found_at_the_start() -> None:
    assert set(one_table({"share": _pressed}, {"play": _pressed})) == {"share", "play"}
    with pytest.raises(ValueError, match="answered twice: share"):
        one_table({"share": _pressed}, {"share": _pressed, "play": _pressed})
