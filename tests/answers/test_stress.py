"""/stress: prices at lower multiples and earnings, and the growth that a price implies."""

from datetime import date

import pytest

from bot.errors import UserError
from bot.services import Services
from tests.answers.test_valuation import keep, measure
from tests.answers.valued import at
from tests.asking import ask


async def test_nvidia_by_hand(whole: Services) -> None:
    card = await ask("/stress NVDA", at(whole, 2025, 1, 31))
    # 22.3 × 4.45 = 99.235 of 120.07
    assert card.title == "Nvidia (NVDA) at the S&P 500's 22.3×: $99.24, −17.4%"
    assert "is 27.0× the $4.45 a share expected for fiscal 2026" in card.text
    assert "At 22.3× and with earnings 20% lower: $79.39, −33.9%." in card.text
    assert (
        "for a return of 10% a year, with 22.3× paid after 5 years, earnings have to grow by "
        "14.3% a year" in card.text
    )
    assert "Analysts expect +26% for fiscal 2027." in card.text
    assert card.table is not None
    assert card.table.columns == ("multiple", "as expected", "EPS −10%", "EPS −20%")
    assert card.table.rows == (
        ("today's 27.0×", "$120.07 0%", "$108.06 −10%", "$96.06 −20%"),
        ("halfway 24.6×", "$109.65 −9%", "$98.69 −18%", "$87.72 −27%"),
        ("market's 22.3×", "$99.24 −17%", "$89.31 −26%", "$79.39 −34%"),
    )
    assert card.footer.count("not investment advice") == 1
    assert card.facts["implied_growth"] == 0.142738
    assert card.facts["grid"][2]["cells"][2] == {
        "haircut": 0.2, "price": 79.388, "change": -0.338819,
    }  # fmt: skip


async def test_a_multiple_haircut_years_and_return_of_ones_own(whole: Services) -> None:
    line = "/stress NVDA 40 0 years=10 discount=8"
    card = await ask(line, at(whole, 2025, 1, 31))
    assert card.title == "Nvidia (NVDA) at a multiple of 40.0×: $178.00, +48.2%"
    assert card.table is not None
    assert card.table.columns == ("multiple", "as expected", "EPS −10%")
    assert card.table.rows[2][0] == "given 40.0×"
    # (120.07 / (4.45 × 40)) ^ 0.1 × 1.08 − 1 = e ^ (−0.393708 / 10) × 1.08 − 1
    assert card.facts["implied_growth"] == pytest.approx(0.038306, abs=5e-7)
    assert "for a return of 8% a year, with 40.0× paid after 10 years" in card.text
    shrinking = await ask("/stress NVDA 200", at(whole, 2025, 1, 31))
    assert "earnings have to shrink by 26.3% a year" in shrinking.text


async def test_figures_as_people_write_them(whole: Services) -> None:
    plain = await ask("/stress NVDA 22 20 discount=9", at(whole, 2025, 1, 31))
    for line in ("/stress $NVDA 22x 20% discount=9%", "/stress nvda 22× haircut=20 discount=9"):
        assert (await ask(line, at(whole, 2025, 1, 31))).facts == plain.facts


async def test_past_earnings_are_said_to_be_past(whole: Services) -> None:
    services = at(whole, 2025, 1, 31)
    card = await ask("/stress MSFT", services)
    assert card.title.endswith("$276.74, −33.3%")  # 12.41 × 22.3 of 415.06
    assert "these are past ones" in card.text
    assert card.table is not None
    assert card.table.columns[1] == "as earned"
    assert "these are past ones" not in (await ask("/stress MSFT 20", services)).text


async def test_a_basket_from_its_summed_earnings(whole: Services) -> None:
    services = at(whole, 2025, 1, 31)
    card = await ask("/stress ai 20", services)
    sums = (await ask("/valuation ai", services)).facts["trailing"]
    assert card.facts["multiple_today"] == pytest.approx(sums["pe"], abs=1e-6)
    fall = 20 * sums["earnings"] / sums["cap"] - 1
    assert card.facts["grid"][2]["cells"][0]["change"] == pytest.approx(fall, abs=1e-6)
    assert card.title.startswith("AI stocks at a multiple of 20.0×: $")
    assert "that 13 of 18 stocks earned in the last four quarters" in card.text
    assert "Left out, as too little is known: TSM, ARM, MRVL, ASML and VRT." in card.text


@pytest.mark.parametrize(
    ("line", "day", "said"),
    [
        ("/stress TSM", (2025, 1, 31), "No earnings of TSM are known"),
        ("/stress NVDA 22", (2025, 1, 22), "No earnings of NVDA are known"),
        ("/stress power", (2025, 1, 28), "of 0 members of 3 of power only, too few"),
        ("/stress NVDA 1001", (2025, 1, 31), "Give one multiple"),
        ("/stress NVDA 20,30", (2025, 1, 31), "Give one multiple"),
        ("/stress SPY", (2025, 1, 31), "is a fund"),
    ],
)
async def test_why_it_cannot_be_done(
    whole: Services, line: str, day: tuple[int, int, int], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        await ask(line, at(whole, *day))


async def test_a_loss_cannot_be_stressed(whole: Services) -> None:
    services = at(whole, 2025, 1, 31)
    await keep(services, measure("VRT", date(2025, 1, 31), "forward_eps", -2.0))
    with pytest.raises(UserError, match=r"VRT makes a loss \(−\$2.00 a share expected for next"):
        await ask("/stress VRT", services)


async def test_without_the_markets_multiple_one_has_to_be_given(whole: Services) -> None:
    services = at(whole, 2025, 1, 22)
    await keep(services, measure("NVDA", date(2025, 1, 21), "forward_eps", 4.45))
    with pytest.raises(UserError, match="known from 23 Jan 2025 on; give a multiple"):
        await ask("/stress NVDA", services)
    card = await ask("/stress NVDA 22", services)
    assert "S&P 500" not in card.title + card.text
