"""Channels of Slack as receivers: "T012AB3CD/C034EF5GH" is a channel of a workspace. Pure."""

from bot.model.receiver import Receiver

SURFACE = "slack"


def address_of(team: str, channel: str) -> str:
    """A channel's address: a channel that two workspaces share is two receivers."""
    return f"{team}/{channel}"


def channel_of(receiver: Receiver) -> str:
    """The channel's id, as Slack knows it."""
    return receiver.address.partition("/")[2]


def place(team: str, channel: str, title: str) -> Receiver:
    """The channel as a receiver that the database has not been asked for."""
    return Receiver(0, SURFACE, address_of(team, channel), title, community=team)


def is_direct(channel: str) -> bool:
    """Whether it is a conversation of two: somebody's with the bot, or of two other people."""
    return channel.startswith("D")
