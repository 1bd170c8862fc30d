"""The program's pulse: notices that it stood still, or that the machine's clock was set."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.failing import Failing
from bot.services import Clock, Live

BEAT_SECONDS = 1.0
# A beat this much too late is a stall.
STALL_SECONDS = 1.0
# A clock that differs this much from what has passed was set; less is a clock being corrected.
JUMP = timedelta(seconds=10)
# Stalls are remembered for so long.
RECENT_SECONDS = 3600.0
# What was under way when the clock was set back ends by the time it began with: told again then.
AGAIN_SECONDS = (10.0, 60.0, 300.0)
# After a leap this far nothing is forgotten for a while: the clock may be wrong.
FAR, DOUBTFUL = timedelta(days=1), timedelta(days=1)
log = logging.getLogger(__name__)

# Told how far the clock was set (negative is back), and whether it was told so before, since what
# was under way may have ended by the old time. Where it raises anything, it is told again.
Jumped = Callable[[timedelta, bool], Awaitable[None]]


def jump(wall: timedelta, passed: float) -> timedelta:
    """How far a clock was set that shows `wall` more after `passed` seconds; zero if it was not."""
    by = wall - timedelta(seconds=passed)
    return by if abs(by) >= JUMP else timedelta(0)


@dataclass
class Pulse:
    """Beats once a second. `behind` is a jump that nobody has taken up yet.

    `replan` is called after the first try at each jump back, and after each that raises nothing:
    while `jumped` goes on raising it is called no more. It must raise nothing itself.
    """

    clock: Clock
    live: Live
    jumped: Jumped
    replan: Callable[[], None]
    beat_seconds: float = BEAT_SECONDS
    stall_seconds: float = STALL_SECONDS
    again_seconds: Sequence[float] = AGAIN_SECONDS
    behind: timedelta = timedelta(0)
    _again: list[tuple[float, timedelta]] = field(default_factory=list)
    _stalls: deque[tuple[float, float]] = field(default_factory=deque)
    _taking_up: Failing = field(
        default_factory=lambda: Failing(
            log, "what the clock's jump left behind cannot be put right yet",
            "what the clock's jump left behind is put right",
        )
    )  # fmt: skip

    async def beat(self) -> None:
        """Beat until cancelled."""
        loop = asyncio.get_running_loop()
        then, shown = loop.time(), self.clock.now()
        while True:
            await asyncio.sleep(self.beat_seconds)
            now, moment = loop.time(), self.clock.now()
            passed = now - then
            self._stalled(now, passed - self.beat_seconds)
            by = jump(moment - shown, passed)
            then, shown = now, moment
            if by:
                self._noticed(by, moment)
                self.behind += by
                if by < timedelta(0):
                    self._again += [(now + seconds, by) for seconds in self.again_seconds]
                    self._again.sort()
            if self.behind:
                if await self._taken_up(self.behind, again=False, first=bool(by)):
                    self.behind = timedelta(0)
            elif (
                self._again
                and self._again[0][0] <= now
                and await self._taken_up(self._again[0][1], again=True)
            ):
                self._again.pop(0)

    def _stalled(self, now: float, seconds: float) -> None:
        while self._stalls and now - self._stalls[0][0] > RECENT_SECONDS:
            self._stalls.popleft()
        if seconds > self.stall_seconds:
            self._stalls.append((now, seconds))
            log.warning(
                "the program stood still for %.1f s; what was due meanwhile runs now", seconds
            )
        self.live.stalled_seconds = max((length for _at, length in self._stalls), default=0.0)

    def _noticed(self, by: timedelta, moment: datetime) -> None:
        if by > timedelta(0):
            log.warning("the clock went forward by %s, or the machine slept", spoken(by))
            if by >= FAR:
                self.live.doubtful_until = moment + DOUBTFUL
        else:
            log.warning(
                "the clock was set back by %s; what waited for it is due again", spoken(-by)
            )
            self.live.doubtful_until = None

    async def _taken_up(self, by: timedelta, *, again: bool, first: bool = False) -> bool:
        done = True
        try:
            await self.jumped(by, again)
            self._taking_up.worked(self.clock.now())
        except Exception as error:  # noqa: BLE001 - the database may be busy: tried again
            self._taking_up.failed(error, self.clock.now())
            done = False
        # Not before it is tried: what jobs store may hide from the next start how far the clock
        # had been. Nor only once it has worked: a disk may be full for long.
        if by < timedelta(0) and (done or first):
            self.replan()
        return done


def spoken(by: timedelta) -> str:
    """A length of time in whole units, as in "1 d 2 h", "5 min" or "12 s"."""
    seconds = round(by.total_seconds())
    units = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
    said = []
    for name, size in units:
        whole, seconds = divmod(seconds, size)
        if whole:
            said.append(f"{whole} {name}")
    return " ".join(said[:2]) or "0 s"
