"""How soon Slack may be told the next thing: a message a second to a channel, so many a minute to
a workspace. Pure: moments are seconds of any one clock.

Slack counts messages as they arrive, which nobody here sees. What is known is when an answer came:
the message had arrived by then, and the next one arrives after it has left. So a slot is free again
some time after its last answer, and whatever the event loop does, no two arrive closer together.
"""

from dataclasses import dataclass
from heapq import heappop, heappush, nsmallest
from math import inf

# A workspace's minute is dealt out in spans, so that nobody waits for a slot much longer than that.
SPAN_SECONDS = 5.0
CHANNELS_KEPT = 1_000
# Clocks are not infinitely fine.
MARGIN_SECONDS = 0.001


class Slots:
    """So many messages in any `per` seconds.

    Whoever takes a slot says once how that ended, by `ended` or `unused`.
    """

    def __init__(self, limit: int, per: float) -> None:
        self.per = per
        self._limit = limit
        self._new, self._taken = limit, 0
        self._free: list[float] = []
        self.held_until = -inf

    def due(self) -> float:
        """From when on a slot may be taken; infinity while each carries a message."""
        if self._new:
            return self.held_until
        return max(self._free[0], self.held_until) if self._free else inf

    def wait(self, ahead: int, now: float) -> float:
        """About how many seconds until a slot is free for one behind `ahead` others."""
        place = ahead - self._new
        if place < 0:
            free = now
        elif place < len(self._free):
            free = nsmallest(place + 1, self._free)[-1]
        else:
            # Behind messages that are on their way, or that are yet to leave.
            rounds = 1 + (place - len(self._free)) // self._limit
            free = now + rounds * self.per
        return max(0.0, free - now, self.held_until - now)

    def take(self) -> float:
        """Take the slot that is due; what to give back to `unused` if nothing is sent."""
        self._taken += 1
        if self._new:
            self._new -= 1
            return -inf
        return heappop(self._free)

    def unused(self, taken: float) -> None:
        """Nothing was sent in this slot."""
        self._taken -= 1
        heappush(self._free, taken)

    def ended(self, end: float, *, answered: bool = True) -> None:
        """A message was answered at `end`, or given up then: it may arrive even later."""
        self._taken -= 1
        heappush(self._free, end + self.per * (1 if answered else 2) + MARGIN_SECONDS)

    def hold(self, until: float) -> None:
        """Free no slot before that moment."""
        self.held_until = max(self.held_until, until)

    def is_idle(self, now: float) -> bool:
        """Whether nothing that it remembers counts any more."""
        return not self._taken and self.held_until <= now and all(at <= now for at in self._free)


@dataclass(frozen=True, slots=True)
class Taken:
    """A slot of a channel and one of its workspace."""

    channel: str
    of_channel: float
    of_workspace: float


class Paces:
    """The paces of one workspace: of its channels, in all, and of methods."""

    def __init__(self, per_minute: int, per_channel: float) -> None:
        limit = max(1, int(per_minute * SPAN_SECONDS / 60))
        self._all = Slots(limit, max(SPAN_SECONDS, 60 / per_minute))
        self._per_channel = per_channel
        self._channels: dict[str, Slots] = {}
        self._methods: dict[str, float] = {}

    def wait(self, channel: str, ahead: int, now: float) -> float:
        """About how many seconds a message waits for its turn behind `ahead` others in all."""
        return max(self._all.wait(ahead, now), self._of(channel).wait(0, now))

    def due(self, channel: str) -> float:
        """From when on a message may leave for the channel."""
        return max(self._all.due(), self._of(channel).due())

    def held_until(self, channel: str) -> float:
        """Until when Slack has asked to send nothing there."""
        return max(self._all.held_until, self._of(channel).held_until)

    def take(self, channel: str, now: float) -> Taken | None:
        """A slot for a message to the channel, if it is due."""
        if self.due(channel) > now:
            return None
        return Taken(channel, self._of(channel).take(), self._all.take())

    def unused(self, taken: Taken) -> None:
        """Nothing was sent."""
        self._of(taken.channel).unused(taken.of_channel)
        self._all.unused(taken.of_workspace)

    def ended(self, taken: Taken, now: float, *, answered: bool = True) -> None:
        """A message was answered, or given up."""
        self._of(taken.channel).ended(now, answered=answered)
        self._all.ended(now, answered=answered)
        self._forget(now)

    def refused(self, channel: str, now: float, seconds: float) -> None:
        """Slack asks to wait, and does not say whether in this channel or in the workspace.

        It is taken for the channel's, unless another channel has been asked the same.
        """
        others = any(
            slots.held_until > now for name, slots in self._channels.items() if name != channel
        )
        self._of(channel).hold(now + seconds)
        if others:
            self._all.hold(now + seconds)

    def hold_method(self, method: str, now: float, seconds: float) -> None:
        """Slack asks to leave a method alone for so long."""
        self._methods[method] = max(self._methods.get(method, -inf), now + seconds)

    def method_due(self, method: str) -> float:
        """From when on a method may be called."""
        return self._methods.get(method, -inf)

    def _of(self, channel: str) -> Slots:
        found = self._channels.get(channel)
        if found is None:
            found = self._channels[channel] = Slots(1, self._per_channel)
        return found

    def _forget(self, now: float) -> None:
        if len(self._channels) > CHANNELS_KEPT:
            kept = {name: one for name, one in self._channels.items() if not one.is_idle(now)}
            self._channels = kept
