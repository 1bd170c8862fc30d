"""export and import: everything comes back equal, nothing twice, every mistake in its place."""

import asyncio
import json
import stat
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from shutil import copyfile

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.own_feeds import feed_of
from bot.app import release_facts
from bot.config import Settings, load
from bot.cycle.tick import tick, timing_of
from bot.errors import UserError
from bot.market.shipped import ShippedHistory
from bot.model.receiver import Receiver
from bot.services import Services, SetClock
from bot.transfer import export, take_in
from bot.transfer.checked import check
from bot.transfer.document import Document, as_json, as_toml, read
from bot.transfer.gather import bare, gather
from bot.transfer.taken import Done, take
from storage import chosen, feeds, guilds, outbox, receivers
from storage.chosen import Link
from storage.database import Database
from tests.asking import ask
from tests.conftest import START
from tests.once import made_once

DISCORD = Receiver(0, "discord", "10", "#alerts", community="77")
SLACK = Receiver(0, "slack", "T1/C1", "#markets", community="T1")
CHANNEL = "version = 1\n[[channels]]\nsurface = 'slack'\naddress = '1'\ntitle = ''\n"
COMMANDS = (
    "/alert add NVDA levels=5,12.5 window=3m mention=@desk",
    "/alert add ai members=true expires=30d",
    "/alert add NVDA above 150,200 once=true",
    "/alert add NVDA below 90",
    "/alert add ai move 3 repeat=6h",
    "/alert add NVDA high",
    "/alert add ai crowding 90",
    "/basket add my-chips symbols=NVDA,AMD,TSM title='our chips'",
    "/alert add my-chips levels=10",
    "/subscribe releases labs=DeepSeek,OpenAI kinds=code without=mini study=always role=@ml",
    "/subscribe releases keywords=reasoning open_only=true rumours=true",
    "/subscribe prices labs=OpenAI percent=20 parting=30",
    "/subscribe digest basket=my-chips at=18:30",
    "/subscribe digest basket=ai at=08:00 every=week weekday=fri",
    "/channel quiet=22:00-07:00 timezone=Asia/Taipei cap=5",
    "/silence add NVDA for=2d",
    "/silence add 1 for=3d",
    "/silence add openai",
)


@pytest.fixture(scope="session")
def full_file(history_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Discord server's channel with a bit of everything, and a Slack channel linked with it."""

    def make(path: Path) -> None:
        copyfile(history_file, path)
        asyncio.run(_fill(path))

    return made_once(tmp_path_factory, "full.db", make)


async def _fill(path: Path) -> None:
    environ = {"AFTERSHOCK_DATA": str(path.parent), "XDG_CONFIG_HOME": str(path.parent)}
    settings = load(None, {**environ, "AFTERSHOCK_MARKET__SOURCE": "shipped"})
    database = await Database.open(f"sqlite+aiosqlite:///{path}", durable=False)
    services = Services(
        settings, database, ShippedHistory(), release_facts(), SetClock(START), Random(1)
    )
    for line in COMMANDS:
        await ask(line, services, DISCORD)
    await ask("/alert add AMD levels=20", services, SLACK)

    async def work(connection: AsyncConnection) -> None:
        one = await receivers.find_receiver(connection, "discord", "10")
        other = await receivers.find_receiver(connection, "slack", "T1/C1")
        assert one is not None
        assert other is not None
        await receivers.claim_set_up(connection, other.id, "U7")
        await chosen.add_link(connection, Link(one.id, other.id, "ann", "bob"), "digest", START)
        item = feed_of("https://example.com/feed?key=k", "deepseek", "discord:77")
        await feeds.add_feed(connection, item, START, "ann")
        await guilds.set_guild(connection, "77", guilds.GuildSettings("99", public_answers=True))

    await database.write(work)
    await database.close()


@asynccontextmanager
async def _opened(settings: Settings, path: Path) -> AsyncIterator[Services]:
    database = await Database.open(f"sqlite+aiosqlite:///{path}", durable=False)
    clock = SetClock(START)
    yield Services(settings, database, ShippedHistory(), release_facts(), clock, Random(1))
    await database.close()


@pytest.fixture
async def full(settings: Settings, full_file: Path, tmp_path: Path) -> AsyncIterator[Services]:
    """Services on that database."""
    copyfile(full_file, tmp_path / "full.db")
    async with _opened(settings, tmp_path / "full.db") as services:
        yield services


@pytest.fixture
async def other(settings: Settings, history_file: Path, tmp_path: Path) -> AsyncIterator[Services]:
    """Services on another database, with the history and nobody in it."""
    copyfile(history_file, tmp_path / "other.db")
    async with _opened(settings, tmp_path / "other.db") as services:
        yield services


async def _export(services: Services) -> Document:
    async with services.database.read() as connection:
        return await gather(connection, services.settings, services.clock.now())


async def _import(services: Services, document: Document) -> Done:
    now = services.clock.now()
    async with services.database.read() as connection:
        plan = await check(connection, services, document, now)
    assert plan.mistakes == []
    return await services.database.write(lambda c: take(c, services, plan, now))


async def _mistakes(services: Services, values: dict[str, object]) -> list[str]:
    document = Document.model_validate({"version": 1, **values})
    async with services.database.read() as connection:
        return (await check(connection, services, document, START)).mistakes


async def test_what_is_exported_and_imported_elsewhere_is_exported_equal(
    full: Services, other: Services, tmp_path: Path
) -> None:
    document = await _export(full)
    channel = document.channels[0]
    kinds = (channel.alerts, channel.releases, channel.prices, channel.digests)
    assert [len(one) for one in kinds] == [8, 2, 1, 2]
    assert len(channel.silences) == 2
    assert channel.alerts[0].silenced_until == START + timedelta(days=3)
    (tmp_path / "a.toml").write_text(as_toml(document), "utf-8")
    (tmp_path / "a.json").write_text(as_json(document), "utf-8")
    assert read(tmp_path / "a.toml") == read(tmp_path / "a.json") == document
    done = await _import(other, read(tmp_path / "a.toml"))
    assert done.added == {
        "basket": 1, "feed": 1, "channel": 2, "alert": 9, "subscription": 5, "silence": 3,
        "community": 1, "room": 1,
    }  # fmt: skip
    assert await _export(other) == document


async def test_imported_twice_is_imported_once(full: Services, other: Services) -> None:
    document = await _export(full)
    first = await _import(other, document)
    again = await _import(other, document)
    assert not again.added
    assert not again.changed
    assert again.there == first.added
    assert await _export(other) == document


async def test_nothing_there_is_removed_and_what_is_missing_comes(
    full: Services, other: Services
) -> None:
    await ask("/alert add AMD levels=30", other, DISCORD)
    await ask("/alert add NVDA high", other, DISCORD)
    done = await _import(other, await _export(full))
    assert (done.added["alert"], done.there["alert"]) == (8, 1)
    assert done.changed == {"channel": 1}  # its time zone, quiet hours and cap
    titles = [alert.target for alert in (await _export(other)).channels[0].alerts]
    assert titles.count("AMD") == 1
    assert len(titles) == 9


async def test_what_holds_already_is_not_told(full: Services, other: Services) -> None:
    """On the evening of 27 January 2025 half of these alerts hold: none may fire at once."""
    await _import(other, await _export(full))
    await tick(other, timing_of(other.settings))
    async with other.database.read() as connection:
        assert await outbox.counts(connection) == {}


async def test_what_is_over_is_left_out(full: Services, other: Services) -> None:
    document = await _export(full)
    later = START + timedelta(days=31)
    async with other.database.read() as connection:
        plan = await check(connection, other, document, later)
    assert plan.mistakes == []
    assert plan.expired == 4  # an alert and three silences
    assert len(plan.channels[0].items) == 12


@pytest.mark.parametrize(
    ("part", "given", "says"),
    [
        ("alerts", {"target": "no such"}, 'alert 1: "no such" is not a symbol'),
        ("alerts", {"target": "NVDA", "levels": [150]}, 'alert 1: "150" is not a level'),
        ("alerts", {"target": "NVDA", "members": True}, "alert 1: members is about a basket"),
        ("alerts", {"target": "NVDA", "condition": "above"}, "alert 1: above needs a figure"),
        ("alerts", {"target": "NVDA", "mention": "@everyone"}, "alert 1: An alert mentions a role"),
        ("alerts", {"target": "NVDA", "once": True, "repeat_minutes": 5}, "leave one out"),
        ("releases", {"labs": ["DeepSeak"]}, "releases 1: DeepSeak is not a lab"),
        ("releases", {"kinds": ["poem"]}, "releases 1: poem is not a kind of model"),
        ("digests", {"basket": "ai", "at": "8 am"}, "digest 1: at 8 am will not do"),
        ("digests", {"basket": "none", "at": "08:00"}, "digest 1: there is no basket none"),
        (
            "silences",
            {"target": "lab:x", "until": "2025-02-01T00:00Z"},
            "silence 1: x is not a lab",
        ),
        ("silences", {"target": "all", "until": "2027-02-01T00:00Z"}, "within a year"),
    ],
)
async def test_each_mistake_is_said_with_its_place(
    seeded: Services, part: str, given: dict[str, object], says: str
) -> None:
    channel = {"surface": "discord", "address": "10", "title": "#a", part: [given]}
    [said] = await _mistakes(seeded, {"channels": [channel]})
    assert said.startswith("channel 1, ")
    assert says in said


async def test_all_mistakes_are_said(seeded: Services) -> None:
    one = {"surface": "discord", "address": "1", "title": "#a", "time_zone": "Mars", "quiet": "x"}
    said = await _mistakes(
        seeded,
        {
            "channels": [one, one],
            "baskets": [{"owner": "discord:1", "name": "ai", "title": "", "symbols": ["A", "B"]}],
            "feeds": [{"owner": "discord:1", "url": "ftp://x"}],
            "rooms": [
                {
                    "invited": {"surface": "discord", "address": "1"},
                    "joined": {"surface": "slack", "address": "2"},
                }
            ],
        },
    )
    assert [line.partition(":")[0] for line in said] == [
        "basket 1", "feed 1", "channel 1, time_zone", "channel 1, quiet", "channel 2",
        "channel 2, time_zone", "channel 2, quiet", "room 1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.toml", "version = 2", "is of version 2, and this program reads version 1"),
        ("a.toml", "x = 1", "names no version"),
        ("a.toml", "version = ", "is not valid TOML"),
        ("a.json", "{", "is not valid JSON"),
        ("a.toml", "version = 1\n[[channels]]\nsurface = 'irc'\naddress = '1'\ntitle = ''\n",
         "channel 1, surface: write console, discord or slack."),
        ("a.toml", "version = 1\n[[channels]]\nsurface = 'slack'\nadress = '1'\ntitle = ''\n",
         "a.toml: channel 1, address: is missing.\n.*channel 1, adress: there is no such key."),
        ("a.toml", f"{CHANNEL}[[channels.alerts]]\ntarget = 'A'\nexpires = 2027-01-01T00:00:00\n",
         r"alert 1, expires: .* will not do; write a time with its offset, such as 2027-01-31"),
        ("a.toml", f"{CHANNEL}[[channels.alerts]]\ntarget = 'A'\nwindow = '7q'\n",
         r'alert 1, window: "7q" will not do; write "1m", "3m", "6m", "1y", .* or "max"\.'),
        ("a.toml", f"{CHANNEL}[[channels.alerts]]\ntarget = 'A'\nrearm_percent = 'x'\n",
         'alert 1, rearm_percent: "x" will not do; write a number, such as 2.5.'),
        ("a.toml", f"{CHANNEL}[[channels.alerts]]\ntarget = ''\n",
         'alert 1, target: "" will not do; write something there.'),
    ],
)  # fmt: skip
def test_a_file_of_the_wrong_form_is_refused(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UserError, match=says):
        read(tmp_path / name)


async def test_a_channel_keeps_its_limit(seeded: Services, other: Services) -> None:
    channel = {
        "surface": "discord",
        "address": "1",
        "title": "#a",
        "releases": [{"keywords": [f"word{number}"]} for number in range(101)],
    }
    document = Document.model_validate({"version": 1, "channels": [channel]})
    done = await _import(other, document)
    assert done.mistakes == [
        "channel 1: it would have 101 alerts and subscriptions, and a channel has at most 100."
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("postgresql+asyncpg://u:secret@host/d?sslkey=k", "postgresql+asyncpg://host/d"),
        ("https://me:pw@proxy.example/v1?key=abc#x", "https://proxy.example/v1"),
        ("aftershock.db", "aftershock.db"),
        (5, 5),
    ],
)
def test_addresses_are_told_without_their_secrets(value: object, shown: object) -> None:
    assert bare(value) == shown


async def test_by_the_commands(
    settings: Settings, full_file: Path, history_file: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """From one data folder to another: dry, then for good, then again."""
    secret = {"discord_token": "sesame-discord", "slack_key": "sesame-slack"}
    settings = Settings.model_validate(
        {
            **settings.model_dump(exclude={*secret}),
            **secret,
            "storage": {"folder": str(tmp_path / "one")},
        }
    )
    (tmp_path / "one").mkdir()
    copyfile(full_file, tmp_path / "one" / "aftershock.db")
    file = tmp_path / "kept.toml"
    assert await export(settings, file) == 0
    assert "Exported 2 channels, 13 alerts and subscriptions, 1 basket" in capsys.readouterr().out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text("utf-8")
    assert "sesame" not in text
    assert tomllib.loads(text)["version"] == 1
    with pytest.raises(UserError, match="there already"):
        await export(settings, file)
    await export(settings, tmp_path / "kept.json")
    assert json.loads((tmp_path / "kept.json").read_text("utf-8"))["version"] == 1

    (tmp_path / "two").mkdir()
    copyfile(history_file, tmp_path / "two" / "aftershock.db")
    there = settings.model_copy(
        update={"storage": settings.storage.model_copy(update={"folder": str(tmp_path / "two")})}
    )
    capsys.readouterr()
    await take_in(there, file, dry_run=True)
    said = capsys.readouterr().out
    assert said.startswith("Would add 1 basket, 1 feed, 2 channels, ")
    assert said.endswith("Nothing was changed.\n")
    await take_in(there, file, dry_run=False)
    said = capsys.readouterr().out
    assert said.startswith("Added 1 basket, 1 feed, 2 channels, ")
    assert "these differ here: storage.folder." in said
    await take_in(there, file, dry_run=False)
    assert capsys.readouterr().out.startswith("Added nothing.\nThere already: 1 basket, ")
    file.write_text(text.replace('at = "18:30"', 'at = "late"'), "utf-8")
    with pytest.raises(UserError, match=r"digest 1: at late will not do.*\nNothing was changed"):
        await take_in(there, file, dry_run=False)
