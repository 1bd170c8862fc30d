"""/healthz, /readyz and /metrics, asked over HTTP of the whole program."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import probes
from bot.config import Settings, load
from bot.cycle.facts import release_facts
from bot.errors import UserError
from bot.model.measured import JobRuns
from bot.probes import failing, not_ready, probing
from bot.sections import listening
from bot.services import Services, Stopped
from storage import outbox, receivers
from tests.delivering import until
from tests.living import live, with_history
from tests.servers import discord, slack
from tests.servers.slack import SlackServer
from tests.servers.slack.faults import Fault
from tests.servers.slack.refusals import RefusedError
from tests.test_metrics import samples

NOW = datetime(2025, 1, 27, 22, tzinfo=UTC)
SOON, LATE = NOW + timedelta(seconds=1), NOW - timedelta(minutes=6)
TICKS = 10_000.0
WELL: Mapping[str, Any] = {
    "ticks": TICKS, "now": NOW, "began": 0.0, "turned": TICKS - 1,
    "runs": {"poll": JobRuns(1, 0, [TICKS - 20])}, "due": {"poll": SOON},
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({}, []),
        ({"turned": None, "began": TICKS - 100}, []),
        (
            {"turned": None, "began": TICKS - 121},
            ["No messages have been sent or looked for in 2 minutes."],
        ),
        ({"turned": TICKS - 119}, []),
        ({"turned": TICKS - 180}, ["No messages have been sent or looked for in 3 minutes."]),
        (
            {"runs": {"poll": JobRuns(2, 0, [TICKS - 901, TICKS - 1])}},
            ["The job poll has not ended in 15 minutes."],
        ),
        ({"due": {"poll": NOW - timedelta(minutes=4)}}, []),
        ({"due": {"poll": LATE}}, ["The job poll should have run 6 minutes ago."]),
        ({"due": {"poll": None}}, ["The job poll does not run any more."]),
        ({"due": {}}, ["The job poll does not run any more."]),
        # What is asked for the first time has not run yet.
        ({"runs": {"poll": JobRuns()}}, []),
    ],
)
def test_why_the_bot_does_not_do_its_work(change: Mapping[str, Any], reasons: list[str]) -> None:
    assert failing(**{**WELL, **change}) == reasons


@pytest.mark.parametrize(
    ("gateways", "stopped", "unheard", "reasons"),
    [
        ({}, "", "", []),
        ({"discord": True, "slack": True}, "", "", []),
        ({"discord": False, "slack": True}, "", "", ["Discord is not connected."]),
        ({"slack": False}, "", "slack", ["Slack is not connected: it is down."]),
        ({"slack": True}, "slack", "", ["Slack takes no messages: it is down."]),
        # One refused token is one reason.
        ({"slack": False}, "slack", "", ["Slack takes no messages: it is down."]),
        ({"slack": False}, "slack", "slack", ["Slack takes no messages: it is down."]),
    ],
)
def test_which_surfaces_cannot_be_used(
    gateways: Mapping[str, bool], stopped: str, unheard: str, reasons: list[str]
) -> None:
    down = Stopped("it is down.", NOW)
    assert (
        not_ready(gateways, {stopped: down} if stopped else {}, {unheard: down} if unheard else {})
        == reasons
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("127.0.0.1:9464", ("127.0.0.1", 9464)),
        (" 0.0.0.0:0 ", ("0.0.0.0", 0)),
        ("[::1]:80", ("::1", 80)),
        ("bot.internal:9464", ("bot.internal", 9464)),
        ("", None),
        ("  ", None),
    ],
)
def test_an_address_to_listen_on(text: str, place: tuple[str, int] | None) -> None:
    assert listening(text) == place


@pytest.mark.parametrize("text", ["9464", "localhost", "::1:80", "http://a:1", "a:65536", "a:-1"])
def test_another_address_is_one_sentence(text: str, tmp_path: Path) -> None:
    environ = {"AFTERSHOCK_DATA": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    with pytest.raises(UserError, match=r"AFTERSHOCK_HEALTH__LISTEN.*such as 127\.0\.0\.1:9464"):
        load(None, {**environ, "AFTERSHOCK_HEALTH__LISTEN": text})


@pytest.fixture
def folder(tmp_path: Path, history_file: Path) -> Path:
    return with_history(tmp_path, history_file)


def settings_for(folder: Path, **more: str) -> Settings:
    environ = {"AFTERSHOCK_DATA": str(folder), "XDG_CONFIG_HOME": str(folder)}
    environ |= {"AFTERSHOCK_MARKET__SOURCE": "shipped", "AFTERSHOCK_HEALTH__LISTEN": "127.0.0.1:0"}
    return load(None, environ | more)


class Asking:
    """Asks a running program; its address is the one that its log names."""

    def __init__(self, session: aiohttp.ClientSession, log: pytest.LogCaptureFixture) -> None:
        self._session, self._log = session, log

    def address(self) -> str:
        found = re.findall(r"/metrics are at (http://\S+)", self._log.text)
        return found[-1] if found else ""

    async def __call__(self, path: str, method: str = "GET") -> tuple[int, str]:
        async with self._session.request(method, f"{self.address()}{path}") as answer:
            return answer.status, await answer.text()

    async def metrics(self) -> dict[str, float]:
        status, page = await self("/metrics")
        assert status == 200
        return samples(page)


@pytest.fixture
async def ask(caplog: pytest.LogCaptureFixture) -> AsyncIterator[Asking]:
    caplog.set_level("INFO")
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        yield Asking(session, caplog)


@asynccontextmanager
async def running(settings: Settings, ask: Asking) -> AsyncIterator[Services]:
    """The program, once it answers."""
    async with live(settings) as services:
        await until(lambda: ask.address() != "")
        yield services


async def tell(services: Services, surface: str, address: str, community: str) -> None:
    """Put the release of R1 on its way to a channel."""
    known = services.releases
    release = next(r for r in known.releases if r.model == "DeepSeek-R1")
    facts = release_facts(release, known.labs, known.exposures)

    async def work(connection: AsyncConnection) -> None:
        now = services.clock.now()
        place = await receivers.receiver_of(connection, surface, address, "#a", now, community)
        nonce = services.nonce()
        await outbox.enqueue(connection, place.id, nonce, "post", facts, "R1", now)

    await services.database.write(work)


async def test_both_platforms_are_connected_told_and_measured(ask: Asking, folder: Path) -> None:
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(discord.running(discord.DiscordServer()))
        there = await stack.enter_async_context(slack.running(SlackServer()))
        stack.enter_context(discord.pointed_at(here))
        ann = there.workspace.add_user("ann", admin=True)
        desk, alerts = there.workspace.add_channel("desk", ann), here.add_guild("Chips")
        told = alerts.add_channel("alerts")
        settings = settings_for(
            folder,
            AFTERSHOCK_DISCORD_TOKEN=here.token,
            AFTERSHOCK_DISCORD__API_URL=here.api_url,
            AFTERSHOCK_SLACK_BOT_TOKEN=there.workspace.bot_token,
            AFTERSHOCK_SLACK_APP_TOKEN=there.app_token,
            AFTERSHOCK_SLACK__API_URL=there.api_url,
        )
        services = await stack.enter_async_context(running(settings, ask))
        gateways = services.live.measured.gateways
        await until(lambda: gateways == {"discord": True, "slack": True})
        assert await ask("/readyz") == (200, '{"status": "ok"}')
        assert await ask("/healthz") == (200, '{"status": "ok"}')

        await tell(services, "discord", str(told.id), f"discord/{alerts.id}")
        await tell(services, "slack", f"{desk.team}/{desk.id}", desk.team)
        outcomes = services.live.measured.outcomes
        await until(lambda: outcomes["discord", "sent"] + outcomes["slack", "sent"] == 2)
        found = await ask.metrics()
        for surface in ("discord", "slack"):
            label = f'{{surface="{surface}"}}'
            assert found[f"aftershock_gateway_connected{label}"] == 1
            assert found[f"aftershock_surface_stopped{label}"] == 0
            assert found[f"aftershock_delivery_lag_seconds{label}"] == 0
            assert found[f"aftershock_delivery_duration_seconds_count{label}"] == 1
            assert found[f"aftershock_receivers{label}"] == 1
            sent = f'{{outcome="sent",surface="{surface}"}}'
            assert found[f"aftershock_delivery_attempts_total{sent}"] == 1
        assert found["aftershock_cycles_total"] >= 1
        assert found['aftershock_job_runs_total{job="poll"}'] >= 1
        assert found["aftershock_database_bytes"] > 1_000_000
        page = (await ask("/metrics"))[1] + (await ask("/healthz"))[1]
        for secret in (here.token, there.workspace.bot_token, there.app_token):
            assert secret not in page

        # A gateway that breaks off is not ready until it is there again.
        here.gateway.drop()
        await until(lambda: not gateways["discord"])
        assert not_ready(gateways, {}, {}) == ["Discord is not connected."]
        await until(lambda: gateways["discord"])
        assert (await ask("/readyz"))[0] == 200


async def test_a_slack_that_cannot_be_reached_is_not_ready_but_healthy(
    ask: Asking, folder: Path
) -> None:
    async with slack.running(SlackServer()) as server:
        refusal = RefusedError("internal_error")
        server.faults.set.append(Fault("apps.connections.open", refusal, times=None))
        settings = settings_for(
            folder,
            AFTERSHOCK_SLACK_BOT_TOKEN=server.workspace.bot_token,
            AFTERSHOCK_SLACK_APP_TOKEN=server.app_token,
            AFTERSHOCK_SLACK__API_URL=server.api_url,
        )
        async with running(settings, ask):
            status, body = await ask("/readyz")
            assert (status, json.loads(body)) == (
                503,
                {
                    "status": "not ready",
                    "reasons": [
                        "Slack is not connected: Slack cannot be reached (internal_error)."
                    ],
                },
            )
            assert (await ask("/healthz"))[0] == 200
            found = await ask.metrics()
            assert found['aftershock_gateway_connected{surface="slack"}'] == 0


def _warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was said of the probes beyond where they are."""
    found = [one for one in caplog.records if one.name == "bot.probes" and one.levelname != "INFO"]
    return [one.getMessage() for one in found]


async def test_only_what_is_there_may_be_read(
    ask: Asking, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(settings_for(folder), ask):
        assert await ask("/readyz") == (200, '{"status": "ok"}')  # there is the console only
        assert await ask("/healthz", "HEAD") == (200, "")
        assert (await ask("/metrics", "HEAD"))[0] == 200
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            assert (await ask("/metrics", method))[0] == 405
        for path in ("/", "/metrics/", "/healthz/..", "/favicon.ico"):
            assert (await ask(path))[0] == 404
        assert _warned(caplog) == []


async def test_whoever_holds_connections_open_keeps_nobody_out(
    ask: Asking, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "CONNECTION_SECONDS", 0.5)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(settings_for(folder), ask))
        port = int(ask.address().rpartition(":")[2])
        held = []
        for number in range(80):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            if number % 2:
                writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            held.append(reader)
        assert (await ask("/healthz"))[0] == 200
        assert (await ask("/metrics"))[0] == 200
        for reader in held:  # each is closed in the end, by whoever came later or by its time
            with suppress(ConnectionResetError):
                assert await asyncio.wait_for(reader.read(), 10) == b""
        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        stack.callback(writer.close)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n")
        assert b" 400 " in await asyncio.wait_for(_reader.readline(), 10)
        assert (await ask("/healthz"))[0] == 200


async def test_a_port_in_use_is_one_warning_and_the_bot_goes_on(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        async with live(settings_for(folder, AFTERSHOCK_HEALTH__LISTEN=listen)) as services:
            await until(lambda: services.live.measured.delivery_turned is not None)
            await until(lambda: "health.listen" in caplog.text)
    (warned,) = _warned(caplog)
    assert warned == (
        f"nothing answers /healthz, /readyz and /metrics: health.listen is {listen}, which another "
        "program uses; set it to another address or port, or to nothing"
    )


async def test_an_address_that_others_reach_is_warned_of(
    folder: Path, ask: Asking, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(settings_for(folder, AFTERSHOCK_HEALTH__LISTEN="0.0.0.0:0"), ask):
        pass
    assert _warned(caplog) == [
        "health.listen is 0.0.0.0: whoever reaches that address may read how the bot is"
    ]


async def test_a_database_that_does_not_answer_is_unhealthy(
    services: Services, tmp_path: Path, ask: Asking
) -> None:
    listen = services.settings.health.model_copy(update={"listen": "127.0.0.1:0"})
    settings = services.settings.model_copy(update={"health": listen})
    changed = Services(**{**vars(services), "settings": settings})
    async with probing(changed, ["console"], dict):
        assert await ask("/healthz") == (200, '{"status": "ok"}')
        await services.database.close()
        for file in tmp_path.glob("test.db*"):
            file.unlink()
        (tmp_path / "test.db").mkdir()
        status, body = await ask("/healthz")
        assert (status, json.loads(body)) == (
            503,
            {
                "status": "failing",
                "reasons": ["The database does not answer (OperationalError)."],
            },
        )
        found = await ask.metrics()
        assert found["aftershock_database_up"] == 0
        assert not [name for name in found if name.startswith("aftershock_queue")]
