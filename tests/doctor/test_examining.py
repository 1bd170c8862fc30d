"""The whole examination, in this process: what is well, and each thing that is not."""

import json
import re
import sqlite3
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.doctor import examine
from bot.model.feed import Feed, FeedKind, Voice
from bot.services import SetClock
from bot.surfaces.slack.vault import Vault, new_key
from storage import feeds, reach, slack_installs
from storage.slack_installs import SlackInstall
from tests.doctor.ward import GOOD_FEED, MADE, Ward
from tests.servers import yahoo
from tests.servers.discord import permissions

Capture = pytest.CaptureFixture[str]


async def test_all_is_well(well: Ward, capsys: Capture) -> None:
    guild = well.discord.add_guild("Chips")
    await well.discord_channel(guild.add_channel("alerts"))
    await well.slack_channel(well.slack.workspace.add_channel("stocks"))
    well.feeds.put("/good.xml", GOOD_FEED)
    await well.reads("good.example", "/good.xml")
    report = await well.here(capsys)
    assert report.code == 0
    assert report.bad() == []
    said = {(one.area, one.name): one.found for one in report.findings() if one.state == "ok"}
    assert said["discord", "token"] == "Discord takes it: the bot is Aftershock"
    assert said["discord", "channels"] == (
        "the bot may post in 1 of 1 channel that follows something"
    )
    assert said["slack", "channels"] == "the bot may post in 1 of 1 channel that follows something"
    assert said["slack", "app token"] == "Slack takes it and gives a connection"
    assert said["feeds", "feeds"] == "1 of 1 feed answers"
    assert said["database", "whole"] == "nothing in it is damaged"
    assert said["clock", "time"].startswith("right within 5 seconds, by the clocks of")


async def test_nothing_is_stored(well: Ward, capsys: Capture) -> None:
    well.feeds.put("/good.xml", GOOD_FEED)
    await well.reads("good.example", "/good.xml")
    before = well.file.read_bytes()
    await well.here(capsys)
    assert well.file.read_bytes() == before
    assert [one.name for one in well.file.parent.iterdir()] == ["aftershock.db"]


async def test_a_first_start_makes_no_database(well: Ward, capsys: Capture) -> None:
    well.file.unlink()
    well.file.parent.rmdir()
    report = await well.here(capsys)
    assert report.code == 0
    assert report.of("database", "file")[0].found.endswith(
        "is not there yet; aftershock run makes it"
    )
    assert report.of("discord", "channels")[0].found == "no channel follows anything yet"
    assert not well.file.parent.exists()


async def test_a_refused_discord_token_and_a_slack_channel_without_the_bot(
    well: Ward, capsys: Capture
) -> None:
    workspace = well.slack.workspace
    await well.slack_channel(workspace.add_channel("stocks"))
    await well.slack_channel(workspace.add_channel("outside", is_member=False))
    archived = workspace.add_channel("old")
    archived.archived = True
    await well.slack_channel(archived)
    hidden = workspace.add_channel("hidden", private=True, is_member=False)
    await well.slack_channel(hidden)
    report = await well.here(capsys, AFTERSHOCK_DISCORD_TOKEN="wrong-token-of-discord")
    assert report.code == 1
    assert {(one.area, one.name, one.found) for one in report.bad()} == {
        ("discord", "token", "Discord refuses the token"),
        ("slack", "#outside", "the bot is not in the channel"),
        ("slack", "#old", "the channel is archived"),
        ("slack", "#hidden", "the channel is not there, or is private and the bot is not in it"),
    }
    assert report.of("slack", "#outside")[0].mend == "Type /invite @Aftershock in it."
    assert "wrong-token-of-discord" not in report.text


async def test_what_the_bot_may_not_do_on_discord(well: Ward, capsys: Capture) -> None:
    guild = well.discord.add_guild("Chips")
    mute, dark, gone = (guild.add_channel(name) for name in ("mute", "dark", "gone"))
    mute.deny(permissions.SEND_MESSAGES_IN_THREADS | permissions.EMBED_LINKS)
    dark.deny(permissions.VIEW_CHANNEL)
    thread = mute.add_thread("talk")
    called = guild.add_channel("called")
    role = guild.add_role("desk")
    left = well.discord.add_guild("Left", joined=False)
    for channel in (mute, dark, gone, thread, left.add_channel("far")):
        await well.discord_channel(channel)
    await well.discord_channel(called, mention=f"<@&{role.id}>")
    guild.remove_channel(gone)
    report = await well.here(capsys)
    assert {(one.name, one.found) for one in report.of("discord") if one.state == "wrong"} == {
        ("#mute in Chips, #talk in Chips",
         "the bot may not: Send Messages in Threads and Embed Links"),
        ("#dark in Chips", "the bot may not: View Channel"),
        ("#gone", "the channel is not there any more"),
        ("#far", "the bot is not in the server any more"),
        ("#called in Chips",
         "@desk is mentioned there, but is not told: the bot may not mention it"),
    }  # fmt: skip


async def test_scopes_that_are_missing_are_named(well: Ward, capsys: Capture) -> None:
    well.slack.workspace.scopes = {"chat:write", "commands", "channels:read"}
    report = await well.here(capsys)
    (one,) = [one for one in report.bad() if one.area == "slack"]
    assert one.name == "bot token, scopes"
    assert one.found.startswith("it lacks channels:history, files:read, files:write, ")
    assert "Reinstall to Workspace" in one.mend


async def test_a_broken_configuration_does_not_end_it(well: Ward, capsys: Capture) -> None:
    (well.folder / "aftershock.toml").write_text('[alert]\nwindow = "1y"\n[yahoo]\nstream = 3\n')
    report = await well.here(capsys, AFTERSHOCK_SLACK__MODE="sockets", AFTERSHOCK_NONSENSE="1")
    assert report.code == 1
    wrong = [one.found for one in report.of("configuration") if one.state == "wrong"]
    assert wrong == [
        "AFTERSHOCK_NONSENSE is not a setting; did you mean AFTERSHOCK_CONSOLE__THEME?",
        "aftershock.toml: yahoo.stream = 3 will not do; write true or false.",
        'AFTERSHOCK_SLACK__MODE = "sockets" will not do; write "socket" or "http".',
        "aftershock.toml: alert is not a setting; did you mean alerts?",
    ]
    assert report.of("discord", "token")[0].state == "ok"
    assert report.of("slack", "bot token")[0].state == "ok"


@pytest.mark.parametrize("what", ["a folder", "damaged", "another program's", "newer", "older"])
async def test_a_database_that_will_not_do(well: Ward, capsys: Capture, what: str) -> None:
    if what == "a folder":
        well.file.unlink()
        well.file.mkdir()
    elif what == "damaged":
        well.file.write_bytes(b"no database " * 1000)
    elif what == "another program's":
        well.file.unlink()
        with sqlite3.connect(well.file) as connection:
            connection.execute("CREATE TABLE notes (text)")
        connection.close()
    else:
        with sqlite3.connect(well.file) as connection:
            version = "9999" if what == "newer" else "0001"
            connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
        connection.close()
    report = await well.here(capsys)
    found = {
        "a folder": ("file", "wrong", "is a folder, where a file should be"),
        "damaged": ("whole", "wrong", "is damaged (file is not a database)"),
        "another program's": ("schema", "wrong", "it is no database of Aftershock's"),
        "newer": ("schema", "wrong", "version 9999, of a newer Aftershock; this one knows up to"),
        "older": ("schema", "warning", "version 0001, of an older Aftershock; this one has"),
    }
    name, state, said = found[what]
    (one,) = [one for one in report.of("database") if one.name == name]
    assert one.state == state
    assert said in one.found
    assert one.mend


async def test_a_backup_is_named_where_the_database_is_damaged(well: Ward, capsys: Capture) -> None:
    backup = well.file.parent / "backups" / "aftershock-20260101T000000Z.db"
    backup.parent.mkdir()
    backup.write_bytes(well.file.read_bytes())
    data = bytearray(well.file.read_bytes())
    data[4096:12288] = b"\xff" * 8192
    well.file.write_bytes(data)
    report = await well.here(capsys)
    (one,) = [one for one in report.of("database", "whole") if one.state == "wrong"]
    assert one.mend == f"Stop the bot, then type: aftershock restore {backup}"


async def test_it_says_that_the_bot_runs(well: Ward, capsys: Capture) -> None:
    with FileLock(well.file.parent / "aftershock.lock"):
        report = await well.here(capsys)
    assert report.of("bot", "program")[0].found == f"it runs on {well.file.parent}"


async def test_shipped_feeds_that_are_dead_are_warnings(well: Ward, capsys: Capture) -> None:
    well.feeds.put("/good.xml", GOOD_FEED)
    well.feeds.put("/page.xml", b"<html><body>Not here</body></html>")
    shipped = {
        key: Feed(key, FeedKind.FEED, Voice.LAB, well.feeds.url(f"/{key}.xml"), key.capitalize())
        for key in ("good", "gone", "page")
    }
    report = await well.here(capsys, shipped=shipped, AFTERSHOCK_FEEDS__ENABLED="yes")
    assert report.code == 0
    assert [(one.name, one.state) for one in report.of("feeds")] == [
        ("feeds", "ok"), ("gone", "warning"), ("page", "warning"),
    ]  # fmt: skip
    assert report.of("feeds", "feeds")[0].found == "1 of 3 feeds answer"


async def test_a_clock_that_is_wrong_is_told(well: Ward, capsys: Capture) -> None:
    clock = SetClock(datetime.now(UTC) + timedelta(minutes=3))
    code = await examine(None, well.environ, as_json=True, shipped={}, clock=clock)
    told = [one for one in json.loads(capsys.readouterr().out) if one["area"] == "clock"]
    assert code == 1
    assert told[0]["state"] == "wrong"
    seconds = re.match(r"this machine's is (\d+) seconds ahead, by the clocks", told[0]["found"])
    assert seconds is not None
    assert 170 <= int(seconds[1]) <= 181  # the set clock stands still meanwhile


@pytest.mark.skipif(sys.platform == "win32", reason="Unix's permissions")
async def test_a_token_file_that_anybody_may_read(well: Ward, capsys: Capture) -> None:
    file = well.folder / "token"
    file.write_text(well.environ.pop("AFTERSHOCK_DISCORD_TOKEN"))
    file.chmod(0o644)
    report = await well.here(capsys, AFTERSHOCK_DISCORD_TOKEN_FILE=str(file))
    (one,) = report.of("configuration", "AFTERSHOCK_DISCORD_TOKEN_FILE")
    assert (one.state, one.mend) == ("warning", f"Type: chmod 600 {file}")
    file.chmod(0o600)
    report = await well.here(capsys, AFTERSHOCK_DISCORD_TOKEN_FILE=str(file))
    assert report.of("configuration", "AFTERSHOCK_DISCORD_TOKEN_FILE")[0].state == "ok"


async def test_yahoo_and_the_price_lists_are_asked(well: Ward, capsys: Capture) -> None:
    today = datetime.now(UTC).date()
    closes: dict[date, float | None] = {today - timedelta(days=n): 6000.0 + n for n in range(1, 5)}
    priced = {"name": "m", "cost": {"input": 1, "output": 2}}
    listed = {f"m{n}": {"id": f"m{n}", **priced} for n in range(60)}
    models = {"openai": {"id": "openai", "models": listed}}
    well.feeds.put("/models.json", json.dumps(models).encode())
    (well.file.parent / "yahoo").mkdir()
    async with yahoo.running(yahoo.YahooServer({"^GSPC": yahoo.Listed(closes)})) as server:
        more: Any = {
            "AFTERSHOCK_MARKET__SOURCE": "yahoo",
            "AFTERSHOCK_YAHOO__BASE_URL": server.base_url,
            "AFTERSHOCK_PRICES__ENABLED": "yes",
            "AFTERSHOCK_PRICES__MODELS_DEV_URL": well.feeds.url("/models.json"),
            "AFTERSHOCK_PRICES__OPENROUTER_URL": well.feeds.url("/gone.json"),
        }
        report = await well.here(capsys, **more)
        server.faults = [429] * 10
        limited = await well.here(capsys, **more)
    assert report.of("market")[0].found.startswith("it answers; the newest close of ^GSPC is of ")
    assert limited.of("market")[0].state == "wrong"
    assert limited.of("market")[0].found == "Yahoo limits our requests (429)"
    good, gone = report.of("prices of models")
    assert (good.state, good.name) == ("ok", "models.dev")
    assert (gone.state, gone.found) == ("warning", "there is nothing at this address (404)")


async def test_a_folder_of_closes_is_read(well: Ward, capsys: Capture) -> None:
    folder = well.folder / "closes"
    folder.mkdir()
    (folder / "NVDA.csv").write_text("date,close\n2026-01-02,180.5\n")
    (folder / "AMD.csv").write_text("date,close\n2026-01-02,cheap\n")
    report = await well.here(
        capsys, AFTERSHOCK_MARKET__SOURCE="csv", AFTERSHOCK_MARKET__CSV_FOLDER=str(folder),
        AFTERSHOCK_MARKET__WATCH="NVDA,AMD,TSM",
    )  # fmt: skip
    found = {(one.name, one.state): one.found for one in report.of("market")}
    assert "AMD.csv, line 2" in found["AMD", "wrong"]
    assert "TSM" in found["CSV folder", "warning"]
    assert found["CSV folder", "ok"] == f"1 symbol in {folder}, the newest close of 2 Jan 2026"


async def test_a_channel_that_was_given_up(well: Ward, capsys: Capture) -> None:
    guild = well.discord.add_guild("Chips")
    await well.discord_channel(guild.add_channel("alerts"))
    await well.write(lambda c: reach.disable(c, {1: (MADE, "it was closed")}))
    report = await well.here(capsys)
    (one,) = report.bad()
    assert (one.name, one.found) == (
        "#alerts in Chips", "the bot has given it up (it was closed)",
    )  # fmt: skip
    assert "/setup" in one.mend


async def test_an_own_feed_that_was_switched_off(well: Ward, capsys: Capture) -> None:
    well.feeds.put("/good.xml", GOOD_FEED)
    await well.follows("console", "local", "console")
    await well.reads("good.example", "/good.xml")

    async def off(connection: AsyncConnection) -> None:
        states = await feeds.feeds(connection)
        await feeds.save(connection, [replace(one, off_at=MADE) for one in states])

    await well.write(off)
    (_count, one) = (await well.here(capsys)).of("feeds")[1:]
    assert (one.state, one.name) == ("warning", "good.example")
    assert one.found == "it answers again, but was switched off on 5 Jan 2026"


async def test_workspaces_whose_token_no_key_opens(well: Ward, capsys: Capture) -> None:
    key, lost = new_key(), new_key()
    workspace, other = well.slack.workspace, well.slack.add_workspace("Lost")
    gone = well.slack.add_workspace("Gone")
    gone.uninstall()
    for one, with_ in ((workspace, key), (other, lost), (gone, key)):
        sealed = Vault(with_).seal(one.team, one.bot_token)
        install = SlackInstall(one.team, one.name, one.bot_user, sealed, "", "U1", MADE)
        await well.write(lambda c, install=install: slack_installs.keep(c, install))
    for name in ("BOT_TOKEN", "APP_TOKEN"):
        del well.environ[f"AFTERSHOCK_SLACK_{name}"]
    report = await well.here(
        capsys,
        AFTERSHOCK_SLACK__MODE="http",
        AFTERSHOCK_SLACK__LISTEN="127.0.0.1:0",
        AFTERSHOCK_SLACK__CLIENT_ID=well.slack.client_id,
        AFTERSHOCK_SLACK_CLIENT_SECRET=well.slack.client_secret,
        AFTERSHOCK_SLACK_SIGNING_SECRET=well.slack.signing_secret,
        AFTERSHOCK_SLACK_KEY=key,
    )
    assert {one.name: one.found for one in report.bad()} == {
        "workspace Lost": "no key in AFTERSHOCK_SLACK_KEY opens its token",
        "workspace Gone": "Slack refuses the workspace's token (account_inactive)",
    }
    assert report.of("slack", "workspace Chips")[0].state == "ok"
    assert key not in report.text


async def test_a_port_that_another_program_has(well: Ward, capsys: Capture) -> None:
    taken = well.feeds.place
    report = await well.here(capsys, AFTERSHOCK_HEALTH__LISTEN=taken)
    (one,) = report.of("ports")
    assert (one.state, one.found) == ("wrong", f"another program listens at {taken}")


async def test_console_only(well: Ward, capsys: Capture, tmp_path: Path) -> None:
    for name in ("DISCORD_TOKEN", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        del well.environ[f"AFTERSHOCK_{name}"]
    report = await well.here(capsys, as_json=False)
    assert report.code == 0
    assert "console only; set AFTERSHOCK_DISCORD_TOKEN or" in report.text
    assert report.text.rstrip().splitlines()[-1] == (
        "Nothing to mend, 2 warnings, 1 thing could not be checked."
    )
