"""A fall that could be told nowhere for an hour: when it is, it says of when it is, in order."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp
import discord
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle.compose import Composer
from bot.cycle.recheck import silenced
from bot.cycle.tick import tick
from bot.cycle.watch import subscribe
from bot.delivery import Delivery
from bot.model.rule import Rule
from bot.sending import Notifier
from bot.surfaces.discord_notifier import DiscordNotifier
from bot.surfaces.discord_pacing import Pacing
from bot.surfaces.slack.notifier import SlackNotifier
from bot.surfaces.slack.pacing import Pacing as SlackPacing
from bot.surfaces.slack.pictures import SlackPictures
from bot.surfaces.slack.places import address_of
from bot.surfaces.slack.workspaces import OneWorkspace, client_of
from storage import receivers
from tests.cycle.session import DAYS, TIMING, TODAY, Session
from tests.delivering import counts
from tests.fanout import buttons
from tests.servers.discord import Channel, DiscordServer, pointed_at, running
from tests.servers.slack import Channel as SlackChannel
from tests.servers.slack import SlackServer
from tests.servers.slack import running as slack_running
from tests.slack_fanout import MANY, actions

# Half an hour before the close, and twice that later.
FELL = datetime(2025, 1, 27, 20, 30, tzinfo=UTC)
BACK = FELL + timedelta(hours=1)
RULE = Rule("NVDA", "1y", (50_000,), 20_000)


@dataclass
class Told:
    """A channel on each surface, of a program whose sending a test does."""

    session: Session
    discord: DiscordServer
    channel: Channel
    slack: SlackServer
    room: SlackChannel
    delivery: Delivery

    async def send(self, minutes: float = 0) -> int:
        """So much later, send what is due; how many arrived."""
        self.session.at(self.session.services.clock.now() + timedelta(minutes=minutes))
        return await self.delivery.drain()

    def on_discord(self) -> list[str]:
        """What stands in the channel there."""
        return [f"{one.content} {one.embeds}" for one in self.channel.sent]

    def on_slack(self) -> list[str]:
        """What stands in the channel there."""
        return [f"{one.text} {one.blocks}" for one in self.slack.messages(self.room)]


@asynccontextmanager
async def _told(session: Session) -> AsyncIterator[Told]:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(slack_running(SlackServer()))
        server = DiscordServer()
        channel = server.add_guild("Chips").add_channel("alerts")
        room = slack.workspace.add_channel("alerts")
        await stack.enter_async_context(running(server))
        stack.enter_context(pointed_at(server))
        pacing, slow = Pacing(), SlackPacing(MANY, 0.0)
        client = discord.Client(intents=discord.Intents.none(), http_trace=pacing.trace)
        await stack.enter_async_context(client)
        await client.login(server.token)
        web = await stack.enter_async_context(aiohttp.ClientSession())
        workspaces = OneWorkspace(client_of(slack.workspace.bot_token, slack.api_url, web))
        await workspaces.look()
        notifiers: dict[str, Notifier] = {
            "discord": DiscordNotifier(client, buttons, pacing),
            "slack": SlackNotifier(workspaces, SlackPictures(slow), slow, actions),
        }
        places = (
            ("discord", str(channel.id), ""),
            ("slack", address_of(room.team, room.id), room.team),
        )

        async def follow(connection: AsyncConnection) -> None:
            now = session.services.clock.now()
            for surface, address, community in places:
                one = await receivers.receiver_of(
                    connection, surface, address, "#alerts", now, community
                )
                await subscribe(connection, one.id, RULE, now, 5)

        await session.services.database.write(follow)
        compose = Composer(session.services).card
        delivery = Delivery(session.services, notifiers, compose, "start", silenced)
        yield Told(session, server, channel, slack, room, delivery)


async def _falls_while_nobody_can_be_told(told: Told) -> None:
    """NVDA falls to 94, from 100, which cannot be told for an hour."""
    told.discord.fail("*", 503, times=None)
    told.slack.down()
    told.session.at(FELL)
    told.session.quote("NVDA", 94.0)
    await tick(told.session.services, TIMING)
    for _time in range(4):
        await told.send(minutes=14)
    assert told.on_discord() == told.on_slack() == []
    assert (await counts(told.session.services)).get("dead") is None


def _back(told: Told) -> None:
    told.discord.faults.set.clear()
    told.slack.up()


async def test_a_fall_that_is_told_an_hour_late_says_when_it_was(session: Session) -> None:
    async with _told(session) as told:
        await _falls_while_nobody_can_be_told(told)
        _back(told)
        session.at(BACK)
        assert await told.send(minutes=15) == 2
        (on_discord,), (on_slack,) = told.on_discord(), told.on_slack()
        for said in (on_discord, on_slack):
            assert "6.1% below its peak" in said
            assert "27 Jan 2025, 20:30 UTC, during the session" in said
        # "An hour ago", as each reader's own program says it.
        assert f"<t:{int(FELL.timestamp())}:R>" in on_discord
        assert f"'timestamp': {int(FELL.timestamp())}, 'format': '{{ago}}'" in on_slack


async def test_a_recovery_meanwhile_is_told_after_the_fall(session: Session) -> None:
    """The session closes at a new peak while the fall is still untold."""
    async with _told(session) as told:
        await _falls_while_nobody_can_be_told(told)
        for symbol, listed in session.server.listed.items():
            close = (listed.closes[DAYS[-1]] or 0) * (1.03 if symbol == "NVDA" else 1.0)
            listed.closes[TODAY] = listed.price = close
        session.at(BACK)
        for _poll in range(3):
            await session.poll(minutes=16)
        _back(told)
        # What becomes of the fall's message has to wait for it.
        told.discord.fail("PATCH /channels/*/messages/*", 503, times=None)
        told.slack.next("chat.update", status=503, times=None)
        await told.send(minutes=15)
        for said in (told.on_discord(), told.on_slack()):
            assert len(said) == 1
            assert "6.1% below its peak" in said[0]
            assert "recovered" not in said[0]
        told.discord.faults.set.clear()
        told.slack.faults.set.clear()
        for _time in range(4):
            await told.send(minutes=15)
        for said in (told.on_discord(), told.on_slack()):
            assert len(said) == 1
            assert "NVDA has recovered" in said[0]
            assert "27 Jan 2025, at the close: at a new peak" in said[0]
        states = await counts(session.services)
        assert set(states) - {"sent"} <= {"pending"}  # the console's, which is not here
