"""/alert add, list, remove and test: what they accept, refuse and say."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bot.cards.to_text import to_plain
from bot.cycle.seed import seed_shipped
from bot.errors import UserError
from bot.market.calendar import NEW_YORK, exchange_of, session_close, sessions
from bot.market.yahoo import YahooMarket
from bot.services import Services, SetClock
from storage import market
from storage.schema import valuation
from tests.asking import ask
from tests.cycle.falling import SmallMarket
from tests.servers.yahoo import Listed, YahooServer, running

DAYS = sessions(NEW_YORK, date(2024, 11, 1), date(2025, 1, 24))


def on_yahoo(services: Services, server: YahooServer, folder: Path) -> Services:
    """The same services, asking a Yahoo on 127.0.0.1."""
    yahoo = YahooMarket(
        folder,
        lambda symbol, day: session_close(exchange_of(symbol), day),
        server.base_url,
        timeout_seconds=2,
    )
    return replace(services, history=yahoo, quotes=yahoo)


def listed(price: float) -> Listed:
    """A symbol that hardly moves."""
    closes: dict[date, float | None] = {
        day: price + number % 2 * price / 1000 for number, day in enumerate(DAYS)
    }
    return Listed(closes, price, at=datetime(2025, 1, 24, 21, tzinfo=UTC))


async def test_a_baskets_name_is_not_looked_up_as_a_symbol(
    seeded: Services, tmp_path: Path
) -> None:
    """AI is a company's symbol too."""
    async with running(YahooServer({"AI": listed(30)})) as server:
        live = on_yahoo(seeded, server, tmp_path)
        added = await ask("/alert add ai crowding", live)
        assert added.title == "Alert 1: AI stocks move as one (top 5% of two years)"
        assert server.asked == []
        async with live.database.read() as connection:
            assert "AI" not in await market.symbol_rows(connection)
        await ask("/alert add NVDA", live)  # known here already
        assert server.asked == []
        with pytest.raises(UserError, match="crowding is about a basket"):
            await ask("/alert add XOM crowding", live)  # what cannot be is not looked up
        assert server.asked == []


async def test_a_basket_can_be_followed_while_yahoo_is_down(
    seeded: Services, tmp_path: Path
) -> None:
    async with running(YahooServer({}, faults=[503] * 20)) as server:
        added = await ask("/alert add AI", on_yahoo(seeded, server, tmp_path))
        assert added.facts["target"] == "ai"


async def test_a_symbol_that_nobody_watches_is_fetched_by_add_and_test_says_so(
    seeded: Services, tmp_path: Path
) -> None:
    async with running(YahooServer({"XOM": listed(400)})) as server:
        live = on_yahoo(seeded, server, tmp_path)
        with pytest.raises(UserError, match=r"XOM is not watched yet.*; /alert add XOM move "):
            await ask("/alert test xom move", live)
        assert server.asked == []
        assert (await ask("/alert add xom move", live)).title.startswith("Alert 1: XOM moves")
        assert (await ask("/alert test xom move", live)).footer.endswith("as of 24 Jan 2025")


async def test_a_role_is_mentioned_and_nobody_else(seeded: Services) -> None:
    added = await ask("/alert add NVDA mention=desk", seeded)
    assert "Told for @desk." in added.text
    assert added.facts["mention"] == "@desk"
    table = (await ask("/alert list", seeded)).table
    assert table is not None
    assert table.rows[0][2] == "peak of 1y, for @desk"
    for name in ("@everyone", "@here", "Everyone", "@"):
        with pytest.raises(UserError, match=r"^An alert mentions a role, not everyone .*\.$"):
            await ask(f"/alert add NVDA high mention={name}", seeded)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("AMD members=yes", "members is about a basket, and AMD is not one; leave it out."),
        ("NVDA above 150 window=6m", "window is for a drawdown; leave it out with above."),
        ("NVDA below -5", "below needs a figure above zero, such as /alert add NVDA below 150."),
        ("NVDA pe-above −5", "such as /alert add NVDA pe-above 40."),
        ("NVDA move -5", "move counts rises and falls alike; write 5 without the minus."),
        ("NVDA once=yes repeat=6h", "once and repeat do not go together; leave one of them out."),
        ("pair crowding", "crowding needs a basket of at least three stocks; pair has 2."),
        ("ai crowding 150", '"150" is not a level; write a percentile between 0 and 100'),
    ],
)
async def test_what_would_do_nothing_is_refused(seeded: Services, line: str, says: str) -> None:
    await ask("/basket add pair NVDA,AMD", seeded)
    with pytest.raises(UserError) as error:
        await ask(f"/alert add {line}", seeded)
    assert says in str(error.value)
    assert (await ask("/alert list", seeded)).title == "This channel has no alerts"


async def test_a_drawdown_may_be_written_with_a_minus(seeded: Services) -> None:
    added = await ask("/alert add NVDA drawdown −10%, -20", seeded)
    assert added.title == "Alert 1: NVDA is 10% or 20% below its peak"


@pytest.mark.parametrize(
    ("span", "says"),
    [("30m", "every 30 minutes"), ("90m", "every 90 minutes"), ("1h", "every hour"),
     ("6h", "every 6 hours"), ("1d", "every day"), ("36h", "every 1 day and 12 hours")],
)  # fmt: skip
async def test_how_often_it_is_said_again_is_rightly_worded(
    seeded: Services, span: str, says: str
) -> None:
    added = await ask(f"/alert add NVDA repeat={span}", seeded)
    assert f"Told again {says} while it lasts." in added.text
    assert f"again {says} while it lasts" in to_plain(await ask("/alert list", seeded), width=200)


async def test_the_list_shows_all_of_an_alert_in_the_channels_time(seeded: Services) -> None:
    await ask("/channel timezone=Asia/Taipei", seeded)
    await ask("/alert add ai members=yes repeat=90m expires=30d mention=@desk", seeded)
    text = " ".join(to_plain(await ask("/alert list", seeded)).split())
    assert "…" not in text
    for part in ("or 30% below", "member", "27 Feb 2025,", "06:00", "Asia/Taipei", "@desk"):
        assert part in text


async def test_digests_are_no_alerts(seeded: Services) -> None:
    await ask("/alert add NVDA", seeded)
    await ask("/subscribe digest week 07:30 ai tue", seeded)
    await ask("/subscribe releases", seeded)
    listed_ = await ask("/alert list", seeded)
    assert listed_.title == "This channel has 1 alert and 2 subscriptions"
    assert listed_.table is not None
    assert listed_.table.rows[1] == ("2", "a weekly digest of ai", "every Tue at 07:30 UTC")
    with pytest.raises(UserError) as error:
        await ask("/subscribe remove 99", seeded)
    assert str(error.value) == (
        "This channel has no subscription 99; its subscriptions are: 2 and 3."
    )
    with pytest.raises(UserError, match=r"no alert 99; its alerts are: 1\."):
        await ask("/alert remove 99", seeded)
    removed = await ask("/subscribe remove 2", seeded)
    assert removed.title == "Subscription 2 (a weekly digest of ai) is removed"
    await ask("/alert remove 1", seeded)
    assert (await ask("/alert list", seeded)).title == (
        "This channel has no alerts and 1 subscription"
    )


async def test_a_rule_without_a_past_says_that_and_why(seeded: Services) -> None:
    card = await ask("/alert test NVDA pe-above 40", seeded)
    assert card.title == "NVDA has a forward P/E above 40: cannot be tested"
    assert "no earlier estimates of earnings" in card.text
    assert "never" not in to_plain(card)
    assert card.footer == "Yahoo, daily close, as of 27 Jan 2025"
    assert card.chart is None
    assert card.facts["sessions"] == 0


async def test_a_short_past_is_not_two_years(services: Services) -> None:
    history = SmallMarket([100, 99, 98])
    now = session_close(NEW_YORK, history.day(2)) + timedelta(hours=1)
    services = replace(services, history=history, clock=SetClock(now))
    await seed_shipped(services, now)
    card = await ask("/alert test NVDA", services)
    assert card.title.endswith(": never since 3 Mar 2025")


async def test_a_back_test_says_which_way_and_at_what_price(seeded: Services) -> None:
    moves = (await ask("/alert test NVDA move 8", seeded)).text
    assert "27 Jan 2025 (down 17.0%)" in moves
    assert "(up " in moves
    high = (await ask("/alert test NVDA high", seeded)).text
    assert "6 Jan 2025 (at 149.43)" in high


async def test_two_back_tests_of_one_target_are_two_pictures(seeded: Services) -> None:
    from bot.surfaces.terminal import save_chart

    folder = Path(seeded.settings.charts_folder())
    paths = [
        await save_chart(await ask(line, seeded), folder, dark=True)
        for line in ("/alert test NVDA drawdown 10", "/alert test NVDA move 8")
    ]
    assert paths[0] != paths[1]
    assert all(path.exists() for path in paths)


async def test_a_forward_pe_that_was_seen_can_be_tested(seeded: Services) -> None:
    now = seeded.clock.now()

    async def work(connection: Any) -> None:
        row = {"symbol": "NVDA", "day": date(2025, 1, 20), "as_of": now, "name": "forward_eps",
               "period": "", "value": 3_000_000, "source": "test"}  # fmt: skip
        await connection.execute(insert(valuation).values(**row))

    await seeded.database.write(work)
    card = await ask("/alert test NVDA pe-above 45", seeded)
    assert "since " in card.title
    assert "P/E 4" in card.text
