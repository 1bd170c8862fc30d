"""No price outlives the end of its model."""

from datetime import UTC, datetime
from decimal import Decimal

from bot.costs.retired import ends, until_retired
from bot.model.rate import Evidence, Rate

OPENED, CUT, ENDED, LATER = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 3, 6, 9))
KEY = ("deepseek", "DeepSeek-V4-Flash")


def rate(since: datetime | None, until: datetime | None, provider: str = "deepseek") -> Rate:
    price = Decimal(1)
    return Rate(KEY, provider, price, price, "a", OPENED, Evidence.SHIPPED, since, until)


def test_the_end_is_the_last_that_the_history_has() -> None:
    assert ends([rate(CUT, ENDED), rate(OPENED, CUT)]) == {(KEY, "deepseek"): ENDED}
    assert ends([rate(OPENED, CUT), rate(CUT, None)]) == {}
    assert ends([rate(CUT, None), rate(OPENED, CUT)]) == {}


def test_what_goes_on_is_cut_and_what_begins_later_is_gone() -> None:
    given = [rate(None, None), rate(CUT, LATER), rate(OPENED, CUT), rate(ENDED, None)]
    found = list(until_retired(given, {(KEY, "deepseek"): ENDED}))
    assert [(one.since, one.until) for one in found] == [
        (None, ENDED),
        (CUT, ENDED),
        (OPENED, CUT),
    ]


def test_others_that_sell_it_go_on() -> None:
    others = rate(None, None, "together")
    assert list(until_retired([others], {(KEY, "deepseek"): ENDED})) == [others]
