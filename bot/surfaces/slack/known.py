"""What Slack said of people and channels, remembered for a while, so that it is not asked anew."""

from typing import Any

import aiohttp
from slack_sdk.errors import SlackClientError

from bot.errors import DeliveryError, SurfaceStopped
from bot.surfaces.slack.context import Slack

# Of people and channels together; each takes a few hundred bytes.
MOST = 5_000
Key = tuple[str, str, str]
# What a request to Slack raises where Slack did not answer it at all.
BROKEN = (SlackClientError, aiohttp.ClientError, OSError, DeliveryError, SurfaceStopped)


def recall(slack: Slack, key: Key) -> Any:
    """What is remembered; None where nothing is, or where its time is over."""
    found = slack.known.get(key)
    if found is None or found[0] <= slack.services.clock.now().timestamp():
        return None
    return found[1]


def remember(slack: Slack, key: Key, value: object, seconds: float) -> None:
    """Remember `value`, which is not None, for so many seconds; the oldest make room."""
    slack.known.pop(key, None)
    while len(slack.known) >= MOST:
        del slack.known[next(iter(slack.known))]
    slack.known[key] = (slack.services.clock.now().timestamp() + seconds, value)
