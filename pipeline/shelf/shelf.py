"""The only owner of loaded models."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pipeline.cancelled import Cancelled
from pipeline.errors import TaleError, TooBig, Unserved, Unwell
from pipeline.log import log_of
from pipeline.shelf.budget import Budget
from pipeline.shelf.turnstile import Errand, Turnstile
from pipeline.words.at_work import AtWork, DeviceUse, Loaded

R = TypeVar("R")
log = log_of("shelf")


@dataclass(frozen=True)
class Offer:
    """A model that could serve a role."""

    model: str
    """Its id in data/models.toml."""
    device: str
    """`cpu`, `cuda:0`."""
    memory_mb: float
    """The manifest's guess."""
    open: Callable[[], Any]
    """Loads it; the result has `close()`."""


@dataclass
class Device:
    """A place where models live, with its budget and its gate."""

    budget: Budget
    turnstile: Turnstile = field(default_factory=Turnstile)


@dataclass
class _Held:
    model: str
    device: str
    backend: Any
    memory_mb: float
    pins: int = 0
    used: int = 0


class Shelf:
    """Models come warm or are loaded; the least recently used leaves before its device would be over budget."""

    def __init__(
        self, offers: Callable[[type[Any], Mapping[str, str]], Sequence[Offer]], devices: Mapping[str, Device]
    ) -> None:
        self._offers = offers
        self._devices = devices
        self._held: dict[str, _Held] = {}
        self._lock = threading.RLock()
        self._clock = 0
        self.used: dict[str, str] = {}
        """Role to the id of the model that served it last."""
        self.held_s: dict[str, float] = {}
        """Role to the seconds it was borrowed, loading apart."""
        self.busy_s = 0.0
        """Seconds in which any model was borrowed: the time inside models, side by side or not."""
        self._busy_since_s = 0.0
        self._borrowers = 0
        self.load_s = 0.0
        """Seconds spent on loading."""

    @contextmanager
    def borrow(self, role: type[R], check: Cancelled, errand: Errand | None = None, **needs: str) -> Iterator[R]:
        """The first offer that can be loaded; raises the first offer's own error where none can."""
        offers = self._offers(role, needs)
        if not offers:
            raise Unserved("role_unserved", role=role.__name__, **needs)
        gate = self._devices[offers[0].device].turnstile
        with gate.passing(offers[0].model, errand or Errand(), check):
            held = self._first_that_loads(offers)
            self.used[role.__name__] = held.model
            since_s = self._begin()
            try:
                yield held.backend
            finally:
                self._end(held, role.__name__, since_s)

    def evict_all(self) -> None:
        """Free every model that nobody holds; after out-of-memory, before the one leaner try."""
        with self._lock:
            for held in [one for one in self._held.values() if not one.pins]:
                self._evict(held)

    def close(self) -> None:
        """Free everything, held or not."""
        with self._lock:
            for held in list(self._held.values()):
                self._evict(held)

    @property
    def warm(self) -> tuple[str, ...]:
        """Ids of the loaded models, the longest unused first."""
        return tuple(held.model for held in sorted(self._held.values(), key=lambda one: one.used))

    def at_work(self, at: float) -> AtWork:
        """What is loaded now; of the devices those that hold something."""
        held = list(self._held.values())
        loaded = tuple(Loaded(one.model, one.device, round(one.memory_mb, 1), one.pins > 0) for one in held)
        budgets = {name: self._devices[name].budget for name in sorted({one.device for one in held})}
        devices = tuple(DeviceUse(name, round(one.used_mb(), 1), one.most_mb) for name, one in budgets.items())
        return AtWork(at, loaded, devices)

    def _begin(self) -> float:
        with self._lock:
            now_s = time.perf_counter()
            if not self._borrowers:
                self._busy_since_s = now_s
            self._borrowers += 1
            return now_s

    def _end(self, held: _Held, role: str, since_s: float) -> None:
        with self._lock:
            now_s = time.perf_counter()
            held.pins -= 1
            self._borrowers -= 1
            self.held_s[role] = self.held_s.get(role, 0.0) + now_s - since_s
            if not self._borrowers:
                self.busy_s += now_s - self._busy_since_s

    def _first_that_loads(self, offers: Sequence[Offer]) -> _Held:
        first: TaleError | None = None
        for offer in offers:
            try:
                return self._load(offer)
            except TaleError as error:
                first = first or error
                log.warning("model_passed_over", passed=offer.model, why=str(error))
        assert first is not None
        raise first

    def _load(self, offer: Offer) -> _Held:
        with self._lock:
            self._clock += 1
            held = self._held.get(offer.model)
            fresh = held is None
            if held is None:
                held = self._held[offer.model] = self._open(offer)
            held.pins += 1
            if fresh:
                self._trim(offer.device)
            held.used = self._clock
            return held

    def _open(self, offer: Offer) -> _Held:
        budget = self._devices[offer.device].budget
        self._make_room(offer, budget)
        before_mb = budget.used_mb()
        since_s = time.perf_counter()
        try:
            backend = offer.open()
        except MemoryError:
            self.evict_all()
            try:
                backend = offer.open()
            except MemoryError as error:
                raise TooBig("memory_short", model=offer.model, needs_mb=round(offer.memory_mb)) from error
        except OSError as error:
            raise Unwell("model_unreadable", model=offer.model, why=str(error)) from error
        memory_mb = budget.measured(offer.model, before_mb)
        self.load_s += time.perf_counter() - since_s
        log.info("model_loaded", model=offer.model, device=offer.device, memory_mb=round(memory_mb))
        return _Held(offer.model, offer.device, backend, memory_mb)

    def _make_room(self, offer: Offer, budget: Budget) -> None:
        """Evict the longest unused until it fits; what is pinned stays, so a borrow inside a borrow may not fit."""
        needs_mb = budget.guess_mb(offer.model, offer.memory_mb)
        while self._together_mb(offer.device) + needs_mb > budget.most_mb:
            loose = [one for one in self._held.values() if one.device == offer.device and not one.pins]
            if not loose:
                raise TooBig(
                    "budget_short", model=offer.model, needs_mb=round(needs_mb), budget_mb=round(budget.most_mb)
                )
            self._evict(min(loose, key=lambda one: one.used))

    def _trim(self, device: str) -> None:
        """A guess was too small: the longest unused make good for it at once."""
        while self._together_mb(device) > self._devices[device].budget.most_mb:
            loose = [one for one in self._held.values() if one.device == device and not one.pins]
            if not loose:
                return
            self._evict(min(loose, key=lambda one: one.used))

    def _together_mb(self, device: str) -> float:
        return sum(held.memory_mb for held in self._held.values() if held.device == device)

    def _evict(self, held: _Held) -> None:
        del self._held[held.model]
        held.backend.close()
        held.backend = None
        gc.collect()
        log.info("model_evicted", model=held.model, device=held.device)
