"""Slack workspaces in the database, and their channels when they come and go."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from storage import outbox, reach, receivers, slack_installs
from storage.database import Database
from storage.slack_installs import SlackInstall

NOW = datetime(2025, 1, 27, 22, 0, tzinfo=UTC)
WHY = "the workspace has removed the bot"
ONE = SlackInstall("T1", "One", "UB1", "sealed-1", "chat:write,commands", "U1", NOW)
TWO = SlackInstall("T2", "Two", "UB2", "sealed-2", "", "U2", NOW)


async def test_an_installation_is_kept_replaced_and_removed(database: Database) -> None:
    newer = SlackInstall("T1", "One Inc", "UB1", "sealed-3", "commands", "U3", NOW)

    async def work(connection: AsyncConnection) -> None:
        for each in (TWO, ONE, newer):
            await slack_installs.keep(connection, each)
        await slack_installs.set_token(connection, "T2", "sealed-4")

    await database.write(work)
    async with database.read() as connection:
        assert await slack_installs.install_of(connection, "T1") == newer
        assert await slack_installs.install_of(connection, "T3") is None
        found = await slack_installs.installs(connection)
    assert [(each.team, each.token) for each in found] == [("T1", "sealed-3"), ("T2", "sealed-4")]

    await database.write(lambda connection: slack_installs.remove(connection, "T1"))
    async with database.read() as connection:
        assert [one.team for one in await slack_installs.installs(connection)] == ["T2"]


def test_an_installation_shows_no_token() -> None:
    assert "sealed" not in repr(ONE)


async def test_a_workspaces_channels_close_and_open_again(database: Database) -> None:
    """Only its own, and only those that were closed for that."""
    addresses = ("T1/C1", "T1/C2", "T1/C3", "T12/C1", "T2/C1")

    async def work(connection: AsyncConnection) -> None:
        ids = {
            address: (
                await receivers.receiver_of(connection, "slack", address, address, NOW, "T")
            ).id
            for address in addresses
        }
        other = await receivers.receiver_of(connection, "discord", "T1/C1", "elsewhere", NOW)
        await reach.disable(connection, {ids["T1/C3"]: (NOW, "the channel is archived")})
        await reach.disable(connection, {ids["T2/C1"]: (NOW, WHY)})
        for key, age in ((ids["T1/C1"], 2), (ids["T1/C1"], 0), (other.id, 0)):
            at = NOW - timedelta(days=age)
            await outbox.enqueue(connection, key, f"{key}-{age}", "post", {}, "text", at)
        await slack_installs.close_channels(connection, "T1", WHY, NOW)

    async def reasons() -> dict[str, str | None]:
        async with database.read() as connection:
            return {
                f"{one.surface}:{one.address}": one.disabled_reason
                for one in await receivers.receivers(connection)
            }

    before = {
        "slack:T1/C3": "the channel is archived",
        "slack:T12/C1": None,
        "slack:T2/C1": WHY,
        "discord:T1/C1": None,
    }
    await database.write(work)
    assert await reasons() == before | {"slack:T1/C1": WHY, "slack:T1/C2": WHY}

    await database.write(lambda c: slack_installs.reopen_channels(c, "T1", ("the workspace",), NOW))
    assert await reasons() == before | {"slack:T1/C1": None, "slack:T1/C2": None}
    async with database.read() as connection:
        # What is older than a day would be told as news; the rest is sent.
        assert (await outbox.counts(connection)) == {"pending": 2, "dead": 1}
