"""`aftershock doctor` as somebody types it: a broken set-up is named whole, in one run."""

import os
import sys

import pytest

from tests.doctor.ward import GOOD_FEED, Ward
from tests.servers.discord import permissions

unix = pytest.mark.skipif(sys.platform == "win32", reason="permissions as Unix has them")


@unix
async def test_a_broken_set_up_is_named_whole_in_one_run(well: Ward) -> None:
    """Slack's token refused, a channel of Discord closed, a database that cannot be written, a
    feed that is gone: all four, each with its mend.
    """
    guild = well.discord.add_guild("Chips")
    open_, closed = guild.add_channel("open"), guild.add_channel("alerts")
    closed.deny(permissions.SEND_MESSAGES)
    await well.discord_channel(open_)
    await well.discord_channel(closed)
    await well.reads("gone.example", "/gone.xml")
    well.feeds.put("/good.xml", GOOD_FEED)
    await well.reads("good.example", "/good.xml")
    secret = "xoxb-not-the-right-one"
    well.file.chmod(0o444)
    well.file.parent.chmod(0o555)
    try:
        root = os.geteuid() == 0
        done = await well.apart("doctor", unprivileged=root, AFTERSHOCK_SLACK_BOT_TOKEN=secret)
    finally:
        well.file.parent.chmod(0o755)
    text = " ".join(done.text.split())
    assert done.code == 1, done.text
    assert "Slack refuses the token in AFTERSHOCK_SLACK_BOT_TOKEN (invalid_auth) -> Copy" in text
    assert "#alerts in Chips: the bot may not: Send Messages" in text
    assert "-> In Discord: Edit Channel > Permissions, add the bot's role and allow Send" in text
    assert f"{well.file.parent} cannot be written (permission denied) -> Type: chmod u+w" in text
    assert (
        "gone.example: there is nothing at this address (404) -> If it stays so, type on the "
        "console: /feeds remove gone.example"
    ) in text
    assert "1 of 2 feeds answer" in text
    assert "the bot may post in 1 of 2 channels that follow something" in text
    assert text.splitlines()[-1].endswith("4 things to mend, 2 warnings.")
    assert secret not in done.text
    assert well.discord.token not in done.text
    assert "Traceback" not in done.text
    assert sorted(one.name for one in well.file.parent.iterdir()) == ["aftershock.db"]


async def test_help_says_what_it_does(well: Ward) -> None:
    done = await well.apart("doctor", "--help")
    assert done.code == 0
    assert "--json" in done.text
