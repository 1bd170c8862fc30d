"""What people are told when the bot, its database, Discord or the connection fails."""

import logging
from typing import Any, Literal

import pytest
from sqlalchemy import text

from bot.commands import COMMANDS
from bot.surfaces.answering import NO_MEMORY
from storage.guilds import GuildSettings
from tests.busy import busy, written
from tests.cogs.town import GIVEN, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")
THINKING = 5  # the type by which Discord shows that an answer comes


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


async def test_too_little_memory_for_one_command_is_said_and_harms_no_other(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    where = town.guild.add_channel("memory")

    async def too_much(*_given: Any, **_named: Any) -> bytes:
        return bytes(2**62)

    with monkeypatch.context() as changed:
        changed.setattr("cogs.asking.answer", too_much)
        answer = await town.ask("drawdown", {"target": "NVDA"}, by=town.member, where=where)
    assert answer.content == NO_MEMORY
    assert answer.ephemeral
    assert "MemoryError" in caplog.text
    again = await town.ask("drawdown", {"target": "NVDA"}, by=town.member, where=where)
    assert "NVDA" in str(again.embeds[0]["title"])


async def test_a_chart_that_cannot_be_drawn_keeps_no_answer(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    where = town.guild.add_channel("charts")

    async def fails(*_given: Any, **_named: Any) -> bytes:
        raise OSError("no font")

    with monkeypatch.context() as changed:
        changed.setattr("cogs.speaking.charts.draw", fails)
        answer = await town.ask("drawdown", {"target": "NVDA"}, by=town.member, where=where)
    assert "NVDA" in str(answer.embed["title"])
    assert (answer.files, answer.embed.get("image")) == ({}, None)
    assert answer.embed["footer"]["text"].endswith("27 Jan 2025 · The chart could not be drawn.")
    assert "no font" in caplog.text


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


@pytest.mark.parametrize("line", ["help", "drawdown", "alert add", "channel", "setup"])
@pytest.mark.parametrize("public", [False, True])
async def test_an_acknowledgement_waits_for_no_database(
    town: Town, line: str, public: bool
) -> None:
    where = town.guild.add_channel("busy")
    given = {"target": "NVDA"} if line == "alert add" else None
    await town.choose(GuildSettings(public_answers=public))
    try:
        async with busy(town.services.database):
            asked = town.server.interact(line, given, by=town.manager, where=where)
            assert await asked.acknowledged() == THINKING
            assert asked.original is not None
            assert asked.original.loading
        answer = await asked.response()
    finally:
        await town.choose(GuildSettings())
    assert answer.ephemeral is not (public and line in ("help", "drawdown"))


async def test_an_answer_waits_for_nobody_who_writes(town: Town) -> None:
    where = town.guild.add_channel("written")
    async with written(town.services.database):
        for command in COMMANDS:
            if command.changes or command.path == ("feeds", "test"):
                continue
            line = " ".join(command.path)
            answer = await town.ask(line, GIVEN.get(command.path), by=town.manager, where=where)
            assert answer.embeds or answer.content, line
            assert "on our side" not in answer.content, line


@pytest.mark.parametrize("words", ["x" * 3_000, "*" * 499, "[" * 6_000])
async def test_a_mistake_of_any_length_is_answered(town: Town, words: str) -> None:
    where = town.guild.add_channel("long")
    asked = town.server.interact("drawdown", {"target": words}, by=town.member, where=where)
    answer = await asked.response()
    assert asked.refused == []
    assert ("at most" in answer.content) == (len(words) > 500)
