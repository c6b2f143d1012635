"""A decoder's cache and its one-token step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.log import log_of

ROWS = 256
"""Tokens by which the cache grows."""


def roomy_cache(rows: int = ROWS) -> Any:
    """Return an empty cache for transformers' decoders.

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
            """Count so many rows as filled, whoever wrote them."""
            if self.is_initialized:
                self.keys, self.values = (room[..., :length, :] for room in self.rooms)

    return Cache(layer_class_to_replicate=Roomy)


def _appended(room: Any, length: int, new: Any, rows: int) -> tuple[Any, Any]:
    """Return the rows so far with the new ones, and the tensor that holds them."""
    end = length + new.shape[-2]
    if room is None or end > room.shape[-2]:
        # Zeros, for a recorded step weighs rows that nobody wrote with nothing: and nothing times a NaN is a NaN.
        wider = new.new_zeros((*new.shape[:-2], -(-end // rows) * rows, new.shape[-1]))
        if length:
            wider[..., :length, :] = room[..., :length, :]
        room = wider
    room[..., length:end, :] = new
    return room[..., :end, :], room


_WARM_UPS = 3
_NEAR = 0.05
"""Largest difference of the recording's logits from the step's own, as a share of their spread."""
log = log_of("recorded_step")


class RecordedStep:
    """A decoder's step recorded as one CUDA graph, so that Python does not launch a thousand kernels each time.

    It writes into the rooms of a cache, which must stay where they are. On a processor it is the plain step: what is
    recorded on a card is the very same code. A card that cannot record it, or plays it wrong, does without.
    """

    def __init__(self, torch: Any, model: Any, rooms: Sequence[tuple[Any, Any]], *, record: bool) -> None:
        """`rooms` are the keys and values of each layer, all their rows."""
        self._torch, self._model = torch, model
        keys = rooms[0][0]
        self._ids = torch.zeros((1, 1), dtype=torch.long, device=keys.device)
        self._place = torch.zeros((1, 1), dtype=torch.long, device=keys.device)
        self._hidden: float = torch.finfo(keys.dtype).min
        self._mask = torch.full((1, 1, 1, keys.shape[-2]), self._hidden, dtype=keys.dtype, device=keys.device)
        self._cache = _in_place(rooms, self._place)
        self._record = record
        self._graph: Any = None
        self._played: Any = None
        """Where the recording leaves its logits."""

    def __call__(self, token: int, place: int) -> Any:
        """Return the (words) logits after this token in this row; it sees all rows before it, none after it."""
        self._ids.fill_(token)
        self._place.fill_(place)
        self._mask[..., : place + 1] = 0.0
        self._mask[..., place + 1 :] = self._hidden
        if self._graph is None and self._record:
            self._record = False
            self._recorded()
        if self._graph is None:
            return self._step().float()
        self._graph.replay()
        return self._played.float()

    def _step(self) -> Any:
        made = self._model(
            self._ids,
            attention_mask=self._mask,
            position_ids=self._place,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return made.logits[0, -1]

    def _recorded(self) -> None:
        """Run three times so that every kernel is loaded, then record the fourth run and compare it."""
        torch = self._torch
        try:
            aside = torch.cuda.Stream()
            aside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(aside):
                for _ in range(_WARM_UPS):
                    plain = self._step().float().clone()
            torch.cuda.current_stream().wait_stream(aside)
            graph = torch.cuda.CUDAGraph()
            # Other threads of ours may ask the card for its memory meanwhile.
            with torch.cuda.graph(graph, capture_error_mode="thread_local"):
                self._played = self._step()
            graph.replay()
            away = float((self._played.float() - plain).abs().max() / (plain.std() + 1e-6))
        except RuntimeError as error:
            log.warning("step_not_recorded", why=str(error).splitlines()[0])
            self._played = None
            return
        if away > _NEAR:
            log.warning("step_not_recorded", why=f"its logits lie {away:.3f} away")
            self._played = None
            return
        self._graph = graph


def _in_place(rooms: Sequence[tuple[Any, Any]], place: Any) -> Any:
    """Return a cache whose layers write one row where `place` says and show all of their rows."""
    from transformers.cache_utils import Cache, DynamicLayer

    row = place.view(-1)

    class InPlace(DynamicLayer):  # type: ignore[misc]  # - the library's classes have no types here
        """A layer's cache that never grows, so that nothing of it moves."""

        def __init__(self, keys: Any, values: Any) -> None:
            super().__init__()
            self.keys, self.values = keys, values
            self.dtype, self.device, self.is_initialized = keys.dtype, keys.device, True

        def update(self, key_states: Any, value_states: Any, *_: Any, **__: Any) -> tuple[Any, Any]:
            self.keys.index_copy_(-2, row, key_states)
            self.values.index_copy_(-2, row, value_states)
            return self.keys, self.values

    return Cache(layers=[InPlace(keys, values) for keys, values in rooms])
