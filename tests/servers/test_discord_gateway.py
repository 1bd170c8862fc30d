"""The loopback Discord's gateway, by the real client."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Callable

import aiohttp
import discord
import pytest

from tests.servers.discord import DiscordServer, logged_in, running, serving_in_thread
from tests.servers.discord_bot import Bot, drawdown, started, whereabouts


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    """A loopback Discord."""
    async with running(DiscordServer()) as server:
        yield server


@pytest.mark.parametrize(
    ("interrupt", "comes_back"),
    [
        (lambda server: server.gateway.reconnect(), "resume"),
        (lambda server: server.gateway.invalidate(resumable=True), "resume"),
        (lambda server: server.gateway.invalidate(resumable=False), "identify"),
        (lambda server: server.gateway.drop(4000), "resume"),
        (lambda server: server.gateway.drop(4009), "resume"),
        (lambda server: server.gateway.drop(), "resume"),
    ],
    ids=["reconnect", "invalid, resumable", "invalid", "closed", "timed out", "cut"],
)
async def test_an_interrupted_bot_comes_back(
    server: DiscordServer, interrupt: Callable[[DiscordServer], None], comes_back: str
) -> None:
    guild = server.add_guild("Chips")
    channel, ann = guild.add_channel("alerts"), guild.add_member("ann")
    async with started(server, whereabouts):
        interrupt(server)
        await server.until(lambda: len(server.gateway.log) >= 3, "back")
        assert server.gateway.log[1] == "closed"
        assert server.gateway.log[2].startswith(comes_back)
        await server.ready()
        asked = server.interact("who say", by=ann, where=channel)
        assert (await asked.response()).content == "server guild ann False []"


async def test_a_resumed_bot_is_told_what_it_missed(server: DiscordServer) -> None:
    guild = server.add_guild("Chips")
    async with started(server) as bot:
        told = asyncio.ensure_future(bot.wait_for("guild_channel_create", timeout=5))
        await asyncio.sleep(0)
        server.gateway.drop()
        missed = guild.add_channel("missed")
        assert bot.get_channel(missed.id) is None
        await server.until(lambda: server.gateway.resumed, "resumed")
        assert (await told).id == missed.id
        assert "resumed" in bot.events
        assert server.gateway.identified == 1


async def test_servers_are_shared_out_among_shards(server: DiscordServer) -> None:
    server.gateway.shards = 3
    guilds = [server.add_guild(f"g{number}") for number in range(6)]
    ann = guilds[4].add_member("ann")
    channel = guilds[4].add_channel("alerts")
    async with started(server, whereabouts) as bot:
        assert bot.shard_count == 3
        assert {each.id for each in bot.guilds} == {each.id for each in guilds}
        assert {each.shard_id for each in bot.guilds} == {0, 1, 2}
        assert len(server.gateway.connected()) == 3
        before = {each.shard: each.seq for each in server.gateway.connected()}
        asked = server.interact("who say", by=ann, where=channel)
        assert (await asked.response()).content == "server guild ann False []"
        told = {each.shard for each in server.gateway.connected() if each.seq > before[each.shard]}
        assert told == {(guilds[4].id >> 22) % 3}


async def test_who_identifies_too_soon_has_to_do_it_again(server: DiscordServer) -> None:
    server.gateway.shards, server.gateway.identify_seconds = 2, 0.1
    async with started(server):
        await server.ready(2)
        assert server.gateway.early
        assert server.gateway.identified == 2


@pytest.mark.parametrize(
    ("token", "intents", "error"),
    [
        (None, discord.Intents(guilds=True, members=True), discord.PrivilegedIntentsRequired),
        ("another", discord.Intents(guilds=True), discord.LoginFailure),
    ],
)
async def test_who_may_not_log_in_does_not(
    server: DiscordServer, token: str | None, intents: discord.Intents, error: type[Exception]
) -> None:
    with pytest.raises(error):
        async with logged_in(server, Bot(intents=intents), token=token):
            pass


@pytest.mark.parametrize(
    ("intents", "expected"),
    [
        (discord.Intents(guilds=True), []),
        (discord.Intents(guilds=True, guild_messages=True), ["message"]),
    ],
)
async def test_messages_are_told_to_who_intends_to_hear_of_them(
    server: DiscordServer, intents: discord.Intents, expected: list[str]
) -> None:
    channel = server.add_guild("Chips").add_channel("alerts")
    async with started(server, intents=intents) as bot:
        joined = asyncio.ensure_future(bot.wait_for("guild_join", timeout=5))
        await bot.get_partial_messageable(channel.id).send("hello")
        # Events come in order: what was to be told of the message has been told by then.
        server.add_guild("Later")
        await joined
        assert [each for each in bot.events if each == "message"] == expected


@pytest.mark.parametrize("compress", ["", "&compress=zlib-stream"])
async def test_the_gateway_speaks_compressed_or_not(server: DiscordServer, compress: str) -> None:
    server.gateway.heartbeat_seconds = 7
    inflate = zlib.decompressobj()

    async def received(socket: aiohttp.ClientWebSocketResponse) -> dict[str, object]:
        message = await socket.receive(5)
        text = inflate.decompress(message.data) if compress else message.data
        told: dict[str, object] = json.loads(text)
        return told

    url = f"{server.gateway_url}?v=10&encoding=json{compress}"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        assert (await received(socket))["d"] == {"heartbeat_interval": 7000}
        await socket.send_json({"op": 1, "d": None})
        assert (await received(socket))["op"] == 11
        await socket.send_json({"op": 6, "d": {"session_id": "x", "seq": 1, "token": server.token}})
        told = await received(socket)
        assert (told["op"], told["d"]) == (9, False)


async def test_a_server_in_a_thread_answers_while_the_client_stalls() -> None:
    server = DiscordServer()
    guild = server.add_guild("Chips")
    channel, ann = guild.add_channel("alerts"), guild.add_member("ann")
    with serving_in_thread(server):
        async with started(server, drawdown) as bot:
            await bot.get_partial_messageable(channel.id).send("hello", nonce="n")
            asked = server.interact("drawdown", {"target": "NVDA"}, by=ann, where=channel)
            answer = await asked.response()
            pressed = server.interact.press(answer, "Again", by=ann)
            assert (await pressed.edited()).content == "again"
            server.gateway.reconnect()
            await server.until(lambda: server.gateway.resumed, "resumed")
    assert [each.content for each in channel.sent] == ["hello"]
