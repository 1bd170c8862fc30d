"""/setup as text, and the filters of /subscribe releases."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.cycle.fetched import Fetched
from bot.cycle.tick import judge, timing_of
from bot.errors import UserError
from bot.model.receiver import Receiver
from bot.model.release import Release
from bot.services import Services
from storage.schema import outbox
from tests.asking import ask

HERE = Receiver(0, "console", "here", "here")


async def steps(services: Services) -> dict[str, str | None]:
    card = await ask("/setup", services, HERE)
    assert card.table is not None
    return {one["step"]: one["now"] for one in card.facts["steps"]}


async def test_each_step_says_what_is_set_and_what_sets_it(seeded: Services) -> None:
    card = await ask("/setup", seeded, HERE)
    assert card.title == "0 of 6 steps are set in this channel"
    for command in [one["command"] for one in card.facts["steps"]]:
        await ask(command, seeded, HERE)
    assert await steps(seeded) == {
        "falls and moves": "1 alert",
        "new models": "1 subscription",
        "token prices": "1 subscription",
        "digest": "1 digest",
        "time zone": "Asia/Taipei",
        "quiet hours": "22:00–07:00",
    }
    assert (await ask("/setup", seeded, HERE)).title == "6 of 6 steps are set in this channel"


async def test_looking_at_the_steps_changes_nothing(seeded: Services) -> None:
    assert set((await steps(seeded)).values()) == {None}
    assert set((await steps(seeded)).values()) == {None}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/subscribe releases", "new language models of frontier labs"),
        ("/subscribe releases DeepSeek", "new models of DeepSeek"),
        ("/subscribe releases DeepSeek open_only=yes", "new models of DeepSeek with open weights"),
        (
            "/subscribe releases open_only=yes",
            "new language models of frontier labs with open weights",
        ),
    ],
)  # fmt: skip
async def test_a_filter_is_described_everywhere_and_the_same_again_refused(
    seeded: Services, line: str, says: str
) -> None:
    assert (await ask(line, seeded, HERE)).title == f"Subscription 1: {says}"
    for listing in ("/alert list", "/channel"):
        table = (await ask(listing, seeded, HERE)).table
        assert table is not None
        assert table.rows[0][:2] == ("1", says)
    with pytest.raises(UserError, match=f"This channel is told of {says} already, as subscription"):
        await ask(line, seeded, HERE)
    removed = await ask("/subscribe remove 1", seeded, HERE)
    assert removed.title == f"Subscription 1 ({says}) is removed"


async def test_another_wish_for_studies_changes_the_subscription_that_is_there(
    seeded: Services,
) -> None:
    first = await ask("/subscribe releases", seeded, HERE)
    for wish, says in (
        ("always", ", each with a study of what followed"),
        ("never", ", without studies of what followed"),
        ("unusual", ""),
    ):
        answer = await ask(f"/subscribe releases study={wish}", seeded, HERE)
        assert answer.title == f"Subscription 1: new language models of frontier labs{says}"
        assert answer.facts["number"] == first.facts["number"]
        table = (await ask("/channel", seeded, HERE)).table
        assert table is not None
        assert table.rows == (("1", f"new language models of frontier labs{says}"),)
    with pytest.raises(UserError, match="already, as subscription 1"):
        await ask("/subscribe releases study=unusual", seeded, HERE)


async def test_different_filters_stand_side_by_side(seeded: Services) -> None:
    await ask("/subscribe releases", seeded, HERE)
    await ask("/subscribe releases DeepSeek", seeded, HERE)
    second = await ask("/subscribe releases OpenAI", seeded, HERE)
    assert second.title == "Subscription 3: new models of OpenAI"
    with pytest.raises(UserError, match="did you mean DeepSeek"):
        await ask("/subscribe releases deepsek", seeded, HERE)
    for line, says in (
        ("kinds=languages", "languages is not a kind of model; kinds are language, code"),
        ("keywords=!!", 'keywords: "!!" has no letter or digit'),
        ("role=@everyone", "mentions a role, not everyone"),
        ("lab=DeepSeek", "did you mean labs?"),
    ):
        with pytest.raises(UserError, match=re.escape(says)):
            await ask(f"/subscribe releases {line}", seeded, HERE)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["/subscribe releases"], 1),
        (["/subscribe releases OpenAI"], 0),
        (["/subscribe releases open_only=yes"], 1),
        (["/subscribe releases", "/subscribe releases DeepSeek"], 1),
        (["/subscribe releases OpenAI", "/subscribe releases DeepSeek"], 1),
    ],
)
async def test_a_release_that_two_filters_let_through_is_told_once(
    seeded: Services, lines: list[str], told: int
) -> None:
    for line in lines:
        await ask(line, seeded, HERE)
    now = seeded.clock.now() + timedelta(minutes=1)
    release = Release(
        "deepseek/v4/2025-01-27", "deepseek", "DeepSeek-V4", "language", date(2025, 1, 27), now,
        open_weights=True, source="test",
    )  # fmt: skip
    await judge(seeded, timing_of(seeded.settings), Fetched(releases=(release,)), now)
    async with seeded.database.read() as connection:
        rows = list(await connection.execute(outbox.select()))
    assert [row.facts["model"] for row in rows] == ["DeepSeek-V4"] * told


async def test_a_communitys_basket_is_every_channels_and_no_other_communitys(
    seeded: Services,
) -> None:
    here = Receiver(0, "discord", "20", "#alerts", community="10")
    beside, away = replace(here, address="21", title="#chat"), replace(here, community="11")
    await ask("/basket add ours NVDA,AMD", seeded, here)
    await ask("/alert add ours", seeded, beside)
    listed = (await ask("/basket list", seeded, beside)).table
    assert listed is not None
    assert any(row[2].endswith("(this server's)") for row in listed.rows)
    with pytest.raises(UserError, match="There is no basket ours"):
        await ask("/basket show ours", seeded, replace(away, address="30"))
    refusal = r"Alert 1 follows ours in #chat; remove it first with /alert remove 1 in #chat\."
    with pytest.raises(UserError, match=refusal):
        await ask("/basket remove ours", seeded, here)
    await ask("/alert remove 1", seeded, beside)
    await ask("/basket remove ours", seeded, here)
