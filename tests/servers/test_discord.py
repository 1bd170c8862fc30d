"""The loopback Discord by the real client: servers, messages, interactions."""

import io
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest

from tests.servers.discord import Channel, DiscordServer, Member, NotOfferedError, User, running
from tests.servers.discord import permissions as may
from tests.servers.discord.interactions import Installed
from tests.servers.discord_bot import Bot, drawdown, started, whereabouts


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    """A loopback Discord."""
    async with running(DiscordServer()) as server:
        yield server


async def test_a_bot_logs_in_and_knows_its_servers(server: DiscordServer) -> None:
    guild = server.add_guild("Chips")
    thread = guild.add_channel("alerts").add_thread("nvda")
    role = guild.add_role("Watchers")
    server.add_guild("Elsewhere", joined=False)
    async with started(server) as bot:
        (seen,) = bot.guilds
        assert seen.name == "Chips"
        assert seen.get_role(role.id)
        assert [each.name for each in seen.text_channels] == ["alerts"]
        assert seen.get_thread(thread.id)
        assert seen.me.guild_permissions.send_messages
        later = guild.add_channel("later")
        guild.remove_channel(thread)
        fetched = await bot.fetch_channel(later.id)
        assert isinstance(fetched, discord.TextChannel)
        assert [each.name for each in seen.text_channels] == ["alerts", "later"]
        assert not seen.threads


async def test_a_message_is_posted_edited_and_read_back(server: DiscordServer) -> None:
    channel = server.add_guild("Chips").add_channel("alerts")
    async with started(server) as bot:
        there = bot.get_partial_messageable(channel.id)
        embed = discord.Embed(title="t").set_image(url="attachment://chart.png")
        file = discord.File(io.BytesIO(b"png\r\n--x"), "chart.png", description="a chart")
        sent = await there.send("hello", embed=embed, file=file)
        (kept,) = channel.sent
        assert kept.files == {"chart.png": b"png\r\n--x"}
        assert sent.attachments == []
        url = str(sent.embeds[0].image.url)
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            assert await answer.read() == b"png\r\n--x"
        await sent.edit(content="edited")
        assert (kept.content, kept.embed["title"]) == ("edited", "t")
        assert kept.embed["image"]["url"] == url
        await sent.edit(embed=None, attachments=[])
        assert (kept.embeds, kept.files) == ([], {})
        reply = await there.send("deeper", reference=sent)
        assert reply.reference
        assert reply.reference.message_id == sent.id
        await sent.delete()
        with pytest.raises(discord.NotFound) as caught:
            await sent.edit(content="again")
        assert caught.value.code == 10008
        with pytest.raises(discord.HTTPException, match="Unknown message"):
            await there.send("lost", reference=sent)


async def test_history_is_read_by_pages_in_every_direction(server: DiscordServer) -> None:
    channel = server.add_guild("Chips").add_channel("alerts")
    server.limits.buckets.clear()
    async with started(server) as bot:
        there = bot.get_partial_messageable(channel.id)
        sent = [await there.send(str(number)) for number in range(7)]
        for options, expected in (
            ({"limit": 2}, "65"),
            ({"before": sent[3], "limit": 2}, "21"),
            ({"after": sent[3], "limit": 2}, "45"),
            ({"around": sent[3], "limit": 3}, "432"),
            ({"limit": None}, "6543210"),
        ):
            found = "".join([each.content async for each in there.history(**options)])
            assert found == expected, options


async def test_a_nonce_is_remembered_for_five_minutes(server: DiscordServer) -> None:
    channel = server.add_guild("Chips").add_channel("alerts")
    async with started(server) as bot:
        there = bot.get_partial_messageable(channel.id)
        first = await there.send("hello", nonce="n1")
        server.clock.advance(299)
        assert (await there.send("hello", nonce="n1")).id == first.id
        server.clock.advance(2)
        assert (await there.send("hello", nonce="n1")).id != first.id
        assert (len(channel.sent), server.deduplicated) == (2, 1)


async def test_only_who_was_asked_for_is_mentioned(server: DiscordServer) -> None:
    guild = server.add_guild("Chips")
    channel = guild.add_channel("alerts")
    role, quiet = guild.add_role("Watchers", mentionable=True), guild.add_role("Quiet")
    text = f"<@&{role.id}> <@&{quiet.id}> @everyone"
    async with started(server) as bot:
        there = bot.get_partial_messageable(channel.id)
        for allowed, expected in (
            (None, [str(role.id)]),
            (discord.AllowedMentions.none(), []),
            (discord.AllowedMentions(everyone=True, roles=[discord.Object(quiet.id)]), []),
        ):
            await there.send(text, allowed_mentions=allowed or discord.utils.MISSING)
            told = channel.sent[-1].payload
            assert (told["mention_roles"], told["mention_everyone"]) == (expected, False)
        channel.overwrites.clear()
        guild.roles[guild.id].permissions |= may.MENTION_EVERYONE
        await there.send(text)
        assert channel.sent[-1].payload["mention_everyone"]


async def test_threads_direct_messages_and_what_others_do(server: DiscordServer) -> None:
    guild = server.add_guild("Chips")
    channel, ann, bob = guild.add_channel("alerts"), guild.add_member("ann"), server.add_user("b")
    role = guild.add_role("Mods", may.MANAGE_CHANNELS)
    mod = guild.add_member("mod", role)
    async with started(server) as bot:
        there = await bot.fetch_channel(channel.id)
        assert isinstance(there, discord.TextChannel)
        sent = await there.send("first")
        thread = await sent.create_thread(name="more")
        await thread.send("in the thread")
        assert [each.content for each in server.channels[thread.id].sent] == ["in the thread"]
        other = channel.say(ann, "hello")
        assert [each.author.name async for each in there.history()] == ["ann", "Aftershock"]
        with pytest.raises(discord.Forbidden):
            await (await there.fetch_message(other.id)).edit(content="mine")
        with pytest.raises(discord.Forbidden):
            await (await there.fetch_message(other.id)).delete()
        channel.remove_message(channel.messages[sent.id])
        with pytest.raises(discord.NotFound):
            await sent.edit(content="gone")
        await (await bot.fetch_user(bob.id)).send("directly")
        assert [each.content for each in server.dm(bob).sent] == ["directly"]
        assert mod.permissions(channel) & may.MANAGE_CHANNELS
        channel.rename("news")
        guild.remove_role(role)
        guild.outage()
        guild.recover()
        await bot.wait_for("guild_available", timeout=5)
        assert not mod.permissions(channel) & may.MANAGE_CHANNELS
        assert [each.name for each in bot.guilds[0].text_channels] == ["news"]
        assert {"guild_channel_update", "guild_role_delete", "guild_unavailable"} <= set(bot.events)
        assert bot.guilds[0].get_role(role.id) is None


async def test_what_is_denied_or_gone_is_refused(server: DiscordServer) -> None:
    guild = server.add_guild("Chips")
    ann = server.add_user("ann")
    ann.accepts_dms = False
    hidden, silent, bare, gone = (guild.add_channel(each) for each in "hsbg")
    hidden.deny(may.VIEW_CHANNEL)
    silent.deny(may.SEND_MESSAGES)
    bare.deny(may.EMBED_LINKS)
    locked = bare.add_thread("locked")
    locked.locked = True
    guild.remove_channel(gone)
    async with started(server) as bot:
        for channel, code in (
            (hidden, 50001), (silent, 50013), (bare, 50013), (gone, 10003), (locked, 160005),
            (server.dm(ann), 50007),
        ):  # fmt: skip
            embed = discord.Embed(title="t") if channel is bare else discord.utils.MISSING
            with pytest.raises(discord.HTTPException) as caught:
                await bot.get_partial_messageable(channel.id).send("x", embed=embed)
            assert caught.value.code == code
        bare.allow_all()
        await bot.get_partial_messageable(bare.id).send("x")
        server.remove_guild(guild)
        with pytest.raises(discord.Forbidden):
            await bot.get_partial_messageable(bare.id).send("x")
        assert server.invalid == 5


async def test_a_command_is_answered_and_its_controls_work(server: DiscordServer) -> None:
    guild = server.add_guild("Chips")
    channel = guild.add_channel("alerts")
    ann = guild.add_member("ann")
    async with started(server, drawdown):
        assert (server.overwrites, list(server.commands)) == (1, ["drawdown"])
        asked = server.interact("drawdown", {"target": "NVDA"}, by=ann, where=channel)
        assert await asked.acknowledged() == 5
        answer = await asked.response()
        assert (answer.embed["title"], answer.ephemeral) == ("NVDA over 252", True)
        assert answer.files == {"chart.png": b"png"}
        assert answer.labels == ["Again", "Note"]
        assert [each.content for each in await asked.followups()] == ["more"]
        assert channel.sent == []
        typing = server.interact.autocomplete("drawdown", "target", "NV", by=ann, where=channel)
        assert await typing.choices() == [{"name": "NVDA", "value": "NVDA"}]
        pressed = server.interact.press(answer, "Again", by=ann)
        assert (await pressed.edited()).content == "again"
        chosen = server.interact.select(answer, "where", [channel], by=ann)
        assert (await chosen.edited()).content == "in alerts"
        opened = server.interact.press(answer, "Note", by=ann)
        assert (await opened.modal())["title"] == "A note"
        noted = server.interact.submit(opened, {"text": "hm", "tone": ["Dry"]})
        assert (await noted.response()).content == "noted hm, dry"


async def test_what_discord_would_not_offer_is_not_sent(server: DiscordServer) -> None:
    guild = server.add_guild("Chips")
    channel = guild.add_channel("alerts")
    ann, bob = guild.add_member("ann"), server.add_user("bob")
    mod = guild.add_member("mod", guild.add_role("Mods", may.MANAGE_CHANNELS))

    def prepare(bot: Any) -> None:
        drawdown(bot)
        whereabouts(bot)

    async with started(server, prepare):
        here: dict[str, Any] = {"by": ann, "where": channel}
        for line, values, more, message in (
            ("nothing", {}, {}, "no command /nothing"),
            ("who", {}, {}, "a group"),
            ("who are", {}, {}, "no subcommand 'are'"),
            ("drawdown", {}, {}, "needs ['target']"),
            ("drawdown", {"target": 3}, {}, "takes no int"),
            ("drawdown", {"target": "x", "window": 0}, {}, "between 1 and 500"),
            ("drawdown", {"target": "x", "deep": 1}, {}, "no option ['deep']"),
            ("manage", {}, {}, "not offered to ann"),
            ("manage", {}, {"by": bob, "where": server.dm(bob)}, "context 1"),
            ("drawdown", {"target": "x"}, {"installed": "user"}, "installed it for a user"),
        ):
            with pytest.raises(NotOfferedError, match=re.escape(message)):
                server.interact(line, values, **{**here, **more})
        managed = server.interact("manage", by=mod, where=channel)
        await managed.response()
        await server.until(lambda: managed.deleted, "deleted")
        assert channel.sent == []


async def test_it_is_told_where_it_is_asked_and_by_whom(server: DiscordServer) -> None:
    guild, other = server.add_guild("Chips"), server.add_guild("Elsewhere", joined=False)
    channel, thread = guild.add_channel("a"), guild.add_channel("b").add_thread("t")
    role = guild.add_role("Mods", may.MANAGE_CHANNELS)
    ann, mod = guild.add_member("ann"), guild.add_member("mod", role)
    away, bob = other.add_member("cy"), server.add_user("bob")
    everything = {"member": mod, "role": role, "channel": channel}
    async with started(server, whereabouts):
        asked: list[tuple[Member | User, Channel, Installed, dict[str, Any], str]] = [
            (ann, channel, "guild", everything, "server guild ann False ['mod', 'Mods', 'a']"),
            (mod, thread, "guild", {}, "server guild mod True []"),
            (away, other.add_channel("x"), "user", {}, "server user cy False []"),
            (bob, server.dm(bob), "guild", {}, "direct guild bob False []"),
            (bob, server.private_channel(bob), "user", {}, "private user bob False []"),
        ]
        for by, where, installed, values, expected in asked:
            said = server.interact("who say", values, by=by, where=where, installed=installed)
            assert (await said.response()).content == expected
        assert len(channel.sent) == len(thread.sent) == 1


async def test_an_answer_that_is_late_or_given_twice_is_refused(server: DiscordServer) -> None:
    guild = server.add_guild("Chips")
    channel, ann = guild.add_channel("a"), guild.add_member("ann")
    caught: list[int] = []
    wait = [16 * 60, 0]

    def prepare(bot: Bot) -> None:
        @bot.tree.command(name="twice", description="Twice")
        async def twice(interaction: discord.Interaction) -> None:
            response = discord.InteractionResponse(interaction)
            for each in (interaction.response, response):
                try:
                    await each.send_message("x")
                except discord.HTTPException as error:
                    caught.append(error.code)
            server.clock.advance(wait.pop(0))
            try:
                await interaction.followup.send("y")
            except discord.HTTPException as error:
                caught.append(error.code)
            server.bell.ring()

    async with started(server, prepare):
        server.interact("twice", by=ann, where=channel)
        await server.until(lambda: len(caught) == 2, "two refusals")
        assert caught == [40060, 50027]
        server.acknowledge_seconds = 0.0
        late = server.interact("twice", by=ann, where=channel)
        await server.until(lambda: len(caught) == 5, "three refusals more")
        assert caught[2:] == [10062, 10062, 10015]
        assert late.callback is None
