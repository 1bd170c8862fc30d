"""The loopback Discord's limits, faults and checks, by the real client."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random
from typing import Any

import aiohttp
import discord
import pytest

from tests.servers.discord import DiscordServer, Latency, running
from tests.servers.discord.world import Channel
from tests.servers.discord_bot import Bot, drawdown, started

POST = "POST /channels/*/messages"


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    """A loopback Discord."""
    async with running(DiscordServer()) as server:
        yield server


Post = Callable[..., Awaitable[tuple[int, Any, Any]]]


@pytest.fixture
async def post(server: DiscordServer) -> AsyncIterator[Post]:
    """Post without the client: returns status, body, headers."""
    headers = {"Authorization": f"Bot {server.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def post(channel: Channel, **body: Any) -> tuple[int, Any, Any]:
            url = f"{server.api_url}/channels/{channel.id}/messages"
            async with session.post(url, json=body or {"content": "x"}) as answer:
                return answer.status, await answer.json(content_type=None), answer.headers

        yield post


async def test_no_more_than_fifty_in_a_second_over_all(server: DiscordServer, post: Post) -> None:
    guild = server.add_guild("Chips")
    channels = [guild.add_channel(f"c{number}") for number in range(60)]
    ann = guild.add_member("ann")
    assert (server.limits.requests, server.limits.seconds) == (50, 1.0)
    server.limits.seconds = 60
    answers = await asyncio.gather(*(post(each) for each in channels))
    refused = [(body, headers) for status, body, headers in answers if status == 429]
    assert len(refused) == server.limited == 10
    body, headers = refused[0]
    assert body["global"] is True
    assert 50 < body["retry_after"] <= 60
    assert float(headers["Retry-After"]) == body["retry_after"]
    assert headers["X-RateLimit-Global"] == "true"
    assert headers["Via"]
    assert server.busiest(60) == len(server.arrivals) == 60
    server.limits.seconds = 0.2
    async with started(server, drawdown) as bot:
        server.limits.requests = 1
        limited = server.limited
        for channel in channels[:2]:
            await bot.get_partial_messageable(channel.id).send("y")
            # Answers to interactions are let through nevertheless.
            asked = server.interact("drawdown", {"target": "NVDA"}, by=ann, where=channel)
            assert (await asked.response()).embeds
        assert server.limited > limited


async def test_no_more_than_five_in_a_channel_and_the_client_knows(
    server: DiscordServer, post: Post
) -> None:
    guild = server.add_guild("Chips")
    one, other = guild.add_channel("one"), guild.add_channel("other")
    assert server.limits.buckets["post message"] == (5, 5.0)
    server.limits.buckets["post message"] = (5, 60)
    left = [(await post(one))[2]["X-RateLimit-Remaining"] for _ in range(5)]
    assert left == ["4", "3", "2", "1", "0"]
    status, body, headers = await post(one)
    assert (status, body["global"]) == (429, False)
    assert 50 < body["retry_after"] <= 60
    assert headers["X-RateLimit-Limit"] == "5"
    assert float(headers["X-RateLimit-Reset-After"]) == body["retry_after"]
    assert 50 < float(headers["X-RateLimit-Reset"]) - time.time() <= 60
    assert (await post(other))[0] == 200
    server.limits.buckets["post message"] = (5, 0.2)
    limited = server.limited
    async with started(server) as bot:
        there = bot.get_partial_messageable(other.id)
        for _ in range(13):
            await there.send("x")
    assert server.limited == limited
    assert len(other.sent) == 14


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (404, 10003, discord.NotFound),
        (403, 50001, discord.Forbidden),
        (403, 50013, discord.Forbidden),
        (503, 0, discord.DiscordServerError),
        (401, 0, discord.HTTPException),
    ],
)
async def test_a_request_fails_as_told(
    server: DiscordServer, status: int, code: int, error: type[discord.HTTPException]
) -> None:
    channel = server.add_guild("Chips").add_channel("alerts")
    fault = server.fail(POST, status, code=code, skip=1)
    async with started(server) as bot:
        there = bot.get_partial_messageable(channel.id)
        await there.send("first")
        with pytest.raises(error) as caught:
            await there.send("second")
        assert (caught.value.status, caught.value.code) == (status, code)
        await there.send("third")
    assert fault.met == 1
    assert [each.content for each in channel.sent] == ["first", "third"]


@pytest.mark.parametrize(
    ("kind", "stored"), [("reset before", 0), ("reset after", 1), ("cloudflare", 0)]
)
async def test_a_post_is_lost_or_its_answer_is(
    server: DiscordServer, kind: Any, stored: int
) -> None:
    channel = server.add_guild("Chips").add_channel("alerts")
    server.fail(POST, kind)
    async with started(server) as bot:
        there = bot.get_partial_messageable(channel.id)
        with pytest.raises((aiohttp.ClientError, OSError, discord.HTTPException)):
            await there.send("x", nonce="n")
        assert len(channel.sent) == stored
        await there.send("x", nonce="n")
        assert len(channel.sent) == 1


@pytest.mark.parametrize(("kind", "stored"), [("hang before", 0), ("hang after", 1)])
async def test_a_post_hangs(server: DiscordServer, kind: Any, stored: int) -> None:
    channel = server.add_guild("Chips").add_channel("alerts")
    server.fail(POST, kind)
    async with started(server) as bot:
        sending = asyncio.ensure_future(bot.get_partial_messageable(channel.id).send("x"))
        path = f"/channels/{channel.id}/messages"
        await server.until(lambda: server.requests[-1].path == path, "arrived")
        done, _ = await asyncio.wait([sending], timeout=0.05)
        assert not done
        assert len(channel.sent) == stored
        sending.cancel()


async def test_latency_is_drawn_from_a_seed(server: DiscordServer, post: Post) -> None:
    channel = server.add_guild("Chips").add_channel("alerts")
    server.latency = Latency(0.06, 0.02, Random(3))
    began = time.monotonic()
    await post(channel)
    took, arrived = time.monotonic() - began, server.arrivals[0] - began
    random = Random(3)
    ways = [(0.06 + random.uniform(-0.02, 0.02)) / 2 for _ in range(2)]
    assert arrived >= ways[0] - 0.002
    assert took >= sum(ways) - 0.004


def row(*inside: dict[str, Any]) -> dict[str, Any]:
    """An action row."""
    return {"type": 1, "components": list(inside)}


BUTTON = {"type": 2, "style": 2, "label": "x", "custom_id": "a"}
OPTION = {"label": "x", "value": "x"}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"content": "x" * 2001}, "content"),
        ({"content": "x", "nonce": "n" * 26}, "nonce"),
        ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title"),
        ({"embeds": [{"description": "x" * 4097}]}, "embeds.0.description"),
        ({"embeds": [{"fields": [{"name": "n", "value": "x" * 1025}]}]}, "embeds.0.fields.0.value"),
        ({"embeds": [{"fields": [{"name": "", "value": "x"}]}]}, "embeds.0.fields.0.name"),
        ({"embeds": [{"fields": [{"name": "n", "value": "x"}] * 26}]}, "embeds.0.fields"),
        ({"embeds": [{"footer": {"text": "x" * 2049}}]}, "embeds.0.footer.text"),
        ({"embeds": [{"description": "x" * 3001}] * 2}, "embeds"),
        ({"embeds": [{"title": "x"}] * 11}, "embeds"),
        ({"embeds": [{"image": {"url": "attachment://no.png"}}]}, "embeds.0.image.url"),
        ({"embeds": [{"url": "javascript:x"}]}, "embeds.0.url"),
        ({"components": [row(BUTTON)] * 6}, "components"),
        ({"components": [row(BUTTON, BUTTON)]}, "components.0.components.1.custom_id"),
        ({"components": [row(*[BUTTON] * 6)]}, "components.0.components"),
        ({"components": [row({**BUTTON, "custom_id": "x" * 101})]},
         "components.0.components.0.custom_id"),
        ({"components": [row({**BUTTON, "label": "x" * 81})]}, "components.0.components.0.label"),
        ({"components": [row({"type": 3, "custom_id": "a", "options": [OPTION] * 26})]},
         "components.0.components.0.options"),
        ({"flags": 1 << 15, "components": [{"type": 10, "content": "x" * 4001}]}, "components"),
        ({"flags": 1 << 15, "components": [{"type": 10, "content": "x"}] * 41}, "components"),
        ({"flags": 1 << 15, "content": "x", "components": [row(BUTTON)]}, "content"),
        ({"content": "x", "allowed_mentions": {"parse": ["roles"], "roles": ["1"]}},
         "allowed_mentions"),
    ],
)  # fmt: skip
async def test_what_is_too_long_is_refused_by_name(
    server: DiscordServer, post: Post, body: dict[str, Any], path: str
) -> None:
    channel = server.add_guild("Chips").add_channel("alerts")
    status, told, _ = await post(channel, **body)
    assert (status, told["code"]) == (400, 50035)
    at = told["errors"]
    for step in path.split("."):
        at = at[step]
    assert at["_errors"][0]["message"]
    assert channel.sent == []


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"name": "Big"}, "0.name"),
        ({"name": "x" * 33}, "0.name"),
        ({"description": "x" * 101}, "0.description"),
        ({"options": [{"type": 3, "name": f"o{n}", "description": "d"} for n in range(26)]},
         "0.options"),
        ({"options": [{"type": 3, "name": "o", "description": "d",
                       "choices": [{"name": f"c{n}", "value": "v"} for n in range(26)]}]},
         "0.options.0.choices"),
        ({"options": [{"type": 3, "name": "a", "description": "d"},
                      {"type": 3, "name": "b", "description": "d", "required": True}]},
         "0.options.1"),
    ],
)  # fmt: skip
async def test_commands_beyond_the_limits_are_refused(
    server: DiscordServer, options: dict[str, Any], path: str
) -> None:
    url = f"{server.api_url}/applications/{server.application_id}/commands"
    headers = {"Authorization": f"Bot {server.token}"}
    body = [{"name": "x", "description": "d", **options}]
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.put(url, json=body) as answer,
    ):
        told = await answer.json(content_type=None)
    assert (answer.status, told["code"], server.overwrites) == (400, 50035, 0)
    at = told["errors"]
    for step in path.split("."):
        at = at[step]
    assert at["_errors"]


async def test_choices_beyond_the_limits_are_refused(server: DiscordServer) -> None:
    guild = server.add_guild("Chips")
    ann, channel = guild.add_member("ann"), guild.add_channel("a")

    def prepare(bot: Bot) -> None:
        drawdown(bot)

        @bot.event
        async def on_interaction(interaction: discord.Interaction) -> None:
            choices: list[Any] = [discord.app_commands.Choice(name="x", value="v")] * 26
            with pytest.raises(discord.HTTPException, match="between 0 and 25"):
                await interaction.response.autocomplete(choices)

        bot.tree.interaction_check = refuse  # type: ignore[method-assign]

    async def refuse(interaction: discord.Interaction) -> bool:
        return False

    async with started(server, prepare):
        typing = server.interact.autocomplete("drawdown", "target", "NV", by=ann, where=channel)
        await server.until(lambda: typing.refused, "refused")
        assert typing.refused[0]["code"] == 50035
        assert typing.callback is None


async def test_ten_thousand_channels_make_it_no_slower(server: DiscordServer, post: Post) -> None:
    guild = server.add_guild("Chips")
    channels = [guild.add_channel(f"c{number}") for number in range(10_000)]
    server.limits.requests = 10_000
    headers = {"Authorization": f"Bot {server.token}"}
    took = []
    async with aiohttp.ClientSession(headers=headers) as session:
        for batch in range(5):
            used = time.process_time()
            for channel in channels[batch::500]:
                url = f"{server.api_url}/channels/{channel.id}/messages"
                async with session.post(url, json={"content": "x"}) as answer:
                    assert answer.status == 200
            took.append((time.process_time() - used) / 20)
    assert min(took) < 0.008, f"{min(took) * 1000:.2f} ms a post, client and server"
