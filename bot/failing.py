"""What goes on failing, as the log tells of it: once, and once more when it works again."""

import logging
from datetime import datetime, timedelta

from bot.errors import UserError

# What has not failed for so long works again, where tries with nothing to do succeed in between.
WELL = timedelta(minutes=10)
# So many ways of failing are remembered.
_MOST = 20


class Failing:
    """Something that is tried again and again, whatever becomes of it.

    Each way in which it fails is said once until it works again: a disk that stays full must not
    fill the log as well. `fails` and `again` are the lines of the log, without their reason. It
    works again once a try succeeds `well` after the last failure, or at once.
    """

    def __init__(
        self, log: logging.Logger, fails: str, again: str, well: timedelta = timedelta(0)
    ) -> None:
        self._log, self._fails, self._again, self._well = log, fails, again, well
        self._ways: set[str] = set()
        self._last: datetime | None = None

    def failed(self, error: Exception, now: datetime) -> None:
        """A try failed."""
        self._last = now
        # What follows the first line may name a moment, and be another each time.
        first, _, _more = str(error).partition("\n")
        way = f"{type(error).__name__}: {first}"
        if way in self._ways:
            return
        if len(self._ways) >= _MOST:
            self._ways.clear()
        self._ways.add(way)
        # A sentence that says what to do needs no traceback.
        trace = None if isinstance(error, UserError) else error
        self._log.error("%s: %s", self._fails, error, exc_info=trace)

    def worked(self, now: datetime) -> None:
        """A try succeeded."""
        # A clock that was set back makes the last failure the later one.
        if self._last is not None and abs(now - self._last) >= self._well:
            self._last = None
            self._ways.clear()
            self._log.warning("%s", self._again)
