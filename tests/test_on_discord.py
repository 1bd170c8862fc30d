"""`run` with a token: the whole program on a Discord of its own."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cards.markdown import as_seen
from bot.commands import COMMANDS
from bot.config import Settings, load
from bot.cycle.facts import release_facts
from bot.delivery import deliver_while
from bot.errors import UserError
from bot.services import Services
from bot.surfaces.discord_bot import CHANGED
from bot.watching import Watching
from cogs.buttons import custom_id
from storage import outbox, receivers
from storage.schema import receiver
from tests.living import live as program
from tests.living import with_history
from tests.servers.discord import Channel, DiscordServer, Member, permissions, pointed_at, running


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with running(DiscordServer()) as server:
        yield server


def settings_for(server: DiscordServer, folder: Path, **more: str) -> Settings:
    """The defaults, on this server."""
    environ = {"AFTERSHOCK_DATA": str(folder), "XDG_CONFIG_HOME": str(folder)}
    environ |= {"AFTERSHOCK_MARKET__SOURCE": "shipped", "AFTERSHOCK_DISCORD_TOKEN": server.token}
    environ |= {"AFTERSHOCK_DISCORD__API_URL": server.api_url, **more}
    return load(None, environ)


@asynccontextmanager
async def live(settings: Settings, server: DiscordServer) -> AsyncIterator[Services]:
    """The program on that server, until the context ends."""
    with pointed_at(server):
        async with program(settings) as services:
            yield services


@pytest.fixture
def folder(tmp_path: Path, whole_file: Path) -> Path:
    """A data folder whose history need not be read in again, nor what came after it be told."""
    return with_history(tmp_path, whole_file)


def shop(server: DiscordServer) -> tuple[Member, Channel]:
    """A server's owner and its channel."""
    guild = server.add_guild("Chips")
    return guild.members[server.owner.id], guild.add_channel("alerts")


async def tell(
    services: Services, channel: Channel, *nonces: str, model: str = "DeepSeek-R1"
) -> None:
    """Put the release of R1 on its way to a channel, so often, under that name."""
    known = services.releases
    release = next(r for r in known.releases if r.model == "DeepSeek-R1")
    release = replace(release, model=model)
    facts = release_facts(release, known.labs, known.exposures)

    async def work(connection: AsyncConnection) -> None:
        place = await receivers.find_receiver(connection, "discord", str(channel.id))
        assert place is not None
        for nonce in nonces:
            now = services.clock.now()
            await outbox.enqueue(connection, place.id, nonce, "post", facts, "R1", now)

    await services.database.write(work)


USE = {"requests": 10, "input": 2000, "output": 500}
GIVEN: Mapping[tuple[str, ...], Mapping[str, object]] = {
    ("releases", "search"): {"words": "llama"},
    ("model",): {"names": "DeepSeek-R1"},
    ("stress",): {"target": "NVDA"},
    ("impact",): {"release": "DeepSeek-R1"},
    ("cost", "price"): {"model": "GPT-4o"},
    ("cost", "compare"): {"models": "GPT-4o, DeepSeek-V3"},
    ("cost", "workload"): {"model": "GPT-4o", **USE},
    ("cost", "migrate"): {"from": "GPT-4o", "to": "DeepSeek-V3", **USE},
    ("feeds", "add"): {"url": "http://127.0.0.1:9/feed"},
    ("feeds", "remove"): {"name": "nothing"},
    ("feeds", "test"): {"feed": "http://127.0.0.1:9/feed"},
    ("alert", "add"): {"target": "NVDA"},
    ("alert", "remove"): {"number": 1},
    ("alert", "test"): {"target": "NVDA"},
    ("subscribe", "remove"): {"number": 2},
    ("silence", "add"): {"what": "NVDA", "for": "1d"},
    ("silence", "remove"): {"number": 1},
    ("room", "join"): {"code": "K7QM-2XRD"},
    ("basket", "show"): {"name": "ai"},
    ("basket", "add"): {"name": "mine", "symbols": "NVDA,AMD"},
    ("basket", "remove"): {"name": "mine"},
}


async def test_it_registers_once_and_answers_every_command(
    server: DiscordServer, folder: Path
) -> None:
    owner, channel = shop(server)
    settings = settings_for(server, folder)
    async with live(settings, server):
        await server.ready()
        assert server.overwrites == 1
        for command in COMMANDS:
            asked = server.interact(
                " ".join(command.path), dict(GIVEN.get(command.path, {})),
                by=owner, where=channel,
            )  # fmt: skip
            answer = await asked.response(30)
            said = str(answer.embeds) + answer.content
            assert "went wrong" not in said, command.name
            assert answer.embeds or answer.content, command.name
            assert answer.ephemeral, command.name
        offered = server.interact.autocomplete("drawdown", "target", "nv", by=owner, where=channel)
        assert (await offered.choices())[0]["value"] == "NVDA"
    async with live(settings, server):
        await server.ready()
        assert server.overwrites == 1  # nothing changed


async def test_an_alert_arrives_and_its_button_works_after_a_restart(
    server: DiscordServer, folder: Path
) -> None:
    owner, channel = shop(server)
    settings = settings_for(server, folder)
    nonce = "0" * 23 + "1"
    async with live(settings, server) as services:
        await server.ready()
        asked = server.interact("subscribe releases", {}, by=owner, where=channel)
        await asked.response(30)
        await tell(services, channel, nonce)
        await server.until(lambda: channel.sent, "the alert", 20)
    async with live(settings, server):
        await server.ready()
        (sent,) = channel.sent
        pressed = server.interact.press(sent, custom_id("snooze-1d", nonce), by=owner)
        await pressed.acknowledged()
        await server.until(lambda: "Snoozed" in sent.content + str(sent.embeds), "a mark", 10)
        guest = next(iter(server.guilds.values())).add_member(server.add_user("guest"))
        refused = server.interact.press(sent, custom_id("silence", nonce), by=guest)
        answer = await refused.response()
        assert answer.ephemeral


async def test_a_hostile_title_arrives_as_harmless_text(
    server: DiscordServer, folder: Path
) -> None:
    owner, channel = shop(server)
    async with live(settings_for(server, folder), server) as services:
        await server.ready()
        await server.interact("subscribe releases", {}, by=owner, where=channel).response(30)
        await tell(services, channel, "a" * 24, model="@everyone [click](http://evil) **x")
        await server.until(lambda: channel.sent, "the alert", 20)
    (sent,) = channel.sent
    assert sent.payload["mention_everyone"] is False
    assert "@everyone" not in sent.content  # a break that nobody sees stands in it
    assert "\\[click](http:" in sent.content  # an escaped bracket makes no link
    assert "@everyone [click](" in as_seen(sent.content).replace("\u200b", "")


async def test_a_refused_token_is_one_sentence(server: DiscordServer, folder: Path) -> None:
    settings = settings_for(server, folder, AFTERSHOCK_DISCORD_TOKEN="another")
    with pytest.raises(UserError, match="refuses the token in AFTERSHOCK_DISCORD_TOKEN"):
        async with live(settings, server):
            pass


@pytest.mark.parametrize(
    ("route", "what"),
    [
        ("GET /users/@me", 403),
        ("GET /users/@me", "reset before"),
        ("GET /users/@me", "cloudflare"),
        ("GET /gateway/bot", "reset before"),
        ("GET /gateway/bot", "cloudflare"),
    ],
)
async def test_a_start_that_is_refused_cut_off_or_blocked_is_tried_again(
    server: DiscordServer,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    route: str,
    what: int | Literal["reset before", "cloudflare"],
) -> None:
    monkeypatch.setattr("bot.surfaces.discord_connection.FIRST_PAUSE", 0.05)
    monkeypatch.setattr("bot.surfaces.discord_pacing.LEAST_BLOCKED_SECONDS", 0.3)
    server.fail(route, what, times=2, retry_after=0.3)
    async with live(settings_for(server, folder), server):
        await server.ready(seconds=10)


@pytest.mark.parametrize(
    ("route", "what"),
    [
        ("GET /users/@me", "page"),
        ("GET /users/@me", "cut short"),
        ("GET /oauth2/applications/@me", "page"),
        ("GET /gateway/bot", "page"),
    ],
)
async def test_an_answer_that_is_not_discords_is_ridden_out_and_said(
    server: DiscordServer,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    route: str,
    what: Literal["page", "cut short"],
) -> None:
    """As a proxy gives it, or a page that says that Discord is down."""
    monkeypatch.setattr("bot.surfaces.discord_connection.FIRST_PAUSE", 0.1)
    owner, channel = shop(server)
    fault = server.fail(route, what, times=3)
    async with live(settings_for(server, folder), server) as services:

        async def place(connection: AsyncConnection) -> None:
            address, now = str(channel.id), services.clock.now()
            await receivers.receiver_of(connection, "discord", address, "#alerts", now)

        await services.database.write(place)
        await tell(services, channel, "0" * 24)
        await server.ready(seconds=20)
        await server.until(lambda: channel.sent, "the message")
        # What the client forgot when it began anew works again.
        pressed = server.interact.press(channel.sent[0], custom_id("explain", "0" * 24), by=owner)
        answer = await pressed.response(20)
        assert answer.embeds or answer.content
    assert fault.met == 3
    assert len(channel.sent) == 1
    assert "could not send" not in caplog.text
    words = "client failed" if route == "GET /gateway/bot" else "log-in cannot be read"
    assert caplog.text.count(words) == 3
    assert caplog.text.count("Traceback") == 1


async def test_a_dropped_gateway_is_ridden_out(server: DiscordServer, folder: Path) -> None:
    owner, channel = shop(server)
    async with live(settings_for(server, folder), server):
        await server.ready()
        server.gateway.drop(1001)
        await server.until(lambda: server.gateway.resumed, "a resume", 20)
        answer = await server.interact("help", {}, by=owner, where=channel).response(20)
        assert answer.embeds


async def test_a_token_refused_meanwhile_stops_every_send_and_is_said(
    server: DiscordServer, folder: Path
) -> None:
    owner, channel = shop(server)
    async with live(settings_for(server, folder), server) as services:
        await server.ready()
        await server.interact("alert add", {"target": "NVDA"}, by=owner, where=channel).response(20)
        server.fail("POST /channels/*/messages", 401, times=None)
        await tell(services, channel, *(f"{number:024x}" for number in range(5)))
        await server.until(lambda: server.invalid, "a refusal", 20)
        answer = await server.interact("status", {}, by=owner, where=channel).response(20)
        assert "refuses the bot's token" in str(answer.embeds)
        async with services.database.read() as connection:
            assert "dead" not in await outbox.counts(connection)
            place = await receivers.find_receiver(connection, "discord", str(channel.id))
        assert place is not None
        assert place.disabled_reason is None
        tried = [one for one in server.requests if one.path.endswith("/messages")]
        assert len(tried) == 1


async def test_a_command_that_has_changed_is_answered(server: DiscordServer, folder: Path) -> None:
    owner, channel = shop(server)
    async with live(settings_for(server, folder), server):
        await server.ready()
        # As a reader's Discord still has them, and the program no more.
        server.commands["crash"] = server.commands["status"] | {"name": "crash"}
        (search,) = (o for o in server.commands["releases"]["options"] if o["name"] == "search")
        search["options"] = []
        for line in ("crash", "releases search"):
            answer = await server.interact(line, {}, by=owner, where=channel).response()
            assert (answer.content, answer.ephemeral) == (CHANGED, True), line


async def test_sends_are_finished_while_a_stubborn_job_ends(
    server: DiscordServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = asyncio.Event()

    async def stubborn(_watching: Watching) -> None:
        began.set()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        await asyncio.sleep(60)

    monkeypatch.setattr(Watching, "tell", stubborn)
    monkeypatch.setattr("bot.scheduling.STOP_SECONDS", 2.0)
    finishing = partial(deliver_while, finish_seconds=2.5)
    monkeypatch.setattr("bot.working.deliver_while", finishing)
    owner, channel = shop(server)
    loop = asyncio.get_running_loop()
    async with live(settings_for(server, folder), server) as services:
        await server.ready()
        await server.interact("alert add", {"target": "NVDA"}, by=owner, where=channel).response(20)
        await began.wait()
        hung = server.fail("POST /channels/*/messages", "hang before")
        await tell(services, channel, "0" * 24)
        await server.until(lambda: hung.met, "a send under way", 20)
        told = loop.time()
    assert loop.time() - told < 4


async def test_the_owner_is_told_once_that_channels_were_given_up(
    server: DiscordServer, folder: Path
) -> None:
    owner, channel = shop(server)
    assert channel.guild is not None
    other = channel.guild.add_channel("*more*")
    async with live(settings_for(server, folder), server) as services:
        await server.ready()
        for one in (channel, other):
            add = server.interact("alert add", {"target": "NVDA"}, by=owner, where=one)
            await add.response(20)
            one.deny(permissions.SEND_MESSAGES)
        long_ago = services.clock.now() - timedelta(hours=1)
        failing = update(receiver).values(failures=2, failing_since=long_ago)
        await services.database.write(lambda connection: connection.execute(failing))
        for one in (channel, other):
            await tell(services, one, f"{one.id:024x}")
        await server.until(lambda: server.dm(server.owner).sent, "a message to the owner", 20)
        await asyncio.sleep(0.3)
    (told,) = server.dm(server.owner).sent
    assert "has stopped telling" in told.content
    assert "#alerts: the bot may not write there" in told.content
