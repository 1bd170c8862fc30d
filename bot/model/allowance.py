"""How often one person may ask for what is costly: a sliding window of a minute. Pure."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil

WINDOW_SECONDS = 60
# Of all people together; each takes some fifty bytes.
MOST_KEPT = 20_000


@dataclass
class Allowance:
    """When each person asked of late, by a key that names them; whoever asked last comes last.

    Bounded: people who have not asked for a minute are forgotten, and beyond `kept` questions
    those whose last one is the longest ago.
    """

    kept: int = MOST_KEPT
    _asked: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _count: int = 0

    def take(self, who: str, most: int, now: datetime) -> int:
        """0 where `who` may ask once more, which counts; else in how many seconds they may.

        At most `most` times within a minute. Being refused does not count.
        """
        moment = now.timestamp()
        mine = self._asked.get(who) or deque()
        while mine and not _counts(mine[0], moment):
            mine.popleft()
            self._count -= 1
        if len(mine) >= most:
            return max(1, ceil(mine[-most] + WINDOW_SECONDS - moment))
        mine.append(moment)
        self._count += 1
        self._asked[who] = mine
        self._asked.move_to_end(who)
        self._forget(moment)
        return 0

    @property
    def people(self) -> int:
        """How many people are remembered."""
        return len(self._asked)

    def _forget(self, moment: float) -> None:
        while len(self._asked) > 1:
            last = next(iter(self._asked.values()))[-1]
            if _counts(last, moment) and self._count <= self.kept:
                return
            _who, gone = self._asked.popitem(last=False)
            self._count -= len(gone)


def _counts(asked: float, moment: float) -> bool:
    """Within the last minute; what a clock that was set back has ahead of it counts no more."""
    return moment - WINDOW_SECONDS < asked <= moment
