"""Faults, ordered in advance."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Fault:
    """What befalls the next `times` requests of one method whose path begins or ends so."""

    method: str
    path: str  # a part of the path: "/messages"
    status: int  # 0: the connection is cut without an answer
    times: int = 1
    after: bool = False  # True: the deed is done, and only its answer is lost
    delay_s: float = 0.0


@dataclass
class Faults:
    """The faults that wait for their request."""

    waiting: list[Fault] = field(default_factory=list)

    def fail(self, method: str, path: str, status: int = 503, *, times: int = 1, after: bool = False) -> None:
        """Answer the next requests with `status`; `after` does what they ask first, 0 cuts the connection."""
        self.waiting.append(Fault(method, path, status, times, after))

    def slow(self, method: str, path: str, seconds: float, *, times: int = 1) -> None:
        """Let the next requests wait so many seconds of the double's clock."""
        self.waiting.append(Fault(method, path, 200, times, delay_s=seconds))

    def take(self, method: str, path: str) -> Fault | None:
        """The fault meant for this request, used up once."""
        for fault in self.waiting:
            if fault.method == method and fault.path in path:
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                return fault
        return None
