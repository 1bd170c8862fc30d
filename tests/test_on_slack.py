"""`run` with Slack's tokens: the whole program on a Slack of its own."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import CONSOLE
from bot.commands import COMMANDS, parse
from bot.config import Settings, load
from bot.cycle.facts import release_facts
from bot.errors import UserError
from bot.probes import not_ready
from bot.services import Services
from bot.surfaces.answering import answer
from bot.surfaces.slack import names
from storage import outbox, receivers
from storage.schema import outbox as rows
from tests.delivering import until
from tests.living import live, with_history
from tests.servers.slack import Channel, Message, SlackServer, User, running


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with running(SlackServer()) as server:
        yield server


def settings_for(server: SlackServer, folder: Path, **more: str) -> Settings:
    """The defaults, on this server."""
    environ = {"AFTERSHOCK_DATA": str(folder), "XDG_CONFIG_HOME": str(folder)}
    environ |= {"AFTERSHOCK_MARKET__SOURCE": "shipped"}
    environ |= {"AFTERSHOCK_SLACK_BOT_TOKEN": server.workspace.bot_token}
    environ |= {"AFTERSHOCK_SLACK_APP_TOKEN": server.app_token}
    environ |= {"AFTERSHOCK_SLACK__API_URL": server.api_url, **more}
    return load(None, environ)


@pytest.fixture
def folder(tmp_path: Path, whole_file: Path) -> Path:
    """A data folder whose history need not be read in again, nor what came after it be told."""
    return with_history(tmp_path, whole_file)


def office(server: SlackServer) -> tuple[User, Channel]:
    """An admin of the workspace and a channel that the bot is in."""
    ann = server.workspace.add_user("ann", admin=True)
    return ann, server.workspace.add_channel("alerts", ann)


def address(channel: Channel) -> str:
    """How a channel is called in the database."""
    return f"{channel.team}/{channel.id}"


async def tell(services: Services, channels: Sequence[Channel], each: int = 1) -> None:
    """Put the release of R1 on its way to these channels, to each so often."""
    known = services.releases
    release = next(r for r in known.releases if r.model == "DeepSeek-R1")

    async def work(connection: AsyncConnection) -> None:
        now = services.clock.now()
        for channel in channels:
            place = await receivers.receiver_of(
                connection, "slack", address(channel), f"#{channel.name}", now, channel.team
            )
            for number in range(each):
                named = replace(release, model=f"DeepSeek-R{number + 1}")
                facts = release_facts(named, known.labs, known.exposures)
                nonce = services.nonce()
                await outbox.enqueue(connection, place.id, nonce, "post", facts, "R1", now)

    await services.database.write(work)


# What is typed for a command; its example, where that can be asked on a new database.
TYPED: dict[tuple[str, ...], str] = {
    ("subscribe", "remove"): "subscribe remove 4",
    ("alert", "remove"): "alert remove 3",
    ("room", "join"): "room join ABCD2345",
    ("feeds", "add"): "feeds add http://127.0.0.1:9/feed",
    ("feeds", "test"): "feeds test http://127.0.0.1:9/feed",
}


def said(message: Any) -> str:
    """All that a message says."""
    return f"{message.text} {message.blocks}"


@pytest.mark.parametrize("alerts", [100, pytest.param(500, marks=pytest.mark.faults)])
async def test_every_command_is_answered_in_time_while_alerts_go_out(
    server: SlackServer, folder: Path, alerts: int
) -> None:
    ann, channel = office(server)
    others = [server.workspace.add_channel(f"desk-{number}", ann) for number in range(alerts)]
    more = {"AFTERSHOCK_SLACK__MESSAGES_PER_MINUTE": "60000"}
    async with live(settings_for(server, folder, **more)) as services:
        await server.connected()
        await tell(services, others)
        for command in COMMANDS:
            typed = TYPED.get(command.path, command.example)
            asked = await server.command(typed, user=ann, channel=channel)
            assert asked.acked_after is not None
            assert asked.acked_after < 3, command.name
            answer = await asked.response(seconds=30)
            assert "went wrong" not in str(answer), command.name
            assert answer["response_type"] == "ephemeral", command.name
        await server.until(
            lambda: sum(len(server.messages(one)) for one in others) >= alerts,
            f"{alerts} alerts",
            60,
        )
    assert all(len(server.messages(one)) == 1 for one in others)


async def test_an_alert_arrives_and_its_buttons_work_after_a_restart(
    server: SlackServer, folder: Path
) -> None:
    ann, channel = office(server)
    guest = server.workspace.add_user("guest")
    channel.members.add(guest.id)
    settings = settings_for(server, folder)
    async with live(settings) as services:
        await server.connected()
        await (await server.command("subscribe releases", user=ann, channel=channel)).response()
        await tell(services, [channel])
        await server.until(lambda: server.messages(channel), "the alert", 20)
    async with live(settings):
        await server.connected()

        def sent() -> Message:
            return server.messages(channel)[0]

        refused = await server.press(sent(), names.SNOOZE_1D, user=guest)
        assert "admin" in str(await refused.response())
        await server.press(sent(), names.SNOOZE_1D, user=ann)
        await server.until(lambda: "Snoozed by" in said(sent()), "a mark", 20)
        explained = await server.press(sent(), names.EXPLAIN, user=guest)
        assert "Why this channel was told" in str(await explained.response())
    assert len(server.messages(channel)) == 1


async def test_a_reply_that_is_lost_then_a_restart_make_one_message(
    server: SlackServer, folder: Path
) -> None:
    _ann, channel = office(server)
    settings = settings_for(server, folder, AFTERSHOCK_DELIVERY__RETRY_FIRST_SECONDS="3600")
    async with live(settings) as services:
        await server.connected()
        lost = server.lose_reply("chat.postMessage")
        await tell(services, [channel])
        await server.until(lambda: lost.met, "a reply that is lost", 20)
    async with live(settings_for(server, folder)) as services:

        async def again(connection: AsyncConnection) -> None:
            now = services.clock.now()
            await connection.execute(rows.update().values(next_attempt_at=now))

        await services.database.write(again)
        for _look in range(200):
            async with services.database.read() as connection:
                counts = await outbox.counts(connection)
            if counts.get("sent"):
                break
            await asyncio.sleep(0.05)
        assert counts == {"sent": 1}
    assert len(server.messages(channel)) == 1
    assert len(server.calls("chat.postMessage")) == 1


async def test_a_refused_token_is_one_sentence(server: SlackServer, folder: Path) -> None:
    name = "AFTERSHOCK_SLACK_BOT_TOKEN"
    with pytest.raises(
        UserError, match=rf"refuses the token in {name} \(invalid_auth\).*OAuth & Permissions"
    ):
        async with live(settings_for(server, folder, **{name: "xoxb-other"})):
            pass


async def test_an_app_token_refused_at_the_start_is_said_and_alerts_go_on(
    server: SlackServer, folder: Path
) -> None:
    _ann, channel = office(server)
    wrong = settings_for(server, folder, AFTERSHOCK_SLACK_APP_TOKEN="xapp-other")
    async with live(wrong) as services:
        card = await answer(parse("/status"), services, CONSOLE, services.clock.now(), asker="")
        assert card.title == "No commands come from Slack"
        known = services.live
        [said] = not_ready(known.measured.gateways, known.stopped, known.unheard)
        assert said.startswith("Slack is not connected: Slack refuses the token in AFTERSHOCK_SLAC")
        assert said.endswith("Alerts go on; only commands do not work.")
        await tell(services, [channel])
        await server.until(lambda: server.messages(channel), "the alert", 20)


async def test_a_slack_that_is_down_at_the_start_is_tried_again(
    server: SlackServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, channel = office(server)
    for module in ("link", "acquainted"):
        monkeypatch.setattr(f"bot.surfaces.slack.{module}.FIRST_PAUSE", 0.05)
    server.next("auth.test", status=503, times=1)
    server.next("apps.connections.open", status=503, times=1)
    async with live(settings_for(server, folder)):
        await server.connected()
        asked = await server.command("help", user=ann, channel=channel)
        assert "/aftershock drawdown" in str(await asked.response(seconds=20))


async def test_a_token_refused_meanwhile_stops_every_send_and_is_said(
    server: SlackServer, folder: Path
) -> None:
    ann, channel = office(server)
    async with live(settings_for(server, folder)) as services:
        await server.connected()
        server.next("chat.postMessage", error="account_inactive", times=None)
        await tell(services, [channel], each=5)
        await server.until(lambda: server.calls("chat.postMessage"), "a refusal", 20)
        asked = await server.command("status", user=ann, channel=channel)
        assert "refuses the bot's token (account_inactive)" in str(await asked.response())
        async with services.database.read() as connection:
            left = await outbox.counts(connection)
            # The one that was refused may not have been put back yet.
            assert set(left) <= {"pending", "claimed"}
            assert sum(left.values()) == 5
            place = await receivers.find_receiver(connection, "slack", address(channel))
        assert place is not None
        assert place.disabled_reason is None
        assert len(server.calls("chat.postMessage")) == 1


async def test_a_token_that_is_taken_again_is_told_with_what_waited(
    server: SlackServer, folder: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    _ann, channel = office(server)
    monkeypatch.setattr("bot.on_slack.ASK_AGAIN_SECONDS", 0.05)
    async with live(settings_for(server, folder)) as services:
        await server.connected()
        server.workspace.refusal = "team_access_not_granted"
        await tell(services, [channel], each=3)
        await server.until(lambda: services.live.stopped, "a stop", 20)
        stop, asked = services.live.stopped["slack"], len(server.calls("auth.test"))
        tried = len(server.calls("chat.postMessage"))
        await server.until(lambda: len(server.calls("auth.test")) > asked + 1, "questions", 20)
        # Asked again and again, it stands as it was, and no row is tried.
        assert services.live.stopped["slack"] is stop
        assert stop.until is None
        assert "team_access_not_granted" in stop.why
        known = services.live
        assert not_ready(known.measured.gateways, known.stopped, known.unheard)
        assert len(server.calls("chat.postMessage")) == tried
        async with services.database.read() as connection:
            assert sum((await outbox.counts(connection)).values()) == 3
        server.workspace.refusal = ""
        await server.until(lambda: len(server.messages(channel)) == 3, "what waited", 20)
        assert services.live.stopped == {}
    assert caplog.text.count("is told nothing more") == 1
    assert caplog.text.count("Slack takes the bot's token; what waited is sent now") == 1


@pytest.mark.parametrize("body", [b'{"ok": true}', b'{"ok": true, "team_id": "\xff"}'])
async def test_who_the_bot_is_is_asked_again_where_the_answer_is_none_of_slacks(
    server: SlackServer, folder: Path, body: bytes, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    _ann, channel = office(server)
    monkeypatch.setattr("bot.surfaces.slack.acquainted.FIRST_PAUSE", 0.02)
    monkeypatch.setattr("bot.surfaces.slack.acquainted.LONGEST_PAUSE", 0.05)
    strange = server.next("auth.test", body=body, times=None)
    async with live(settings_for(server, folder)) as services:
        await server.until(lambda: strange.met > 2, "questions", 20)
        card = await answer(parse("/status"), services, CONSOLE, services.clock.now(), asker="")
        assert card.title == "Slack takes no messages"
        why = "Slack does not say who the bot is (its answer cannot be read)."
        assert why in str(card.fields)
        await tell(services, [channel])
        strange.release()
        await server.until(lambda: server.messages(channel), "the alert", 20)
        assert services.live.stopped == {}
    assert caplog.text.count(why) == 1


async def test_what_somebody_asked_is_answered_although_the_program_ends(
    server: SlackServer, folder: Path
) -> None:
    ann, channel = office(server)
    async with live(settings_for(server, folder)):
        await server.connected()
        slow = server.hang("users.info")
        asked = await server.command("subscribe releases", user=ann, channel=channel)
        await server.until(lambda: slow.met, "a question that hangs", 20)
        asyncio.get_running_loop().call_later(0.2, slow.release)
    assert "frontier labs" in str(await asked.response(seconds=1))


async def test_an_app_token_refused_meanwhile_is_said_and_alerts_go_on(
    server: SlackServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ann, channel = office(server)
    monkeypatch.setattr("bot.surfaces.slack.link.FIRST_PAUSE", 0.05)
    monkeypatch.setattr("bot.surfaces.slack.link.PING_SECONDS", 0.2)
    async with live(settings_for(server, folder)) as services:
        await server.connected()
        refused = server.next("apps.connections.open", error="invalid_auth", times=None)
        server.drop()
        await server.until(lambda: refused.met and services.live.unheard, "a refusal", 20)
        now = services.clock.now()
        card = await answer(parse("/status"), services, CONSOLE, now, asker="")
        assert card.title == "No commands come from Slack"
        said = next(field.value for field in card.fields if field.name == "Slack commands")
        assert "no command comes since" in said
        assert "refuses the token in AFTERSHOCK_SLACK_APP_TOKEN (invalid_auth)" in said
        await tell(services, [channel])
        await server.until(lambda: server.messages(channel), "the alert", 20)


async def test_a_bot_token_that_is_refused_late_is_said_and_nothing_is_tried(
    server: SlackServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ann, channel = office(server)
    monkeypatch.setattr("bot.surfaces.slack.acquainted.FIRST_PAUSE", 0.05)
    server.next("auth.test", status=503, times=1)
    refused = server.next("auth.test", error="account_inactive", times=None)
    async with live(settings_for(server, folder)) as services:
        await server.until(lambda: refused.met, "a refusal", 20)
        await tell(services, [channel])
        await server.until(lambda: services.live.stopped, "a stop", 20)
        assert "account_inactive" in services.live.stopped["slack"].why

        async def waits() -> bool:  # the refused try is recorded a moment after the stop
            async with services.database.read() as connection:
                return await outbox.counts(connection) == {"pending": 1}

        await until(waits)
