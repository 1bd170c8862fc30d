"""Receivers, their subscriptions and what is on its way to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Where a reply stands in a thread, out of the channel's sight: a story's first message says there
# how deep it went since.
REPLIES_OUT_OF_SIGHT = ("slack",)
_COMMUNITIES = {"discord": "server", "slack": "workspace"}


@dataclass(frozen=True, slots=True)
class Receiver:
    """A channel on a surface. `address` names it on that surface ("local" for the console).

    `community` is the server or workspace that it belongs to; "" for none. `community_name` is how
    people call that, where the surface said so just now; it is not stored.
    """

    id: int
    surface: str
    address: str
    title: str
    disabled_reason: str | None = None
    community: str = ""
    community_name: str = ""

    @property
    def owner(self) -> str:
        """How baskets of one's own name whose they are: the community's, else the channel's."""
        return f"{self.surface}:{self.community or self.address}"

    @property
    def kind(self) -> str:
        """What people call what `owner` names: a server, a workspace, or the channel alone."""
        return _COMMUNITIES.get(self.surface, "community") if self.community else "channel"


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a sent message is, in the platform's own ids."""

    channel: str
    message: str
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Notification:
    """A row of the outbox: what one receiver is to be told. Rendered when it is sent.

    `action` is "post", "reply" or "edit"; `root` is the sent message that a reply answers or an
    edit changes (None if it never arrived: a reply then becomes a post), `root_id` its row and
    `root_nonce` that row's nonce; `facts` carry their `version` and `kind`; `attempts` counts
    earlier tries, so 0 means that nothing was sent yet.
    """

    id: int
    receiver: Receiver
    nonce: str
    action: str
    facts: Mapping[str, Any]
    fallback: str
    created_at: datetime
    attempts: int
    subscription_id: int | None = None
    root: MessageRef | None = None
    root_id: int | None = None
    root_nonce: str = ""
