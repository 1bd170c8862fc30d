"""What a command changes in one channel of a room holds in the other, and nowhere else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from bot.answers import sharing
from bot.answers.relevel import relevel
from bot.answers.shared import Kept
from bot.answers.sharing import kept_of
from bot.app import release_facts
from bot.commands import parse
from bot.config import load
from bot.cycle.seed import seed_shipped
from bot.errors import UserError
from bot.model.receiver import Receiver
from bot.services import Request, Services, SetClock
from storage import controls, ended
from storage.database import Database
from storage.schema import held_news, story
from tests.answers.linked import BESIDE, DISCORD, EVERYWHERE, SLACK, Rooms
from tests.cycle.falling import SmallMarket

NOW = datetime(2025, 3, 8, tzinfo=UTC)


@pytest.fixture
def rooms(seeded: Services) -> Rooms:
    return Rooms(seeded)


async def numbers(rooms: Rooms, where: Receiver) -> dict[str, int]:
    """The number of each alert, by target."""
    return {s.rule.target: s.id for s in await rooms.subscriptions(where) if s.rule}


async def change_levels(rooms: Rooms, where: Receiver, number: int, levels: str) -> None:
    """Other levels for an alert, as panels give them."""
    options = parse(f"/alert add x levels={levels}").options
    now = rooms.services.clock.now()
    await relevel(Request(options, rooms.services, where, now), number)


async def test_each_kind_of_change_reaches_the_other_side(rooms: Rooms) -> None:
    await rooms.link()
    await rooms.say(DISCORD, "/alert add NVDA levels=10 once=yes expires=30d mention=@desk")
    await rooms.say(SLACK, "/alert add ai members=yes")
    await rooms.say(SLACK, "/subscribe releases DeepSeek")
    await rooms.say(DISCORD, "/subscribe digest day 08:00 ai")
    for side in (DISCORD, SLACK):
        found = await rooms.subscriptions(side)
        assert sorted(s.kind for s in found) == ["digest", "releases", "rule", "rule"]
        nvda, ai = (next(s for s in found if s.rule and s.rule.target == t) for t in ("NVDA", "ai"))
        assert (nvda.once, ai.members) == (True, True)
        assert nvda.expires_at == rooms.services.clock.now() + timedelta(days=30)
        assert nvda.mention == ("@desk" if side is DISCORD else None)
    await rooms.say(SLACK, f"/alert remove {(await numbers(rooms, SLACK))['NVDA']}")
    assert list(await numbers(rooms, DISCORD)) == ["ai"]
    digest = next(s.id for s in await rooms.subscriptions(SLACK) if s.kind == "digest")
    await rooms.say(SLACK, f"/subscribe remove {digest}")
    assert len(await rooms.subscriptions(DISCORD)) == 2


async def test_what_a_subscription_lets_through_reaches_the_other_side_but_not_its_role(
    rooms: Rooms,
) -> None:
    await rooms.link()
    await rooms.say(DISCORD, "/subscribe releases DeepSeek,OpenAI")
    await rooms.say(SLACK, "/subscribe releases DeepSeek,OpenAI keywords=r1 role=@desk")
    await rooms.say(DISCORD, "/subscribe releases OpenAI rumours=yes without=mini")
    for side in (DISCORD, SLACK):
        found = await rooms.subscriptions(side)
        assert [s.filters for s in found] == [
            {"labs": ["deepseek", "openai"]},
            {"labs": ["deepseek", "openai"], "keywords": ["r1"]},
            {"labs": ["openai"], "without": ["mini"], "rumours": True},
        ]
        assert found[1].mention == ("@desk" if side is SLACK else None)
    with pytest.raises(UserError, match="told of new models of OpenAI and DeepSeek already"):
        await rooms.say(SLACK, "/subscribe releases OpenAI,deepseek")


async def test_a_silence_holds_and_ends_on_both_sides(rooms: Rooms) -> None:
    await rooms.link()
    await rooms.say(DISCORD, "/alert add NVDA")
    number = (await numbers(rooms, SLACK))["NVDA"]
    await rooms.say(SLACK, f"/silence add {number} 1d", "Bob")
    await rooms.say(SLACK, "/silence add all 1h", "Bob")
    here = {s.target: s for s in await rooms.silences(DISCORD)}
    assert set(here) == {f"rule:{(await numbers(rooms, DISCORD))['NVDA']}", ""}
    assert {s.by for s in here.values()} == {"Bob on Slack"}
    await rooms.say(DISCORD, f"/silence remove {here[''].id}")
    assert [s.target for s in await rooms.silences(SLACK)] == [f"rule:{number}"]


async def test_what_a_silence_held_wakes_on_both_sides_when_it_ends(rooms: Rooms) -> None:
    await rooms.say(DISCORD, "/alert add NVDA")
    await rooms.link()
    await rooms.say(DISCORD, "/silence add all 5d")
    keys = [(await rooms.stored(side)).id for side in (DISCORD, SLACK)]
    far = rooms.services.clock.now() + timedelta(days=5)

    async def hold(connection: Any) -> None:
        for key in keys:
            await controls.hold_news(connection, {
                "receiver_id": key, "facts": {}, "fallback": "", "held_by": "silence",
                "until": far, "created_at": far,
            })  # fmt: skip
            await connection.execute(insert(story).values(
                receiver_id=key, target="NVDA", window="1y", opened_at=far, level=1, told_level=0,
                due_at=far, held_by="silence",
            ))  # fmt: skip

    await rooms.services.database.write(hold)
    await rooms.say(SLACK, f"/silence remove {(await rooms.silences(SLACK))[0].id}")
    async with rooms.services.database.read() as connection:
        due = list((await connection.execute(select(story.c.due_at))).scalars())
        until = list((await connection.execute(select(held_news.c.until))).scalars())
    assert set(due + until) == {rooms.services.clock.now()}


async def test_other_levels_keep_the_story_and_the_silence_of_the_other_side(rooms: Rooms) -> None:
    await rooms.link()
    await rooms.say(SLACK, "/alert add NVDA levels=10 mention=@ops")
    number = (await numbers(rooms, DISCORD))["NVDA"]
    mine = (await rooms.subscriptions(SLACK))[0].id
    await rooms.say(SLACK, f"/silence add {mine} 1d", "Bob")
    began = (await rooms.subscriptions(SLACK))[0].created_at
    key = (await rooms.stored(SLACK)).id
    opened = insert(story).values(
        receiver_id=key, target="NVDA", window="1y", opened_at=began, level=1, told_level=0
    )
    await rooms.services.database.write(lambda c: c.execute(opened))
    rooms.later(hours=1)
    await change_levels(rooms, DISCORD, number, "15,25")
    (alert,) = await rooms.subscriptions(SLACK)
    assert alert.rule.levels == (150_000, 250_000)
    assert (alert.mention, alert.created_at) == ("@ops", began)
    quiet = await rooms.silences(SLACK)
    assert [(s.target, s.by) for s in quiet] == [(f"rule:{alert.id}", "Bob")]
    assert [s.by for s in await rooms.silences(DISCORD)] == ["Bob on Slack"]
    async with rooms.services.database.read() as connection:
        assert (await connection.execute(select(story.c.closed_at))).scalar() is None


async def test_what_is_told_once_on_one_side_stays_on_the_other(rooms: Rooms) -> None:
    await rooms.link()
    await rooms.say(DISCORD, "/alert add NVDA once=yes")
    (mine,) = await rooms.subscriptions(DISCORD)

    async def tell(connection: Any) -> None:
        await ended.spend(connection, [mine.id], 1)
        await ended.remove_spent(connection, [1])

    await rooms.services.database.write(tell)
    await rooms.say(DISCORD, "/alert add AMD")
    assert len(await rooms.subscriptions(DISCORD)) == 1
    assert set(await numbers(rooms, SLACK)) == {"NVDA", "AMD"}
    # Asked for once more, it is there on both sides, and once.
    await rooms.say(DISCORD, "/alert add NVDA once=yes")
    assert len(await rooms.subscriptions(SLACK)) == 2


async def test_a_full_channel_on_the_other_side_refuses_and_nothing_changes(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rooms.link()
    await rooms.say(SLACK, "/basket add mine NVDA,AMD")
    await rooms.say(SLACK, "/alert add mine")
    monkeypatch.setattr(sharing, "MOST_ALERTS", 1)
    with pytest.raises(UserError, match="#stocks on Slack, which is linked with this channel"):
        await rooms.say(DISCORD, "/alert add NVDA")
    assert await rooms.subscriptions(DISCORD) == []


def commands() -> st.SearchStrategy[tuple[Receiver, str, int]]:
    """A channel, what is typed there, and which of several things that is about."""
    lines = [
        "/alert add NVDA levels=10", "/alert add NVDA levels=20,30",
        "/alert add NVDA levels=10 expires=30d",
        "/alert add ai once=yes",
        "/alert add own levels=10", "/alert remove #", "levels 15", "levels 20,30",
        "/subscribe digest day 08:00 ai", "/subscribe digest day 09:00 own",
        "/subscribe releases DeepSeek", "/silence add NVDA 1h", "/silence add # 1d",
        "/silence add all 6h", "/silence add own 1d", "/silence add DeepSeek 1d",
        "/silence remove !", "/channel timezone=Asia/Taipei", "wait",
    ]  # fmt: skip
    return st.tuples(st.sampled_from(EVERYWHERE), st.sampled_from(lines), st.integers(0, 5))


async def play(rooms: Rooms, where: Receiver, line: str, which: int) -> str:
    """Do it; what was answered."""
    mine = [s.id for s in await rooms.subscriptions(where)] or [999]
    quiet = [s.id for s in await rooms.silences(where)] or [999]
    line = line.replace("#", str(mine[which % len(mine)]))
    line = line.replace("!", str(quiet[which % len(quiet)]))
    if where is BESIDE:  # it shares its baskets with the channel of its server
        line = line.replace("own", "beside")
    try:
        if line == "wait":
            rooms.later(hours=2)
        elif line.startswith("levels"):
            await change_levels(rooms, where, mine[which % len(mine)], line[7:])
        else:
            return str(await rooms.say(where, line, f"Ann-{where.address}"))
    except UserError as error:
        return str(error)
    return ""


def secrets(where: Receiver) -> set[str]:
    """What may not be read where: the names of channels, people and baskets of other tenants."""
    room = {DISCORD, SLACK}
    tenants = {r for r in EVERYWHERE if r.community != where.community}
    if where in room:
        tenants -= room
    words = {word for r in tenants for word in (r.title, f"Ann-{r.address}", f"@{r.owner}")}
    # Not even the other side of a room shows its own baskets.
    others = {f"@{r.owner}" for r in EVERYWHERE if r.community != where.community}
    return words | others


def terms(side: Kept) -> dict[Any, Any]:
    """What a channel gets, and on which terms."""
    return {k: (s.members, s.once, s.expires_at) for k, s in side.subscriptions.items()}


async def live(rooms: Rooms, first: list[Any], then: list[Any]) -> None:
    for where in EVERYWHERE:
        name = "beside" if where is BESIDE else "own"
        await rooms.say(where, "/channel")  # from now on it is on record
        await rooms.say(where, f"/basket add {name} NVDA,AMD the stocks of {where.address}")
    for step in first:
        await play(rooms, *step)
    await rooms.link()
    for where, line, which in then:
        before = {r.address: await rooms.raw(r) for r in EVERYWHERE}
        said = await play(rooms, where, line, which)
        assert not [word for word in secrets(where) if word in said], said
        now, mine = rooms.services.clock.now(), (DISCORD, SLACK)
        touched = {r.address for r in (mine if where in mine else (where,))}
        for r in EVERYWHERE:
            if r.address not in touched:
                assert await rooms.raw(r) == before[r.address], (where, line, r)
        keys = [(await rooms.stored(r)).id for r in mine]
        async with rooms.services.database.read() as connection:
            here, there = [await kept_of(connection, key, now) for key in keys]
        assert terms(here) == terms(there), (where, line)
        assert set(here.silences) == set(there.silences), (where, line)


@pytest.fixture(scope="module")
def small(blank: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a market of two symbols and a few days, so that alerts are soon made."""
    folder = tmp_path_factory.mktemp("small")
    copyfile(blank, folder / "small.db")

    async def fill() -> None:
        async with small_services(folder) as services:
            await seed_shipped(services, NOW)

    asyncio.run(fill())
    return folder / "small.db"


@asynccontextmanager
async def small_services(folder: Path) -> AsyncIterator[Services]:
    """Services on that market, on a database in the folder."""
    environ = {"AFTERSHOCK_DATA": str(folder), "XDG_CONFIG_HOME": str(folder)}
    settings = load(None, {**environ, "AFTERSHOCK_MARKET__SOURCE": "shipped"})
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/small.db", durable=False)
    market, random = SmallMarket([100, 95, 88, 80, 85]), Random(1)
    try:
        yield Services(settings, database, market, release_facts(), SetClock(NOW), random)
    finally:
        await database.close()


@settings(max_examples=4, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(first=st.lists(commands(), max_size=5), then=st.lists(commands(), min_size=8, max_size=14))
def test_both_sides_stay_equal_and_nobody_else_sees_or_feels_it(
    small: Path, first: list[Any], then: list[Any]
) -> None:
    async def run() -> None:
        with TemporaryDirectory() as folder:
            copyfile(small, Path(folder) / "small.db")
            async with small_services(Path(folder)) as services:
                await live(Rooms(services), first, then)

    asyncio.run(run())
