"""How often Slack may be asked; everything is off until a test switches it on."""

from collections import defaultdict, deque

from tests.servers.slack.refusals import limited

HISTORY_MOST = 15


class Limits:
    """`per_channel_seconds`: one message to a channel in so many seconds, 0 for no limit.

    `per_minute`: so many messages in a workspace in any minute, 0 for no limit. `slow_history`:
    history and replies once a minute, 15 messages at most, as for apps outside of the
    Marketplace. `per_method[name]`: so many calls of a method in any minute.
    """

    def __init__(self) -> None:
        self.per_channel_seconds = 0.0
        self.per_minute = 0
        self.slow_history = False
        self.per_method: dict[str, int] = {}
        self._channels: dict[tuple[str, str], float] = {}
        self._minutes: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def message(self, team: str, channel: str, now: float) -> None:
        """Count a message, or refuse it."""
        key = team, channel
        wait = self._channels.get(key, float("-inf")) + self.per_channel_seconds - now
        if self.per_channel_seconds and wait > 0:
            raise limited(wait)
        if self.per_minute:
            self._minute((team, "messages"), self.per_minute, now)
        self._channels[key] = now

    def call(self, team: str, method: str, now: float) -> None:
        """Count a call, or refuse it."""
        if self.slow_history and method in ("conversations.history", "conversations.replies"):
            self._minute((team, method), 1, now)
        if method in self.per_method:
            self._minute((team, method), self.per_method[method], now)

    def _minute(self, key: tuple[str, str], most: int, now: float) -> None:
        times = self._minutes[key]
        while times and times[0] <= now - 60:
            times.popleft()
        if len(times) >= most:
            raise limited(times[0] + 60 - now)
        times.append(now)
