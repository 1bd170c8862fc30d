"""No crash that did not happen, and no real one missed: a session with a Yahoo that errs."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from bot.cards.charts import underwater_png
from bot.cycle.begin import begin
from bot.cycle.listen import on_quotes
from bot.cycle.tick import tick
from bot.market.calendar import NEW_YORK, sessions
from bot.model.bar import Quote
from bot.model.card import UnderwaterChart
from bot.model.rule import Condition, Rule
from storage.schema import decision, level_state, outbox, rule, valuation
from tests.asking import ask
from tests.cycle.session import DAYS, OPEN, TIMING, TODAY, Session, flat
from tests.servers.yahoo import Listed

BELL = datetime(2025, 1, 27, 21, tzinfo=UTC)
LONDON_BELL = datetime(2025, 1, 27, 16, 30, tzinfo=UTC)
TUESDAY = date(2025, 1, 28)


def last(session: Session, symbol: str = "NVDA") -> float:
    """Friday's close."""
    return session.server.listed[symbol].closes[DAYS[-1]] or 0


def close(session: Session, day: date, **moves: float) -> None:
    """What every symbol closes at on `day`: Friday's close times its move, or much the same."""
    for symbol, listed in session.server.listed.items():
        listed.closes[day] = last(session, symbol) * moves.get(symbol, 1.001 + day.day / 1e5)


async def at(session: Session, moment: datetime) -> None:
    """A poll at that moment."""
    session.at(moment)
    await tick(session.services, TIMING)


@pytest.mark.parametrize(
    ("price", "previous"),
    [(66.8, 66.73), (57.5, 50.0), (75.2, 75.0), (80.1, 80.0), (92.0, 92.1)],
    ids=["3:2", "2:1 and a day of +15%", "4:3", "5:4", "a spin-off"],
)
async def test_another_share_basis_is_no_fall(
    session: Session, price: float, previous: float
) -> None:
    for _poll in range(3):
        session.quote("NVDA", price, previous=previous, low=price * 0.99, high=price * 1.01)
        await session.poll()
    assert await session.told() == []
    assert await session.held() == {"NVDA": "OTHER_BASIS"}


async def test_a_rule_on_a_price_moves_along_with_a_split(session: Session) -> None:
    await session.follow(Rule("NVDA", "below", (-95_000_000,), 1_900_000, Condition.BELOW))
    nvda = session.server.listed["NVDA"]
    nvda.closes = {day: (price or 0) / 10 for day, price in nvda.closes.items()}
    nvda.splits = {TODAY: (10, 1)}
    session.quote("NVDA", 10.1, previous=10.0, low=9.9, high=10.2)
    await session.poll()
    await session.poll()
    assert await session.told() == []
    async with session.services.database.read() as connection:
        kept = (await connection.execute(select(rule.c.levels).where(rule.c.kind == "below"))).one()
        states = await connection.execute(
            select(level_state.c.next_at).where(level_state.c.key == "NVDA|below")
        )
        assert (kept[0], [row[0] for row in states]) == ([-9_500_000], [9_500_000])
    session.quote("NVDA", 9.4, previous=10.0, low=9.3, high=10.2)
    await session.poll()
    async with session.services.database.read() as connection:
        told = [row[0] for row in await connection.execute(select(outbox.c.facts))]
    assert "NVDA is at 9.40, below 9.50" in str(told)


async def test_a_split_announced_before_the_past_is_adjusted_holds_nothing_afterwards(
    session: Session,
) -> None:
    nvda = session.server.listed["NVDA"]
    nvda.splits = {TODAY: (10, 1)}  # the closes are still those of before
    close(session, TODAY, NVDA=0.1)
    await at(session, BELL)
    nvda.closes = {day: (price or 0) / (1 if day == TODAY else 10)
                   for day, price in nvda.closes.items()}  # fmt: skip
    await at(session, BELL + timedelta(minutes=5))
    assert await session.held() == {}
    assert (await session.closes("NVDA"))[DAYS[0]] == 10_000_000
    assert await session.told() == []


async def test_one_trade_told_twice_is_not_two(session: Session) -> None:
    session.quote("NVDA", 70.0)
    traded = session.server.listed["NVDA"].at
    for _poll in range(3):
        session.at(session.services.clock.now() + timedelta(minutes=1))
        session.server.listed["NVDA"].at = traded
        await tick(session.services, TIMING)
    assert await session.told() == []


async def test_a_bad_print_is_the_low_of_its_day_and_proves_nothing(session: Session) -> None:
    session.quote("NVDA", 70.0, previous=last(session), low=70.0, high=101.0)
    await session.poll()
    assert await session.told() == []


async def test_a_trade_before_the_open_is_no_price_of_the_session(session: Session) -> None:
    close(session, TODAY)
    await at(session, BELL)
    await at(session, BELL + timedelta(minutes=5))
    just_open = datetime(2025, 1, 28, 14, 30, 1, tzinfo=UTC)
    session.at(just_open)
    early = just_open - timedelta(minutes=15)
    await on_quotes(
        session.services, TIMING, [Quote("NVDA", 94_000_000, early, just_open, "Yahoo stream")]
    )
    assert await session.told() == []
    assert await session.held() == {}


async def test_prices_of_yesterday_hold_nothing_at_the_open(session: Session) -> None:
    close(session, TODAY)
    await at(session, BELL)
    await at(session, BELL + timedelta(minutes=5))
    assert session.server.listed["NVDA"].at == BELL + timedelta(minutes=5)
    session.services.clock.moment = datetime(2025, 1, 28, 14, 30, 5, tzinfo=UTC)  # type: ignore[attr-defined]
    await tick(session.services, TIMING)
    assert await session.held() == {}


async def test_a_currency_that_changed_is_held(session: Session) -> None:
    session.quote("NVDA", 94.0, more={"currency": "EUR"})
    await session.poll()
    assert await session.told() == []
    assert await session.held() == {"NVDA": "OTHER_UNIT"}


async def test_a_currency_that_was_not_said_at_first_is_unknown_until_it_is(
    session: Session,
) -> None:
    session.server.listed["MC.PA"] = flat(700)
    session.server.listed["MC.PA"].more = {"currency": None}
    assert await begin(session.services, "MC.PA", session.services.clock.now())
    await session.follow(Rule("MC.PA", "1y", (50_000, 100_000), 20_000))
    card = await ask("/drawdown MC.PA", session.services)
    assert card.fields[0].value == "700.70 (currency unknown)"
    assert isinstance(card.chart, UnderwaterChart)
    assert underwater_png(card.chart, dark=True)
    for currency in ("EUR", None):  # it may leave it out again
        session.quote("MC.PA", 650.0, previous=700.7, low=645.0, more={"currency": currency})
        await session.poll()
        assert await session.held() == {}
        card = await ask("/drawdown MC.PA", session.services)
        assert card.fields[0].value.endswith(" EUR")
    assert len(await session.told()) == 1
    session.quote("MC.PA", 680.0, previous=735.0, low=675.0, more={"currency": "USD"})
    await session.poll()
    assert await session.held() == {"MC.PA": "OTHER_UNIT"}


async def test_a_listing_that_goes_from_pence_to_pounds_is_watched_in_pounds(
    session: Session,
) -> None:
    azn = session.server.listed["AZN.L"] = flat(11_000)
    azn.more = {"currency": "GBp"}
    assert await begin(session.services, "AZN.L", session.services.clock.now())
    await session.follow(Rule("AZN.L", "below", (-10_000_000_000,), 200_000_000, Condition.BELOW))
    await session.poll()
    friday = last(session, "AZN.L")
    azn.closes = {day: (price or 0) / 100 for day, price in azn.closes.items()}
    azn.more = {"currency": "GBP"}
    for minutes in (0, 5, 10, 65):
        session.quote("AZN.L", 111.0, previous=friday / 100, low=109.0)
        close(session, TODAY)
        await at(session, LONDON_BELL + timedelta(minutes=minutes))
    assert (await session.closes("AZN.L"))[DAYS[0]] == 110_000_000
    assert await session.told() == []
    session.at(datetime(2025, 1, 28, 9, tzinfo=UTC))
    for price in (109.0, 99.0):
        session.quote("AZN.L", price, previous=last(session, "AZN.L"), low=98.0)
        azn.previous = azn.closes[TODAY]
        await session.poll()
        assert await session.held() == {}
    assert await session.told() == ["AZN.L is at 99.00, below 100.00"]
    card = await ask("/drawdown AZN.L", session.services)
    assert card.fields[0].value.endswith(" GBP")


async def test_a_real_fall_in_a_new_symbol_s_past_is_kept_and_not_told(session: Session) -> None:
    days = sessions(NEW_YORK, date(2022, 1, 3), DAYS[-1])
    closes: dict[date, float | None] = {
        day: 17.6 if day < date(2023, 5, 2) else 9.08 - number % 300 / 50
        for number, day in enumerate(days)
    }
    session.server.listed["CHGG"] = Listed(closes, closes[DAYS[-1]])
    assert await begin(session.services, "CHGG", session.services.clock.now())
    await session.follow(Rule("CHGG", "1y", (50_000, 100_000, 300_000), 20_000))
    await session.poll()
    assert len(await session.closes("CHGG")) == len(days)
    assert await session.told() == []


async def test_a_close_that_is_corrected_later_stands_corrected(session: Session) -> None:
    close(session, TODAY)
    await at(session, BELL)
    nvda = session.server.listed["NVDA"]
    bell, auction = round((nvda.closes[TODAY] or 0) * 1e6), last(session) * 1.003
    nvda.closes[TODAY] = auction
    await at(session, BELL + timedelta(minutes=5))
    assert (await session.closes("NVDA"))[TODAY] == bell  # one answer alone may be stale
    await at(session, BELL + timedelta(minutes=25))
    assert (await session.closes("NVDA"))[TODAY] == round(auction * 1e6)
    nvda.closes[TODAY] = auction * 1.007  # and once more, overnight
    close(session, TUESDAY, NVDA=0.8)
    await at(session, BELL + timedelta(days=1))
    await at(session, BELL + timedelta(days=1, minutes=5))
    stored = await session.closes("NVDA")
    assert stored[TODAY] == round((nvda.closes[TODAY] or 0) * 1e6)
    assert len(await session.told()) == 1
    assert await session.held() == {}


async def test_a_past_that_stays_changed_is_believed_after_a_while(session: Session) -> None:
    nvda = session.server.listed["NVDA"]
    nvda.closes = {day: (price or 0) * 0.9 for day, price in nvda.closes.items()}
    close(session, TODAY, NVDA=1.0)
    for minutes in (0, 5, 10, 65):
        await at(session, BELL + timedelta(minutes=minutes))
        assert (await session.held()).get("NVDA") == (None if minutes == 65 else "REBASED")
    assert (await session.closes("NVDA"))[DAYS[0]] == 90_000_000
    assert await session.told() == []
    async with session.services.database.read() as connection:
        said = await connection.execute(
            select(decision.c.reason).where(decision.c.target == "NVDA", decision.c.step == "gate")
        )
        assert len(list(said)) == 2  # held once, let through once


async def test_a_real_halving_is_told_and_does_not_blind(session: Session) -> None:
    session.quote("NVDA", 50.5, previous=last(session), low=50, high=52)
    await session.poll()
    assert len(await session.told()) == 1
    close(session, TODAY, NVDA=0.505)
    await at(session, BELL)
    assert (await session.closes("NVDA"))[TODAY] == round(last(session) * 0.505 * 1e6)
    assert await session.held() == {}


async def test_a_halving_that_only_the_close_shows_waits_a_night(session: Session) -> None:
    close(session, TODAY, NVDA=0.505)
    for minutes in (0, 5, 35):
        await at(session, BELL + timedelta(minutes=minutes))
    assert await session.held() == {"NVDA": "SPLIT_LIKE"}
    await at(session, BELL + timedelta(hours=9))
    assert await session.held() == {}
    assert len(await session.told()) == 1


@pytest.mark.parametrize("row", [None, "missing"])
async def test_a_close_missing_yesterday_does_not_blind_today(
    session: Session, row: str | None
) -> None:
    close(session, TODAY)
    nvda = session.server.listed["NVDA"]
    nvda.closes[TODAY] = None
    if row == "missing":
        del nvda.closes[TODAY]
    for minutes in (0, 5, 40):
        await at(session, BELL + timedelta(minutes=minutes))
    session.at(OPEN + timedelta(days=1))
    for _poll in range(2):
        session.quote("NVDA", 83.0, previous=100.05, low=82, high=99)
        await session.poll()
    assert len(await session.told()) == 1


async def test_a_fast_fall_is_told_while_it_falls(session: Session) -> None:
    price = 93.0
    for _minute in range(4):
        session.quote("NVDA", price)
        await session.poll()
        price *= 0.975
    assert len(await session.told()) == 1


async def test_an_exchange_that_is_told_late_is_told(session: Session) -> None:
    session.at(OPEN + timedelta(minutes=40))
    for _poll in range(2):
        session.quote("NVDA", 94.0, more={"exchangeDataDelayedBy": 15})
        session.at(session.services.clock.now() + timedelta(minutes=1))
        session.server.listed["NVDA"].at -= timedelta(minutes=20, seconds=4)
        await tick(session.services, TIMING)
    assert len(await session.told()) == 1


async def test_newer_earnings_estimates_are_measured_by_at_once(session: Session) -> None:
    await session.follow(Rule("NVDA", "pe-below", (-15_000_000,), 300_000, Condition.PE_BELOW))
    for eps in (4.0, 10.0):
        session.quote("NVDA", 100.0, more={"epsForward": eps})
        await session.poll()
    await session.poll()
    assert any("earnings" in line for line in await session.told())
    async with session.services.database.read() as connection:
        assert (await connection.execute(select(valuation.c.value))).first() is not None


async def test_an_older_price_does_not_take_a_newer_one_s_place(session: Session) -> None:
    now = session.services.clock.now() + timedelta(minutes=1)
    session.at(now)
    await on_quotes(session.services, TIMING, [Quote("NVDA", 94_900_000, now, now, "Yahoo stream")])
    session.quote("NVDA", 99.0)
    session.server.listed["NVDA"].at = now - timedelta(minutes=10)
    await tick(session.services, TIMING)
    assert session.services.live.traded("NVDA", TODAY) == 94_900_000


async def test_what_a_tick_that_was_rolled_back_found_is_not_remembered(session: Session) -> None:
    """Else the next tick would tell of a close that is in no database."""
    for symbol in ("NVDA", "AMD"):
        await session.follow(Rule(symbol, "1y", (50_000,), 20_000))
    await session.poll()
    known = dict(session.services.live.prices)
    close(session, TODAY, NVDA=0.93)
    session.quote("NVDA", last(session) * 0.93)
    refuse = "create trigger refuse before update on reading begin select raise(abort, 'no'); end"
    await session.services.database.write(lambda c: c.execute(text(refuse)))
    for moment in (BELL - timedelta(hours=1), BELL + timedelta(minutes=16)):
        with pytest.raises(IntegrityError):
            await at(session, moment)
        assert session.services.live.prices == known
    assert not {"NVDA", "AMD"} & set(session.services.live.tried)  # they are asked for again
    await session.services.database.write(lambda c: c.execute(text("drop trigger refuse")))
    del session.server.listed["NVDA"].closes[TODAY]
    await at(session, BELL + timedelta(minutes=17))
    assert TODAY in await session.closes("AMD")
    assert TODAY not in await session.closes("NVDA")
    assert await session.told() == []


async def test_a_confirmed_move_is_not_held_again(session: Session) -> None:
    for price in (83, 83, 83.1, 83, 83.2):
        session.quote("NVDA", price)
        await session.poll()
    assert await session.held() == {}
    async with session.services.database.read() as connection:
        said = await connection.execute(
            select(decision.c.reason).where(decision.c.target == "NVDA", decision.c.step == "gate")
        )
        assert len(list(said)) == 2


async def test_a_past_that_cannot_be_fetched_anew_spoils_no_other(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    nvda = session.server.listed["NVDA"]
    nvda.closes = {day: (price or 0) / 10 for day, price in nvda.closes.items()}
    close(session, TODAY)
    nvda.splits = {TODAY: (10, 1)}
    asked = 0

    def fails_the_second_time(name: str) -> int | str | None:
        nonlocal asked
        asked += name == "NVDA"
        return 503 if name == "NVDA" and asked == 2 else None

    class Faults(dict[str, int | str]):
        def get(self, name: str, default: object = None) -> int | str | None:  # type: ignore[override]
            return fails_the_second_time(name)

    monkeypatch.setattr(session.server, "chart_faults", Faults())
    await at(session, BELL)
    assert TODAY in await session.closes("AMD")
    assert "Working" in (await ask("/status", session.services)).title
    await at(session, BELL + timedelta(minutes=5))
    assert (await session.closes("NVDA"))[DAYS[0]] == 10_000_000
    assert await session.told() == []


async def test_a_source_that_limits_us_in_mid_batch_is_given_a_pause(session: Session) -> None:
    session.server.listed["ORCL"] = flat(100)
    close(session, TODAY)
    session.server.chart_faults = {"NVDA": 429}
    await at(session, BELL)
    assert TODAY in await session.closes("AMD")  # what came before stays
    asked = len(session.server.asked)
    await at(session, BELL + timedelta(seconds=30))
    assert len(session.server.asked) == asked
    assert "limits" in str((await ask("/status", session.services)).fields)


async def test_a_symbol_that_nobody_has_delays_no_other(session: Session) -> None:
    live = session.services
    settings = live.settings.model_copy(
        update={"market": live.settings.market.model_copy(update={"watch": ["GONE"]})}
    )
    session.services = replace(live, settings=settings)
    close(session, TODAY, NVDA=0.94)
    await at(session, BELL)
    assert len(await session.told()) == 1
    assert "fails" not in (await ask("/status", session.services)).title
