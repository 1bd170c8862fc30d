"""What is made of what was found: each limit from both sides."""

import errno
from datetime import UTC, datetime, timedelta

import discord
import pytest

from bot.doctor import allowed, clock, database, disk, grouped, on_discord, ports
from bot.doctor.context import ahead_of
from bot.doctor.finding import Finding, State, summary, warning, without, wrong
from bot.doctor.grouped import Trouble
from bot.doctor.report import as_text
from bot.surfaces.discord_invite import PERMISSIONS
from storage.migrate import HEAD

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
GB, MB = disk.GB, disk.MB


@pytest.mark.parametrize(
    ("free", "length", "state"),
    [
        (99 * MB, 0, State.WRONG),
        (101 * MB, 0, State.WARNING),
        (999 * MB, 0, State.WARNING),
        (GB, 1, State.OK),
        (3 * GB, 2 * GB, State.WARNING),
        (4 * GB, 2 * GB, State.OK),
    ],
)
def test_room(free: int, length: int, state: State) -> None:
    assert disk.room(free, length).state is state


@pytest.mark.parametrize(
    ("offsets", "state", "words"),
    [
        ([], State.UNCHECKED, "no server told"),
        ([0.4, -0.3, 900.0], State.OK, "within 5 seconds"),  # one server's clock is wrong
        ([5.0], State.OK, "within 5 seconds"),
        ([7.0, 7.2], State.WARNING, "7 seconds behind"),
        ([-30.0], State.WARNING, "30 seconds ahead, by the clock of 1 answer"),
        ([61.0], State.WRONG, "61 seconds behind"),
    ],
)
def test_clock(offsets: list[float], state: State, words: str) -> None:
    found = clock.time(offsets)
    assert found.state is state
    assert words in found.found


@pytest.mark.parametrize(
    ("headers", "ahead"),
    [
        ({"Date": "Mon, 02 Mar 2026 12:00:10 GMT"}, 10.5),
        ({"Date": "Mon, 02 Mar 2026 11:00:00 GMT", "Age": "3600"}, 0.5),  # out of a cache
        ({"Date": "yesterday"}, None),
        ({}, None),
    ],
)
def test_time_in_an_answer(headers: dict[str, str], ahead: float | None) -> None:
    assert ahead_of(headers, NOW) == ahead


@pytest.mark.parametrize(
    ("age", "kept", "state"),
    [
        (None, 3, State.WARNING),
        (timedelta(hours=30), 3, State.OK),
        (timedelta(days=3), 3, State.WARNING),
        (timedelta(days=3), 0, State.OK),
    ],
)
def test_backup(age: timedelta | None, kept: int, state: State) -> None:
    found = disk.backup(None if age is None else "a.db", age, kept)
    assert found.state is state
    assert bool(found.mend) is (state is State.WARNING)


@pytest.mark.parametrize(
    ("version", "state"),
    [(HEAD, State.OK), ("0001", State.WARNING), (None, State.WARNING), ("9000", State.WRONG)],
)
def test_schema(version: str | None, state: State) -> None:
    assert database.schema(version, runs=False).state is state


@pytest.mark.parametrize(
    ("runs", "mend"), [(True, "Restart the bot"), (False, "aftershock migrate"), (None, "migrate")]
)
def test_an_older_schema_is_not_raised_under_a_bot_that_runs(runs: bool | None, mend: str) -> None:
    assert mend in database.schema("0001", runs=runs).mend


@pytest.mark.parametrize(
    ("left", "shards", "state"),
    [(1000, 1, State.OK), (50, 1, State.WARNING), (3, 4, State.WRONG)],
)
def test_gateway(left: int, shards: int, state: State) -> None:
    assert on_discord.gateway(shards, left, 1000, 7_200_000).state is state


@pytest.mark.parametrize(
    ("number", "runs", "state", "words"),
    [
        (errno.EADDRINUSE, True, State.OK, "the running bot listens"),
        (errno.EADDRINUSE, False, State.WRONG, "another program listens"),
        (errno.EACCES, False, State.WRONG, "only root"),
        (errno.EADDRNOTAVAIL, False, State.WRONG, "no address"),
    ],
)
def test_ports(number: int, runs: bool, state: State, words: str) -> None:
    found = ports.taken("health", "health.listen", "127.0.0.1:80", number, runs=runs)
    assert found.state is state
    assert words in found.found


@pytest.mark.parametrize(
    ("lost", "thread", "missing"),
    [
        ({}, False, []),
        ({"attach_files": False}, False, ["Attach Files"]),
        ({"send_messages": False, "embed_links": False}, False, ["Send Messages"]),
        ({"send_messages": False, "embed_links": False}, True, []),
        ({"send_messages_in_threads": False}, True, ["Send Messages in Threads"]),
        ({"view_channel": False, "send_messages": False}, False, ["View Channel"]),
    ],
)
def test_permissions(lost: dict[str, bool], thread: bool, missing: list[str]) -> None:
    has = discord.Permissions(PERMISSIONS.value)
    has.update(**lost)
    assert allowed.missing(has, thread=thread) == missing


def test_many_channels_with_one_trouble_are_one_finding() -> None:
    troubles = [Trouble(f"#c{number}", "it is closed", "Open it.") for number in range(8)]
    found = grouped.findings("discord", troubles, 20, 25, told="the bot may post")
    assert [(one.name, one.found) for one in found] == [
        ("channels", "the bot may post in 12 of 20 channels that follow something"),
        ("#c0, #c1, #c2, #c3, #c4 and 3 more", "it is closed"),
        ("channels", "5 of 25 were not asked for"),
    ]


def test_the_last_line_counts() -> None:
    bad = wrong("a", "b", "c", "d")
    assert summary([]) == "Nothing to mend."
    assert summary([bad]) == "1 thing to mend."
    assert summary([bad, bad, warning("a", "b", "c", "d")]) == "2 things to mend, 1 warning."


def test_no_secret_and_no_escape_gets_out() -> None:
    told = Finding("a", "n\x1b[31m", State.OK, "xoxb-1 at https://me:pw@host/", "use xoxb-1")
    (one,) = without([told], ["xoxb-1"])
    assert (one.name, one.found, one.mend) == ("n", "*** at https://***@host/", "use ***")


def test_a_report_reads_so() -> None:
    found = [
        Finding("database", "file", State.OK, "a.db, 12 MB"),
        wrong("database", "writing", "it cannot be written " * 4, "Type: chmod u+w a.db"),
        Finding("slack", "channels", State.UNCHECKED, "3 of 5 were not asked for"),
    ]
    assert as_text(found) == (
        "Database\n"
        "  ok       file: a.db, 12 MB\n"
        "  WRONG    writing: it cannot be written it cannot be written it cannot be\n"
        "           written it cannot be written\n"
        "           -> Type: chmod u+w a.db\n"
        "\n"
        "Slack\n"
        "  unknown  channels: 3 of 5 were not asked for\n"
        "\n"
        "1 thing to mend, 1 thing could not be checked."
    )
    assert "\x1b[1;31mWRONG" in as_text(found, colour=True).replace("  WRONG", "WRONG")
