"""Whatever people type, and whoever they are: nothing of one community reaches another."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random
from shutil import copyfile
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.app import release_facts
from bot.commands import COMMANDS, command_of
from bot.config import load
from bot.market.shipped import ShippedHistory
from bot.model.command import Command, Kind, Option
from bot.services import Services, SetClock
from storage.database import Database
from tests.communities import (
    COMMUNITIES,
    ROLES,
    Communities,
    Community,
    numbers_of,
    settle,
    silences_of,
)
from tests.conftest import START
from tests.once import made_once

# These fetch: see tests of feeds. Asking them for a name, as here, does not.
_FETCHING = {("feeds", "add")}
TYPED = [command for command in COMMANDS if command.path not in _FETCHING]
_CHEAP = [command for command in TYPED if not command.costly or command.path[0] == "basket"]

Act = tuple[int, int, str, Command, int, int]
ACTS = st.tuples(
    st.integers(0, len(COMMUNITIES) - 1),
    st.integers(0, 1),
    st.sampled_from(ROLES),
    # The costly ones now and then: they change nothing, and take a while.
    st.sampled_from(_CHEAP) | st.sampled_from(_CHEAP) | st.sampled_from(TYPED),
    st.integers(0, len(COMMUNITIES) - 1),
    st.integers(0, 2**30),
)

# Commands that keep words as they are given: names, titles, whom to mention.
KEEPING = ("add", "digest", "releases", "prices")


def own(services: Services, database: Database) -> Services:
    """Services on that database."""
    return replace(services, database=database, history=ShippedHistory(), clock=SetClock(START))


def opened(path: Path) -> Any:
    """The database of a file."""
    return Database.open(f"sqlite+aiosqlite:///{path}", durable=False)


@pytest.fixture(scope="session")
def communities_file(history_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database on which the communities have set things up, made once."""

    def make(path: Path) -> None:
        copyfile(history_file, path)
        settings = load(None, {"AFTERSHOCK_DATA": str(path.parent)})

        async def work() -> None:
            database = await opened(path)
            services = Services(
                settings, database, ShippedHistory(), release_facts(), SetClock(START), Random(1)
            )
            try:
                await settle(services)
            finally:
                await database.close()

        asyncio.run(work())

    return made_once(tmp_path_factory, "communities.db", make)


def run(services: Services, folder: Path, made: Path, work: Callable[[Communities], Any]) -> None:
    """Do something with the communities, on a database of its own."""
    for old in folder.glob("communities.db*"):
        old.unlink()
    copyfile(made, folder / "communities.db")

    async def whole() -> None:
        database = await opened(folder / "communities.db")
        try:
            await work(Communities(own(services, database)))
        finally:
            await database.close()

    asyncio.run(whole())


def value_of(option: Option, other: Community, numbers: list[int], chance: Random) -> str:
    """What may be given for an option; often what is another community's."""
    if option.name == "code":
        return "K7QM-2XRD"
    if option.kind is Kind.INTEGER:
        if option.name == "number":
            return str(chance.choice([*numbers, 1, 2, 3, 99_999]))
        return str(min(max(option.lowest, 10), option.highest))
    if option.kind is Kind.CHOICE:
        return chance.choice(option.choices)
    basket = f"{other.mark}chips"
    values = {
        Kind.TARGET: ["NVDA", "ai", basket], Kind.NAME: ["ai", basket, f"{other.mark}.example"],
        Kind.NAMES: ["DeepSeek-R1", "GPT-4o,o1"], Kind.WORDS: ["llama", "2025-01-20"],
        Kind.SYMBOLS: ["NVDA,AMD"], Kind.FIGURES: ["10", "5,20"], Kind.LEVELS: ["10"],
        Kind.DURATION: ["1d"], Kind.YES_NO: ["yes", "no"],
    }  # fmt: skip
    return chance.choice(values[option.kind])


def line_of(command: Command, other: Community, numbers: list[int], seed: int) -> str:
    """A line of that command, with options of all sorts."""
    chance = Random(seed)
    given = {
        option.name: value_of(option, other, numbers, chance)
        for option in command.options
        if option.required or chance.random() < 0.4
    }
    return " ".join([command.name, *(f'{name}="{value}"' for name, value in given.items())])


def leaks(text: str, line: str, mine: int, made: Communities) -> list[str]:
    """The marks of others in what somebody was told, but for what they typed themselves."""
    return [
        one.mark
        for one in COMMUNITIES
        if one.number != mine
        and one.mark in text.lower()
        and one.mark not in line
        and frozenset((one.number, mine)) not in made.acquainted
    ]


async def play(made: Communities, acts: list[Act]) -> None:
    """Everybody types; after each line, nothing of others was told and nothing of theirs moved."""
    digests = {one.number: await made.digest(one) for one in COMMUNITIES}
    for who, channel, role, command, aimed, seed in acts:
        one, other = COMMUNITIES[who], COMMUNITIES[aimed]
        numbers = silences_of if command.path[0] == "silence" else numbers_of
        # Words that somebody gives to be kept are theirs, whatever others call theirs.
        names = one if command.path[-1] in KEEPING else other
        line = line_of(command, names, await numbers(made.services, other), seed)
        if command.path == ("room", "join") and (code := made.codes.get(other.number)):
            line = f"/room join {code}"
            made.acquainted.add(frozenset((one.number, other.number)))
        said = await made.say(one, channel, role, line)
        assert leaks(said.text, line, one.number, made) == [], (one, role, line, said.text)
        button = await made.press(one, channel, other)
        assert leaks(button.text, "", one.number, made) == [], (one, button.text)
        after = {each.number: await made.digest(each) for each in COMMUNITIES}
        friends = {n for pair in made.acquainted if one.number in pair for n in pair}
        moved = {n for n in after if after[n] != digests[n]} - friends - {one.number}
        assert moved == set(), (one, role, line)
        if said.refused:
            assert after == digests, (one, role, line)
        digests = after
    for one, channel in product(COMMUNITIES, (0, 1)):
        offered = await made.offered(one, channel)
        assert leaks(offered, "", one.number, made) == [], one


def test_nothing_of_one_community_reaches_another(
    services: Services, tmp_path: Path, communities_file: Path
) -> None:
    @settings(
        max_examples=3, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate,),
    )  # fmt: skip
    @given(st.lists(ACTS, min_size=15, max_size=15))
    def holds(acts: list[Act]) -> None:
        run(services, tmp_path, communities_file, lambda made: play(made, acts))

    holds()


@pytest.mark.faults
def test_nothing_of_one_community_reaches_another_in_very_long(
    services: Services, tmp_path: Path, communities_file: Path, figures: Callable[..., None]
) -> None:
    chance, acts = Random(20250127), 3_000

    async def work(made: Communities) -> None:
        await play(
            made,
            [
                (
                    chance.randrange(len(COMMUNITIES)), chance.randrange(2), chance.choice(ROLES),
                    chance.choice(_CHEAP if chance.random() < 0.8 else TYPED),
                    chance.randrange(len(COMMUNITIES)), chance.randrange(2**30),
                )
                for _ in range(acts)
            ],
        )  # fmt: skip

    run(services, tmp_path, communities_file, work)
    figures("communities beside one another", commands=acts, told_of_others=0, changed_by_others=0)


def test_who_may_change_things_and_who_may_only_look(
    services: Services, tmp_path: Path, communities_file: Path
) -> None:
    """Every command by everybody on both surfaces: those that change take the permission."""

    async def work(made: Communities) -> None:
        found, before = {}, dict.fromkeys((0, 3), "")
        for one, role, command in product((COMMUNITIES[0], COMMUNITIES[3]), ROLES, _CHEAP):
            if not command.changes and role != "guest":
                continue  # whoever may least may look
            line = line_of(command, one, [], 3)
            looks = command.path in (("setup",), ("channel",))
            if command.path == ("channel",):
                line = "/channel cap=20"
            known = before[one.number] or await made.digest(one)
            said = await made.say(one, 0, role, line)
            # On Slack looking at the setup is for everybody.
            open_ = not command.changes or (looks and command.path == ("setup",) and one.number > 2)
            may = role in ("manager", "direct") or (role == "role" and one.surface == "discord")
            # What is the whole workspace's takes an admin in one's own conversation with the bot
            # too; on Discord such a conversation belongs to no server.
            may = may and not (command.community and role == "direct" and one.surface == "slack")
            found[one.surface, role, command.name] = (said.refused, not (may or open_))
            if said.refused:
                assert await made.digest(one) == known, (one.surface, role, line)
            before[one.number] = known if said.refused else ""
        wrong = {key: pair for key, pair in found.items() if pair[0] != pair[1]}
        assert wrong == {}

    run(services, tmp_path, communities_file, work)


@pytest.mark.parametrize("line", ["/alert remove", "/subscribe remove", "/silence remove"])
def test_a_number_of_others_is_as_one_that_is_not_there(
    line: str, services: Services, tmp_path: Path, communities_file: Path
) -> None:
    async def work(made: Communities) -> None:
        for one, other in ((COMMUNITIES[0], COMMUNITIES[3]), (COMMUNITIES[4], COMMUNITIES[1])):
            numbers = silences_of if line == "/silence remove" else numbers_of
            theirs = (await numbers(made.services, other))[0]
            # The channel has to be known to the bot, as it is once it silences something.
            await made.say(one, 1, "manager", "/silence add NVDA 1d")
            before = await made.digest(other)
            # In a channel of one's own that gets nothing, so that no alert's number is its own.
            tried = await made.say(one, 1, "manager", f"{line} {theirs}")
            nobodys = await made.say(one, 1, "manager", f"{line} 99999")
            assert tried.text.replace(str(theirs), "N") == nobodys.text.replace("99999", "N")
            assert await made.digest(other) == before

    run(services, tmp_path, communities_file, work)


def test_every_command_that_fetches_or_draws_is_limited() -> None:
    costly = {command.name for command in COMMANDS if command.costly}
    assert costly == {
        "/drawdown", "/valuation", "/stress", "/impact", "/crowding", "/releases timeline",
        "/cost compare", "/cost index", "/alert test", "/basket add", "/feeds add", "/feeds test",
    }  # fmt: skip
    assert not command_of("status").costly
