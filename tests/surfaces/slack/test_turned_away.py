"""A workspace whose token Slack refuses: what waits for it is kept, and sent once that is over."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.delivery import Delivery
from bot.errors import DeliveryError
from bot.services import Services, SetClock
from bot.surfaces.slack.notifier import SlackNotifier
from bot.surfaces.slack.pacing import Pacing
from bot.surfaces.slack.pictures import SlackPictures
from storage import outbox, reach, receivers
from tests.delivering import advance
from tests.fanout import plain_card
from tests.servers.slack import Channel, SlackServer, running
from tests.slack_fanout import real_now
from tests.surfaces.slack.installed import Running, on, started

KEY = "4RpQOpCiBkAkCrP8QqDnnIkYjGJXRG7yUP9gFVhLsPc="
REFUSED = "Slack refuses the bot's token for this workspace (token_revoked)"
CHANNELS = 9


@dataclass
class Desk:
    """Channels of a workspace that has installed the bot, and the delivery to them."""

    bot: Running
    delivery: Delivery
    channels: list[Channel]

    @property
    def server(self) -> SlackServer:
        return self.bot.server

    async def alert(self, each: int = 1) -> None:
        """Put so many alerts for each channel on their way."""
        services, places = self.bot.services, [await self.bot.add_channel(c) for c in self.channels]

        async def work(connection: AsyncConnection) -> None:
            now = services.clock.now()
            for place in places * each:
                nonce = services.nonce()
                await outbox.enqueue(connection, place.id, nonce, "post", {}, "Alert", now)

        await services.database.write(work)

    async def counts(self) -> dict[str, int]:
        """How many rows are in each state."""
        async with self.bot.services.database.read() as connection:
            return await outbox.counts(connection)

    async def reasons(self) -> set[str | None]:
        """Why nothing is sent to the channels."""
        return set((await self.bot.closed()).values())

    def told(self) -> int:
        """How many messages are in the channels."""
        return sum(len(self.server.messages(channel)) for channel in self.channels)


@pytest.fixture
async def desk(services: Services) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(running())
        here = replace(on(services, server), clock=SetClock(real_now()))
        bot = await stack.enter_async_context(started(server, here, KEY))
        await bot.install(server.workspace)
        pacing = Pacing(100_000, 0.0)
        notifier = SlackNotifier(bot.workspaces, SlackPictures(pacing), pacing, lambda _row: ())
        delivery = Delivery(bot.services, {"slack": notifier}, plain_card, "start")
        channels = [server.workspace.add_channel(f"alerts-{n}") for n in range(CHANNELS)]
        yield Desk(bot, delivery, channels)


async def test_nothing_is_lost_and_slack_is_not_asked_for_every_row(desk: Desk) -> None:
    await desk.alert(each=2)
    workspace = desk.server.workspace
    workspace.refusal = "token_revoked"
    desk.server.requests.clear()
    assert await desk.delivery.drain() == 0
    asked = len(desk.server.requests)
    assert asked <= CHANNELS  # what was on its way already
    advance(desk.bot.services, timedelta(minutes=1))
    assert await desk.delivery.drain() == 0
    assert len(desk.server.requests) == asked
    assert await desk.counts() == {"pending": 2 * CHANNELS}
    assert await desk.reasons() == {REFUSED}

    workspace.refusal = ""
    await desk.bot.install(workspace)
    assert await desk.reasons() == {None}
    assert await desk.delivery.drain() == desk.told() == 2 * CHANNELS


async def test_what_waited_for_more_than_a_day_is_not_told_as_news(desk: Desk) -> None:
    await desk.alert()
    workspace = desk.server.workspace
    workspace.refusal = "token_revoked"
    await desk.delivery.drain()
    advance(desk.bot.services, timedelta(days=2))
    await desk.alert()
    workspace.refusal = ""
    await desk.bot.install(workspace)
    assert await desk.delivery.drain() == desk.told() == CHANNELS
    assert await desk.counts() == {"dead": CHANNELS, "sent": CHANNELS}


async def test_a_token_that_slack_takes_after_all_opens_the_channels(desk: Desk) -> None:
    await desk.alert()
    workspace, workspaces = desk.server.workspace, desk.bot.workspaces
    workspace.refusal = "token_revoked"
    await desk.delivery.drain()
    workspace.refusal = ""
    with pytest.raises(DeliveryError, match="token_revoked"):
        await workspaces.of(workspace.team)  # Slack is not asked again so soon
    advance(desk.bot.services, timedelta(minutes=6))
    await workspaces.of(workspace.team)  # as when somebody types a command
    assert await desk.delivery.drain() == CHANNELS


async def test_a_token_that_is_taken_again_opens_the_channels_although_nobody_types(
    desk: Desk,
) -> None:
    await desk.alert()
    workspace, workspaces = desk.server.workspace, desk.bot.workspaces
    workspace.refusal = "team_access_not_granted"
    await desk.delivery.drain()
    advance(desk.bot.services, timedelta(hours=1))
    await workspaces.ask_again()
    assert len(await desk.reasons()) == 1
    assert await desk.delivery.drain() == 0
    workspace.refusal = ""
    advance(desk.bot.services, timedelta(hours=1))
    await workspaces.ask_again()
    assert await desk.reasons() == {None}
    assert await desk.delivery.drain() == desk.told() == CHANNELS
    asked = len(desk.server.requests)
    await workspaces.ask_again()  # nobody is asked where nothing is closed
    assert len(desk.server.requests) == asked


async def test_a_workspace_that_fails_keeps_no_other_from_being_asked(desk: Desk) -> None:
    await desk.alert()
    workspace, workspaces = desk.server.workspace, desk.bot.workspaces
    broken = desk.server.add_workspace("Broken")
    broken.team = f"A{broken.team}"  # asked first
    workspace.refusal = "token_revoked"
    await desk.delivery.drain()
    workspace.refusal = ""

    async def closed(connection: AsyncConnection) -> None:
        now = desk.bot.services.clock.now()
        here = await receivers.receiver_of(
            connection, "slack", f"{broken.team}/C1", "#lost", now, broken.team
        )
        await reach.disable(connection, {here.id: (now, REFUSED)})

    await desk.bot.services.database.write(closed)
    advance(desk.bot.services, timedelta(hours=1))
    await workspaces.ask_again()
    assert await desk.reasons() == {None, REFUSED}


async def test_a_workspace_that_is_being_moved_is_only_put_off(desk: Desk) -> None:
    await desk.alert()
    workspace = desk.server.workspace
    workspace.refusal = "org_login_required"
    assert await desk.delivery.drain() == 0
    assert await desk.reasons() == {None}
    assert await desk.counts() == {"pending": CHANNELS}
    asked = len(desk.server.requests)
    advance(desk.bot.services, timedelta(minutes=4))
    assert await desk.delivery.drain() == 0
    assert len(desk.server.requests) == asked
    workspace.refusal = ""
    advance(desk.bot.services, timedelta(minutes=2))
    assert await desk.delivery.drain() == desk.told() == CHANNELS


@pytest.mark.parametrize("body", [b"[1]", b'{"ok": true}', b'{"ok": true, "team_id": "\xff"}'])
async def test_an_answer_that_is_none_of_slacks_spoils_no_row(desk: Desk, body: bytes) -> None:
    await desk.alert()
    workspaces = desk.bot.workspaces
    workspaces._known.clear()  # as after a start
    desk.server.next("auth.test", body=body, times=None)
    for _try in range(12):
        assert await desk.delivery.drain() == 0
        advance(desk.bot.services, timedelta(minutes=11))
    desk.server.faults.set.clear()
    assert await desk.delivery.drain() == desk.told() == CHANNELS


async def test_a_refusal_told_late_does_not_close_a_new_installation(desk: Desk) -> None:
    await desk.alert()
    old = await desk.bot.workspaces.of(desk.server.workspace.team)
    await desk.bot.install(desk.server.workspace)
    await desk.bot.workspaces.refused(old, "token_revoked")
    assert await desk.delivery.drain() == CHANNELS


async def test_what_is_on_its_way_while_the_bot_is_removed_waits(desk: Desk) -> None:
    await desk.bot.workspaces.remove(desk.server.workspace.team)
    await desk.alert()  # to channels that nobody has closed
    assert await desk.delivery.drain() == 0
    assert await desk.reasons() == {"the workspace has removed the bot"}
    await desk.bot.install(desk.server.workspace)
    advance(desk.bot.services, timedelta(minutes=1))
    assert await desk.delivery.drain() == CHANNELS
