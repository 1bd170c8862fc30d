"""Rooms: a channel on Discord and one on Slack that are told the same. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from bot.model.receiver import Receiver

SURFACES = {"discord": "Discord", "slack": "Slack"}
# Slack's commands are all one; and what to type on Discord is not to be read as Slack's, in Slack.
# A joiner is no sign that anybody sees: whatever shows a card leaves it out.
AS_IT_STANDS = "\u2060"
_COMMANDS = {"discord": f"{AS_IT_STANDS}/", "slack": "/aftershock "}
# Without letters and digits that are taken for each other.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 8
# How long a code can be given, and how long whoever made it may take to confirm.
CODE_LASTS = timedelta(minutes=15)
CONFIRM_WITHIN = timedelta(days=1)
# A channel that gave so many wrong codes while one lasts is believed no more.
MOST_TRIES = 10


@dataclass(frozen=True, slots=True)
class Room:
    """Two channels that are linked, or are about to be.

    `inviter` made the code and confirms, `joiner` gave it (None: nobody has yet); who did so is in
    words. Linked since `linked_at`; until then it lapses at `expires_at`.
    """

    id: int
    inviter: Receiver
    joiner: Receiver | None
    invited_by: str
    joined_by: str
    expires_at: datetime
    linked_at: datetime | None

    def other(self, receiver_id: int) -> Receiver | None:
        """The channel on the other side of that one."""
        return self.joiner if self.inviter.id == receiver_id else self.inviter


def new_code(random: Random) -> str:
    """A code to be read out and typed: "K7QM-2XRD"."""
    letters = "".join(random.choice(ALPHABET) for _ in range(LENGTH))
    return f"{letters[: LENGTH // 2]}-{letters[LENGTH // 2 :]}"


def digest_of(code: str) -> str:
    """What is kept of a code, however it was typed: small letters, spaces and hyphens or none."""
    typed = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(typed.encode()).hexdigest()


def can_link(receiver: Receiver) -> bool:
    """Whether a channel is of a kind that can be in a room."""
    return receiver.surface in SURFACES


def surface_name(receiver: Receiver) -> str:
    """How its surface is called: "Slack"."""
    return SURFACES.get(receiver.surface, receiver.surface)


def other_surface(receiver: Receiver) -> str:
    """The surface of whatever it can be linked with: "slack"."""
    return "slack" if receiver.surface == "discord" else "discord"


def typed_on(surface: str, command: str) -> str:
    """What to type there, said on the other surface: "/aftershock room join" on Slack."""
    return f"{_COMMANDS.get(surface, '/')}{command}"


def called(receiver: Receiver) -> str:
    """A channel as people on the other side name it: "#alerts on Slack"."""
    return f"{receiver.title} on {surface_name(receiver)}"


def person(name: str, receiver: Receiver, community: str) -> str:
    """Who asked, and of which server or workspace: "Ann of the server Chips"."""
    who = name or "somebody"
    if not community:
        return who
    return f"{who} of the {receiver.kind} {community}"


def by_other(name: str, receiver: Receiver) -> str:
    """Who did something in the linked channel, as it is said here: "Ann on Slack".

    Somebody of a channel that one was linked with before is named to nobody else.
    """
    elsewhere = name.endswith(tuple(f" on {surface}" for surface in SURFACES.values()))
    return f"{'somebody' if elsewhere or not name else name} on {surface_name(receiver)}"


def crosses(target: str) -> bool:
    """Whether a symbol or basket means the same on both sides: a basket of one's own does not."""
    return "@" not in target
