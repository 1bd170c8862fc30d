"""What people are told when the bot, its database, Discord or the connection fails."""

import logging
from typing import Any, Literal

import pytest
from sqlalchemy import text

from bot.services import Services
from cogs import asking, permissions
from storage.guilds import GuildSettings
from tests.cogs.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_fault_of_ours_is_said_privately_without_its_details(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    where = town.guild.add_channel("faults")
    await rename(town, "receiver", "gone")
    try:
        answer = await town.ask("alert list", by=town.member, where=where)
    finally:
        await rename(town, "gone", "receiver")
    assert answer.content == "Something went wrong on our side; it is in the log."
    assert answer.ephemeral
    assert "no such table: receiver" in caplog.text
    assert "Traceback" in caplog.text


async def rename(town: Town, before: str, after: str) -> None:
    await town.services.database.write(
        lambda connection: connection.execute(text(f"ALTER TABLE {before} RENAME TO {after}"))
    )


async def test_what_discord_refuses_is_said_privately_too(town: Town) -> None:
    where = town.guild.add_channel("refused")
    town.server.fail("PATCH /webhooks/*/*/messages/@original", 400, code=50035)
    asked = town.server.interact("help", by=town.member, where=where)
    answer = await asked.response()
    assert answer.content == "Something went wrong on our side; it is in the log."


async def test_a_command_that_is_too_old_is_only_noted(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    where = town.guild.add_channel("late")
    town.server.acknowledge_seconds = -1.0
    try:
        with caplog.at_level(logging.INFO, "cogs"):
            asked = town.server.interact("status", by=town.member, where=where)
            await town.server.until(lambda: "too late" in caplog.text or asked.original, "noted")
            await town.server.until(lambda: asked.refused, "refused")
    finally:
        town.server.acknowledge_seconds = 3.0
    assert "/status was answered too late" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("kind", ["reset before", "reset after"])
@pytest.mark.parametrize(
    ("line", "route"),
    [
        ("drawdown", "POST /interactions/*/*/callback"),
        ("channel", "POST /interactions/*/*/callback"),
        ("setup", "POST /interactions/*/*/callback"),
        ("drawdown", "PATCH /webhooks/*/*/messages/@original"),
    ],
)
async def test_an_answer_survives_a_broken_connection(
    town: Town, line: str, route: str, kind: Literal["reset before", "reset after"]
) -> None:
    where = town.guild.add_channel("broken")
    fault = town.server.fail(route, kind)
    asked = town.server.interact(line, by=town.manager, where=where)
    answer = await asked.response()
    assert fault.met
    assert answer.embeds or answer.components


async def test_a_slow_database_does_not_hold_up_the_acknowledgement(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three seconds are what Discord allows."""
    where, read = town.guild.add_channel("slow"), permissions.guild_of
    counting = text(
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 8000000) "
        "SELECT count(*) FROM n"
    )

    async def slowly(interaction: Any, services: Services) -> GuildSettings:
        async with services.database.read() as connection:
            await connection.execute(counting)  # some seconds in which nothing can be cut short
        return await read(interaction, services)

    monkeypatch.setattr(asking, "SETTINGS_SECONDS", 0.2)
    monkeypatch.setattr(asking, "guild_of", slowly)
    asked = town.server.interact("help", by=town.member, where=where)
    answer = await asked.response()
    assert asked.took is not None
    assert asked.took < 0.6
    assert answer.ephemeral


@pytest.mark.parametrize("words", ["x" * 3_000, "*" * 499, "[" * 6_000])
async def test_a_mistake_of_any_length_is_answered(town: Town, words: str) -> None:
    where = town.guild.add_channel("long")
    asked = town.server.interact("drawdown", {"target": words}, by=town.member, where=where)
    answer = await asked.response()
    assert asked.refused == []
    assert ("at most" in answer.content) == (len(words) > 500)
