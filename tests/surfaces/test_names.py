"""What completion knows: every channel's names, found at once."""

from dataclasses import replace
from datetime import timedelta
from time import perf_counter

import pytest

from bot.answers.targets import Known
from bot.commands import command_of, parse
from bot.model.command import Option
from bot.model.receiver import Receiver
from bot.model.rule import Rule
from bot.services import Services
from bot.surfaces.names import Following, Names, read_names, refresh, relearn
from bot.surfaces.offering import matching
from storage.guilds import GuildSettings, set_guild
from storage.receivers import Subscription
from tests.asking import ask
from tests.conftest import START

HERE = Receiver(0, "discord", "20", "#alerts", community="10")
BESIDE = Receiver(0, "discord", "21", "#chat", community="10")
ELSEWHERE = Receiver(0, "discord", "30", "#alerts", community="11")


def option(name: str, *path: str) -> Option:
    return next(one for one in command_of(*path).options if one.name == name)


def values(names: Names, place: Receiver, name: str, *path: str, **given: str) -> dict[str, str]:
    return dict(names.values(command_of(*path), option(name, *path), place, given))


@pytest.fixture
async def followed(seeded: Services) -> Services:
    """Two channels of one server and one of another, each following something."""
    await ask("/basket add mine NVDA,AMD my chips", seeded, HERE)
    await ask("/alert add NVDA drawdown 10,20", seeded, HERE)
    await ask("/subscribe releases DeepSeek", seeded, HERE)
    await ask("/silence add alert 1 1d", seeded, HERE)
    await ask("/alert add mine", seeded, BESIDE)
    await ask("/subscribe digest", seeded, ELSEWHERE)
    return seeded


async def test_a_number_is_offered_with_what_it_is_and_only_where_it_is(
    followed: Services,
) -> None:
    names = await read_names(followed)
    assert values(names, HERE, "number", "alert", "remove") == {
        "1": "NVDA is 10% or 20% below its peak"
    }
    assert values(names, HERE, "number", "subscribe", "remove") == {"2": "new models of DeepSeek"}
    assert values(names, HERE, "number", "silence", "remove") == {
        "1": "Alert 1, until 28 Jan 2025, 22:00 UTC"
    }
    assert list(values(names, BESIDE, "number", "alert", "remove")) == ["3"]
    assert list(values(names, ELSEWHERE, "number", "subscribe", "remove")) == ["4"]
    assert values(names, ELSEWHERE, "number", "alert", "remove") == {}


async def test_a_servers_basket_is_offered_in_all_of_its_channels(followed: Services) -> None:
    names = await read_names(followed)
    for place in (HERE, BESIDE):
        assert values(names, place, "target", "drawdown")["mine"] == "my chips"
        assert list(values(names, place, "name", "basket", "remove")) == ["mine"]
    assert "mine" not in values(names, ELSEWHERE, "target", "drawdown")
    assert "ai" in values(names, ELSEWHERE, "target", "drawdown")


async def test_only_baskets_that_can_move_as_one_are_offered_for_crowding(
    followed: Services,
) -> None:
    await ask("/basket add trio NVDA,AMD,MU three chips", followed, HERE)
    names = await read_names(followed)
    assert list(values(names, HERE, "basket", "crowding")) == ["trio", "ai", "compute", "power"]
    assert "trio" not in values(names, ELSEWHERE, "basket", "crowding")
    assert "mine" in values(names, HERE, "basket", "subscribe", "digest")


@pytest.mark.parametrize("path", [("stress", "multiple"), ("impact", "window")])
def test_what_may_be_typed_freely_is_shown_by_example(path: tuple[str, str]) -> None:
    command, name = path
    offered = values(Names(), HERE, name, command)
    assert len(offered) == 4
    for value in offered:
        parse(f"/{command} {name}={value} {'NVDA' if command == 'stress' else 'DeepSeek-R1'}")


async def test_a_refresh_shows_what_was_added_to_whoever_holds_the_names(
    followed: Services,
) -> None:
    names = Names()
    assert values(names, HERE, "target", "drawdown") == {}
    await refresh(names, followed)
    assert "NVDA" in values(names, HERE, "target", "drawdown")
    assert "alert 1" in values(names, HERE, "what", "silence", "add")


@pytest.mark.parametrize(
    ("condition", "first"),
    [("drawdown", "5,10,20"), ("pe-above", "40"), ("", "5,10,20"), ("above", None)],
)
def test_levels_are_offered_as_the_condition_is(condition: str, first: str | None) -> None:
    offered = values(Names(), HERE, "levels", "alert", "add", condition=condition)
    assert next(iter(offered), None) == first


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("nv", ["NVDA", "NVO"]),
        ("novo", ["NVO"]),
        ("nordisk", ["NVO"]),
        ("vd", ["NVDA"]),
        ("zzz", []),
        ("", ["AMD", "NVDA", "NVO"]),
    ],
)
def test_names_are_matched_best_first(typed: str, found: list[str]) -> None:
    offered = {"AMD": "AMD", "NVDA": "Nvidia", "NVO": "Novo Nordisk"}
    assert [name for name, _meaning in matching(typed, offered, 25)] == found


def test_ten_thousand_names_are_searched_within_50_ms() -> None:
    symbols = {f"S{n:05}": f"Company number {n} of many" for n in range(5_000)}
    rule = Rule("S00001", "1y", (100_000,), 20_000)
    one = Subscription(1, 1, "rule", rule, False, {}, START, START + timedelta(days=1))
    channels = {
        ("discord", str(n)): Following([replace(one, id=k) for k in range(n, n + 10)])
        for n in range(1_000)
    }
    channels["discord", "500"] = Following([replace(one, id=k) for k in range(100)])
    names = Names(symbols=symbols, channels=channels, known=Known({}, {}))
    place = replace(HERE, address="500")
    questions = [("target", ("drawdown",)), ("number", ("alert", "remove")),
                 ("what", ("silence", "add")), ("timezone", ("channel",))]  # fmt: skip
    for name, path in questions:
        took = []
        for _ in range(3):  # the machine may be busy with something else once
            began = perf_counter()
            matching("number 49", values(names, place, name, *path), 25)
            took.append(perf_counter() - began)
        assert min(took) < 0.05, (name, took)


async def test_what_a_server_chooses_while_the_names_are_read_stays(
    seeded: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else its answers would be seen by everybody for another minute."""
    public, private = GuildSettings(public_answers=True), GuildSettings()
    await seeded.database.write(lambda c: set_guild(c, "10", public))
    names = await read_names(seeded)
    assert names.server(10) == public
    assert names.server(11) == names.server(None) == private
    read = read_names

    async def meanwhile(services: Services) -> Names:
        found = await read(services)
        names.chose(10, private)
        return found

    monkeypatch.setattr("bot.surfaces.names.read_names", meanwhile)
    await refresh(names, seeded)
    assert names.server(10) == private


async def test_what_a_server_chose_is_read_anew_and_kept_while_a_channel_is(
    seeded: Services,
) -> None:
    names = await read_names(seeded)
    role = GuildSettings("5")
    await seeded.database.write(lambda c: set_guild(c, "10", role))
    await refresh(names, seeded)
    await relearn(names, seeded, HERE)
    assert names.server(10) == role
