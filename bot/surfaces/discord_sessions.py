"""How often sessions of Discord's gateway are begun: it allows a bot a thousand a day. Pure."""

from collections import deque

# Each of these is an hour's. A thousand in a day, and Discord makes the token worthless.
HOURLY, HOUR_SECONDS, LEAST_SECONDS = 30, 3600.0, 5.0


class Sessions:
    """When sessions were begun of late; moments are seconds of any one clock."""

    def __init__(self, hourly: int | None = None) -> None:
        self._hourly = HOURLY if hourly is None else hourly
        self._begun: deque[float] = deque()

    def wait(self, now: float, shards: int = 1) -> float:
        """Seconds until another one may be begun: five after the last, in the hour's measure.

        A bot of many shards may begin each of them twice in an hour.
        """
        while self._begun and now - self._begun[0] >= HOUR_SECONDS:
            self._begun.popleft()
        most = max(self._hourly, 2 * shards)
        if len(self._begun) >= most:
            return self._begun[-most] + HOUR_SECONDS - now
        return max(0.0, self._begun[-1] + LEAST_SECONDS - now) if self._begun else 0.0

    def begin(self, now: float) -> None:
        """One is begun."""
        self._begun.append(now)
