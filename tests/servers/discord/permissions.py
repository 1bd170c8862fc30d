"""What a member may do in a channel, computed as Discord documents it."""

from collections.abc import Iterable
from dataclasses import dataclass

ADMINISTRATOR = 1 << 3
MANAGE_CHANNELS = 1 << 4
MANAGE_GUILD = 1 << 5
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_MESSAGES = 1 << 13
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
MENTION_EVERYONE = 1 << 17
USE_APPLICATION_COMMANDS = 1 << 31
MANAGE_THREADS = 1 << 34
SEND_MESSAGES_IN_THREADS = 1 << 38
ALL = (1 << 53) - 1
DIRECT = (
    VIEW_CHANNEL | SEND_MESSAGES | EMBED_LINKS | ATTACH_FILES | READ_MESSAGE_HISTORY
    | MENTION_EVERYONE | USE_APPLICATION_COMMANDS
)  # fmt: skip
"""What everybody may do in a direct message."""
EVERYONE = DIRECT & ~MENTION_EVERYONE | SEND_MESSAGES_IN_THREADS
"""What a new server lets everybody do."""


@dataclass
class Overwrite:
    """What a channel allows and denies one role (`kind` 0) or member (`kind` 1)."""

    kind: int
    allow: int = 0
    deny: int = 0


def computed(
    owner: bool,
    user_id: int,
    everyone: tuple[int, int],
    roles: Iterable[tuple[int, int]],
    overwrites: dict[int, Overwrite],
) -> int:
    """The permissions left; `everyone` and `roles` are pairs of a role's id and permissions."""
    roles = list(roles)
    base = everyone[1]
    for _, granted in roles:
        base |= granted
    if owner or base & ADMINISTRATOR:
        return ALL
    if overwrites:
        none = Overwrite(0)
        of_everyone = overwrites.get(everyone[0], none)
        base = base & ~of_everyone.deny | of_everyone.allow
        of_roles = [overwrites[role] for role, _ in roles if role in overwrites]
        for overwrite in of_roles:
            base &= ~overwrite.deny
        for overwrite in of_roles:
            base |= overwrite.allow
        own = overwrites.get(user_id, none)
        base = base & ~own.deny | own.allow
    return base if base & VIEW_CHANNEL else 0
