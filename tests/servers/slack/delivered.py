"""What was handed to the app, when it acknowledged it, and what it answered."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tests.servers.slack.responding import ResponseUrl
from tests.servers.slack.world import Json, View

if TYPE_CHECKING:
    from tests.servers.slack.core import Core

Kind = Literal["slash_commands", "interactive", "events_api"]
SECONDS = 3.0


@dataclass(eq=False)
class Delivered:
    """One thing that was delivered.

    `acked_after` is in seconds, None as long as it is not; `payload` is what the acknowledgement
    brought ({} for nothing); `sent` is what Slack sent; `response_url` takes responses. In HTTP
    mode `url` is where it went, `status` and `body` what came back.
    """

    server: "Core"
    kind: Kind
    sent: Json
    envelope_id: str = ""
    response_url: ResponseUrl | None = None
    view: View | None = None
    acked_after: float | None = None
    payload: Json = field(default_factory=dict)
    url: str | None = None
    status: int = 0
    body: str = ""

    @property
    def responses(self) -> list[Json]:
        """What was posted to the response_url, in order."""
        return self.response_url.bodies if self.response_url else []

    async def acked(self, seconds: float = SECONDS) -> "Delivered":
        """Wait for the acknowledgement: three seconds, as Slack does."""
        await self.server.until(
            lambda: self.acked_after is not None, f"acknowledged: {self.kind}", seconds
        )
        return self

    async def response(self, number: int = 1, seconds: float = 5) -> Json:
        """The so-manieth response, counted from 1; waits for it."""
        await self.server.until(
            lambda: len(self.responses) >= number,
            f"response {number} (there are {len(self.responses)})",
            seconds,
        )
        return self.responses[number - 1]
