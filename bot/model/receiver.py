"""Receivers, their subscriptions and what is on its way to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Receiver:
    """A channel on a surface. `address` names it on that surface ("local" for the console).

    `community` is the server or workspace that it belongs to; "" for none.
    """

    id: int
    surface: str
    address: str
    title: str
    disabled_reason: str | None = None
    community: str = ""

    @property
    def owner(self) -> str:
        """How baskets of one's own name whose they are: the community's, else the channel's."""
        return f"{self.surface}:{self.community or self.address}"


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
    edit changes (None if it never arrived: a reply then becomes a post), `root_id` its row;
    `facts` carry their `version` and `kind`; `attempts` counts earlier tries, so 0 means that
    nothing was sent yet.
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
