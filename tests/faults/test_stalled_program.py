"""The whole program stands still: its jobs run afterwards, its connections come back.

A process that is stopped does nothing at all, its threads neither, while the surfaces go on.
"""

import asyncio
import os
import signal
import time
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import release_facts
from bot.cycle.facts import release_facts as facts_of
from bot.jobs import Job, every
from bot.model.measured import JobRuns
from bot.scheduling import scheduled
from bot.services import SystemClock
from bot.surfaces.slack.places import address_of
from storage import outbox, receivers
from storage.database import Database
from tests.faults.programs import Program, programs
from tests.faults.waiting import eventually
from tests.servers.discord import DiscordServer
from tests.servers.slack import Channel, SlackServer
from tests.servers.slack import running as slack_running
from tests.slack_fanout import nonce_of

HEARTBEAT = 0.5


async def _enqueue_on_slack(one: Program, room: Channel, *names: str) -> None:
    """Something to tell there, written by another process."""
    database = await Database.open(f"sqlite+aiosqlite:///{one.database}")

    async def work(connection: AsyncConnection) -> None:
        now, known = SystemClock().now(), release_facts()
        facts = facts_of(known.releases[-1], known.labs, known.exposures)
        place = address_of(room.team, room.id)
        given = await receivers.receiver_of(connection, "slack", place, "#alerts", now, room.team)
        for name in names:
            await outbox.enqueue(
                connection, given.id, f"slack-{name}", "post", facts, f"message {name}", now
            )

    try:
        await database.write(work)
    finally:
        await database.close()


async def _stopped(one: Program, seconds: float) -> None:
    """Stop the process for so long."""
    loop = asyncio.get_running_loop()
    os.kill(one.process.pid, signal.SIGSTOP)
    try:
        until = loop.time() + seconds
        await eventually(lambda: loop.time() >= until, "the time is over", seconds + 5)
    finally:
        os.kill(one.process.pid, signal.SIGCONT)


def _beaten(server: DiscordServer, before: int) -> bool:
    return server.gateway.heartbeats > before


def _again(server: DiscordServer, before: int) -> bool:
    return server.gateway.resumed + server.gateway.identified > before


def _more(server: SlackServer, before: int) -> bool:
    return server.link.opened > before


def _told(server: SlackServer, room: Channel, before: int) -> bool:
    return len(server.messages(room)) > before


async def _stalls(folder: Path, history_file: Path, stalls: int, seconds: float) -> dict[str, Any]:
    async with programs(folder, history_file) as one, slack_running(SlackServer()) as slack:
        ann = slack.workspace.add_user("ann", admin=True)
        room = slack.workspace.add_channel("alerts", ann)
        one.environ |= {
            "AFTERSHOCK_SLACK_BOT_TOKEN": slack.workspace.bot_token,
            "AFTERSHOCK_SLACK_APP_TOKEN": slack.app_token,
            "AFTERSHOCK_SLACK__API_URL": slack.api_url,
        }
        gateway = one.server.gateway
        gateway.heartbeat_seconds = HEARTBEAT
        one.start()
        await one.begun()
        await one.server.ready()
        await slack.connected()
        names = [f"n{number}" for number in range(stalls)]
        for number, name in enumerate(names):
            beats, seen = gateway.heartbeats, gateway.resumed + gateway.identified
            await one.until(partial(_beaten, one.server, beats), "a heartbeat")
            stalling = asyncio.create_task(_stopped(one, seconds))
            await asyncio.sleep(0)
            await one.enqueue(name)
            await _enqueue_on_slack(one, room, name)
            if number % 2 == 0:
                # What is heard from no more is cut off.
                gateway.drop(4009)
                slack.drop()
            opened = slack.link.opened
            await stalling
            if number % 2 == 0:
                await one.until(partial(_again, one.server, seen), "Discord again", 60)
                await one.until(partial(_more, slack, opened), "Slack again", 60)
            await one.server.ready()
            await slack.connected()
            await one.until(partial(one.has, name), "the alert", 60)
            await one.until(partial(_told, slack, room, number), "the alert on Slack", 60)
        one.told_once(*names)
        assert [nonce_of(each) for each in slack.messages(room)] == [f"slack-{n}" for n in names]
        guild = one.channel.guild
        assert guild is not None
        owner = guild.members[one.server.owner.id]
        asked = one.server.interact("status", {}, by=owner, where=one.channel)
        assert "Discord" not in await one.said_to(asked)
        answered = await slack.command("status", user=ann, channel=room)
        assert "Working" in str(await answered.response())
        assert one.log.count("the program stood still for") >= stalls
        assert "Traceback" not in one.log
        return {
            "stalls": stalls, "resumed": gateway.resumed, "sessions": gateway.identified,
            "slack_sockets": slack.link.opened, "lost": 0, "double": 0,
        }  # fmt: skip


@pytest.mark.faults
async def test_a_process_that_is_stopped_comes_back(
    tmp_path: Path, history_file: Path, figures: Any
) -> None:
    figures("the process stands still", **await _stalls(tmp_path, history_file, 6, 8 * HEARTBEAT))


async def test_jobs_that_were_due_in_a_stall_run_after_it(caplog: pytest.LogCaptureFixture) -> None:
    """Each runs again soon, also where its grace is over; none beside itself or for each time."""
    runs: dict[str, JobRuns] = {}
    begun = SystemClock().now()
    at_once: Counter[str] = Counter()
    beside = 0

    async def work(name: str) -> None:
        nonlocal beside
        at_once[name] += 1
        beside += at_once[name] > 1
        await asyncio.sleep(0.05 if name == "slow" else 0)
        at_once[name] -= 1

    def nightly(previous: datetime | None, now: datetime) -> datetime:
        """At once, then at a moment in the first stall, then not for long."""
        due = begun + timedelta(seconds=0.8)
        return now if previous is None else due if previous < due else now + timedelta(days=1)

    planned = [
        Job("short of grace", partial(work, "short of grace"), every(0.1), grace_seconds=1),
        Job("graceful", partial(work, "graceful"), every(0.1)),
        Job("slow", partial(work, "slow"), every(0.1), grace_seconds=1),
        Job("nightly", partial(work, "nightly"), nightly, grace_seconds=86_400),
    ]
    often = [one.name for one in planned[:3]]
    async with scheduled(planned, begun, runs):
        for _stall in range(2):
            await eventually(lambda: all(runs[name].runs for name in often), "each ran")
            time.sleep(1.4)
            before = {name: runs[name].runs for name in often}
            await eventually(
                lambda b=before: all(runs[name].runs > b[name] for name in often),  # type: ignore[misc]
                "each ran after the stall",
            )
            assert all(runs[name].runs <= before[name] + 4 for name in often)
        await eventually(lambda: runs["nightly"].runs == 2, "what was due in the stall")
    assert beside == 0
    assert all(runs[name].failures == 0 for name in often)
    assert "was missed at" not in caplog.text
