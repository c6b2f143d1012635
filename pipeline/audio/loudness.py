"""Loudness as ITU-R BS.1770-4 hears it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from pipeline.words.sound import RATE_HZ, Samples

SILENCE_LUFS = -120.0
"""Loudness of a sound without any energy."""
HOP = RATE_HZ // 10
"""Energies are kept per 100 ms; four of them are one gating block of 400 ms, three quarters shared."""
_BLOCK_HOPS = 4
_ABSOLUTE_GATE_LUFS, _RELATIVE_GATE_LU = -70.0, -10.0
_OFFSET_DB = -0.691
# The two sections of the K curve at 48 kHz, as the recommendation prints them: (b0, b1, b2, a1, a2).
_SHELF = (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585)
_HIGH_PASS = (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621)
_RUN, _MANY = 48, 10
"""Samples filtered by one matrix product; ten such runs make a group and ten groups a hop.

A filter in numpy alone is fastest as a product with its own response; products this small stay on one thread."""

Energies = npt.NDArray[np.float64]
"""Mean square after K-weighting, channels summed, per 100 ms."""


class Meter:
    """Measures blocks of any size, stereo or mono, holding at most a tenth of a second of them."""

    def __init__(self) -> None:
        self._energies: list[Energies] = []
        self._left: Samples | None = None
        self._states: npt.NDArray[np.float32] | None = None

    def add(self, samples: Samples) -> None:
        """Add the next samples, (n,) or (n, channels)."""
        block = samples[:, None] if samples.ndim == 1 else samples
        if self._left is not None and len(self._left):
            block = np.concatenate([self._left, block])
        whole = len(block) // HOP * HOP
        self._left = block[whole:].copy()
        if whole:
            energies, self._states = _energies(block[:whole], self._states)
            self._energies.append(energies)

    @property
    def energies(self) -> Energies:
        """One value per whole tenth of a second so far."""
        return np.concatenate(self._energies) if self._energies else np.zeros(0)

    @property
    def lufs(self) -> float:
        """Integrated loudness so far."""
        return integrated(self.energies)


def integrated(energies: Energies) -> float:
    """Return the LUFS of what passes both gates; SILENCE_LUFS where nothing does."""
    shared = np.full(min(_BLOCK_HOPS, max(1, len(energies))), 1.0)
    blocks = np.convolve(energies, shared / len(shared), "valid") if len(energies) else energies
    loud = blocks[blocks > _energy(_ABSOLUTE_GATE_LUFS)]
    if not len(loud):
        return SILENCE_LUFS
    gate = loud.mean() * 10 ** (_RELATIVE_GATE_LU / 10)
    return _lufs(float(loud[loud > gate].mean()))


def loudness(samples: Samples) -> float:
    """Return the LUFS of a whole sound; one too short for gating is measured by its weighted mean square."""
    if len(samples) >= _BLOCK_HOPS * HOP:
        meter = Meter()
        meter.add(samples)
        return meter.lufs
    return loudness_ungated(samples)


def loudness_ungated(samples: Samples) -> float:
    """Return the LUFS of everything in it, pauses included."""
    if not len(samples):
        return SILENCE_LUFS
    hops = -(-len(samples) // HOP)
    padded = np.zeros((hops * HOP, 1 if samples.ndim == 1 else samples.shape[1]), np.float32)
    padded[: len(samples)] = samples[:, None] if samples.ndim == 1 else samples
    energies, _ = _energies(padded, None)
    return _lufs(float(energies.sum()) * HOP / len(samples))


def _lufs(energy: float) -> float:
    return _OFFSET_DB + 10 * float(np.log10(energy)) if energy > _energy(SILENCE_LUFS) else SILENCE_LUFS


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_DB) / 10))


def _energies(block: Samples, states: npt.NDArray[np.float32] | None) -> tuple[Energies, npt.NDArray[np.float32]]:
    """Return energies of whole hops, and the filters' states after them, a row for each channel."""
    filters = _filters()
    channels, hops = block.shape[1], len(block) // HOP
    runs = np.ascontiguousarray(block.T).reshape(channels * hops, _MANY * _MANY, _RUN)
    pushed = (runs @ filters.push).reshape(channels * hops, _MANY, _MANY * 4)
    groups = (pushed @ filters.runs.to_end).reshape(channels * hops, _MANY * 4)
    ends = (groups @ filters.groups.to_end).reshape(channels, hops, 4)
    # The high-pass has forgotten all but 1e-10 of a state after one hop, so a hop's start is the hop before it alone.
    starts = np.empty_like(ends)
    starts[:, 1:] = ends[:, :-1]
    starts[:, 0] = 0 if states is None else states
    of_groups = groups @ filters.groups.to_starts + starts.reshape(-1, 4) @ filters.groups.from_start
    of_runs = pushed @ filters.runs.to_starts + of_groups.reshape(-1, _MANY, 4) @ filters.runs.from_start
    heard = runs @ filters.response + of_runs.reshape(-1, _MANY * _MANY, 4) @ filters.ringing
    squared = np.einsum("hrs,hrs->h", heard, heard).reshape(channels, hops)
    return squared.sum(axis=0, dtype=np.float64) / HOP, np.asarray(ends[:, -1], np.float32)


@dataclass(frozen=True)
class _Chain:
    """Ten stretches in a row, as matrices over what each adds to a state of four numbers."""

    to_starts: npt.NDArray[np.float32]
    """(40, 40): to the state before each stretch."""
    to_end: npt.NDArray[np.float32]
    """(40, 4): to the state behind the last."""
    from_start: npt.NDArray[np.float32]
    """(4, 40): from the state before the first to the state before each."""


@dataclass(frozen=True)
class _Filters:
    """The K curve over runs of samples."""

    response: npt.NDArray[np.float32]
    """(run, run): what a run gives from rest."""
    ringing: npt.NDArray[np.float32]
    """(4, run): what a state gives."""
    push: npt.NDArray[np.float32]
    """(run, 4): what a run adds to the state."""
    runs: _Chain
    groups: _Chain


@cache
def _filters() -> _Filters:
    impulse, after = _walk([1.0] + [0.0] * (_RUN - 1), (0.0,) * 4)
    response = np.array([[impulse[to - at] if to >= at else 0.0 for to in range(_RUN)] for at in range(_RUN)])
    rings = [_walk([0.0] * _RUN, tuple(float(one == other) for other in range(4))) for one in range(4)]
    ringing = np.array([heard for heard, _ in rings])
    step = np.array([states[-1] for _, states in rings])
    one_group = np.linalg.matrix_power(step, _MANY)
    return _Filters(_single(response), _single(ringing), _single(after[::-1]), _chain(step), _chain(one_group))


def _chain(step: npt.NDArray[np.float64]) -> _Chain:
    powers = [np.linalg.matrix_power(step, times) for times in range(_MANY)]
    to_starts = np.zeros((_MANY, 4, _MANY, 4))
    for at in range(_MANY):
        for to in range(at + 1, _MANY):
            to_starts[at, :, to] = powers[to - at - 1]
    flat = to_starts.reshape(_MANY * 4, _MANY * 4)
    return _Chain(_single(flat), _single(np.concatenate(powers[::-1])), _single(np.concatenate(powers, axis=1)))


def _single(matrix: npt.ArrayLike) -> npt.NDArray[np.float32]:
    return np.ascontiguousarray(matrix, dtype=np.float32)


def _walk(sound: list[float], state: tuple[float, ...]) -> tuple[list[float], list[tuple[float, ...]]]:
    """Run both sections sample by sample: returns the output, and the four numbers kept after each sample."""
    heard: list[float] = []
    states: list[tuple[float, ...]] = []
    for sample in sound:
        value, kept = sample, []
        for (b0, b1, b2, a1, a2), (first, second) in zip((_SHELF, _HIGH_PASS), (state[:2], state[2:]), strict=True):
            out = b0 * value + first
            kept += [b1 * value - a1 * out + second, b2 * value - a2 * out]
            value = out
        state = tuple(kept)
        heard.append(value)
        states.append(state)
    return heard, states
