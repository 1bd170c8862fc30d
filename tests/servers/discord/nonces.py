"""The memory of nonces: for a few minutes a message sent again with its nonce is the same one."""

from collections import deque

from tests.servers.discord.clock import Clock
from tests.servers.discord.messages import Message


class Nonces:
    """Messages by nonce, for `seconds` by a clock that a test can advance."""

    def __init__(self, clock: Clock, seconds: float = 300) -> None:
        self.seconds = seconds
        self._clock = clock
        self._known: dict[str, Message] = {}
        self._ages: deque[tuple[float, str]] = deque()

    def get(self, nonce: str) -> Message | None:
        """The message with this nonce, if it is remembered still."""
        oldest = self._clock.now() - self.seconds
        while self._ages and self._ages[0][0] < oldest:
            self._known.pop(self._ages.popleft()[1], None)
        return self._known.get(nonce)

    def remember(self, nonce: str, message: Message) -> None:
        """Note a nonce that `get` did not know."""
        self._known[nonce] = message
        self._ages.append((self._clock.now(), nonce))
