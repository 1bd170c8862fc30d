"""What a loopback Slack was asked."""

from dataclasses import dataclass

from tests.servers.slack.world import Json


@dataclass(frozen=True)
class Request:
    """One request: its method ("response_url" and "upload" for what has no name), arguments,
    arrival in seconds since 1970 on the server's clock, workspace, and what it was answered.
    """

    method: str
    args: Json
    time: float
    team: str
    status: int
    error: str | None
