"""What the bot may do in a channel of Discord, as discord.py computes it. Pure."""

from collections.abc import Sequence

import discord

from bot.doctor.grouped import Trouble
from bot.model.wording import listing
from bot.surfaces.discord_invite import PERMISSIONS

# In Discord's own words, as its settings show them.
WORDS = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
_MENU = "Edit Channel > Permissions"


def missing(permissions: discord.Permissions, *, thread: bool) -> list[str]:
    """The permissions that the bot needs and lacks, in Discord's words.

    Who may not see, or not write, may do nothing else there: that is not named.
    """
    if not permissions.view_channel:
        return [WORDS["view_channel"]]
    follow: tuple[str, ...] = ()
    if not permissions.send_messages:
        follow = ("embed_links", "attach_files")
    needless = (*follow, "send_messages") if thread else follow
    return [
        word
        for name, word in WORDS.items()
        if getattr(PERMISSIONS, name) and name not in needless and not getattr(permissions, name)
    ]


def trouble(
    title: str, permissions: discord.Permissions, *, thread: bool, timed_out: bool = False
) -> Trouble | None:
    """What keeps the bot from posting there, or posting all; None where nothing does."""
    if timed_out:
        mend = "In the server's member list: Aftershock > Remove Timeout."
        return Trouble(title, "the server has put the bot in time-out", mend)
    lacking = missing(permissions, thread=thread)
    if not lacking:
        return None
    return Trouble(
        title,
        f"the bot may not: {listing(lacking)}",
        f"In Discord: {_MENU}, add the bot's role and allow {listing(lacking)}.",
    )


def mention_trouble(
    title: str,
    mentions: Sequence[str],
    roles: Sequence[discord.Role],
    permissions: discord.Permissions,
) -> Trouble | None:
    """A role that is to be mentioned and is gone, or of which nobody would hear."""
    for mention in mentions:
        number = mention.removeprefix("<@&").removesuffix(">")
        if not number.isdigit():
            continue
        role = next((one for one in roles if one.id == int(number)), None)
        if role is None:
            why = "a role that is mentioned there is not in the server any more"
            mend = "Remove the alert with /alert remove and add it with another role."
            return Trouble(title, why, mend)
        if not role.mentionable and not permissions.mention_everyone:
            why = f"@{role.name} is mentioned there, but is not told: the bot may not mention it"
            mend = (
                f"In Discord: Server Settings > Roles > {role.name}, turn on "
                "Allow anyone to @mention this role."
            )
            return Trouble(title, why, mend)
    return None
