"""Ninety simulated days with everything in use: nothing lost, nothing twice, nothing that grows."""

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from bot.surfaces.slack.places import address_of
from tests.faults.soak_expected import SERIES, falls, news
from tests.faults.soak_worker import FALLS, LEFT_ALONE, Places, live
from tests.faults.soak_world import BEGIN, LivingYahoo, Market, publish
from tests.servers import feeds, yahoo
from tests.servers.discord import DiscordServer
from tests.servers.discord import running as discord_running
from tests.servers.slack import SlackServer
from tests.servers.slack import running as slack_running

# Megabytes, from the eleventh day on.
MOST_GROWTH = 10.0
_CONTEXT = get_context("forkserver")


async def soak(folder: Path, days: int, seed: int, seconds: float) -> dict[str, Any]:
    """Live so many days; what was found at the end."""
    moment = _CONTEXT.Value("d", BEGIN.timestamp())

    def now() -> datetime:
        return datetime.fromtimestamp(moment.value, UTC)

    discord, slack = DiscordServer(), SlackServer()
    discord.limits.requests, discord.limits.buckets = 10_000, {}
    guild = discord.add_guild("Chips")
    rooms = [guild.add_channel(f"alerts-{number}") for number in range(4)]
    talks = [slack.workspace.add_channel(f"alerts-{number}") for number in range(3)]
    there = LivingYahoo(market=Market(seed), moment=now)
    async with (
        yahoo.running(there),
        feeds.serving() as lists,
        discord_running(discord),
        slack_running(slack),
    ):
        publish(lists, now)
        channels = (
            ("console", "local", ""),
            *(("discord", str(one.id), str(guild.id)) for one in rooms[:-1]),
            *(("slack", address_of(one.team, one.id), one.team) for one in talks[:-1]),
            ("discord", str(rooms[-1].id), str(guild.id)),
            ("slack", address_of(talks[-1].team, talks[-1].id), talks[-1].team),
        )
        places = Places(
            there.base_url, lists.url(""), discord.api_url, discord.token, slack.api_url,
            slack.workspace.bot_token, channels,
        )  # fmt: skip
        child = _CONTEXT.Process(target=live, args=(str(folder), places, days, moment, seed))
        child.start()
        try:
            await asyncio.to_thread(child.join, seconds)
            assert child.exitcode == 0, (folder / "log").read_text()[-3000:]
        finally:
            child.kill()
            child.join()
        arrived = {
            **{str(one.id): len(one.sent) for one in rooms},
            **{address_of(one.team, one.id): len(slack.messages(one)) for one in talks},
        }
    return {
        "days": _lines(folder / "days.jsonl"),
        "lived": days,
        "arrived": arrived,
        "console": _lines(folder / "console.jsonl"),
        "market": there.market,
        "alone": [address for _surface, address, _ in channels[-LEFT_ALONE:]],
        **_told(folder),
    }


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def _told(folder: Path) -> dict[str, Any]:
    """What the outbox says at the end."""
    with closing(sqlite3.connect(folder / "aftershock.db")) as database:
        database.row_factory = sqlite3.Row
        rows = database.execute(
            "SELECT o.*, r.address FROM outbox o JOIN receiver r ON r.id = o.receiver_id"
        ).fetchall()
    return {"rows": rows}


def judge(found: dict[str, Any], figures: Callable[..., None], name: str) -> None:
    """Nothing lost, nothing double; what was told is printed."""
    rows = found["rows"]
    states = Counter(row["state"] for row in rows)
    lost = [row["fallback"] for row in rows if row["state"] not in ("sent", "dead")]
    said = Counter(
        row["address"] for row in rows if row["state"] == "sent" and row["action"] != "edit"
    )
    assert lost == []
    for address, count in found["arrived"].items():
        assert count == said[address], address
    twice = Counter(
        (row["address"], row["action"], row["fallback"], row["created_at"])
        for row in rows
        if row["state"] == "sent" and row["action"] != "edit"
    )
    assert [key for key, times in twice.items() if times > 1] == []
    shown = Counter(entry["nonce"] for entry in found["console"] if "nonce" in entry)
    assert [nonce for nonce, times in shown.items() if times > 1] == []
    days = found["days"]
    for address in found["alone"]:
        told = [
            (json.loads(row["facts"]), row["created_at"])
            for row in rows
            if row["address"] == address and (row["state"], row["action"]) == ("sent", "post")
        ]
        # Those that ship with the program are told of as well; none is of this series.
        released = [
            one["model"]
            for facts, _ in told
            if facts["kind"] == "release"
            for one in facts["models"]
            if SERIES.match(one["model"])
        ]
        assert sorted(released) == sorted(news(found["lived"])), address
        crossed = [
            (facts["target"], facts["crossed_on"])
            for facts, _ in told
            if facts["kind"] == "drawdown"
        ]
        assert sorted(crossed) == falls(found["market"], FALLS, found["lived"]), address
    kinds = Counter(json.loads(row["facts"])["kind"] for row in rows)
    figures(
        name, sent=states["sent"], taken_back=states["dead"], kinds=dict(kinds),
        memory=f"{days[min(10, len(days) - 1)]['memory']:.0f} then {days[-1]['memory']:.0f} MB",
        files=f"{days[0]['files']} then {days[-1]['files']}",
        tasks=f"{days[0]['tasks']} then {days[-1]['tasks']}",
        a_day=f"{(days[-1]['size'] - days[0]['size']) / max(1, len(days) - 1) / 1024:.0f} KB",
        **{key: days[-1][key] for key in ("answered", "refused", "charts", "changed", "pressed")},
    )  # fmt: skip


@pytest.mark.faults
@pytest.mark.timeout(660)
async def test_two_days(tmp_path: Path, figures: Callable[..., None]) -> None:
    judge(await soak(tmp_path, 2, 7, 600), figures, "two simulated days")


@pytest.mark.faults
@pytest.mark.timeout(2_460)
async def test_ninety_days(tmp_path: Path, figures: Callable[..., None]) -> None:
    found = await soak(tmp_path, 90, 7, 2_400)
    judge(found, figures, "ninety simulated days")
    days = found["days"]
    assert days[-1]["memory"] - days[10]["memory"] <= MOST_GROWTH
    # Connections come and go, to the database too: the most of each half is what may not grow.
    files = [day["files"] for day in days]
    assert max(files[45:]) <= max(files[:45]) + 2
    assert abs(days[-1]["tasks"] - days[10]["tasks"]) <= 2
