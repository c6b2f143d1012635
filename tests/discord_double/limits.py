"""Rate limits: buckets, the global one, bans."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from tests.discord_double.clock import Clock

GLOBAL_MOST, GLOBAL_PER_S = 50, 1.0
INVALID_MOST, INVALID_PER_S = 10_000, 600.0
COMMON = (50, 1.0)
# Discord publishes none of these; they are what its headers were seen to say, and may change any day.
BUCKETS = {
    "send": (5, 5.0),
    "edit": (5, 5.0),
    "delete": (5, 1.0),
    "react": (1, 0.25),
    "commands": (200, 86_400.0),
    "webhook": (5, 2.0),
    "voice-status": (5, 5.0),
}


@dataclass
class Verdict:
    """Whether a request may pass, and what its headers say."""

    headers: dict[str, str]
    retry_after_s: float = 0.0
    everywhere: bool = False  # the global limit, not a bucket's

    @property
    def passes(self) -> bool:
        return self.retry_after_s <= 0


@dataclass
class Bucket:
    """So many requests in so many seconds, the window opened by the first."""

    most: int
    per_s: float
    used: int = 0
    resets_s: float = 0.0


@dataclass
class Limits:
    """Counts requests as Discord does; `buckets` may be changed by a test."""

    clock: Clock
    buckets: dict[str, tuple[int, float]] = field(default_factory=lambda: dict(BUCKETS))
    most_in_all: int = GLOBAL_MOST
    counting: bool = True  # False: for tests of something else, which need not wait
    refused: int = 0  # how many requests met a 429
    _open: dict[str, Bucket] = field(default_factory=dict)
    _in_all: dict[int, Bucket] = field(default_factory=dict)
    _invalid: deque[float] = field(default_factory=deque)

    def ask(self, caller_id: int, bucket: str, major: str, *, counts_globally: bool) -> Verdict:
        """May this request pass? `major` is the channel, guild or webhook that has the bucket to itself."""
        if not self.counting:
            return Verdict({})
        now_s = self.clock.now_s()
        if counts_globally:
            in_all = self._in_all.setdefault(caller_id, Bucket(self.most_in_all, GLOBAL_PER_S))
            in_all.most = self.most_in_all
            wait_s = self._take(in_all, now_s)
            if wait_s:
                self.refused += 1
                headers = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
                return Verdict(headers, self.clock.real_s(wait_s), everywhere=True)
        most, per_s = self.buckets.get(bucket, COMMON)
        mine = self._open.setdefault(f"{caller_id}:{bucket}:{major}", Bucket(most, per_s))
        wait_s = self._take(mine, now_s)
        self.refused += bool(wait_s)
        return Verdict(self._headers(mine, bucket, now_s, refused=bool(wait_s)), self.clock.real_s(wait_s))

    def note_invalid(self) -> None:
        """Count a 401, 403 or 429; ten thousand in ten minutes are a ban."""
        self._invalid.append(self.clock.now_s())

    @property
    def banned(self) -> bool:
        since_s = self.clock.now_s() - INVALID_PER_S
        while self._invalid and self._invalid[0] < since_s:
            self._invalid.popleft()
        return len(self._invalid) >= INVALID_MOST

    def _take(self, bucket: Bucket, now_s: float) -> float:
        if now_s >= bucket.resets_s:
            bucket.used, bucket.resets_s = 0, now_s + bucket.per_s
        if bucket.used >= bucket.most:
            return bucket.resets_s - now_s
        bucket.used += 1
        return 0.0

    def _headers(self, bucket: Bucket, name: str, now_s: float, *, refused: bool) -> dict[str, str]:
        after_s = self.clock.real_s(bucket.resets_s - now_s)
        headers = {
            "X-RateLimit-Limit": str(bucket.most),
            "X-RateLimit-Remaining": str(bucket.most - bucket.used),
            "X-RateLimit-Reset": f"{bucket.resets_s:.3f}",
            "X-RateLimit-Reset-After": f"{after_s:.3f}",
            "X-RateLimit-Bucket": name,
        }
        return headers | ({"X-RateLimit-Scope": "user"} if refused else {})
