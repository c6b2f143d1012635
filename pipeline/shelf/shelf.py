"""The only owner of loaded models."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, Unpack

from pipeline.cancelled import Cancelled
from pipeline.errors import TaleError, TooBig, Unserved, Unwell
from pipeline.log import log_of
from pipeline.roles import Leanable, Needs
from pipeline.shelf.attic import Attic
from pipeline.shelf.budget import Budget
from pipeline.shelf.ladder import is_memory_short, let_go
from pipeline.shelf.turnstile import Errand, Turnstile
from pipeline.words.standing import AtWork, DeviceUse, Loaded

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
    """The manifest's estimate."""
    open: Callable[[], Any]
    """Loads it; the result has `close()`, and may have `lean()`, `doze()` and `wake()`."""
    work_mb: float = 0.0
    """Memory that it takes on top while it works."""
    lean: bool = False
    """It is to work in less memory, more slowly."""


@dataclass
class Device:
    """A processor or card for models, with its budget and its turnstile."""

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
    lean: bool = False


def _unhurried(_role: str, _needs: Needs) -> None:
    """Prefetch nothing."""


class Shelf:
    """Lends models, loading them at need; the least recently used is evicted before a device is over budget."""

    def __init__(
        self,
        offers: Callable[[type[Any], Needs], Sequence[Offer]],
        devices: Mapping[str, Device],
        attic: Attic | None = None,
        ahead: Callable[[str, Needs], None] = _unhurried,
    ) -> None:
        """`ahead` is called with the role that works now, and may prefetch the next one's weights."""
        self._offers = offers
        self._devices = devices
        self._attic = attic or Attic()
        self._ahead = ahead
        self._held: dict[str, _Held] = {}
        self._lock = threading.RLock()  # an out-of-memory evicts within a load
        self._clock = 0  # counts uses, for the order of eviction
        self.used: dict[str, str] = {}
        """Role to the id of the model that served it last."""
        self.held_s: dict[str, float] = {}
        """Role to the seconds it was borrowed, without loading."""
        self.busy_s = 0.0
        """Seconds in which any model was borrowed; overlapping borrows count once."""
        self._busy_since_s = 0.0
        self._borrowers = 0
        self.load_s = 0.0
        """Seconds spent on loading."""

    @contextmanager
    def borrow(
        self, role: type[R], check: Cancelled, errand: Errand | None = None, **needs: Unpack[Needs]
    ) -> Iterator[R]:
        """Lend the first offer that can be loaded; raises the first offer's own error where none can."""
        offers = self._offers(role, needs)
        if not offers:
            raise Unserved("role_unserved", role=role.__name__, **needs)
        # The first choice's device decides who waits: which offer will load is known only once it is tried.
        gate = self._devices[offers[0].device].turnstile
        with gate.passing(offers[0].model, errand or Errand(), check):
            held = self._first_that_loads(offers)
            self.used[role.__name__] = held.model
            since_s = self._begin()
            try:
                self._ahead(role.__name__, needs)
                yield held.backend
            finally:
                self._end(held, role.__name__, since_s)

    def evict_all(self) -> None:
        """Free every model that nobody holds; after out-of-memory, before the next try."""
        with self._lock:
            for held in [one for one in self._held.values() if not one.pins]:
                self._evict(held, for_good=True)
            self._attic.clear()

    def leave(self, device: str) -> None:
        """Free a device for other programs: models that nobody holds are parked in memory, where it allows."""
        with self._lock:
            for held in [one for one in self._held.values() if one.device == device and not one.pins]:
                self._evict(held)

    def close(self) -> None:
        """Free everything, held or not."""
        with self._lock:
            for held in list(self._held.values()):
                self._evict(held, for_good=True)
            self._attic.clear()

    @property
    def warm(self) -> tuple[str, ...]:
        """Ids of the loaded models, the longest unused first."""
        return tuple(held.model for held in sorted(self._held.values(), key=lambda one: one.used))

    @property
    def at_hand(self) -> tuple[str, ...]:
        """Ids of models that are loaded or parked in memory: no file of them needs to be read."""
        with self._lock:
            return (*self._held, *self._attic.resting)

    def at_work(self, at: float) -> AtWork:
        """Return what is loaded now, and the devices that hold something."""
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
            if held is not None:
                self._keep_room(held, offer)
            else:
                held = self._held[offer.model] = self._open(offer)
            if offer.lean and not held.lean:
                if isinstance(held.backend, Leanable):
                    held.backend.lean()
                held.lean = True
            # Pinned before the trim, which would else evict the very model that was loaded.
            held.pins += 1
            if fresh:
                self._trim(offer.device)
            held.used = self._clock
            return held

    def _open(self, offer: Offer) -> _Held:
        budget = self._devices[offer.device].budget
        self._make_room(offer, budget)
        budget.hold()
        before_mb = budget.used_mb()  # after the evictions: the difference is this model's alone
        since_s = time.perf_counter()
        backend = self._opened(offer)
        memory_mb = budget.measured(offer.model, before_mb)
        took_s = time.perf_counter() - since_s
        self.load_s += took_s
        log.info(
            "model_loaded", model=offer.model, device=offer.device, memory_mb=round(memory_mb), seconds=round(took_s, 2)
        )
        return _Held(offer.model, offer.device, backend, memory_mb)

    def _opened(self, offer: Offer) -> Any:
        """Wake it where it is parked, else load it; out of memory, evict all others and try once more."""
        try:
            rested = self._attic.woken(offer.model)
            return offer.open() if rested is None else rested
        except OSError as error:
            raise Unwell("model_unreadable", model=offer.model, why=str(error)) from error
        except (MemoryError, RuntimeError, TaleError) as error:
            if not is_memory_short(error):
                raise
            let_go(error)
        # Outside the except block: there the error's frames would still hold the failed model's tensors.
        self.evict_all()
        self._devices[offer.device].budget.give_back()
        try:
            return offer.open()
        except (MemoryError, RuntimeError) as error:
            if not is_memory_short(error):
                raise
            raise TooBig("memory_short", model=offer.model, needs_mb=round(offer.memory_mb)) from None
        finally:
            self._devices[offer.device].budget.give_back()

    def _make_room(self, offer: Offer, budget: Budget) -> None:
        """Evict the longest unused until it fits; pinned models stay, so a borrow within a borrow may not fit."""
        needs_mb = budget.guess_mb(offer.model, offer.memory_mb) + offer.work_mb
        limit_mb = budget.limit_mb
        loose = self._loose(offer.device)
        if self._together_mb(offer.device) - sum(one.memory_mb for one in loose) + needs_mb > limit_mb:
            # The profile allows it, but the card has less free: other programs hold the rest.
            code = "card_full" if limit_mb < budget.most_mb else "budget_short"
            raise TooBig(code, model=offer.model, needs_mb=round(needs_mb), budget_mb=round(limit_mb))
        while loose and self._together_mb(offer.device) + needs_mb > limit_mb:
            self._evict(loose.pop(0))

    def _keep_room(self, held: _Held, offer: Offer) -> None:
        """Make room for a loaded model to work in: other programs may have taken the card's memory since."""
        budget = self._devices[offer.device].budget
        while (room_mb := budget.room_mb()) < self._together_mb(offer.device) + offer.work_mb:
            loose = [one for one in self._loose(offer.device) if one is not held]
            if not loose and held.pins:
                return
            self._evict(loose[0] if loose else held)
            if not loose:
                needs_mb = held.memory_mb + offer.work_mb
                raise TooBig("card_full", model=offer.model, needs_mb=round(needs_mb), budget_mb=round(room_mb))
        budget.hold()

    def _trim(self, device: str) -> None:
        """Evict the longest unused where a model took more than was estimated."""
        while self._together_mb(device) > self._devices[device].budget.limit_mb and (loose := self._loose(device)):
            self._evict(loose[0])

    def _loose(self, device: str) -> list[_Held]:
        """Return models there that nobody holds, the longest unused first."""
        loose = [one for one in self._held.values() if one.device == device and not one.pins]
        return sorted(loose, key=lambda one: one.used)

    def _together_mb(self, device: str) -> float:
        return sum(held.memory_mb for held in self._held.values() if held.device == device)

    def _evict(self, held: _Held, *, for_good: bool = False) -> None:
        del self._held[held.model]
        at_home = held.device == "cpu"  # it lies in the machine's memory already
        if for_good or at_home or not self._attic.took(held.model, held.backend, held.memory_mb):
            held.backend.close()
        held.backend = None
        self._devices[held.device].budget.give_back()
        log.info("model_evicted", model=held.model, device=held.device)
