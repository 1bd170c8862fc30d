"""Discord as a surface: what arrives in a channel, is found again, and how refusals are taken."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import discord
import pytest

from bot.cards import charts
from bot.errors import DeliveryError, SurfaceStopped
from bot.model.card import Card, UnderwaterChart
from bot.model.receiver import MessageRef, Notification, Receiver
from bot.surfaces import discord_notifier
from bot.surfaces.discord_notifier import DiscordNotifier
from bot.surfaces.discord_pacing import Pacing
from tests.servers.discord import Channel, DiscordServer, permissions, pointed_at, running

POSTS = "POST /channels/*/messages"
CARD = Card(
    title="AI stocks are 13.7% below their peak", text="At the close.", badge="crossed −10%"
)
CHART = UnderwaterChart(
    "AI stocks", (date(2025, 1, 24), date(2025, 1, 27)), (100.0, 86.3), (100.0, 100.0), (0.1,),
    "USD", "AI stocks fell 13.7%", "Yahoo",
)  # fmt: skip


def buttons(notification: Notification) -> discord.ui.View:
    """One button that names the row."""
    view = discord.ui.View(timeout=None)
    custom_id = f"aftershock:explain:{notification.nonce}"
    view.add_item(discord.ui.Button[discord.ui.View](label="Explain", custom_id=custom_id))
    return view


@dataclass
class Told:
    """A Discord with a channel, and the notifier that tells it."""

    server: DiscordServer
    channel: Channel
    client: discord.Client
    notifier: DiscordNotifier
    number: int = 0

    def row(self, action: str = "post", **more: Any) -> Notification:
        """A row of the outbox for the channel."""
        self.number += 1
        receiver = Receiver(1, "discord", str(self.channel.id), "#alerts")
        now = datetime.fromtimestamp(self.server.clock.now(), UTC)
        return replace(
            Notification(self.number, receiver, f"{self.number:024x}", action, {}, "", now, 0),
            **more,
        )

    async def refused(self, action: str = "post", **more: Any) -> Exception:
        """The error that a row meets."""
        with pytest.raises((DeliveryError, SurfaceStopped, OSError)) as caught:
            await self.notifier.send(self.row(action, **more), CARD)
        return caught.value


@asynccontextmanager
async def telling(view: Callable[[Notification], Any] = buttons) -> AsyncIterator[Told]:
    """A client that is logged in at a loopback Discord."""
    server = DiscordServer()
    channel = server.add_guild("Chips").add_channel("alerts")
    pacing = Pacing(limit=1_000)
    server.limits.requests = 1_000
    server.limits.buckets.clear()
    async with asyncio.timeout(30), running(server):
        with pointed_at(server):
            client = discord.Client(intents=discord.Intents.none(), http_trace=pacing.trace)
            async with client:
                await client.login(server.token)
                yield Told(server, channel, client, DiscordNotifier(client, view, pacing))


async def test_a_post_has_its_headline_its_chart_and_its_buttons() -> None:
    async with telling() as told:
        row = told.row()
        ref = await told.notifier.send(row, replace(CARD, chart=CHART))
        (message,) = told.channel.sent
        assert ref == MessageRef(str(told.channel.id), str(message.id))
        assert message.content.startswith("**AI stocks are 13.7% below their peak**")
        assert message.embed["image"]["url"].endswith("chart.png")
        assert message.files["chart.png"] == await charts.draw(CHART, dark=True)
        assert [one["custom_id"] for one in message.components] == [
            f"aftershock:explain:{row.nonce}"
        ]
        # A view that were kept for each message would be kept for ever.
        assert not told.client._connection._view_store._views


async def test_a_reply_answers_its_root_and_an_edit_keeps_the_buttons() -> None:
    async with telling() as told:
        root = await told.notifier.send(told.row(), replace(CARD, chart=CHART))
        await told.notifier.send(told.row("reply", root=root), CARD)
        again = await told.notifier.send(told.row("edit", root=root), Card(title="Recovered"))
        first, second = told.channel.sent
        assert again == root
        assert second.payload["message_reference"]["message_id"] == root.message
        assert first.content == "**Recovered**"
        assert not first.payload["attachments"]
        assert [one["label"] for one in first.components] == ["Explain"]


async def test_a_reply_to_a_message_that_was_deleted_is_a_post() -> None:
    async with telling() as told:
        root = await told.notifier.send(told.row(), CARD)
        told.channel.order.clear()
        told.channel.messages.clear()
        await told.notifier.send(told.row("reply", root=root), CARD)
        assert len(told.channel.sent) == 1


@pytest.mark.parametrize(
    ("mention", "called"), [("<@&42>", ["42"]), ("@everyone", []), ("<@42>", []), ("", [])]
)
async def test_only_the_role_that_was_asked_for_is_called(mention: str, called: list[str]) -> None:
    allowed = discord_notifier.mentions(mention).to_dict()
    assert allowed.get("roles", []) == [int(one) for one in called]
    assert "everyone" not in allowed["parse"]
    assert "roles" not in allowed["parse"]


@pytest.mark.parametrize("view", [buttons, lambda _n: None])
@pytest.mark.parametrize("others", [0, 120])
async def test_what_was_sent_is_found_again(view: Any, others: int) -> None:
    async with telling(view) as told:
        row = told.row()
        assert await told.notifier.find(row) is None
        ref = await told.notifier.send(row, CARD)
        for _other in range(others):
            await told.notifier.send(told.row(), CARD)
        assert await told.notifier.find(row) == (ref if view is buttons else None)
        assert await told.notifier.find(told.row()) is None


async def test_a_send_ends_with_its_answer_although_it_uses_the_channels_limit_up() -> None:
    async with telling() as told:
        told.server.limits.buckets["post message"] = (5, 1.2)
        loop = asyncio.get_running_loop()
        began, ended = loop.time(), []
        for _message in range(11):
            await told.notifier.send(told.row(), CARD)
            ended.append(loop.time() - began)
        assert ended[4] < 0.9 < 1.1 < ended[5]  # the sixth waits, not the fifth
        assert ended[9] < 2.2 < 2.3 < ended[10]
        assert told.server.limited == 0
        many = [told.notifier.send(told.row(), CARD) for _message in range(6)]
        await asyncio.gather(*many)
        assert len(told.channel.sent) == 17
        assert told.server.limited == 0


@pytest.mark.parametrize("kind", ["reset after", "reset before"])
async def test_a_lost_answer_is_unknown_and_a_resend_arrives_once(kind: Any) -> None:
    async with telling() as told:
        told.server.fail(POSTS, kind)
        row = told.row()
        with pytest.raises(OSError):  # noqa: PT011 - any of its kind means that nobody knows
            await told.notifier.send(row, CARD)
        await told.notifier.send(row, CARD)  # within minutes the nonce is enforced
        assert len(told.channel.sent) == 1


@pytest.mark.parametrize(
    ("status", "code", "permanent", "blames", "said"),
    [
        (404, 10003, True, True, "the channel is gone"),
        (403, 50001, True, True, "let it view the channel"),
        (403, 50013, True, True, "embed links"),
        (403, 50007, True, True, "direct messages"),
        (400, 50083, True, True, "open it again"),
        (400, 160005, True, True, "unlock it"),
        (403, 160005, True, True, "unlock it"),
        (400, 50035, True, False, "refuses it"),
        (413, 40005, True, False, "refuses it"),
        (503, 0, False, True, "a fault of its own (503)"),
        (403, 0, False, True, "something before Discord refuses it (403)"),
        (404, 0, False, True, "something before Discord refuses it (404)"),
        (403, 40333, False, True, "something before Discord"),
        (403, 20001, True, True, "Discord refuses it"),
    ],
)
async def test_refusals(status: int, code: int, permanent: bool, blames: bool, said: str) -> None:
    async with telling() as told:
        told.server.fail(POSTS, status, code=code)
        error = await told.refused()
        assert isinstance(error, DeliveryError)
        assert (error.permanent, error.blames) == (permanent, blames)
        assert said in str(error)
        await told.notifier.send(told.row(), CARD)


async def test_an_edit_of_a_deleted_message_is_not_the_channels_fault() -> None:
    async with telling() as told:
        root = MessageRef(str(told.channel.id), "1")
        error = await told.refused("edit", root=root)
        assert isinstance(error, DeliveryError)
        assert (error.permanent, error.blames) == (True, False)


@asynccontextmanager
async def in_a_thread() -> AsyncIterator[tuple[Told, MessageRef]]:
    """A thread that was told something and then fell asleep; and what it was told."""
    async with telling() as told:
        told.channel = told.channel.add_thread("chips")
        root = await told.notifier.send(told.row(), replace(CARD, chart=CHART))
        told.channel.archive()
        yield told, root


async def test_an_edit_wakes_a_thread_that_fell_asleep() -> None:
    async with in_a_thread() as (told, root):
        edit = told.row("edit", root=root)
        assert await told.notifier.send(edit, replace(CARD, title="Recovered", chart=CHART)) == root
        (message,) = told.channel.sent
        assert message.content.startswith("**Recovered**")
        assert message.files["chart.png"] == await charts.draw(CHART, dark=True)  # whole, again
        assert not told.channel.archived


async def test_a_post_wakes_a_thread_by_itself() -> None:
    async with in_a_thread() as (told, _root):
        await told.notifier.send(told.row(), CARD)
        assert len(told.channel.sent) == 2
        assert not told.channel.archived
        assert told.server.invalid == 0


@pytest.mark.parametrize("obstacle", ["locked", "denied", "asleep again"])
async def test_an_edit_in_a_thread_that_stays_archived_blames_nobody(obstacle: str) -> None:
    async with in_a_thread() as (told, root):
        if obstacle == "locked":
            told.channel.locked = True
        elif obstacle == "denied":
            assert told.channel.parent is not None
            told.channel.parent.deny(permissions.SEND_MESSAGES_IN_THREADS)
        else:
            told.server.fail("PATCH /channels/*/messages/*", 400, code=50083, times=2)
        error = await told.refused("edit", root=root)
        assert isinstance(error, DeliveryError)
        assert (error.permanent, error.blames) == (True, False)
        assert "archived" in str(error)


@pytest.mark.parametrize("trouble", [503, 401, "reset after"])
async def test_trouble_while_a_thread_is_woken_leaves_the_edit_due(trouble: Any) -> None:
    async with in_a_thread() as (told, root):
        told.server.fail("PATCH /channels/*", trouble, times=1, skip=1)  # the first is the edit
        error = await told.refused("edit", root=root)
        assert not getattr(error, "permanent", False)


async def test_a_reply_where_history_may_not_be_read_is_a_post() -> None:
    async with telling() as told:
        root = await told.notifier.send(told.row(), CARD)
        told.channel.deny(permissions.READ_MESSAGE_HISTORY)
        row = told.row("reply", root=root)
        ref = await told.notifier.send(row, replace(CARD, chart=CHART))
        assert await told.notifier.send(row, CARD) == ref  # a resend is still known by its nonce
        assert len(told.channel.sent) == 2
        second = told.channel.sent[1]
        assert "message_reference" not in second.payload
        assert second.files["chart.png"] == await charts.draw(CHART, dark=True)
        assert [one["label"] for one in second.components] == ["Explain"]


@pytest.mark.parametrize("what", [401, "cloudflare"])
async def test_a_refused_token_and_a_block_stop_the_surface(what: Any) -> None:
    async with telling() as told:
        told.server.fail(POSTS, what)
        for _try in range(3):
            error = await told.refused()
            assert isinstance(error, SurfaceStopped)
        assert sum(one.path.endswith("/messages") for one in told.server.requests) == 1


async def test_a_connection_that_ended_for_good_stops_the_surface_and_is_said() -> None:
    async with telling() as told:
        await told.client.close()
        error = await told.refused()
        assert isinstance(error, SurfaceStopped)
        assert "start again" in str(error)


async def test_before_the_client_is_connected_a_row_waits() -> None:
    pacing = Pacing()
    client = discord.Client(intents=discord.Intents.none(), http_trace=pacing.trace)
    async with client:
        notifier = DiscordNotifier(client, buttons, pacing)
        receiver = Receiver(1, "discord", "1", "#alerts")
        row = Notification(1, receiver, "0" * 24, "post", {}, "", datetime.now(UTC), 0)
        with pytest.raises(DeliveryError, match="not connected"):
            await notifier.send(row, CARD)
