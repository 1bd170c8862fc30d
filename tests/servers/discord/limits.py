"""Rate limits: 50 requests in any second over all, and buckets of single routes."""

from collections import deque
from dataclasses import dataclass, field
from math import ceil
from random import Random

Headers = dict[str, str]


@dataclass
class Limits:
    """How many requests are let through.

    `requests` within any `seconds`, counted by arrival; within a bucket (a route's name and
    a channel), `buckets[name]` is how many from its first request on within how many seconds.
    """

    requests: int = 50
    seconds: float = 1.0
    buckets: dict[str, tuple[int, float]] = field(
        default_factory=lambda: {"post message": (5, 5.0), "edit message": (5, 5.0)}
    )
    _let_in: deque[float] = field(default_factory=deque)
    _open: dict[tuple[str, int], list[float]] = field(default_factory=dict)

    def over_all(self, now: float) -> float:
        """Let a request in and return 0, or return the seconds to wait. `now` in seconds."""
        let_in = self._let_in
        while let_in and now - let_in[0] >= self.seconds:
            let_in.popleft()
        if len(let_in) >= self.requests:
            oldest = let_in[-self.requests] if self.requests else now
            return max(0.001, self.seconds - (now - oldest))
        let_in.append(now)
        return 0.0

    def bucket(self, name: str, channel: int, now: float, wall: float) -> tuple[float, Headers]:
        """The seconds to wait, 0 if let in, and the headers that tell of the bucket."""
        if name not in self.buckets:
            return 0.0, {}
        most, seconds = self.buckets[name]
        state = self._open.get((name, channel))
        if state is None or now - state[0] >= seconds:
            state = self._open[(name, channel)] = [now, 0]
        left = seconds - (now - state[0])
        over = state[1] >= most
        if not over:
            state[1] += 1
        # Rounded up, so that who waits exactly so long is not a moment early.
        after = ceil(left * 1000) / 1000
        headers = {
            "X-RateLimit-Bucket": f"{abs(hash_of(name)):08x}",
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(int(most - state[1])),
            "X-RateLimit-Reset": f"{wall + left:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
        }
        return (after if over else 0.0), headers


def told_to_wait(seconds: float, *, over_all: bool) -> tuple[dict[str, object], Headers]:
    """The body and headers of a 429, rounded up to the millisecond."""
    wait = ceil(seconds * 1000) / 1000
    body: dict[str, object] = {"message": "You are being rate limited.", "retry_after": wait}
    headers = {"Via": "1.1 google", "Retry-After": f"{wait:.3f}", "X-RateLimit-Scope": "user"}
    if over_all:
        headers |= {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
    return {**body, "global": over_all}, headers


def hash_of(name: str) -> int:
    """A number for a route's name that is the same in every run."""
    value = 0
    for character in name:
        value = (value * 131 + ord(character)) % 2**32
    return value


@dataclass
class Latency:
    """How long requests take, in seconds, half of it before the arrival counts and half after."""

    seconds: float = 0.0
    jitter: float = 0.0
    random: Random = field(default_factory=lambda: Random(1))

    def drawn(self) -> float:
        """One way of one request."""
        if not self.seconds and not self.jitter:
            return 0.0
        return max(0.0, (self.seconds + self.random.uniform(-self.jitter, self.jitter)) / 2)
