"""Keys and values that grow in place."""

from __future__ import annotations

from typing import Any

ROWS = 256
"""Tokens by which the room grows."""


def roomy_cache(rows: int = ROWS) -> Any:
    """An empty cache for transformers' decoders.

    Its own one copies everything for each token into a tensor one row longer, so that a card's memory breaks into
    pieces of ever new sizes: here a token is written into its row, and the room is made anew every so many `rows`.
    """
    from transformers.cache_utils import Cache, DynamicLayer

    class Roomy(DynamicLayer):  # type: ignore[misc]  # - the library's classes have no types here
        """`keys` and `values` are the first rows of their rooms."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.rooms: list[Any] = [None, None]

        def update(self, key_states: Any, value_states: Any, *_: Any, **__: Any) -> tuple[Any, Any]:
            if not self.is_initialized:
                self.lazy_initialization(key_states, value_states)
            length = self.get_seq_length()
            self.keys, self.rooms[0] = _appended(self.rooms[0], length, key_states, rows)
            self.values, self.rooms[1] = _appended(self.rooms[1], length, value_states, rows)
            return self.keys, self.values

        def show(self, length: int) -> None:
            """So many rows count as told, whoever wrote them."""
            if self.is_initialized:
                self.keys, self.values = (room[..., :length, :] for room in self.rooms)

    return Cache(layer_class_to_replicate=Roomy)


def _appended(room: Any, length: int, new: Any, rows: int) -> tuple[Any, Any]:
    """The rows so far with the new ones, and the room they lie in."""
    end = length + new.shape[-2]
    if room is None or end > room.shape[-2]:
        # Zeros, for a recorded step weighs rows that nobody wrote with nothing: and nothing times a NaN is a NaN.
        wider = new.new_zeros((*new.shape[:-2], -(-end // rows) * rows, new.shape[-1]))
        if length:
            wider[..., :length, :] = room[..., :length, :]
        room = wider
    room[..., length:end, :] = new
    return room[..., :end, :], room
