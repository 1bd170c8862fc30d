"""Whether Discord may have done what it was asked, although its last answer says otherwise.

discord.py tries a request again, unasked, where Discord has a fault of its own. What came before
that may have arrived; what becomes of the last try says nothing of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Tries:
    """The tries at one message; `unsure` once one of them may have arrived."""

    unsure = False


_tries: ContextVar[Tries | None] = ContextVar("tries", default=None)


@contextmanager
def tries() -> Iterator[Tries]:
    """The tries of all requests that this task makes until the context ends."""
    made = Tries()
    before = _tries.set(made)
    try:
        yield made
    finally:
        _tries.reset(before)


def doubt() -> None:
    """The try that has just ended may have arrived."""
    made = _tries.get()
    if made is not None:
        made.unsure = True
