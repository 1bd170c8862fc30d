"""Who may manage a channel, and what the bot lacks there."""

import discord
import pytest

from cogs.permissions import allowed, lacking, title_of

NOTHING = discord.Permissions.none()
MANAGE = discord.Permissions(manage_channels=True)
ADMINISTRATOR = discord.Permissions(administrator=True)
SERVER = discord.Permissions(manage_guild=True)


@pytest.mark.parametrize(
    ("permissions", "roles", "chosen", "may"),
    [
        (NOTHING, [], None, False),
        (NOTHING, [5], None, False),
        (NOTHING, [5, 6], "6", True),
        (NOTHING, [56], "6", False),
        (SERVER, [], None, False),
        (MANAGE, [], None, True),
        (MANAGE, [], "6", True),
        (ADMINISTRATOR, [], None, True),
    ],
)
def test_manage_channels_or_the_chosen_role_may_manage(
    permissions: discord.Permissions, roles: list[int], chosen: str | None, may: bool
) -> None:
    assert allowed(permissions, roles, chosen) is may


@pytest.mark.parametrize(
    ("given", "thread", "lacks"),
    [
        (discord.Permissions.all(), False, []),
        (discord.Permissions.all(), True, []),
        (
            discord.Permissions(view_channel=True, send_messages_in_threads=True),
            False,
            ["Send Messages", "Embed Links", "Attach Files", "Read Message History"],
        ),
        (
            discord.Permissions(
                view_channel=True,
                send_messages=True,
                embed_links=True,
                attach_files=True,
                read_message_history=True,
            ),
            True,
            ["Send Messages in Threads"],
        ),
        (NOTHING, True, ["View Channel", "Send Messages in Threads", "Embed Links", "Attach Files",
                         "Read Message History"]),
    ],
)  # fmt: skip
def test_what_the_bot_lacks_is_said_as_discord_says_it(
    given: discord.Permissions, thread: bool, lacks: list[str]
) -> None:
    assert lacking(given, thread=thread) == lacks


def test_a_conversation_has_no_name_of_a_channel() -> None:
    class Named:
        name = "alerts"

    assert title_of(Named(), 1) == "#alerts"
    assert title_of(Named(), None) == "direct message"
