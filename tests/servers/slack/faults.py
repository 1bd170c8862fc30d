"""What goes wrong, on which methods, and how often."""

import asyncio
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tests.servers.slack.refusals import RefusedError


@dataclass
class Fault:
    """One thing that goes wrong on methods that `method` matches ("chat.*" is a pattern).

    Instead of an answer: a `refusal`; or a page of this `text`; or these bytes as `body`, said to
    be JSON; or, with `lost`, all is done and then the connection is reset; or, with `hang`,
    nothing is done (with `done`: all is done) and there is no answer before `release()`. `times`
    is how often (None: for ever); `met` counts.
    """

    method: str
    refusal: RefusedError | None = None
    lost: bool = False
    hang: bool = False
    done: bool = False
    text: str | None = None
    body: bytes | None = None
    times: int | None = 1
    met: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)
    loop: asyncio.AbstractEventLoop | None = None

    def release(self) -> None:
        """Let what hangs go on, from any thread."""
        self.times = self.met
        if self.loop is None:
            self.released.set()
        else:
            self.loop.call_soon_threadsafe(self.released.set)


@dataclass
class Faults:
    """The faults that are set; the first that matches and is not used up is met."""

    set: list[Fault] = field(default_factory=list)

    def meets(self, method: str) -> Fault | None:
        """The fault that a call of this method meets, which counts as met."""
        for fault in self.set:
            if fnmatchcase(method, fault.method) and (
                fault.times is None or fault.met < fault.times
            ):
                fault.met += 1
                return fault
        return None

    def release(self) -> None:
        """Let everything that hangs go on."""
        for fault in self.set:
            fault.released.set()
